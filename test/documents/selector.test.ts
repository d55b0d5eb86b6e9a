import { describe, expect, it } from 'vitest'
import type { Dialect, Place, PrefixResolver, XmlDocument } from '../../src/documents/index.ts'
import {
  canonical,
  hasIdentifiers,
  isDocumentError,
  namespaces,
  parseSelector,
  parseXml,
  select,
  stringValue,
} from '../../src/documents/index.ts'
import { material } from './material.ts'

function parsed(text: string): XmlDocument {
  const document = parseXml(text)
  if (isDocumentError(document)) throw new Error(document.reason)
  return document
}

const resolver =
  (prefixes: Readonly<Record<string, string>>): PrefixResolver =>
  (prefix) =>
    prefixes[prefix] ?? (prefix === '' ? '' : undefined)

function places(document: XmlDocument, text: string, dialect: Dialect, prefixes: Record<string, string>): Place[] {
  const selector = parseSelector(text, dialect, resolver(prefixes))
  if (selector.kind === 'selector-error') throw new Error(selector.reason)
  return select(document, selector)
}

function shown(place: Place): string {
  if (place.kind === 'element') return canonical(place.element)
  if (place.kind === 'attribute' || place.kind === 'namespace')
    return `@${place.attribute.name}=${place.attribute.value}`
  return 'value' in place ? `${place.kind}:${place.value}` : place.kind
}

const sample =
  '<?pi outside?><doc xmlns="u" xmlns:p="v"><!-- c --><foo id="a">one<bar/>two<![CDATA[ three]]></foo><foo id="b" p:x="1"><bar>2</bar></foo>' +
  '<?pi x?><p:foo id="c"/><foo id="d" q=\'it&apos;s "x"\'/></doc>'

describe('selectors of patches (RFC 5261 §4.1)', () => {
  const found: [selector: string, ...nodes: string[]][] = [
    ['doc/foo', 'a', 'b', 'd'],
    ['/doc/foo', 'a', 'b', 'd'],
    ['*/foo', 'a', 'b', 'd'],
    ['*/*', 'a', 'b', 'c', 'd'],
    ['doc/p:foo', 'c'],
    ['doc/foo[2]', 'b'],
    ['doc/*[3]', 'c'],
    ["doc/foo[@id='b']", 'b'],
    ['doc/foo[@id="b"]', 'b'],
    ["doc/foo[@p:x='1']", 'b'],
    ["doc/foo[@p:x='1'][1]", 'b'],
    ["doc/foo[2][@id='b']", 'b'],
    ["doc/foo[2][@id='a']"],
    ["doc/foo[@id='a'][2]"],
    ["doc/foo[bar='2']", 'b'],
    ["doc/foo[.='2']", 'b'],
    ["doc/foo[.='onetwo three']", 'a'],
    ["id('b')"],
    ['foo'],
    ['doc/foo[9]'],
  ]
  it.each(found)('%s', (selector, ...nodes) => {
    const result = places(parsed(sample), selector, 'patch', { '': 'u', p: 'v' })
    expect(
      result.map((place) => place.kind === 'element' && place.element.attributes.find((a) => a.name === 'id')?.value),
    ).toEqual(nodes)
  })

  const others: [selector: string, ...nodes: string[]][] = [
    ['doc/foo/text()', 'text:one', 'text:two three'],
    ['doc/foo/text()[2]', 'text:two three'],
    ['doc/comment()', 'comment: c '],
    ['doc/comment()[1]', 'comment: c '],
    ['doc/processing-instruction()', 'instruction:x'],
    ["doc/processing-instruction('pi')", 'instruction:x'],
    ["doc/processing-instruction('no')"],
    ['processing-instruction("pi")', 'instruction:outside'],
    ['doc/foo[1]/@id', '@id=a'],
    ["*/foo[@id='b']/@p:x", '@x=1'],
    ['doc/namespace::p', '@p=v'],
    ['doc/foo/namespace::p'],
  ]
  it.each(others)('%s', (selector, ...nodes) => {
    expect(places(parsed(sample), selector, 'patch', { '': 'u', p: 'v' }).map(shown)).toEqual(nodes)
  })

  it('§4.2.1: a name without a prefix is in the default namespace of the patch, or in none', () => {
    expect(places(parsed(sample), 'doc', 'patch', {})).toEqual([])
    expect(places(parsed('<doc/>'), 'doc', 'patch', {})).toHaveLength(1)
    expect(places(parsed('<doc/>'), 'doc', 'patch', { '': 'u' })).toEqual([])
  })

  it('§4.1: id() finds attributes of type xs:ID and xml:id', () => {
    const presence = parsed(material('rfc5262/6-full-567.xml'))
    expect(places(presence, "id('r1230d')/status/basic", 'patch', { '': namespaces.pidf }).map(stringValue)).toEqual([
      'closed',
    ])
    const plain = parsed('<a><b xml:id="x">1</b><b id="x">2</b></a>')
    expect(places(plain, 'id("x")', 'patch', {}).map(stringValue)).toEqual(['1'])
    expect(hasIdentifiers(parsed(sample).root)).toBe(false)
    expect(hasIdentifiers(plain.root)).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['only the root node', '/'],
    ['an axis of all descendants', '//foo'],
    ['an open bracket', 'doc/foo['],
    ['a condition without a value', 'doc/foo[@id]'],
    ['another comparison', "doc/foo[@id!='a']"],
    ['a number as a value', 'doc/foo[@id=1]'],
    ['two conditions in one', "doc/foo[@id='a' and @x='b']"],
    ['a quote without an end', "doc/foo[@id='a]"],
    ['something behind an attribute', 'doc/@id/foo'],
    ['something behind a text', 'doc/text()/foo'],
    ['a function', 'doc/foo[last()]'],
    ['namespace-uri()', "doc/foo[namespace-uri()='u']"],
    ['a union', 'doc|foo'],
    ['white space', 'doc / foo'],
    ['a parent', 'doc/..'],
    ['an axis by its name', 'child::doc'],
    ['id() in the middle', "doc/id('a')"],
    ['a condition on a text', "doc/text()[.='a']"],
    ['a second slash', 'doc//foo'],
    ['a trailing slash', 'doc/'],
    ['a name that is none', 'doc/1a'],
  ])('%s is no selector', (_, selector) => {
    expect(parseSelector(selector, 'patch', () => 'u')).toMatchObject({ kind: 'selector-error', cause: 'syntax' })
  })

  it('a prefix that is not declared is told from bad syntax', () => {
    expect(parseSelector('doc/x:foo', 'patch', resolver({}))).toMatchObject({ cause: 'prefix', at: 4 })
  })
})

