import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow, root, textOf, trackedFiles } from './repository.ts'

const documents = [...['README.md'].filter((file) => existsSync(join(root, file))), ...filesBelow('docs', '.md')]

/** A document without its code, where brackets are no links. */
const proseOf = (file: string): string =>
  textOf(file)
    .replaceAll(/^(```+|~~~+)[\s\S]*?^\1/gm, '')
    .replaceAll(/(`+)[^`][\s\S]*?\1/g, '')

interface Link {
  readonly file: string
  readonly to: string
}

/** The targets of inline links and images, and of link definitions. */
function linksIn(file: string): Link[] {
  const prose = proseOf(file)
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*)?\)/g)]
  const defined = [...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm)]
  return [...inline, ...defined].map((match) => ({ file, to: match[1]! }))
}

const isRelative = ({ to }: Link): boolean => !/^[a-z][a-z\d+.-]*:|^\/\//i.test(to)

/** The path from the root to which a link leads, and the place in that file. */
function targetOf({ file, to }: Link): { path: string; anchor: string | undefined } {
  const [path, anchor] = to.split('#') as [string, string?]
  const target = path === '' ? file : posix.join(posix.dirname(file), decodeURIComponent(path.replace(/\?.*/, '')))
  return { path: target, anchor: anchor || undefined }
}

/** The names that GitHub gives to the headings of a document. */
function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>()
  const text = textOf(file).replaceAll(/^(```+|~~~+)[\s\S]*?^\1/gm, '')
  for (const [, heading] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const name = heading!
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-')
    let unique = name
    for (let count = 1; anchors.has(unique); count++) unique = `${name}-${count}`
    anchors.add(unique)
  }
  for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id!)
  return anchors
}

describe('links of the documents', () => {
  const links = documents.flatMap(linksIn).filter(isRelative)

  it('are found', () => {
    expect(links.length).toBeGreaterThan(3)
  })
  it('stay in the repository and lead to what is there', () => {
    const broken = links.filter((link) => {
      const { path } = targetOf(link)
      return path.startsWith('..') || path.startsWith('/') || !existsSync(join(root, path))
    })
    expect(broken).toEqual([])
  })
  it('lead to headings that are there', () => {
    const broken = links.filter((link) => {
      const { path, anchor } = targetOf(link)
      if (anchor === undefined || !path.endsWith('.md') || !existsSync(join(root, path))) return false
      return !anchorsOf(path).has(anchor)
    })
    expect(broken).toEqual([])
  })
})

/** Where somebody works and with what is nobody else's business. Written so that this file does not name it either. */
const workplace = [
  /(?<![\w*])[/]work[/]/,
  /[.][.][/]shared\b/,
  /\bfarm[-]studio\b/,
  /(?<![\w)\]])[.]library\b/,
] as const

describe('the repository', () => {
  const files = trackedFiles().filter((file) => !/^(node_modules|dist)\//.test(file))

  it('is looked through', () => {
    expect(files).toContain('package.json')
  })
  it.each(workplace)('names nothing of a workplace: %s', (pattern) => {
    const lines = files.flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim().slice(0, 100)}`] : [])),
    )
    expect(lines).toEqual([])
  })
})
