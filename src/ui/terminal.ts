import type { Colours } from '../render/ansi.ts'
import type { Catalogue } from './session.ts'

export interface TerminalOptions {
  /** The flow to open at once, instead of the list of flows. */
  readonly flow?: string | undefined
  readonly colours: Colours
  /** False for terminals that know no more than ASCII. */
  readonly unicode: boolean
  /** Standard input and output unless told. */
  readonly stdin?: NodeJS.ReadStream
  readonly stdout?: NodeJS.WriteStream
}

/**
 * Shows the terminal UI until the person leaves it. Throws what went wrong if the flow asked for can't be run, or if
 * the program has a bug; the terminal is as it was before in any case.
 */
export async function openTerminal(catalogue: Catalogue, options: TerminalOptions): Promise<void> {
  // React checks a lot more, and takes twice the time, unless it is told that this is no development.
  process.env.NODE_ENV ??= 'production'
  const { runShell } = await import('./shell.tsx')
  return runShell(catalogue, options)
}
