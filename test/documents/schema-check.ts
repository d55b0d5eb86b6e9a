/**
 * Checks presim against a second opinion, libxml2: `npm run schema-check -- <folder of .xsd files> [documents a format]`.
 *
 * All schemas of the folder are given to libxml2 at once, so that extensions are checked too. What presim prints has to
 * be valid; of the documents in `material`, and of printed documents with something broken in them, presim has to say the
 * same as libxml2; and the canonical forms of both have to agree. The exit code says whether all this is so.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { validateXML, type XMLFileInfo } from 'xmllint-wasm'
import type { Format, XmlDocument, XmlElement, XmlNode } from '../../src/documents/index.ts'
import {
  canonical,
  filterSetFormat,
  isDocumentError,
  parseXml,
  patchErrorFormat,
  pidfDiff,
  pidfFormat,
  pidfFull,
  printXml,
  reginfoFormat,
  resourceListsFormat,
  rlmiFormat,
  rlsServicesFormat,
  rulesetFormat,
  validateDocument,
  watcherinfoFormat,
  xcapCapsFormat,
  xcapDiffFormat,
  xcapErrorFormat,
} from '../../src/documents/index.ts'
import * as arbitraries from './arbitraries.ts'
import { examples, material } from './material.ts'

/** A document to be judged, under a name that tells where it is from. */
interface Candidate {
  readonly name: string
  readonly text: string
}

/** The schemas of a folder, and one that imports them all. */
function schemasOf(folder: string): { umbrella: XMLFileInfo; files: XMLFileInfo[] } {
  const files: XMLFileInfo[] = []
  const imports: string[] = []
  for (const fileName of readdirSync(folder).filter((each) => each.endsWith('.xsd'))) {
    const contents = readFileSync(join(folder, fileName), 'utf8')
    const target = /targetNamespace\s*=\s*"([^"]+)"/.exec(contents)?.[1]
    files.push({ fileName, contents })
    if (target === undefined || target.startsWith('urn:x-umbrella')) continue
    imports.push(`<xs:import namespace="${target}" schemaLocation="${fileName}"/>`)
  }
  const contents =
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x-presim:all">' +
    `${imports.join('')}</xs:schema>`
  return { umbrella: { fileName: 'all-of-them.xsd', contents }, files }
}

/** What libxml2 says of a document for which the folder has no schema. */
const noSchema = /No matching global declaration available for the validation root/

/** The names of the candidates that libxml2 finds invalid, with what it says of each. */
async function invalid(folder: string, candidates: readonly Candidate[]): Promise<Map<string, string>> {
  const { umbrella, files } = schemasOf(folder)
  const wrong = new Map<string, string>()
  for (let i = 0; i < candidates.length; i += 100) {
    const batch = candidates.slice(i, i + 100)
    const result = await validateXML({
      xml: batch.map(({ text }, j) => ({ fileName: `document-${i + j}.xml`, contents: text })),
      schema: [umbrella],
      preload: files,
      initialMemoryPages: 1024,
      maxMemoryPages: 8192,
    })
    for (const { loc, rawMessage } of result.errors) {
      const at = Number(/document-(\d+)\.xml/.exec(loc?.fileName ?? rawMessage)?.[1])
      const name = candidates[at]?.name
      if (name !== undefined && !wrong.has(name)) wrong.set(name, rawMessage)
    }
  }
  return wrong
}

const formats: [name: string, format: Format<object>, values: fc.Arbitrary<object>][] = [
  of('pidf', pidfFormat, arbitraries.presences),
  of('watcherinfo', watcherinfoFormat, arbitraries.watcherinfos),
  of('reginfo', reginfoFormat, arbitraries.reginfos),
  of('rlmi', rlmiFormat, arbitraries.rlmis),
  of('resource-lists', resourceListsFormat, arbitraries.resourceLists),
  of('rls-services', rlsServicesFormat, arbitraries.rlsServices),
  of('pres-rules', rulesetFormat, arbitraries.rulesets),
  of('simple-filter', filterSetFormat, arbitraries.filterSets),
  of('xcap-diff', xcapDiffFormat, arbitraries.xcapDiffs),
  of('xcap-caps', xcapCapsFormat, arbitraries.xcapCaps),
  of('xcap-error', xcapErrorFormat, arbitraries.xcapErrors),
  of('patch-ops-error', patchErrorFormat, arbitraries.patchErrors),
]

function of<T extends object>(name: string, format: Format<T>, values: fc.Arbitrary<T>): (typeof formats)[number] {
  return [name, format as unknown as Format<object>, values]
}

/** Printed documents of every format, the same each time. */
function printed(count: number): Candidate[] {
  const candidates = formats.flatMap(([name, format, values]) =>
    fc
      .sample(values, { numRuns: count, seed: 24141 })
      .map((value, i) => ({ name: `${name} ${i}`, text: format.print(value) })),
  )
  const pairs = fc.sample(fc.tuple(arbitraries.presences, arbitraries.presences), { numRuns: count, seed: 24141 })
  pairs.forEach(([from, to], i) => {
    candidates.push(
      { name: `pidf-full ${i}`, text: pidfFull(from, i) },
      { name: `pidf-diff ${i}`, text: pidfDiff(from, to, i) },
    )
  })
  return candidates
}

