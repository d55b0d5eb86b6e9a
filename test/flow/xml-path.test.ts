import { describe, expect, it } from 'vitest'
import { parseXml } from '../../src/documents/xml/xml.ts'
import { findInXml, readXmlPath } from '../../src/flow/ladder/xml-path.ts'

const document = parseXml(`<presence xmlns="urn:p" xmlns:r="urn:r" entity="sip:a@b">
  <tuple id="a"><status><basic>open</basic></status><r:class>work</r:class></tuple>
  <tuple id="b"><status><basic> closed </basic></status><note>x<![CDATA[<y>]]></note></tuple>
  <r:person id="p"><note>away</note></r:person>
</presence>`)

const find = (text: string): string[] => {
  const path = readXmlPath(text)
  if (path.kind !== 'path' || document.kind !== 'document') throw new Error(JSON.stringify([path, document]))
  return findInXml(path, document)
}

describe('a path finds', () => {
  const table: [string, string[]][] = [
    ['/presence/@entity', ['sip:a@b']],
    ['/presence/@xmlns', ['urn:p']],
    ['/presence/@xmlns:r', ['urn:r']],
    ['/tuple', []],
    ['//tuple/@id', ['a', 'b']],
    ['//@id', ['a', 'b', 'p']],
    ['/presence/tuple/status/basic', ['open', 'closed']],
    ["//tuple[@id='b']/status/basic", ['closed']],
    ['//tuple[@id="b"]//basic', ['closed']],
    ["//tuple[status/basic='open']/@id", ['a']],
    ["//tuple[.//basic='closed']/@id", ['b']],
    ["//basic[.='open']", ['open']],
    ['//tuple[note]/@id', ['b']],
    ['//tuple[2]/@id', ['b']],
    ['//tuple[note][1]/@id', ['b']],
    ['//note', ['x<y>', 'away']],
    ['/*/*[3]/@id', ['p']],
    ['//r:*', ['work', 'away']],
    ['//person/note', ['away']],
    ['//x:person', []],
    ['//tuple[@id]', ['openwork', 'closed x<y>']],
    ['count(//tuple)', ['2']],
    ['count(//nothing)', ['0']],
  ]
  it.each(table)('%s', (path, texts) => {
    expect(find(path)).toEqual(texts)
  })
})

describe('a path can not be', () => {
  const table: [string, number, string][] = [
    ['tuple', 0, '/ or //'],
    ['/', 1, 'a name, @name or *'],
    ['///a', 2, 'a name, @name or *'],
    ['/a[', 3, 'a name, @name or *'],
    ['/a[b', 4, '= or ]'],
    ['/a[b=c]', 5, 'a quoted value'],
    ["/a[b='c'", 8, ']'],
    ['/a[0]', 3, 'a name, @name or *'],
    ['/@a/b', 3, 'the end'],
    ['/a b', 2, '/, [ or the end'],
    ['count(/a', 8, ')'],
  ]
  it.each(table)('%s', (text, at, expected) => {
    expect(readXmlPath(text)).toMatchObject({ kind: 'path-error', at, expected })
  })
})
