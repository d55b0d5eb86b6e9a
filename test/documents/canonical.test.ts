import { describe, expect, it } from 'vitest'
import type { XmlDocument, XmlElement } from '../../src/documents/index.ts'
import { canonical, isDocumentError, parseXml, sameXml } from '../../src/documents/index.ts'
import { material } from './material.ts'

function parsed(text: string): XmlDocument {
  const document = parseXml(text)
  if (isDocumentError(document)) throw new Error(document.reason)
  return document
}

describe('exclusive canonical XML without comments', () => {
  const forms: [rule: string, text: string, form: string][] = [
    ['Canonical XML 1.0 §1.1: the declaration goes', '<?xml version="1.0" encoding="UTF-8"?>\n<a/>', '<a></a>'],
    ['§2.3: comments go', '<!-- x --><a><!-- y --></a>', '<a></a>'],
    ['§2.3: instructions outside stand on their own lines', '<?x y?><a/><?z  w?>', '<?x y?>\n<a></a>\n<?z w?>'],
    ['§1.1: empty elements get an end tag', '<a><b/></a>', '<a><b></b></a>'],
    ['§1.1: CDATA sections become text', '<a><![CDATA[<&>]]></a>', '<a>&lt;&amp;&gt;</a>'],
    ['§1.1: spaces in tags go', "<a  x = '1'\n></a >", '<a x="1"></a>'],
    ['§1.1: white space in content stays', '<a> <b/>\n</a>', '<a> <b></b>\n</a>'],
    ['§2.3: text is escaped', '<a>&#62;&#38;&#60;"\'&#13;</a>', '<a>&gt;&amp;&lt;"\'&#xD;</a>'],
    [
      '§2.3: values are escaped',
      '<a b="&#62;&#38;&#60;&#34;&#9;&#10;&#13;"/>',
      '<a b=">&amp;&lt;&quot;&#x9;&#xA;&#xD;"></a>',
    ],
    [
      '§2.2: attributes by namespace, then by name; declarations first',
      '<a b:attr="4" attr2="2" attr="1" xmlns:b="http://b" xmlns:a="http://a" a:attr="3"/>',
      '<a xmlns:a="http://a" xmlns:b="http://b" attr="1" attr2="2" a:attr="3" b:attr="4"></a>',
    ],
    [
      'Exclusive §2: only prefixes in use are declared, where they are used',
      '<n0:a xmlns:n0="u0" xmlns:n1="u1" xmlns:n2="u2"><n1:b/><n0:c n1:x=""/></n0:a>',
      '<n0:a xmlns:n0="u0"><n1:b xmlns:n1="u1"></n1:b><n0:c xmlns:n1="u1" n1:x=""></n0:c></n0:a>',
    ],
    [
      'Exclusive §3: a declaration is not repeated',
      '<p:a xmlns:p="u"><p:b xmlns:p="u"/></p:a>',
      '<p:a xmlns:p="u"><p:b></p:b></p:a>',
    ],
    [
      'Exclusive §3: the default namespace ends where it ends',
      '<a xmlns="u"><b xmlns=""/></a>',
      '<a xmlns="u"><b xmlns=""></b></a>',
    ],
    ['Exclusive §3: no needless end of a default namespace', '<a><b xmlns=""/></a>', '<a><b></b></a>'],
    ['xml is never declared', '<a xml:lang="en"/>', '<a xml:lang="en"></a>'],
    [
      '§2.2: names by code point, not by UTF-16 unit',
      '<a \u{10000}="1" \uFDF0="2"/>',
      '<a \uFDF0="2" \u{10000}="1"></a>',
    ],
  ]
  it.each(forms)('%s', (_, text, form) => {
    expect(canonical(parsed(text))).toBe(form)
  })

  it('Exclusive §2.2: the form of an element does not depend on what is around it', () => {
    const inner =
      '<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2>'
    const alone = parsed(`<n0:pdu xmlns:n0="http://a.example">${inner}</n0:pdu>`).root.children[0] as XmlElement
    const wrapped = parsed(
      `<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr">${inner}</n2:pdu>`,
    )
    const form =
      '<n1:elem2 xmlns:n1="http://example.net" xml:lang="en">' +
      '<n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>'
    expect(canonical(alone)).toBe(form)
    expect(canonical(wrapped.root.children[0] as XmlElement)).toBe(form)
  })
})

describe('the same to a reader that knows namespaces', () => {
  const same = (a: string, b: string, ignoreLayout = false) => sameXml(parsed(a).root, parsed(b).root, { ignoreLayout })

  it('RFC 3863 §4.2.2: a prefix or the default namespace makes no difference', () => {
    expect(same(material('rfc3863/4.2.2-default-namespace.xml'), material('rfc3863/4.2.2-prefixed.xml'), true)).toBe(
      true,
    )
  })

  it.each([
    ['prefixes', '<p:a xmlns:p="u" p:x="1"/>', '<a xmlns="u" xmlns:q="u" q:x="1"/>', true],
    ['the order of attributes', '<a x="1" y="2"/>', '<a y="2" x="1"/>', true],
    ['comments', '<a>1<!-- x -->2</a>', '<a>12</a>', true],
    ['CDATA', '<a><![CDATA[1]]>2</a>', '<a>12</a>', true],
    ['a namespace', '<a xmlns="u"/>', '<a xmlns="v"/>', false],
    ['a name', '<a/>', '<b/>', false],
    ['a value', '<a x="1"/>', '<a x="2"/>', false],
    ['an attribute more', '<a x="1"/>', '<a x="1" y="1"/>', false],
    ['the namespace of an attribute', '<a x="1"/>', '<a xmlns:p="u" p:x="1"/>', false],
    ['a child more', '<a><b/></a>', '<a><b/><b/></a>', false],
    ['the order of children', '<a><b/><c/></a>', '<a><c/><b/></a>', false],
    ['white space', '<a> <b/></a>', '<a><b/></a>', false],
    ['an instruction', '<a><?x 1?></a>', '<a><?x 2?></a>', false],
  ])('%s', (_, a, b, expected) => {
    expect(same(a, b)).toBe(expected)
  })

  it('white space between elements can be left out of account, white space that is all there is cannot', () => {
    expect(same('<a>\n <b/>\n</a>', '<a><b/></a>', true)).toBe(true)
    expect(same('<a> </a>', '<a></a>', true)).toBe(false)
  })
})
