/** A broken promise inside presim, never the fault of a peer or of the writer of a flow. */
export class Bug extends Error {
  override readonly name = 'Bug'
}

/** Throws a Bug unless the condition holds. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Bug(what)
}
