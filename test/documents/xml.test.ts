import { describe, expect, it } from 'vitest'
import type { DocumentError, XmlDocument, XmlElement } from '../../src/documents/index.ts'
import { isDocumentError, parseXml, printXml, textOf } from '../../src/documents/index.ts'
import { examples, material } from './material.ts'

function parsed(text: string | Uint8Array): XmlDocument {
  const document = parseXml(text)
  if (isDocumentError(document)) throw new Error(`${document.line}:${document.column} ${document.reason}`)
  return document
}

function refused(text: string | Uint8Array): DocumentError {
  const result = parseXml(text)
  if (!isDocumentError(result)) throw new Error('This should not be well-formed')
  return result
}

describe('XML 1.0 and Namespaces in XML 1.0: what is not well-formed', () => {
  const malformed: [rule: string, text: string, line: number, column?: number][] = [
    ['a document has a root element', '', 1],
    ['a document has a root element, not only a comment', '<!-- x -->', 1],
    ['a document has one root element', '<a/>\n<b/>', 2],
    ['nothing but white space stands outside the root', 'x<a/>', 1],
    ['nothing but white space stands behind the root', '<a/>\n\nx', 3],
    ['tags are closed', '<a>\n<b></b>', 2],
    ['tags match', '<a>\n <b></c>\n</a>', 2, 8],
    ['tags match in prefix too', '<p:a xmlns:p="u"></a>', 1],
    ['attributes are unique', '<a x="1" x="2"/>', 1],
    ['attributes are unique in namespace and name', '<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>', 1],
    ['prefixes of elements are declared', '<a><p:b/></a>', 1],
    ['prefixes of attributes are declared', '<a p:x="1"/>', 1],
    ['a prefix is not undeclared', '<a xmlns:p=""/>', 1],
    ['a name has one colon', '<a:b:c xmlns:a="u"/>', 1],
    ['a name does not end with a colon', '<a:/>', 1],
    ['a name does not start with a digit', '<1a/>', 1],
    ['xmlns is no prefix of elements', '<xmlns:a/>', 1],
    ['xml is bound to its namespace only', '<a xmlns:xml="u"/>', 1],
    ['the namespace of xml has no other prefix', '<a xmlns:b="http://www.w3.org/XML/1998/namespace"/>', 1],
    ['the namespace of xmlns is never declared', '<a xmlns="http://www.w3.org/2000/xmlns/"/>', 1],
    ['values are quoted', '<a b=c/>', 1],
    ['there is space between attributes', '<a b="1"c="2"/>', 1],
    ['values contain no <', '<a b="<"/>', 1],
    ['text contains no <', '<a>1 < 2</a>', 1],
    ['text contains no lone &', '<a>1 & 2</a>', 1],
    [']]> ends nothing in text', '<a>]]></a>', 1],
    ['-- does not occur in a comment', '<!-- a--b --><a/>', 1],
    ['a comment does not end with --->', '<!-- a ---><a/>', 1],
    ['no entity but five is known', '<a>&nbsp;</a>', 1],
    ['references end with a semicolon', '<a>&lt</a>', 1],
    ['character references are to characters', '<a>&#0;</a>', 1],
    ['character references are not to half pairs', '<a>&#xD800;</a>', 1],
    ['character references are not beyond Unicode', '<a>&#x110000;</a>', 1],
    ['control characters do not occur', '<a>\u0001</a>', 1],
    ['NUL does not occur', '<a>\n\0</a>', 2],
    ['U+FFFE does not occur', '<a>\uFFFE</a>', 1],
    ['half surrogate pairs do not occur in text', '<a>\n\uD800x</a>', 2, 1],
    ['half surrogate pairs do not occur in values', '<a b="\uDC00"/>', 1],
    ['the declaration comes first', ' <?xml version="1.0"?><a/>', 1],
    ['the declaration has a version', '<?xml encoding="UTF-8"?><a/>', 1],
    ['the version is 1.0', '<?xml version="1.1"?><a/>', 1],
    ['standalone is yes or no', '<?xml version="1.0" standalone="maybe"?><a/>', 1],
    ['no instruction is called xml', '<a><?XML x?></a>', 1],
    ['the target of an instruction has no colon', '<?a:b?><a/>', 1],
    ['a CDATA section stands in the root', '<![CDATA[x]]><a/>', 1],
    ['a closing tag has no attributes', '<a></a x="1">', 1],
    ['a document type declaration is refused', '<!DOCTYPE a><a/>', 1],
    ['a truncated tag is no tag', '<a b="c', 1],
    ['a truncated CDATA section is none', '<a><![CDATA[x', 1],
    ['a truncated comment is none', '<a><!-- x', 1],
    ['a second byte order mark is text', '\uFEFF\uFEFF<a/>', 1],
  ]
  it.each(malformed)('%s', (_, text, line, column) => {
    const error = refused(text)
    expect(error.reason).not.toBe('')
    expect(error.line).toBe(line)
    if (column !== undefined) expect(error.column).toBe(column)
    expect(error.column).toBeGreaterThan(0)
  })
})

