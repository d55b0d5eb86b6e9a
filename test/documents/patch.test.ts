import { describe, expect, it } from 'vitest'
import {
  applyPatch,
  canonical,
  isDocumentError,
  parseXml,
  patchTree,
  type XmlDocument,
} from '../../src/documents/index.ts'

function parsed(text: string): XmlDocument {
  const document = parseXml(text)
  if (isDocumentError(document)) throw new Error(document.reason)
  return document
}

const patch = (...operations: string[]) => `<diff>\n ${operations.join('\n ')}\n</diff>`
const foo = '<foo a="1">This is a sample document</foo>'

describe('RFC 5261 Appendix A', () => {
  const examples: [section: string, document: string, operation: string, result: string][] = [
    [
      'A.1 adding an element',
      '<doc>\n <note>x</note>\n</doc>',
      '<add sel="doc"><foo id="ert4773">y</foo></add>',
      '<doc>\n <note>x</note>\n<foo id="ert4773">y</foo></doc>',
    ],
    [
      'A.2 adding an attribute',
      '<doc>\n <foo id="ert4773"/></doc>',
      `<add sel="doc/foo[@id='ert4773']" type="@user">Bob</add>`,
      '<doc>\n <foo id="ert4773" user="Bob"/></doc>',
    ],
    [
      'A.3 adding a prefixed namespace declaration',
      '<doc><foo/></doc>',
      '<add sel="doc" type="namespace::pref">urn:ns:xxx</add>',
      '<doc xmlns:pref="urn:ns:xxx"><foo/></doc>',
    ],
    [
      'A.4 adding a comment node with pos',
      '<doc>\n <foo id="ert4773">x</foo>\n</doc>',
      `<add sel="doc/foo[@id='ert4773']" pos="before"><!-- comment --></add>`,
      '<doc>\n <!-- comment --><foo id="ert4773">x</foo>\n</doc>',
    ],
    [
      'A.5 adding multiple nodes',
      '<doc>\n <note>x</note>\n</doc>',
      '<add sel="doc">\n <foo id="ert4773">y</foo></add>',
      '<doc>\n <note>x</note>\n\n <foo id="ert4773">y</foo></doc>',
    ],
    [
      'A.6 replacing an element',
      `<doc>\n ${foo}\n</doc>`,
      `<replace sel="doc/foo[@a='1']"><bar a="2"/></replace>`,
      '<doc>\n <bar a="2"/>\n</doc>',
    ],
    [
      'A.7 replacing an attribute value',
      `<doc a="test">\n ${foo}\n</doc>`,
      '<replace sel="doc/@a">new value</replace>',
      `<doc a="new value">\n ${foo}\n</doc>`,
    ],
    [
      'A.8 replacing a namespace declaration URI',
      `<doc xmlns:pref="urn:test">${foo}</doc>`,
      '<replace sel="doc/namespace::pref">urn:new:xxx</replace>',
      `<doc xmlns:pref="urn:new:xxx">${foo}</doc>`,
    ],
    [
      'A.9 replacing a comment node',
      `<doc>${foo}\n <!-- comment -->\n</doc>`,
      '<replace sel="doc/comment()[1]"><!-- This is the new content\n --></replace>',
      `<doc>${foo}\n <!-- This is the new content\n -->\n</doc>`,
    ],
    [
      'A.10 replacing a processing instruction node',
      `<doc>${foo}\n <?test foo="bar"?>\n</doc>`,
      `<replace sel='doc/processing-instruction("test")'><?test bar="foobar"?></replace>`,
      `<doc>${foo}\n <?test bar="foobar"?>\n</doc>`,
    ],
    [
      'A.11 replacing a text node',
      `<doc>\n ${foo}\n</doc>`,
      '<replace sel="doc/foo/text()[1]">This is the new text content</replace>',
      '<doc>\n <foo a="1">This is the new text content</foo>\n</doc>',
    ],
    [
      'A.12 removing an element',
      `<doc>\n ${foo}\n</doc>`,
      `<remove sel="doc/foo[@a='1']" ws="after"/>`,
      '<doc>\n </doc>',
    ],
    ['A.13 removing an attribute', `<doc a="foo">${foo}</doc>`, '<remove sel="doc/@a"/>', `<doc>${foo}</doc>`],
    [
      'A.14 removing a prefixed namespace declaration',
      '<doc><foo a="1" xmlns:pref="urn:test">x</foo></doc>',
      '<remove sel="doc/foo/namespace::pref"/>',
      '<doc><foo a="1">x</foo></doc>',
    ],
    [
      'A.15 removing a comment node',
      `<doc>\n ${foo}\n <!-- comment -->\n</doc>`,
      '<remove sel="doc/comment()[1]" ws="after"/>',
      `<doc>\n ${foo}\n </doc>`,
    ],
    [
      'A.16 removing a processing instruction node',
      `<doc>\n ${foo}\n <?test?>\n</doc>`,
      `<remove sel='doc/processing-instruction("test")'/>`,
      `<doc>\n ${foo}\n \n</doc>`,
    ],
    [
      'A.17 removing a text node',
      `<doc>\n ${foo}\n</doc>`,
      '<remove sel="doc/foo/text()[1]"/>',
      '<doc>\n <foo a="1"/>\n</doc>',
    ],
  ]
  it.each(examples)('%s', (_, document, operation, result) => {
    expect(parsed(applyPatch(document, patch(operation)))).toEqual(parsed(result))
  })

  it('A.18 several patches with namespace mangling', () => {
    const document =
      '<doc xmlns="urn:ietf:params:xml:ns:xxx" xmlns:z="urn:ietf:params:xml:ns:yyy">\n <note>This is a sample document</note>\n' +
      ' <elem a="foo">\n  <child/>\n </elem>\n <elem a="bar">\n  <z:child/>\n </elem>\n</doc>'
    const changes =
      '<p:diff xmlns="urn:ietf:params:xml:ns:xxx" xmlns:y="urn:ietf:params:xml:ns:yyy" xmlns:p="urn:ietf:params:xml:ns:diff">\n' +
      ` <p:add sel="doc/elem[@a='foo']">  <!-- This is a new child -->\n  <child id="ert4773">\n   <y:node/>\n  </child>\n </p:add>\n` +
      ' <p:replace sel="doc/note/text()">Patched doc</p:replace>\n' +
      ` <p:remove sel="*/elem[@a='bar']/y:child" ws="both"/>\n <p:add sel="*/elem[@a='bar']" type="@b">new attr</p:add>\n</p:diff>`
    const result =
      '<doc xmlns="urn:ietf:params:xml:ns:xxx" xmlns:z="urn:ietf:params:xml:ns:yyy">\n <note>Patched doc</note>\n' +
      ' <elem a="foo">\n  <child/>\n   <!-- This is a new child -->\n  <child id="ert4773">\n   <z:node/>\n  </child>\n </elem>\n' +
      ' <elem a="bar" b="new attr"/>\n</doc>'
    expect(parsed(applyPatch(document, changes))).toEqual(parsed(result))
  })
})

