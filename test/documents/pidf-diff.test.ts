import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  activities,
  applyPidfDiff,
  isDocumentError,
  mood,
  type PidfDiff,
  type PidfFull,
  type Presence,
  parsePidfDiff,
  parsePresence,
  person,
  pidfDiff,
  pidfFull,
  presence,
  presenceTree,
  printPresence,
  printXml,
  sameXml,
  tuple,
  validateDocument,
  type XmlDocument,
} from '../../src/documents/index.ts'
import { presences } from './arbitraries.ts'
import { material } from './material.ts'

function full(file: string): PidfFull {
  const parsed = parsePidfDiff(material(file))
  if (parsed.kind !== 'pidf-full') throw new Error(JSON.stringify(parsed))
  return parsed
}

function applied(document: Parameters<typeof applyPidfDiff>[0], diff: string): XmlDocument {
  const result = applyPidfDiff(document, diff)
  if (result.kind !== 'document') throw new Error(`${result.error}: ${result.phrase}`)
  return result
}

function presenceOf(tree: XmlDocument): Presence {
  const value = parsePresence(tree)
  if (isDocumentError(value)) throw new Error(value.reason)
  return value
}

const before = presence('sip:user2_public1@home2.net', {
  tuples: [tuple('t1', 'open', { contact: { uri: 'sip:user2_public1@home2.net', priority: 0.8 } })],
  extensions: [person('p1', { extensions: [activities('busy', 'on-the-phone')] })],
})
const after = presence('sip:user2_public1@home2.net', {
  tuples: [
    tuple('t0', 'closed'),
    tuple('t1', 'closed', { contact: { uri: 'sip:user2_public1@home2.net', priority: 0.9 } }),
  ],
  notes: [{ text: 'back soon', lang: 'en' }],
  extensions: [person('p1', { extensions: [activities('busy', 'away'), mood('happy')] })],
})

describe('RFC 5262 §6: the example', () => {
  it('the diff of version 568 turns version 567 into version 568', () => {
    const result = applied(full('rfc5262/6-full-567.xml').document, material('rfc5262/6-diff-568.xml'))
    // The RFC prints another note in the diff than in the result.
    const wanted = material('rfc5262/6-result-568.xml').replace(
      'last tuple and note element',
      'last tuple and person element',
    )
    const expected = parsePidfDiff(wanted) as PidfFull
    expect(sameXml(result.root, expected.document.root, { ignoreLayout: true })).toBe(true)
    expect(presenceOf(result).tuples.map((each) => [each.id, each.status.basic, each.contact?.priority])).toEqual([
      ['sg89ae', 'open', 0.8],
      ['cg231jcr', 'open', 0.7],
      ['r1230d', 'open', 0.9],
      ['ert4773', 'open', 0.4],
    ])
  })

  it('RFC 5264 §6: the diff of a publication turns the full state into the new one', () => {
    const first = parsePidfDiff(material('rfc5264/M1-full.xml')) as PidfFull
    expect(first.version).toBeUndefined()
    const result = applied(first.document, material('rfc5264/M3-diff.xml'))
    expect(presenceOf(result).tuples.map((each) => [each.id, each.status.basic, each.contact?.priority])).toEqual([
      ['sg89ae', 'open', 0.8],
      ['cg231jcr', 'open', 0.7],
      ['r1230d', 'open', 0.9],
      ['ert4773', 'open', 0.4],
    ])
    expect(printXml(result)).not.toContain('<r:busy/>')
  })

  it('versions, entities and kinds are read', () => {
    expect(full('rfc5262/6-full-567.xml')).toMatchObject({ kind: 'pidf-full', version: 567 })
    const entity = 'pres:someone@example.com'
    expect(parsePidfDiff(material('rfc5262/6-diff-568.xml'))).toMatchObject({ kind: 'pidf-diff', version: 568, entity })
    expect(parsePidfDiff(material('rfc5263/F5-diff-version2.xml'))).toMatchObject({ kind: 'pidf-diff', version: 2 })
  })
})