interface NodeCase {
  readonly document: string
  readonly default_namespace: string
  readonly selector?: string
  readonly uris?: readonly { readonly uri: string; readonly body?: string }[]
}
const cases: {
  nodeSelection: readonly NodeCase[]
  insertion: { document: string; cases: { node_selector: string }[] }
} = JSON.parse(material('rfc4825/cases.json'))

describe('node selectors of XCAP (RFC 4825 §6.3)', () => {
  it('§6.3: the watcher of the example', () => {
    const { document, selector, default_namespace: empty } = cases.nodeSelection[0]!
    expect(places(parsed(document), selector!, 'node', { '': empty }).map(stringValue)).toEqual([
      'sip:userA@example.net',
    ])
  })

  const { document, default_namespace: empty, uris } = cases.nodeSelection[1]!
  it.each(uris!.filter((each) => each.body !== undefined))('§6.4: $uri', ({ uri, body }) => {
    const [path, query] = uri.split('/~~/')[1]!.split('?') as [string, string]
    const bound = [...query.matchAll(/xmlns\((\w+)=([^)]+)\)/g)].map(([, prefix, namespace]) => [prefix, namespace])
    const result = places(parsed(document), path, 'node', { '': empty, ...Object.fromEntries(bound) })
    expect(result).toHaveLength(1)
    const expected = parsed(body!.replace('<baz/>', '<baz xmlns="urn:test:namespace1-uri"/>'))
    expect(result.map(shown)).toEqual([canonical(expected)])
  })

  it('§6.3, §10: an attribute, and all namespace declarations of an element', () => {
    const text = parsed('<a xmlns="u" xmlns:p="v"><b c="1" xmlns:q="w"/></a>')
    expect(places(text, 'a/b/@c', 'node', { '': 'u' }).map(shown)).toEqual(['@c=1'])
    expect(places(text, 'a/b/namespace::*', 'node', { '': 'u' }).map(shown)).toEqual(['@q=w'])
  })

  it('§8.2.3: none of the elements that are to be inserted is there yet', () => {
    const target = parsed(cases.insertion.document)
    const already = cases.insertion.cases.filter(
      ({ node_selector: selector }) => places(target, selector, 'node', {}).length > 0,
    )
    expect(already).toEqual([])
    expect(places(target, 'root/el1[2][@att="second"]', 'node', {})).toHaveLength(1)
    expect(places(target, 'root/*[3]', 'node', {})).toHaveLength(1)
  })

  it.each([
    ['a slash in front', '/root'],
    ['a position behind an attribute', 'root/a[@b="1"][2]'],
    ['two attributes', 'root/a[@b="1"][@c="2"]'],
    ['a condition on a child', 'root/a[b="1"]'],
    ['a text', 'root/text()'],
    ['one namespace', 'root/namespace::p'],
    ['id()', 'id("a")'],
  ])('%s is no node selector', (_, selector) => {
    expect(parseSelector(selector, 'node', () => '')).toMatchObject({ kind: 'selector-error' })
  })
})