function treeOf(text: string): XmlDocument {
  const tree = parseXml(text)
  if (isDocumentError(tree)) throw new Error(tree.reason)
  return tree
}

/** Each document with one thing broken in it: an element, an attribute or a text gone, doubled, moved or changed. */
function broken(candidates: readonly Candidate[]): Candidate[] {
  return candidates.map(({ name, text }, i) => {
    const tree = treeOf(text)
    let left = (i * 7919) % countElements(tree.root)
    const visit = (element: XmlElement): XmlElement => {
      if (left-- === 0) return breakElement(element, i)
      return { ...element, children: element.children.map((child) => (isTag(child) ? visit(child) : child)) }
    }
    return { name: `${name} broken`, text: printXml({ ...tree, root: visit(tree.root) }) }
  })
}

const isTag = (node: XmlNode): node is XmlElement => typeof node === 'object' && node.kind === 'element'

function countElements(element: XmlElement): number {
  return element.children.reduce((count, child) => count + (isTag(child) ? countElements(child) : 0), 1)
}

function breakElement(element: XmlElement, how: number): XmlElement {
  const { attributes, children } = element
  const last = attributes.at(-1)
  switch (how % 8) {
    case 0:
      return { ...element, children: children.slice(1) }
    case 1:
      return { ...element, children: [...children, ...children.slice(0, 1)] }
    case 2:
      return { ...element, children: [...children].reverse() }
    case 3:
      return { ...element, attributes: attributes.filter((each) => each !== last || each.prefix === 'xmlns') }
    case 4:
      return {
        ...element,
        attributes: attributes.map((each) => (each.namespace === '' ? { ...each, value: 'x y' } : each)),
      }
    case 5:
      return { ...element, name: `${element.name}x` }
    case 6:
      return { ...element, children: [...children, 'text'] }
    default:
      return { ...element, attributes: [...attributes, { prefix: '', namespace: '', name: 'extra', value: '1' }] }
  }
}

/**
 * Where presim is stricter, and knows why: the conditions of OMA and the civic form of RFC 4119 have no global element in
 * the schemas; and libxml2 lets elements of the schema's own namespace come after a wildcard for all others.
 */
const stricter = /^OMA XDM common policy|^RFC 4119 §2\.2\.1: <cl:|is not allowed here in/

/** The documents of which presim and libxml2 do not say the same. */
async function disagreements(folder: string, candidates: readonly Candidate[]): Promise<string[]> {
  const wrong = await invalid(folder, candidates)
  return candidates.flatMap(({ name, text }) => {
    if (noSchema.test(wrong.get(name) ?? '')) return []
    const ours = validateDocument(text).errors[0]
    if ((ours === undefined) === !wrong.has(name) || (ours !== undefined && stricter.test(ours.rule))) return []
    return [`${name}: presim ${ours?.rule ?? 'valid'}; libxml2 ${wrong.get(name) ?? 'valid'}\n${text}`]
  })
}

/** The canonical forms that differ; libxml2 keeps comments, so documents with comments are left out. */
async function otherForms(candidates: readonly Candidate[]): Promise<string[]> {
  const differing: string[] = []
  for (const { name, text } of candidates.filter((each) => !each.text.includes('<!--'))) {
    const { normalized } = await validateXML({
      xml: text,
      normalization: 'c14n',
      modifyArguments: (given) => given.map((each) => (each === '--c14n' ? '--exc-c14n' : each)),
    })
    if (normalized?.replace(/\n$/, '') !== canonical(treeOf(text))) differing.push(`${name}: canonical form`)
  }
  return differing
}

async function main(folder: string | undefined, count: number): Promise<void> {
  if (folder === undefined)
    throw new Error('Usage: npm run schema-check -- <folder of .xsd files> [documents a format]')
  const all = printed(count)
  const wrong = await invalid(folder, all)
  const own = all.filter(({ name }) => !noSchema.test(wrong.get(name) ?? ''))
  const unknown = new Set(all.filter((each) => !own.includes(each)).map(({ name }) => name.replace(/ \d+$/, '')))
  if (unknown.size > 0) console.log(`no schema for ${[...unknown].join(', ')}`)
  const known = examples.map(({ file }) => ({ name: file, text: material(file) }))
  const cracked = broken(own)
  const reports = [
    [
      'printed documents',
      own.length,
      own.filter(({ name }) => wrong.has(name)).map(({ name, text }) => `${wrong.get(name)}\n${text}`),
    ],
    ['examples of the RFCs', known.length, await disagreements(folder, known)],
    ['broken documents', cracked.length, await disagreements(folder, cracked)],
    ['canonical forms', 40, await otherForms(own.filter((_, i) => i % Math.ceil(own.length / 40) === 0))],
  ] as const
  for (const [what, total, bad] of reports) {
    console.log(`${what}: ${total - bad.length} of ${total} agree`)
    for (const each of bad.slice(0, 20)) console.log(`  ${each}`)
  }
  process.exitCode = reports.some(([, , bad]) => bad.length > 0) ? 1 : 0
}

await main(process.argv[2], Number(process.argv[3] ?? 50))