describe('what is kept', () => {
  it('keeps order, mixed content, comments, CDATA, instructions, prefixes and declarations', () => {
    const { root, prolog, epilog } = parsed(
      '<?xml version="1.0"?><!-- p --><?q a="1" it\'s?><x:a xmlns:x="u" xmlns="v" b="1" x:c="2">' +
        't<b/>&lt;<!-- c --><![CDATA[<&>]]><?pi d?>z</x:a><!--e-->',
    )
    expect(prolog).toEqual([
      { kind: 'comment', value: ' p ' },
      { kind: 'instruction', target: 'q', value: 'a="1" it\'s' },
    ])
    expect(epilog).toEqual([{ kind: 'comment', value: 'e' }])
    expect([root.prefix, root.namespace, root.name]).toEqual(['x', 'u', 'a'])
    const xmlns = 'http://www.w3.org/2000/xmlns/'
    expect(root.attributes).toEqual([
      { prefix: 'xmlns', namespace: xmlns, name: 'x', value: 'u' },
      { prefix: '', namespace: xmlns, name: 'xmlns', value: 'v' },
      { prefix: '', namespace: '', name: 'b', value: '1' },
      { prefix: 'x', namespace: 'u', name: 'c', value: '2' },
    ])
    expect(root.children).toEqual([
      't',
      { kind: 'element', prefix: '', namespace: 'v', name: 'b', attributes: [], children: [] },
      '<',
      { kind: 'comment', value: ' c ' },
      { kind: 'cdata', value: '<&>' },
      { kind: 'instruction', target: 'pi', value: 'd' },
      'z',
    ])
  })

  it('does not convert: 007, true, white space and names that JavaScript has for itself stay', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']
    const inner = names.map((name) => `<${name} ${name}="${name}">007</${name}>`).join('')
    const { root } = parsed(`<a> true ${inner}</a>`)
    expect(root.children[0]).toBe(' true ')
    const elements = root.children.slice(1) as XmlElement[]
    expect(elements.map((each) => each.name)).toEqual(names)
    expect(elements.map((each) => each.attributes.map(({ name, value }) => [name, value]))).toEqual(
      names.map((name) => [[name, name]]),
    )
    expect(elements.map(textOf)).toEqual(names.map(() => '007'))
  })

  const readings: [rule: string, text: string, content: string, value?: string][] = [
    ['§2.11 line ends become line feeds', '<a b="x">1\r\n2\r3\n</a>', '1\n2\n3\n', 'x'],
    ['§3.3.3 white space in values becomes spaces', '<a b="1\t2\n3\r\n4"/>', '', '1 2 3 4'],
    ['§3.3.3 white space by reference stays', '<a b="1&#9;2&#xA;3&#xd;"/>', '', '1\t2\n3\r'],
    ['§4.6 the five entities', '<a b="&quot;&apos;">&lt;&gt;&amp;</a>', '<>&', '"\''],
    ['§4.1 references to characters beyond 16 bits', '<a b="">&#x1F600;&#128512;</a>', '\u{1F600}\u{1F600}', ''],
    ['§4.4.2 a reference is resolved once', '<a b="&amp;lt;">&amp;lt;</a>', '&lt;', '&lt;'],
    ['names and text in any script', '<äöü b="日本">é\u{10FFFF}</äöü>', 'é\u{10FFFF}', '日本'],
  ]
  it.each(readings)('XML 1.0 %s', (_, text, content, value) => {
    const { root } = parsed(text)
    expect(textOf(root)).toBe(content)
    if (value !== undefined) expect(root.attributes[0]?.value).toBe(value)
  })

  it('gives plain data that can be cloned', () => {
    const document = parsed(material('rfc5262/6-full-567.xml'))
    expect(structuredClone(document)).toEqual(document)
  })
})

