/** Every format: what the examples of its RFC say, and that what is printed is valid and read as the same. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Format, XmlElement } from '../../src/documents/index.ts'
import {
  extension,
  filterSetFormat,
  isDocumentError,
  namespaces,
  parsePresence,
  parseXml,
  patchErrorFormat,
  personsOf,
  pidfFormat,
  printPresence,
  reginfoFormat,
  resourceListsFormat,
  rlmiFormat,
  rlsServicesFormat,
  rulesetFormat,
  sameXml,
  validateDocument,
  watcherinfoFormat,
  xcapCapsFormat,
  xcapDiffFormat,
  xcapErrorFormat,
} from '../../src/documents/index.ts'
import * as arbitraries from './arbitraries.ts'
import { examples, material } from './material.ts'

const runs = 100 * Number(process.env.PRESIM_FUZZ ?? 1)

function value<T extends object>(parsed: T): Exclude<T, { kind: 'document-error' }> {
  if (isDocumentError(parsed)) throw new Error(`${parsed.line}:${parsed.column} ${parsed.path} ${parsed.reason}`)
  return parsed as Exclude<T, { kind: 'document-error' }>
}

const formats: [name: string, format: Format<object>, values: fc.Arbitrary<object>, type: string][] = [
  of('PIDF', pidfFormat, arbitraries.presences, 'application/pidf+xml'),
  of('watcherinfo', watcherinfoFormat, arbitraries.watcherinfos, 'application/watcherinfo+xml'),
  of('reginfo', reginfoFormat, arbitraries.reginfos, 'application/reginfo+xml'),
  of('RLMI', rlmiFormat, arbitraries.rlmis, 'application/rlmi+xml'),
  of('resource-lists', resourceListsFormat, arbitraries.resourceLists, 'application/resource-lists+xml'),
  of('rls-services', rlsServicesFormat, arbitraries.rlsServices, 'application/rls-services+xml'),
  of('common-policy with pres-rules', rulesetFormat, arbitraries.rulesets, 'application/auth-policy+xml'),
  of('simple-filter', filterSetFormat, arbitraries.filterSets, 'application/simple-filter+xml'),
  of('xcap-diff', xcapDiffFormat, arbitraries.xcapDiffs, 'application/xcap-diff+xml'),
  of('xcap-caps', xcapCapsFormat, arbitraries.xcapCaps, 'application/xcap-caps+xml'),
  of('xcap-error', xcapErrorFormat, arbitraries.xcapErrors, 'application/xcap-error+xml'),
  of('patch-ops-error', patchErrorFormat, arbitraries.patchErrors, 'application/patch-ops-error+xml'),
]

function of<T extends object>(
  name: string,
  format: Format<T>,
  values: fc.Arbitrary<T>,
  type: string,
): (typeof formats)[number] {
  return [name, format as unknown as Format<object>, values, type]
}

describe.each(formats)('%s', (_, format, values, type) => {
  it('any value is printed as a valid document, from which the same document comes back', () => {
    fc.assert(
      fc.property(values, (given) => {
        const text = format.print(given)
        expect(validateDocument(text)).toEqual({ type, errors: [] })
        const read = value(format.parse(text))
        expect(format.print(read)).toBe(text)
        expect(withoutElements(read)).toEqual(withoutElements(given))
      }),
      { numRuns: runs },
    )
  })

  it('is not taken for another', () => {
    fc.assert(
      fc.property(values, (given) => {
        const text = format.print(given)
        for (const [, other] of formats)
          if (other !== format) expect(other.parse(text)).toMatchObject({ kind: 'document-error' })
      }),
      { numRuns: 3 },
    )
  })
})

/** Foreign elements come back with declarations where the printer put them: the values are compared without. */
function withoutElements(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(withoutElements)
  if (typeof given !== 'object' || given === null) return typeof given === 'string' ? given.replace(/\r/g, '\n') : given
  if ('kind' in given && given.kind === 'element') return 'an element'
  const plain = Object.entries(given).map(([key, inner]) => [key, withoutElements(inner)])
  return Object.fromEntries(plain)
}

/** A document without what its types let be written in several ways, and without hints to schema processors. */
function essence(text: string): XmlElement {
  const clean = (element: XmlElement): XmlElement => ({
    ...element,
    attributes: element.attributes
      .filter((each) => each.namespace !== namespaces.xsi)
      .map((each) => (each.name === 'priority' ? { ...each, value: String(Number(each.value)) } : each)),
    children: element.children.map((child) => {
      if (typeof child === 'string') return child.replace(/\s+/g, ' ').trim()
      return child.kind === 'element' ? clean(child) : child
    }),
  })
  return clean(value(parseXml(text)).root)
}

describe('what nobody knows is never lost', () => {
  it.each(examples.filter((each) => each.valid && each.schema !== 'pidf-diff.xsd'))('$file', ({ file }) => {
    const text = material(file)
    const format = formats.map(([, each]) => each).find((each) => !isDocumentError(each.parse(text)))
    if (format === undefined) return expect(file).toMatch(/rfc526[2-4]/)
    const printed = format.print(value(format.parse(text)))
    expect(sameXml(essence(text), essence(printed), { ignoreLayout: true })).toBe(true)
  })

  it('foreign elements and attributes at every place where the schema has room for them', () => {
    const x = 'xmlns:x="urn:x"'
    const text =
      `<presence xmlns="urn:ietf:params:xml:ns:pidf" ${x} entity="sip:a@b"><tuple id="t"><status><basic>open</basic><x:a/></status>` +
      `<x:b x:c="1">text<x:d/>more</x:b></tuple><x:e><tuple id="not ours"/></x:e></presence>`
    const parsed = value(parsePresence(text))
    expect(parsed.tuples[0]?.status.extensions).toMatchObject([{ kind: 'unknown', element: { name: 'a' } }])
    expect(sameXml(value(parseXml(printPresence(parsed))).root, value(parseXml(text)).root)).toBe(true)
  })

  it('a known extension that is not as it should be is kept as it is, and is no reason to refuse the document', () => {
    const parsed = value(parsePresence(material('rfc4480/4-example-as-printed.xml')))
    const [each] = personsOf(parsed)
    expect(extension(each!.extensions, 'sphere')).toBeUndefined()
    expect(each!.extensions.filter((one) => one.kind === 'unknown')).toMatchObject([
      { element: { name: 'sphere', children: ['bowling league'] } },
    ])
    expect(validateDocument(material('rfc4480/4-example-as-printed.xml')).errors).toHaveLength(1)
  })
})
