import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
const entry = join(root, 'dist/cli/presim.js')
if (!existsSync(entry)) throw new Error('dist is missing: run `npm run build`, as `npm test` does')

export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly error: string
}

/** Runs the built command in an environment without a terminal. */
export function presim(args: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Ran {
  const { FORCE_COLOR: _, NO_COLOR: __, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
    cwd: root,
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...env, LANG: 'C.UTF-8', LC_ALL: '', ...options.env },
    maxBuffer: 1 << 26,
  })
  return { status, out: stdout, error: stderr }
}

/** A file of this text in a folder of its own. */
export function temporary(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'presim-')), name)
  writeFileSync(file, text)
  return file
}

/** The objects of NDJSON. */
export function objects(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