describe('namespaces', () => {
  it('resolves each name where it stands', () => {
    const { root } = parsed(
      '<a xmlns="u"><b xmlns=""><c/></b><p:d xmlns:p="v" p:x="1" y="2"><p:e xmlns:p="w"/></p:d><f xml:lang="en"/></a>',
    )
    const names: string[] = []
    const walk = (element: XmlElement) => {
      names.push(`{${element.namespace}}${element.name}`)
      for (const each of element.attributes) {
        if (each.name !== 'xmlns' && each.prefix !== 'xmlns') names.push(`@{${each.namespace}}${each.name}`)
      }
      for (const child of element.children) if (typeof child === 'object' && child.kind === 'element') walk(child)
    }
    walk(root)
    expect(names).toEqual([
      '{u}a',
      '{}b',
      '{}c',
      '{v}d',
      '@{v}x',
      '@{}y',
      '{w}e',
      '{u}f',
      '@{http://www.w3.org/XML/1998/namespace}lang',
    ])
  })
})

describe('encodings (XML 1.0 §4.3.3)', () => {
  const utf8 = (text: string) => new TextEncoder().encode(text)
  const utf16 = (text: string, bigEndian: boolean, mark = true) => {
    const units = [...(mark ? '\uFEFF' : ''), ...text].flatMap((each) => [...each.split('')])
    const bytes = units.flatMap((unit) => {
      const code = unit.charCodeAt(0)
      return bigEndian ? [code >> 8, code & 0xff] : [code & 0xff, code >> 8]
    })
    return new Uint8Array(bytes)
  }
  const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a>é\u{1F600}</a>`

  it.each([
    ['UTF-8 without a declaration', utf8('<a>é\u{1F600}</a>')],
    ['UTF-8 with a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, ...utf8('<a>é\u{1F600}</a>')])],
    ['UTF-8 with a declaration', utf8(declared('utf-8'))],
    ['UTF-16, big end first', utf16(declared('UTF-16'), true)],
    ['UTF-16, little end first', utf16(declared('utf-16'), false)],
    ['a string with a byte order mark', '\uFEFF<a>é\u{1F600}</a>'],
  ])('%s is read', (_, input) => {
    expect(textOf(parsed(input).root)).toBe('é\u{1F600}')
  })

  it('a document read from UTF-16 is printed as UTF-8 and says so', () => {
    expect(printXml(parsed(utf16(declared('UTF-16'), true)))).toContain('encoding="UTF-8"')
  })

  it.each([
    ['UTF-16 without a byte order mark', utf16(declared('UTF-16'), true, false)],
    ['UTF-16 without a declaration', utf16('<a/>', false)],
    ['UTF-16 that says UTF-8', utf16(declared('UTF-8'), true)],
    ['UTF-8 that says UTF-16', utf8(declared('UTF-16'))],
    ['ISO-8859-1', utf8(declared('ISO-8859-1'))],
    ['US-ASCII', utf8(declared('US-ASCII'))],
    ['a string that says windows-1252', declared('windows-1252')],
    ['half a UTF-16 unit', utf16(declared('UTF-16'), true).slice(0, -1)],
    ['half a pair in UTF-16', new Uint8Array([...utf16(declared('UTF-16'), false), 0x00, 0xd8])],
  ])('%s is refused', (_, input) => {
    expect(refused(input).reason).toMatch(/encod|UTF|decl/i)
  })

  it.each([
    ['an overlong form', [0xc0, 0x80]],
    ['an overlong form of three', [0xe0, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a lone continuation', [0x80]],
    ['a sequence cut short', [0xe2, 0x82]],
    ['ISO-8859-1', [0xe9, 0x20]],
  ])('bytes that are not UTF-8 are refused where they are: %s', (_, bytes) => {
    const error = refused(new Uint8Array([...utf8('<a>\né'), ...bytes, ...utf8('</a>')]))
    expect(error).toMatchObject({ line: 2, column: 3 })
  })
})

describe('printing', () => {
  it.each(examples.filter((each) => !/as-printed/.test(each.file)))(
    'what is printed is read as the same: $file',
    ({ file }) => {
      const document = parsed(material(file))
      expect(parseXml(printXml(document))).toEqual(document)
    },
  )

  it('escapes what would be lost or read as markup', () => {
    const text = '<a b="&lt;&amp;&quot;&#9;&#10;&#13;&gt;">&lt;&amp;&#13;]]&gt;</a>'
    const document = parsed(text)
    expect(parseXml(printXml(document))).toEqual(document)
    expect(printXml(document)).toBe('<a b="&lt;&amp;&quot;&#x9;&#xA;&#xD;&gt;">&lt;&amp;&#xD;]]&gt;</a>')
  })

  const built: [rule: string, element: XmlElement, text: string][] = [
    ['declares a namespace that nobody declared', node('', 'u', 'a'), '<a xmlns="u"/>'],
    [
      'undeclares the default namespace for a child in none',
      node('', 'u', 'a', node('', '', 'b')),
      '<a xmlns="u"><b xmlns=""/></a>',
    ],
    ['declares a prefix once', node('p', 'u', 'a', node('p', 'u', 'b')), '<p:a xmlns:p="u"><p:b/></p:a>'],
    [
      'declares a prefix again for another namespace',
      node('p', 'u', 'a', node('p', 'v', 'b')),
      '<p:a xmlns:p="u"><p:b xmlns:p="v"/></p:a>',
    ],
  ]
  it.each(built)('%s', (_, element, text) => {
    expect(printXml(element)).toBe(text)
  })

  it('gives an attribute of a namespace a prefix if it has none that fits', () => {
    const attributes = [{ prefix: '', namespace: 'v', name: 'x', value: '1' }]
    const text = printXml({ ...node('', 'u', 'a'), attributes })
    const { root } = parsed(text)
    expect(root.attributes.filter((each) => each.name === 'x')).toMatchObject([{ namespace: 'v', value: '1' }])
  })

  it.each([
    ['a control character', { ...node('', '', 'a'), children: ['\u0001'] }],
    ['half a pair', { ...node('', '', 'a'), children: ['\uD800'] }],
    ['-- in a comment', { ...node('', '', 'a'), children: [{ kind: 'comment' as const, value: 'a--b' }] }],
    [
      '?> in an instruction',
      { ...node('', '', 'a'), children: [{ kind: 'instruction' as const, target: 't', value: '?>' }] },
    ],
  ])('refuses what no document can carry: %s', (_, element) => {
    expect(() => printXml(element)).toThrow(RangeError)
  })

  it('cuts a CDATA section in two where it contains its own end', () => {
    const text = printXml({ ...node('', '', 'a'), children: [{ kind: 'cdata', value: 'x]]>y' }] })
    expect(textOf(parsed(text).root)).toBe('x]]>y')
  })
})

function node(prefix: string, namespace: string, name: string, ...children: XmlElement[]): XmlElement {
  return { kind: 'element', prefix, namespace, name, attributes: [], children }
}
