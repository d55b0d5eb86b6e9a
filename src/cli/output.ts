import { ansiPainter, type Colours } from '../render/ansi.ts'
import { ascii, type Glyphs, unicode } from '../render/glyphs.ts'
import type { Painter } from '../render/span.ts'

/** The version of what `--json` prints. */
export const schemaVersion = 1

/** Where a verb writes, and what can be shown there. */
export interface Output {
  readonly isTerminal: boolean
  readonly columns: number
  readonly colours: Colours
  readonly painter: Painter
  readonly glyphs: Glyphs
  /** False for terminals that know no more than ASCII. */
  readonly isUnicode: boolean
  /** Writes a text as it is. */
  write(text: string): void
  /** Writes a line. */
  line(text?: string): void
  /** Writes an object as a line of NDJSON, with the schema version in front. */
  json(data: object): void
  error(text: string): void
}

/** The output of this process. A reader that goes away (`| head`) ends it quietly. */
export function processOutput(): Output {
  const { stdout, stderr, env } = process
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit()
      throw error
    })
  const colours = coloursOf(env, stdout.isTTY === true)
  const isUnicode = knowsUnicode(env)
  const write = (text: string): void => void stdout.write(text)
  return {
    isTerminal: stdout.isTTY === true && process.stdin.isTTY === true && env.TERM !== 'dumb',
    columns: stdout.columns ?? 80,
    colours,
    painter: ansiPainter(colours),
    glyphs: isUnicode ? unicode : ascii,
    isUnicode,
    write,
    line: (text = '') => write(`${text}\n`),
    json: (data) => write(`${JSON.stringify({ schemaVersion, ...data })}\n`),
    error: (text) => void stderr.write(`${text}\n`),
  }
}

/** What colours to use: NO_COLOR and FORCE_COLOR (no-color.org, force-color.org) come before what the terminal says. */
export function coloursOf(env: NodeJS.ProcessEnv, isTerminal: boolean): Colours {
  if (env.NO_COLOR) return isTerminal && env.TERM !== 'dumb' ? 'mono' : 'none'
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR === '0' || env.FORCE_COLOR === 'false' ? 'none' : 'sixteen'
  if (!isTerminal || env.TERM === 'dumb') return 'none'
  return 'sixteen'
}

/** True unless the locale says that the terminal knows no UTF-8. */
export function knowsUnicode(env: NodeJS.ProcessEnv): boolean {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return false
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  return locale === undefined || /utf-?8/i.test(locale) || process.platform === 'win32'
}
