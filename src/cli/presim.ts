#!/usr/bin/env node
/** The command `presim`: looks whether this Node can run it, and runs it. Kept so plain that any Node can read it. */
const oldest = 22
const major = Number(process.versions.node.split('.')[0])

if (major < oldest) {
  process.stderr.write(`presim needs Node ${oldest} or newer; this is Node ${process.versions.node}.\n`)
  process.exitCode = 2
} else {
  // Ink's colours do not look at NO_COLOR, but they do at FORCE_COLOR; it has to be set before they are loaded.
  if (process.env.NO_COLOR) process.env.FORCE_COLOR = '0'
  // The compiled code of the next start is at hand then; where it can't be kept, nothing is lost.
  const { enableCompileCache } = await import('node:module')
  enableCompileCache?.()
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv.slice(2))
}

export {}
