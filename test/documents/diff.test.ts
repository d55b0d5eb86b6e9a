import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyPatch,
  canonical,
  diff,
  isDocumentError,
  parseXml,
  printXml,
  type XmlDocument,
  type XmlElement,
  type XmlNode,
} from '../../src/documents/index.ts'
import { documents, elements, spelledDocuments } from './arbitrary-xml.ts'
import { examples, material } from './material.ts'

/** More runs with PRESIM_FUZZ=20, say. */
const runs = 200 * Number(process.env.PRESIM_FUZZ ?? 1)

function parsed(text: string): XmlDocument {
  const document = parseXml(text)
  if (isDocumentError(document)) throw new Error(document.reason)
  return document
}

const form = (text: string) => canonical(parsed(text))

function expectPatched(from: string, to: string): string {
  const patch = diff(from, to)
  expect(form(applyPatch(from, patch))).toBe(form(to))
  return patch
}

/** The operations of a patch, without the root around them. */
function operations(patch: string): string {
  return patch.replace(/^[\s\S]*?<(p:)?diff[^>]*>/, '').replace(/<\/(p:)?diff>$/, '')
}

describe('a difference is what a person would write', () => {
  const cases: [what: string, from: string, to: string, patch: string][] = [
    ['a text', '<a><b>1</b></a>', '<a><b>2</b></a>', '<replace sel="*/b/text()">2</replace>'],
    ['a text that comes', '<a><b/></a>', '<a><b>2</b></a>', '<add sel="*/b">2</add>'],
    ['a text that goes', '<a><b>1</b></a>', '<a><b/></a>', '<remove sel="*/b/text()"/>'],
    ['an attribute', '<a b="1"/>', '<a b="2"/>', '<replace sel="*/@b">2</replace>'],
    ['an attribute that comes', '<a/>', '<a b="1"/>', '<add sel="*" type="@b">1</add>'],
    ['an attribute that goes', '<a b="1"/>', '<a/>', '<remove sel="*/@b"/>'],
    ['an element that comes last', '<a><b/></a>', '<a><b/><c/></a>', '<add sel="*"><c/></add>'],
    ['an element that comes first', '<a><b/></a>', '<a><c/><b/></a>', '<add sel="*/b" pos="before"><c/></add>'],
    ['an element that goes', '<a><b/><c/></a>', '<a><c/></a>', '<remove sel="*/b"/>'],
    [
      'the first of three alike',
      '<a><b>1</b><b>2</b><b>3</b></a>',
      '<a><b>2</b><b>3</b></a>',
      '<remove sel="*/b[1]"/>',
    ],
    [
      'an element by its identifier',
      '<a><b id="x">1</b><b id="y">1</b></a>',
      '<a><b id="x">1</b><b id="y">2</b></a>',
      `<replace sel="*/b[@id='y']/text()">2</replace>`,
    ],
    ['an element with its line', '<a>\n <b/>\n <c/>\n</a>', '<a>\n <c/>\n</a>', '<remove sel="*/b" ws="after"/>'],
    [
      'the last element with its line',
      '<a>\n <b/>\n <c/>\n</a>',
      '<a>\n <b/>\n</a>',
      '<remove sel="*/c" ws="before"/>',
    ],
    ['a line that comes', '<a>\n <b/>\n</a>', '<a>\n <b/>\n <c/>\n</a>', '<add sel="*/b" pos="after">\n <c/></add>'],
    ['an element for another', '<a><b>1</b></a>', '<a><c>1</c></a>', '<replace sel="*/b"><c>1</c></replace>'],
    ['a comment', '<a><!--1--></a>', '<a><!--2--></a>', '<replace sel="*/comment()"><!--2--></replace>'],
    [
      'an instruction',
      '<a><?x 1?></a>',
      '<a><?x 2?></a>',
      `<replace sel="*/processing-instruction('x')"><?x 2?></replace>`,
    ],
    ['nothing', '<a b="1">\n<c/></a>', "<a  b='1'>\n<c></c></a>", ''],
  ]
  it.each(cases)('%s', (_, from, to, patch) => {
    expect(operations(expectPatched(from, to)).replace('/>', '/>')).toBe(patch)
  })

  it('an identifier with an apostrophe is quoted, one with both quotes is counted', () => {
    const list = (...uris: string[]) => `<a>${uris.map((uri) => `<entry uri="${uri}"/>`).join('')}</a>`
    expect(operations(expectPatched(list("sip:o'b@x", 'sip:c'), list('sip:c')))).toContain(
      "entry[@uri=&quot;sip:o'b@x&quot;]",
    )
    expect(operations(expectPatched(list("sip:o'&quot;b@x", 'sip:c'), list('sip:c')))).toContain('entry[1]')
  })
})

