import { DelegatedTurn } from './delegated-turn.ts'

/** A turn that also makes identifiers, for a node without a protocol layer that would make them. */
export class IdentifiedTurn<M> extends DelegatedTurn<M> {
  /** The name of the node and a serial number: no other node makes the same. */
  identifier(): string {
    return [this.turn.self, this.turn.serial()].join('-')
  }
}