describe('RFC 5261 §4: what operations do', () => {
  const cases: [rule: string, document: string, operation: string, result: string][] = [
    [
      '§4.3 without pos, new nodes are the last children',
      '<a><b/></a>',
      '<add sel="a"><c/><d/></add>',
      '<a><b/><c/><d/></a>',
    ],
    [
      '§4.3 prepend makes them the first children',
      '<a>x<b/></a>',
      '<add sel="a" pos="prepend">1<c/></add>',
      '<a>1<c/>x<b/></a>',
    ],
    [
      '§4.3 before is immediately before',
      '<a><b/><c/></a>',
      '<add sel="a/c" pos="before">1<d/></add>',
      '<a><b/>1<d/><c/></a>',
    ],
    [
      '§4.3 after is immediately after',
      '<a><b/><c/></a>',
      '<add sel="a/b" pos="after"><d/></add>',
      '<a><b/><d/><c/></a>',
    ],
    [
      '§4.3.5 texts side by side become one',
      '<a><foo>1<b/>2</foo></a>',
      '<add sel="*/foo/text()[2]" pos="after">new<bar/>elem</add>',
      '<a><foo>1<b/>2new<bar/>elem</foo></a>',
    ],
    [
      '§4.3.5 before a text the last text is joined to it',
      '<a><foo>1<b/>2</foo></a>',
      '<add sel="*/foo/text()[2]" pos="before">new<bar/>elem</add>',
      '<a><foo>1<b/>new<bar/>elem2</foo></a>',
    ],
    ['§4.3.5 CDATA sections are moved unaltered', '<a/>', '<add sel="a"><![CDATA[<]]></add>', '<a><![CDATA[<]]></a>'],
    [
      '§3 comments and instructions outside the root can be added',
      '<a/>',
      '<add sel="a" pos="before"><!--x--><?y?></add>',
      '<!--x--><?y?><a/>',
    ],
    ['§3 and replaced', '<?y?><a/>', `<replace sel="processing-instruction('y')"><?z?></replace>`, '<?z?><a/>'],
    ['§3 and removed', '<a/><!--x-->', '<remove sel="comment()"/>', '<a/>'],
    ['§4.4.2 an empty replacement leaves an empty attribute', '<a b="1"/>', '<replace sel="a/@b"/>', '<a b=""/>'],
    ['§4.4.6 an empty replacement removes a text', '<a>1</a>', '<replace sel="a/text()"/>', '<a/>'],
    ['§4.4.1 the root can be replaced by another element', '<a><b/></a>', '<replace sel="a"><c/></replace>', '<c/>'],
    [
      '§4.4 white space around the replacement is layout',
      '<a><b/></a>',
      '<replace sel="a/b">\n <c/>\n</replace>',
      '<a><c/></a>',
    ],
    ['§4.5 ws before', '<a> <b/>x</a>', '<remove sel="a/b" ws="before"/>', '<a>x</a>'],
    ['§4.5 ws both', '<a><c/> <b/>\n<d/></a>', '<remove sel="a/b" ws="both"/>', '<a><c/><d/></a>'],
    ['§4.5.6 without ws the texts around become one', '<a>1<b/>2</a>', '<remove sel="a/b"/>', '<a>12</a>'],
    [
      '§4 each operation sees what the one before left',
      '<a><b/></a>',
      '<add sel="a"><c/></add><add sel="a/c" type="@d">1</add><remove sel="a/b"/>',
      '<a><c d="1"/></a>',
    ],
    [
      '§4.1 a text node is all text between markup, CDATA included',
      '<a>1<![CDATA[2]]>3</a>',
      '<replace sel="a/text()">x</replace>',
      '<a>x</a>',
    ],
    [
      '§4.4.3 elements follow their prefix to the new namespace',
      '<a xmlns:p="u"><p:b p:c="1"/></a>',
      '<replace sel="a/namespace::p">v</replace>',
      '<a xmlns:p="v"><p:b p:c="1"/></a>',
    ],
  ]
  it.each(cases)('%s', (_, document, operation, result) => {
    expect(parsed(applyPatch(document, patch(operation)))).toEqual(parsed(result))
  })

  it('the document that is patched stays as it was', () => {
    const document = parsed('<a><b>1</b><c/></a>')
    const before = structuredClone(document)
    expect(patchTree(document, parsed(patch('<replace sel="a/b/text()">2</replace>')))).not.toEqual(before)
    expect(document).toEqual(before)
  })

  it('all or nothing: an operation that fails undoes the ones before it', () => {
    const document = parsed('<a/>')
    const failure = patchTree(document, parsed(patch('<add sel="a"><b/></add>', '<remove sel="a/x"/>')))
    expect(failure).toMatchObject({ kind: 'patch-failure', error: 'unlocated-node', operation: { name: 'remove' } })
  })
})