describe('a difference is small', () => {
  it('one changed text in a document of 20 kB takes less than 500 bytes', () => {
    const entries = Array.from(
      { length: 250 },
      (_, i) => `  <entry uri="sip:user${i}@home1.net"><display-name>User ${i}</display-name></entry>\n`,
    )
    const before = `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">\n <list name="friends">\n${entries.join('')} </list>\n</resource-lists>`
    expect(before.length).toBeGreaterThan(20_000)
    for (const at of [0, 124, 249]) {
      const after = before.replace(`>User ${at}<`, '>Somebody else<')
      const patch = expectPatched(before, after)
      expect(new TextEncoder().encode(patch).length).toBeLessThan(500)
    }
  })

  it('one changed text in a presence document of 20 kB with six namespaces takes less than 500 bytes', () => {
    const tuple = (id: number) =>
      `<tuple id="t${id}"><status><basic>open</basic></status><c:servcaps><c:audio>true</c:audio></c:servcaps>` +
      `<r:class>c</r:class><ci:icon>http://example.com/${id}.png</ci:icon><contact>sip:${id}@home1.net</contact></tuple>`
    const all = Array.from({ length: 120 }, (_, i) => tuple(i)).join('\n')
    const before =
      '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:c="urn:ietf:params:xml:ns:pidf:caps" ' +
      'xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" xmlns:ci="urn:ietf:params:xml:ns:pidf:cipid" ' +
      `xmlns:d="urn:ietf:params:xml:ns:pidf:data-model" entity="sip:a@home1.net">\n${all}\n</presence>`
    expect(before.length).toBeGreaterThan(20_000)
    const after = before.replace('<tuple id="t77"><status><basic>open', '<tuple id="t77"><status><basic>closed')
    expect(new TextEncoder().encode(expectPatched(before, after)).length).toBeLessThan(500)
  })

  it('a list of 2000 that is turned round is still done, and in time', () => {
    const list = (order: readonly number[]) => `<l>${order.map((i) => `<e uri="${i}">x</e>`).join('')}</l>`
    const order = Array.from({ length: 2000 }, (_, i) => i)
    const start = performance.now()
    expectPatched(list(order), list([...order].reverse()))
    expectPatched(list(order), list([...order.slice(1000), ...order.slice(0, 1000)]))
    expect(performance.now() - start).toBeLessThan(20_000)
  }, 60_000)
})

describe('a difference is right', () => {
  it('for two documents that have nothing in common', () => {
    fc.assert(
      fc.property(documents, documents, (from, to) => {
        expectPatched(printXml(from), printXml(to))
      }),
      { numRuns: runs },
    )
  })

  it('for documents however they are spelled', () => {
    fc.assert(
      fc.property(spelledDocuments, spelledDocuments, (from, to) => {
        expectPatched(from, to)
      }),
      { numRuns: runs },
    )
  })

  it('for a document after some changes of it', () => {
    fc.assert(
      fc.property(
        documents,
        fc.array(fc.tuple(fc.nat(40), fc.nat(5), elements), { maxLength: 4 }),
        (document, changes) => {
          let changed = document
          for (const [at, how, element] of changes) changed = change(changed, at, how, element)
          expectPatched(printXml(document), printXml(changed))
        },
      ),
      { numRuns: runs },
    )
  })

  it('without replacing the root, when only its children changed', () => {
    fc.assert(
      fc.property(documents, fc.array(elements, { maxLength: 3 }), fc.nat(5), (document, added, at) => {
        const children: XmlNode[] = document.root.children.slice()
        for (const each of added) children.splice(at % (children.length + 1), at > 3 ? 1 : 0, each)
        const patch = expectPatched(printXml(document), printXml({ ...document, root: { ...document.root, children } }))
        expect(patch).not.toMatch(/<(p+:)?replace sel="\*">/)
      }),
      { numRuns: runs },
    )
  })

  it('for the examples of the RFCs, each into each of the same schema', () => {
    const valid = examples.filter((each) => each.valid)
    for (const from of valid) {
      for (const to of valid) {
        if (from.schema === to.schema) expectPatched(material(from.file), material(to.file))
      }
    }
  })
})

/** The document with the n-th element changed in one of several ways. */
function change(document: XmlDocument, at: number, how: number, element: XmlElement): XmlDocument {
  let count = 0
  const visit = (node: XmlElement): XmlElement => {
    const own = count++ === at
    const children: XmlNode[] = node.children.map((child) =>
      typeof child === 'object' && child.kind === 'element' ? visit(child) : child,
    )
    if (!own) return { ...node, children }
    switch (how) {
      case 0:
        return { ...node, children: [...children, element] }
      case 1:
        return { ...node, children: [element, ...children] }
      case 2:
        return { ...node, children: children.slice(1) }
      case 3:
        return { ...node, children: children.slice(0, -1) }
      case 4:
        return { ...node, children: [...children].reverse() }
      default:
        return { ...element, children }
    }
  }
  return { ...document, root: visit(document.root) }
}
