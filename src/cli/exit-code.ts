/** What the exit codes of presim say. */
export const exitCode = {
  /** All is as expected. */
  ok: 0,
  /** A flow or a document is not as it should be. */
  different: 1,
  /** The command line, or a file that it names, can not be used. */
  misuse: 2,
  /** presim itself has failed. */
  bug: 3,
} as const

/** Something about the command line or a file that the person who called presim can mend. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}
