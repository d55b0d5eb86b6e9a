/**
 * The bootstrapping server function (TS 33.220 §4.2.1, TS 24.109 §4): authenticates UEs with AKA over HTTP (Ub), with
 * vectors of the HSS (Zh), and gives NAFs the keys that follow from it (Zn).
 */
import type { HttpMessage } from '../../http/message.ts'
import { IdentifiedTurn } from '../../sim/identified-turn.ts'
import type { Node } from '../../sim/node.ts'
import { answered, type CxMessage, cxTimer } from '../cx.ts'
import { answerNaf } from './bootstrapping-keys.ts'
import { onVector, takeUeRequest } from './bootstrapping-procedure.ts'
import { type Bsf, type BsfSettings, challengeTimer, newBsf, sessionTimer } from './bsf-state.ts'

/** TS 33.220 §4.2.1: a bootstrapping server function. */
export const bsfNode: Node<Bsf, HttpMessage | CxMessage> = {
  title: 'BSF',
  clause: 'TS 24.109 §4',
  start: (_address, settings) => newBsf(settings as BsfSettings),
  handle(bsf, input, bare) {
    const turn = new IdentifiedTurn(bare)
    switch (input.kind) {
      case 'message': {
        const { message, from } = input
        if (message.protocol === 'http')
          return message.kind === 'request' ? takeUeRequest(bsf, message, from, turn) : undefined
        if (message.kind === 'request') return answerNaf(bsf, message, from, turn)
        return take(bsf, message.session, message, turn)
      }
      case 'failure':
        return input.message.protocol === 'cx' ? take(bsf, input.message.session, undefined, turn) : undefined
      case 'timer': {
        const { name, of } = input.timer
        if (name === cxTimer) take(bsf, of, undefined, turn)
        if (name === challengeTimer) bsf.challenges.delete(of)
        if (name === sessionTimer && (bsf.sessions.get(of)?.expiresAt ?? 0) <= turn.now) bsf.sessions.delete(of)
      }
    }
  },
}

/** What a session with the HSS came to: an answer, or nothing. */
function take(
  bsf: Bsf,
  session: string,
  answer: CxMessage | undefined,
  turn: IdentifiedTurn<HttpMessage | CxMessage>,
): void {
  const asked = answered(bsf, session)
  if (asked !== undefined) onVector(bsf, asked, answer, turn)
}