describe('expressions of filters (RFC 4661 §5)', () => {
  const presence = parsed(
    '<presence><tuple id="1"><status><basic>open</basic></status><type>device</type></tuple>' +
      '<tuple id="2"><status><basic>closed</basic></status><type>device</type></tuple>' +
      '<tuple id="3"><status><basic>open</basic></status><type>service</type></tuple></presence>',
  )
  const watchers = parsed(
    '<watcherinfo><watcher-list><watcher event="rejected" duration-subscribed="499">a</watcher>' +
      '<watcher event="approved" duration-subscribed="500">b</watcher><watcher event="rejected">c</watcher></watcher-list>' +
      '<watcher event="rejected" duration-subscribed="x">d</watcher></watcherinfo>',
  )
  const found: [expression: string, document: XmlDocument, values: string[]][] = [
    ['/presence/tuple/status/basic', presence, ['open', 'closed', 'open']],
    ['//tuple/status/basic', presence, ['open', 'closed', 'open']],
    ['/presence/tuple[*/basic="open"]', presence, ['opendevice', 'openservice']],
    ['//*[status/basic="open"]', presence, ['opendevice', 'openservice']],
    ['//tuple[status/basic="open" and type="device"]', presence, ['opendevice']],
    ['//tuple[status/basic="closed" or type="service"]', presence, ['closeddevice', 'openservice']],
    ['//tuple[(@id="1" or @id="2") and status/basic="closed"]', presence, ['closeddevice']],
    ['//tuple[@id="1" or @id="2" and status/basic="closed"]', presence, ['opendevice', 'closeddevice']],
    ['//tuple[@id]', presence, ['opendevice', 'closeddevice', 'openservice']],
    ['//tuple[@id!="2"]/type', presence, ['device', 'service']],
    ['//tuple[2]', presence, ['closeddevice']],
    ['//*//basic', presence, ['open', 'closed', 'open']],
    ['//*//@id', presence, ['1', '2', '3']],
    ['//tuple/@id', presence, ['1', '2', '3']],
    ['//tuple[1]/@*', presence, ['1']],
    ['/*/watcher', watchers, ['d']],
    ['//watcher', watchers, ['a', 'b', 'c', 'd']],
    ['//watcher[@duration-subscribed<500]', watchers, ['a']],
    ['//watcher[@duration-subscribed<=500]', watchers, ['a', 'b']],
    ['//watcher[@duration-subscribed > 499]', watchers, ['b']],
    ['//watcher[@duration-subscribed>="499"]', watchers, ['a', 'b']],
    ['/*/watcher[@event="rejected"]', watchers, ['d']],
    ['//watcher/@duration-subscribed', watchers, ['499', '500', 'x']],
  ]
  it.each(found)('%s', (expression, document, values) => {
    expect(places(document, expression, 'filter', {}).map(stringValue)).toEqual(values)
  })

  const { expressions }: { expressions: string[] } = JSON.parse(material('rfc4661/expressions.json'))
  it.each(expressions)('§5.2: %s is an expression', (expression) => {
    expect(parseSelector(expression, 'filter', resolver({}))).toMatchObject({ kind: 'selector' })
  })

  it.each([
    '//a[//b]',
    '//a[b//c="1"]',
    '//a[b[c="1"]="2"]',
    `//a${'/b'.repeat(3000)}`,
    '//a[',
    '//',
    'a[1',
    '//a or b',
  ])('%s is none', (expression) => {
    expect(parseSelector(expression, 'filter', resolver({}))).toMatchObject({ kind: 'selector-error' })
  })

  it('§3.2: names without a prefix are in no namespace, others where the filter binds them', () => {
    const bound = parsed(material('rfc5262/6-full-567.xml'))
    const prefixes = { r: namespaces.rpid, d: namespaces.dataModel }
    expect(places(bound, '//person', 'filter', prefixes)).toEqual([])
    expect(places(bound, '//d:person/r:activities/r:busy', 'filter', prefixes)).toHaveLength(1)
  })
})