describe('RFC 5261 §4.2.3: prefixes of added content', () => {
  const adopted = (target: string, content: string, sel = '*') =>
    applyPatch(target, `<p:diff xmlns:p="urn:d" ${content}</p:add></p:diff>`.replace('SEL', `<p:add sel="${sel}">`))

  const cases: [rule: string, target: string, content: string, result: string][] = [
    [
      'the prefix of the target for the same namespace',
      '<doc xmlns:b="foo:"/>',
      'xmlns:a="foo:">SEL<a:bar/>',
      '<doc xmlns:b="foo:"><b:bar/></doc>',
    ],
    [
      'the default namespace for a prefix',
      '<doc xmlns="foo:"/>',
      'xmlns:a="foo:">SEL<a:bar/>',
      '<doc xmlns="foo:"><bar/></doc>',
    ],
    [
      'a prefix for the default namespace',
      '<b:doc xmlns:b="foo:"/>',
      'xmlns="foo:">SEL<bar/>',
      '<b:doc xmlns:b="foo:"><b:bar/></b:doc>',
    ],
    [
      'first rule: the same prefix, if it is one of several',
      '<doc xmlns:a="foo:" xmlns:b="foo:"/>',
      'xmlns:b="foo:">SEL<b:bar/>',
      '<doc xmlns:a="foo:" xmlns:b="foo:"><b:bar/></doc>',
    ],
    [
      'second rule: the prefix of the parent',
      '<b:doc xmlns:a="foo:" xmlns:b="foo:"/>',
      'xmlns:c="foo:">SEL<c:bar/>',
      '<b:doc xmlns:a="foo:" xmlns:b="foo:"><b:bar/></b:doc>',
    ],
    [
      'third rule: the closest before in the alphabet',
      '<doc xmlns:x="foo:" xmlns:y="foo:"/>',
      'xmlns:xx="foo:">SEL<xx:bar/>',
      '<doc xmlns:x="foo:" xmlns:y="foo:"><x:bar/></doc>',
    ],
    [
      'third rule: or else the first',
      '<doc xmlns:x="foo:" xmlns:y="foo:"/>',
      'xmlns:a="foo:">SEL<a:bar/>',
      '<doc xmlns:x="foo:" xmlns:y="foo:"><x:bar/></doc>',
    ],
    [
      'third rule: the default namespace is the first',
      '<q:doc xmlns="foo:" xmlns:x="foo:" xmlns:q="q:"/>',
      'xmlns:a="foo:">SEL<a:bar/>',
      '<q:doc xmlns="foo:" xmlns:x="foo:" xmlns:q="q:"><bar/></q:doc>',
    ],
    [
      'a declaration in the content is copied unaltered',
      '<doc xmlns:b="foo:"/>',
      '>SEL<a:bar xmlns:a="foo:"/>',
      '<doc xmlns:b="foo:"><a:bar xmlns:a="foo:"/></doc>',
    ],
    [
      'a namespace that the target lacks is declared there',
      '<doc/>',
      'xmlns:a="foo:">SEL<a:bar><a:baz/></a:bar>',
      '<doc><a:bar xmlns:a="foo:"><a:baz/></a:bar></doc>',
    ],
    [
      'attributes never take the default namespace',
      '<doc xmlns="foo:" xmlns:z="foo:"/>',
      'xmlns:a="foo:">SEL<a:bar a:x="1"/>',
      '<doc xmlns="foo:" xmlns:z="foo:"><bar z:x="1"/></doc>',
    ],
    [
      'what is in no namespace stays in none',
      '<doc xmlns="foo:"/>',
      '>SEL<bar/>',
      '<doc xmlns="foo:"><bar xmlns=""/></doc>',
    ],
    [
      'a prefix that means something else is declared anew',
      '<doc xmlns:a="u:"/>',
      'xmlns:a="foo:">SEL<a:bar/>',
      '<doc xmlns:a="u:"><a:bar xmlns:a="foo:"/></doc>',
    ],
  ]
  it.each(cases)('%s', (_, target, content, result) => {
    expect(canonical(parsed(adopted(target, content)))).toBe(canonical(parsed(result)))
  })

  it('§4.3.2: a new attribute takes a prefix of the target', () => {
    const changes = '<diff xmlns:a="foo:"><add sel="doc" type="@a:x">1</add></diff>'
    expect(parsed(applyPatch('<doc xmlns="foo:" xmlns:b="foo:"/>', changes.replace('sel="doc"', 'sel="*"')))).toEqual(
      parsed('<doc xmlns="foo:" xmlns:b="foo:" b:x="1"/>'),
    )
  })
})
