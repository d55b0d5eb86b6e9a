import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Runs a tool of node_modules; returns what it prints if it finds fault, else nothing. */
function faultsOf(tool: string, ...args: string[]): string {
  try {
    execFileSync(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: 'pipe', encoding: 'utf8' })
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return stdout + stderr
  }
}

/** All source files below a folder, as paths from the root. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
}

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

describe('types and lint', () => {
  it('src and test compile', () => {
    expect(faultsOf('tsc', '-p', 'tsconfig.json')).toBe('')
  })
  it('the core compiles without the types of Node and of browsers', () => {
    expect(faultsOf('tsc', '-p', 'tsconfig.core.json')).toBe('')
  })
  it('Biome finds nothing', () => {
    expect(faultsOf('biome', 'check', '--error-on-warnings')).toBe('')
  })
})

/** The folders of src and what they may import: other folders, and packages. */
const mayImport: Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }> = {
  sim: { folders: [], packages: [] },
  documents: { folders: [], packages: ['fast-xml-parser', 'saxes'] },
  sip: { folders: ['sim'], packages: ['@noble/hashes'] },
  http: { folders: ['sim', 'sip'], packages: ['@noble/hashes'] },
  xcap: { folders: ['sim', 'http', 'documents'], packages: [] },
  presence: { folders: ['sim', 'sip', 'http', 'xcap', 'documents'], packages: [] },
  ims: {
    folders: ['sim', 'sip', 'http', 'xcap', 'documents', 'presence'],
    packages: ['@noble/hashes', '@noble/ciphers'],
  },
}

const core = ['sim', 'documents', 'sip', 'http', 'xcap', 'presence', 'ims']
mayImport.flow = { folders: [...core, 'message.ts'], packages: ['yaml', 'zod', '@noble/hashes'] }
mayImport.render = { folders: [...core, 'message.ts', 'flow'], packages: [] }
mayImport.check = { folders: [...core, 'message.ts', 'flow', 'render'], packages: ['rxjs'] }
mayImport.play = { folders: [...core, 'message.ts', 'flow', 'render'], packages: ['rxjs'] }
mayImport.ui = {
  folders: [...core, 'message.ts', 'flow', 'render', 'check', 'play'],
  packages: ['rxjs', 'ink', 'react'],
}
mayImport['message.ts'] = { folders: ['sip', 'ims', 'http'], packages: [] }

interface Import {
  readonly file: string
  readonly from: string
}

function importsOf(file: string): Import[] {
  const text = textOf(file)
  const found = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s+'([^']+)'|import\(\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ]
  return found.map((match) => ({ file, from: (match[1] ?? match[2] ?? match[3])! }))
}

/** The folder of src (or the file at its top) in which a path lies. */
const placeOf = (file: string): string => file.split('/')[1]!

/** An import of ours, as a path from the root; undefined for a package. */
function target({ file, from }: Import): string | undefined {
  if (!from.startsWith('.')) return undefined
  return join(file, '..', from).replaceAll('\\', '/')
}

describe('imports', () => {
  const all = sources('src').flatMap(importsOf)

  it('are found in every folder', () => {
    expect(all.length).toBeGreaterThan(300)
  })
  it('keep to the table of folders', () => {
    const wrong = all.filter((one) => {
      const place = placeOf(one.file)
      const allowed = mayImport[place]
      // gateway, cli and index.ts may import everything.
      if (allowed === undefined) return !['gateway', 'cli', 'index.ts'].includes(place)
      const ours = target(one)
      if (ours !== undefined) return placeOf(ours) !== place && !allowed.folders.includes(placeOf(ours))
      return !allowed.packages.some((name) => one.from === name || one.from.startsWith(`${name}/`))
    })
    expect(wrong).toEqual([])
  })
  it('of fast-xml-parser stand in documents/xml/xml.ts alone', () => {
    const files = new Set(all.filter(({ from }) => from === 'fast-xml-parser').map(({ file }) => file))
    expect([...files]).toEqual(['src/documents/xml/xml.ts'])
  })
})

/** What does not give the same on every run, every machine or every locale. */
const banned: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\b(?!:)/, 'virtual time from the turn'],
  [/\bMath\.(random|log\w*|exp\w*|pow|sin|cos|tan)\b/, 'turn.random, whole numbers'],
  [/\blocaleCompare\b|\bIntl\b|\btoLocale\w+/, 'comparison by code unit'],
  [/\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b/, 'turn.start'],
  [/\bprocess\b\s*\.|\bconsole\b\s*\./, 'the trace'],
]

/** A source without its comments and the contents of its strings. */
function codeOf(file: string): string {
  return textOf(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:\\.|[^'\\\n])*'/g, "''")
}

describe('the core', () => {
  const files = [...core, 'flow', 'render'].flatMap((folder) => {
    try {
      return sources(`src/${folder}`)
    } catch {
      return []
    }
  })

  it.each(banned)('does without %s', (pattern) => {
    expect(files.filter((file) => pattern.test(codeOf(file)))).toEqual([])
  })
})

const longestFile = 400
const longestFunction = 70
const widestLine = 120

describe('sizes', () => {
  const files = [...sources('src'), ...sources('test')]

  it(`no file is longer than ${longestFile} lines`, () => {
    const long = files.filter((file) => textOf(file).split('\n').length > longestFile + 1)
    expect(long).toEqual([])
  })
  it(`no line is wider than ${widestLine} columns`, () => {
    const wide = sources('src').filter((file) =>
      textOf(file)
        .split('\n')
        .some((line) => line.length > widestLine),
    )
    expect(wide).toEqual([])
  })
  it(`no function is longer than ${longestFunction} lines`, () => {
    expect(sources('src').flatMap(longFunctions)).toEqual([])
  })
})

/** Functions and methods whose closing brace, at the indentation of their first line, comes too late. */
function longFunctions(file: string): string[] {
  const lines = textOf(file).split('\n')
  const found: string[] = []
  const opening =
    /^(\s*)(?:export )?(?:(?:async )?function\b|(?:private |public |override |static |async )*[\w#]+\([^;]*\)[^;=]*\{$|(?:export )?const \w+[^=]*= (?:async )?\([^;]*=> \{$)/
  lines.forEach((line, start) => {
    const match = opening.exec(line)
    if (match === null || /^\s*(if|for|while|switch|return|describe|it)\b/.test(line)) return
    const end = lines.findIndex((later, i) => i > start && later.startsWith(`${match[1]}}`))
    if (end - start + 1 > longestFunction) found.push(`${file}:${start + 1} has ${end - start + 1} lines`)
  })
  return found
}

describe('the tree', () => {
  it('has nothing at its top that does not belong there', () => {
    const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    const tops = new Set(
      tracked
        .split('\n')
        .filter(Boolean)
        .map((file) => file.split('/')[0]!),
    )
    const expected =
      /^(src|flows|test|docs|\.ci|package(-lock)?\.json|tsconfig[\w.]*\.json|biome\.json|README\.md|LICENSE|\.npmrc|\.gitignore)$/
    expect([...tops].filter((name) => !expected.test(name))).toEqual([])
  })
  it('names no utils, helpers, common or manager', () => {
    const vague = sources('src').filter((file) => /(^|[/])(utils?|helpers?|common|managers?)(\/|\.tsx?$)/.test(file))
    expect(vague).toEqual([])
  })
})
