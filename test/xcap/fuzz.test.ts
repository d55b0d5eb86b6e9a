import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical, parseXml, type XmlDocument } from '../../src/documents/index.ts'
import { type DocumentUsage, treeOf } from '../../src/xcap/index.ts'
import { attribute, Client, element, errorOf, lists, user } from './client.ts'

const path = `resource-lists/users/${user}/index`
const friends =
  '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="friends"><entry uri="sip:a@home1.net"/></list></resource-lists>'

/** Pieces of which targets are made that are nearly right. */
const piece = fc.constantFrom(
  '/',
  '//',
  '~~',
  '/~~/',
  '%7e~',
  '..',
  '.',
  '%2e',
  '%2F',
  '%',
  '%0',
  '%00',
  '%ff',
  '%c3%80',
  '[',
  ']',
  '%5b',
  '@',
  '"',
  "'",
  '=',
  '*',
  '1',
  '0',
  '99999999999999',
  'resource-lists',
  'list',
  'entry',
  'users',
  'global',
  user,
  'index',
  'namespace::*',
  'xcap-caps',
  '?',
  'xmlns(',
  'p=',
  ')',
  '^',
  'p:',
  '#',
  ' ',
  '\u0000',
  '\ud800',
  'é',
  'constructor',
  '__proto__',
  '&',
  '&amp;',
  '&#0;',
  ';',
  ':',
)
const target = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/services/${pieces.join('')}`),
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/services/${path}${pieces.join('')}`),
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/services/${path}/~~/resource-lists/list${pieces.join('')}`),
)
const scrap = fc.constantFrom(
  '<',
  '>',
  '/>',
  '</',
  'list',
  'entry',
  ' uri="a:b"',
  ' xmlns="urn:x"',
  '&',
  '&lt;',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '"',
  '\u0000',
  '\ufeff',
  '\ud800',
  'x',
  '_',
  '</_>',
  '<_>',
)
const body = fc.oneof(
  fc.array(scrap, { maxLength: 15 }).map((scraps) => scraps.join('')),
  fc.uint8Array({ maxLength: 40 }),
  fc.constant(friends),
  fc.constant('<entry uri="sip:x@home1.net"/>'),
)
const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'POST', 'get', '')
const type = fc.constantFrom(lists, element, attribute, 'image/png', `${lists};charset=\u0000`, ';', '')
const header = fc.constantFrom('"x"', '*', 'W/"', '""', ',', '\u0000')

const statuses = new Set([200, 201, 304, 400, 403, 404, 405, 409, 412, 413, 414, 415, 501])

describe('whatever is asked', () => {
  it.each([
    ['a charset', path, `${lists};charset=\u0000\ud800`, friends],
    ['an encoding', path, lists, '<?xml version="1.0" encoding="\u0000\uffff"?><a/>'],
    ['a name', `resource-lists/users/${user}/%ef%bf%be/index`, lists, friends],
    ['an element', `${path}/~~/resource-lists/list`, element, '<\u0000'],
  ])('is answered, though %s can be in no XML', (_, to, as, content) => {
    const client = new Client({}, user)
    client.put(path, friends, lists)
    expect(errorOf(client.put(to, content, as))).toHaveProperty('phrase')
  })

  it('is answered, and only what succeeds changes anything', () => {
    const request = fc.record({ method, target, body, type, match: header, noneMatch: header, conditional: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 8 }), fc.boolean(), (requests, isGuarded) => {
        const client = new Client({}, isGuarded ? user : undefined)
        client.put(path, friends, lists)
        for (const { method: of, target: to, body: content, type: as, match, noneMatch, conditional } of requests) {
          const before = [...client.documents]
          const headers = {
            'content-type': as,
            ...(conditional === 1 ? { 'if-match': match } : conditional === 2 ? { 'if-none-match': noneMatch } : {}),
          }
          const given = { method: of, target: to, headers, body: content }
          const { response, changes } = client.server.serve(given, client.identity)
          expect(statuses).toContain(response.status)
          const isChange = (of === 'PUT' || of === 'DELETE') && response.status < 300
          if (!isChange) expect([...client.documents]).toEqual(before)
          if (changes.length === 0) expect([...client.documents]).toEqual(before)
          for (const [name] of client.documents) expect(name).not.toMatch(/(^|\/)\.{1,2}(\/|$)|\/\/|[\u0000-\u001f]/)
        }
      }),
      { numRuns: 200 },
    )
  })
})

const free: DocumentUsage = {
  kind: 'documents',
  auid: 'free',
  clause: 'none',
  contentType: 'application/xml',
  defaultNamespace: '',
  schemas: [],
}

describe('any sequence of changes of one document', () => {
  const step = fc.constantFrom(
    'a',
    'b',
    '*',
    'a[1]',
    'a[2]',
    '*[2]',
    '*[3]',
    'a[@n="1"]',
    'b[@n="2"]',
    '*[@n="1"]',
    'a[1][@n="2"]',
    'p:a',
    'p:a[@p:n="1"]',
  )
  const selector = fc.array(step, { maxLength: 3 }).map((steps) => ['r', ...steps].join('/'))
  const name = fc.constantFrom('a', 'b', 'q:a')
  const leaf = fc.record({
    name,
    n: fc.constantFrom('', ' n="1"', ' n="2"', ' q:n="1"', ' xmlns="urn:d"', ' xmlns:q="urn:p"'),
    text: fc.constantFrom('', 'x', ' ', '<a/>', '<b n="1"/>', '<!--c-->', '<![CDATA[<]]>', '&lt;'),
  })
  const fragment = leaf.map(({ name: of, n, text }) => `<${of}${n}>${text}</${of}>`)
  const value = fc.constantFrom('1', '2', '"3"', '', 'a&amp;b', ' x\n')
  const act = fc.oneof(
    fc.record({ do: fc.constant('PUT' as const), selector, content: fragment, type: fc.constant(element) }),
    fc.record({
      do: fc.constant('PUT' as const),
      selector: fc.tuple(selector, fc.constantFrom('@n', '@m', '@p:n')).map((parts) => parts.join('/')),
      content: value,
      type: fc.constant(attribute),
    }),
    fc.record({ do: fc.constant('DELETE' as const), selector, content: fc.constant(''), type: fc.constant('') }),
    fc.record({
      do: fc.constant('DELETE' as const),
      selector: fc.tuple(selector, fc.constantFrom('@n', '@p:n')).map((parts) => parts.join('/')),
      content: fc.constant(''),
      type: fc.constant(''),
    }),
  )

  it('leaves what a GET shows as it was put, the tree as its text, and no entity-tag for two contents', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.array(act, { minLength: 5, maxLength: 25 }), (acts) => {
        const client = new Client({ usages: [free] })
        const document = 'free/global/index'
        client.put(document, '<r xmlns:q="urn:p"> <a n="1"/> <b>t</b> <q:a q:n="1"/>\n</r>\n', 'application/xml')
        const contents = new Map<string, string>()
        for (const { do: of, selector: to, content, type: as } of acts) {
          const node = `${document}/~~/${to}?xmlns(p=urn:p)`
          const { status } = client.request(of, node, content, { 'content-type': as })
          expect([200, 201, 404, 409]).toContain(status)
          const stored = client.documents.get(document)!
          const text = String(stored.body)
          const tree = parseXml(text) as XmlDocument
          expect(tree.kind, text).toBe('document')
          expect(canonical(treeOf(stored)!)).toBe(canonical(tree))
          expect(contents.get(stored.etag) ?? text).toBe(text)
          contents.set(stored.etag, text)
          if (status >= 300) continue
          accepted++
          const shown = client.get(node)
          expect(shown.status).toBe(of === 'DELETE' ? 404 : 200)
          if (of === 'PUT') expect(client.put(node, shown.body, as).headers.etag).toBe(`"${stored.etag}"`)
        }
      }),
      { numRuns: 150 },
    )
    expect(accepted).toBeGreaterThan(250)
  })
})