describe('partial presence of our own', () => {
  it('the full state has the version, the content of the document and is valid', () => {
    const text = pidfFull(before, 1)
    expect(validateDocument(text)).toEqual({ type: 'application/pidf-diff+xml', errors: [] })
    const parsed = parsePidfDiff(text) as PidfFull
    expect(parsed.version).toBe(1)
    expect(presenceOf(parsed.document)).toEqual(before)
    expect(parsePidfDiff(pidfFull(before))).not.toHaveProperty('version')
  })

  it('the difference is valid, has the version and leads to the new document', () => {
    const text = pidfDiff(before, after, 2)
    expect(validateDocument(text)).toEqual({ type: 'application/pidf-diff+xml', errors: [] })
    expect(parsePidfDiff(text)).toMatchObject({ kind: 'pidf-diff', version: 2, entity: 'sip:user2_public1@home2.net' })
    expect(presenceOf(applied(before, text))).toEqual(after)
    expect(parsePidfDiff(pidfDiff(before, after))).not.toHaveProperty('version')
  })

  it('nothing changed: a difference without operations, which is valid', () => {
    const text = pidfDiff(before, before, 3)
    expect((parsePidfDiff(text) as PidfDiff).document.root.children).toEqual([])
    expect(validateDocument(text).errors).toEqual([])
    expect(presenceOf(applied(before, text))).toEqual(before)
  })

  it('one state of one tuple of twenty is one operation', () => {
    const tuples = (state: 'open' | 'closed') =>
      Array.from({ length: 20 }, (_, i) => tuple(`t${i}`, i === 7 ? state : 'open'))
    const text = pidfDiff(
      presence('sip:a@b', { tuples: tuples('open') }),
      presence('sip:a@b', { tuples: tuples('closed') }),
      2,
    )
    expect(text).toContain(`<p:replace sel="*/tuple[@id='t7']/status/basic/text()">closed</p:replace></p:pidf-diff>`)
  })

  it('any two documents: the difference leads from the one to the other', () => {
    fc.assert(
      fc.property(presences, presences, fc.nat(), (from, to, version) => {
        const text = pidfDiff(from, to, version)
        expect(validateDocument(text).errors).toEqual([])
        expect(presenceOf(applied(from, text))).toEqual(presenceOf(presenceTree(printPresence(to))))
        const whole = parsePidfDiff(pidfFull(from, version)) as PidfFull
        expect(whole.version).toBe(version)
        expect(presenceOf(applied(whole.document, text))).toEqual(presenceOf(presenceTree(to)))
      }),
      { numRuns: 60 * Number(process.env.PRESIM_FUZZ ?? 1) },
    )
  })

  it('a full state on the way to another keeps its layout and what nobody knows', () => {
    const text =
      '<p:pidf-full xmlns:p="urn:ietf:params:xml:ns:pidf-diff" xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:a@b" version="4">\n' +
      ' <tuple id="t"><status><basic>open</basic></status><x:y xmlns:x="urn:x" x:z="1">?</x:y></tuple>\n</p:pidf-full>'
    const { document } = parsePidfDiff(text) as PidfFull
    expect(printXml(document)).toBe(
      '<presence xmlns:p="urn:ietf:params:xml:ns:pidf-diff" xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:a@b">\n' +
        ' <tuple id="t"><status><basic>open</basic></status><x:y xmlns:x="urn:x" x:z="1">?</x:y></tuple>\n</presence>',
    )
  })
})

describe('a change that cannot be', () => {
  const diffOf = (...operations: string[]) =>
    `<p:pidf-diff xmlns="urn:ietf:params:xml:ns:pidf" xmlns:p="urn:ietf:params:xml:ns:pidf-diff">${operations.join('')}</p:pidf-diff>`

  it.each([
    ['names nothing', diffOf(`<p:remove sel="*/tuple[@id='x']"/>`), 'unlocated-node'],
    ['names the root by a name it does not have', diffOf('<p:remove sel="pidf-full/tuple"/>'), 'unlocated-node'],
    ['removes the presentity', diffOf('<p:remove sel="presence"/>'), 'invalid-root-element-operation'],
    ['leaves no valid document', diffOf('<p:remove sel="*/tuple/status"/>'), 'invalid-diff-format'],
    ['is not well-formed', '<p:pidf-diff', 'invalid-diff-format'],
    ['is a full state', pidfFull(before), 'invalid-diff-format'],
    ['is something else', printPresence(before), 'invalid-diff-format'],
  ])('%s', (_, diff, error) => {
    expect(applyPidfDiff(before, diff)).toMatchObject({ kind: 'patch-failure', error })
  })

  it('the root is addressed as presence or *, also when it came as pidf-full', () => {
    const { document } = parsePidfDiff(pidfFull(before, 1)) as PidfFull
    for (const root of ['presence', '*', '/presence', '/*']) {
      const diff = diffOf(`<p:replace sel="${root}/tuple/status/basic/text()">closed</p:replace>`)
      expect(presenceOf(applied(document, diff)).tuples[0]?.status.basic).toBe('closed')
    }
  })

  it.each([
    ['a version that is no number', '<p:pidf-diff xmlns:p="urn:ietf:params:xml:ns:pidf-diff" version="x"/>'],
    ['a version beyond 32 bits', '<p:pidf-diff xmlns:p="urn:ietf:params:xml:ns:pidf-diff" version="4294967296"/>'],
    ['a full state without the presentity', '<p:pidf-full xmlns:p="urn:ietf:params:xml:ns:pidf-diff"/>'],
  ])('%s is no document of RFC 5262', (_, text) => {
    expect(parsePidfDiff(text)).toMatchObject({ kind: 'document-error' })
    expect(validateDocument(text).errors).not.toEqual([])
  })
})
