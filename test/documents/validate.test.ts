import { describe, expect, it } from 'vitest'
import { validateDocument } from '../../src/documents/index.ts'
import { examples, material } from './material.ts'

const typeOf: Readonly<Record<string, string>> = {
  'pidf.xsd': 'application/pidf+xml',
  'presence-all.xsd': 'application/pidf+xml',
  'pidf-diff.xsd': 'application/pidf-diff+xml',
  'watcherinfo.xsd': 'application/watcherinfo+xml',
  'reginfo.xsd': 'application/reginfo+xml',
  'rlmi.xsd': 'application/rlmi+xml',
  'resource-lists.xsd': 'application/resource-lists+xml',
  'rls-services.xsd': 'application/rls-services+xml',
  'common-policy.xsd': 'application/auth-policy+xml',
  'rules-all.xsd': 'application/auth-policy+xml',
  'simple-filter.xsd': 'application/simple-filter+xml',
  'xcap-diff.xsd': 'application/xcap-diff+xml',
  'xcap-caps.xsd': 'application/xcap-caps+xml',
  'xcap-error.xsd': 'application/xcap-error+xml',
}

/**
 * RFC 5264 prints a publication with elements of drafts of RPID and out of the order of RFC 5196. Against the schema of RFC
 * 5262 alone it is valid; with those of the extensions, which presim has, it is not.
 */
const validWithoutExtensions = 'rfc5264/M1-full.xml'

describe('the examples of the RFCs', () => {
  it.each(examples.filter((each) => each.valid && each.file !== validWithoutExtensions))(
    '$file is valid',
    ({ file, schema }) => {
      const { type, errors } = validateDocument(material(file))
      expect(errors).toEqual([])
      if (!/rfc526/.test(file)) expect(type).toBe(typeOf[schema])
    },
  )

  it.each(examples.filter((each) => !each.valid))('$file is not: $note', ({ file }) => {
    const { errors } = validateDocument(material(file))
    expect(errors.length).toBeGreaterThan(0)
    for (const { line, column, rule } of errors) {
      expect(line).toBeGreaterThan(0)
      expect(column).toBeGreaterThan(0)
      expect(rule).toMatch(/./)
    }
  })

  it(`${validWithoutExtensions} is not what its extensions are`, () => {
    expect(validateDocument(material(validWithoutExtensions)).errors.map((each) => each.path)).toEqual([
      '/p:pidf-full/tuple[1]/status/r:relationship',
      '/p:pidf-full/tuple[1]/c:servcaps/c:message',
    ])
  })

  it('bytes are judged as text is', () => {
    for (const { file } of examples) {
      expect(validateDocument(new TextEncoder().encode(material(file)))).toEqual(validateDocument(material(file)))
    }
  })
})

describe('errors say where and which rule', () => {
  const ns = 'xmlns="urn:ietf:params:xml:ns:pidf"'
  const cases: [what: string, text: string, errors: [line: number, column: number, path: string, rule: RegExp][]][] = [
    ['not well-formed', '<a>\n<b></a>', [[2, 7, '', /close/]]],
    ['an unknown root', '<!--x-->\n<a/>', [[2, 1, '/a', /root of no document/]]],
    [
      'two errors in one document',
      `<presence ${ns} entity="sip:a@b">\n <tuple>\n  <status>\n   <basic>maybe</basic>\n  </status>\n </tuple>\n</presence>`,
      [
        [2, 2, '/presence/tuple', /RFC 3863 .* needs the attribute id/],
        [4, 4, '/presence/tuple/status/basic', /RFC 3863 .* open, closed, not "maybe"/],
      ],
    ],
    [
      'the second of two',
      `<presence ${ns} entity="sip:a@b"><tuple id="a"><status/></tuple>\r\n<tuple id="b"><x/></tuple></presence>`,
      [
        [2, 1, '/presence/tuple[2]', /needs <status> before <x>/],
        [2, 15, '/presence/tuple[2]/x', /<x> is not allowed here/],
      ],
    ],
    [
      'an identifier twice, across extensions',
      `<presence ${ns} xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" entity="sip:a@b"><tuple id="a"><status/></tuple><dm:person id="a"/></presence>`,
      [[1, 145, '/presence/dm:person', /RFC 4479 .* unique/]],
    ],
    [
      'an extension inside something unknown',
      `<presence ${ns} xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:a@b"><x:y xmlns:x="urn:x">\n <r:mood/></x:y></presence>`,
      [[2, 2, '/presence/x:y/r:mood', /RFC 4480 .* needs a value/]],
    ],
    [
      'no text where there is none',
      `<presence ${ns} entity="sip:a@b">text</presence>`,
      [[1, 1, '/presence', /no text/]],
    ],
    ['an attribute too many', `<presence ${ns} entity="sip:a@b" x="1"/>`, [[1, 1, '/presence', /no attribute x/]]],
    ['a type of an attribute', `<presence ${ns} entity="%zz"/>`, [[1, 1, '/presence', /entity .* a URI, not "%zz"/]]],
  ]
  it.each(cases)('%s', (_, text, errors) => {
    const found = validateDocument(text).errors
    expect(found.map(({ line, column, path }) => [line, column, path])).toEqual(
      errors.map(([line, column, path]) => [line, column, path]),
    )
    for (const [i, [, , , rule]] of errors.entries()) expect(found[i]?.rule).toMatch(rule)
  })
})

describe('the simple types of the schemas', () => {
  const inTimestamp = (value: string) =>
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="a:b"><tuple id="t"><status/><timestamp>${value}</timestamp></tuple></presence>`
  const inPriority = (value: string) =>
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="a:b"><tuple id="t"><status/><contact priority="${value}">a:b</contact></tuple></presence>`
  const inEntity = (value: string) => `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${value}"/>`
  const inId = (value: string) =>
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="a:b"><tuple id="${value}"><status/></tuple></presence>`
  const inLang = (value: string) =>
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="a:b"><note xml:lang="${value}"/></presence>`
  const inFlag = (value: string) =>
    `<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="a:b" version="0" fullState="${value}"/>`
  const inVersion = (value: string) =>
    `<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="a:b" version="${value}" fullState="true"/>`
  const inBasic = (value: string) =>
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="a:b"><tuple id="t"><status><basic>${value}</basic></status></tuple></presence>`
  const inHandling = (value: string) =>
    `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"><rule id="a"><actions><s:sub-handling xmlns:s="urn:ietf:params:xml:ns:pres-rules">${value}</s:sub-handling></actions></rule></ruleset>`

  const types: [type: string, place: (value: string) => string, good: string[], bad: string[]][] = [
    [
      'dateTime',
      inTimestamp,
      [
        '2001-10-27T16:49:29Z',
        ' 2001-10-27T16:49:29.25+01:00\n',
        '-0044-03-15T12:00:00',
        '12000-01-01T00:00:00Z',
        '2000-02-29T24:00:00Z',
        '2001-10-27T16:49:29+14:00',
      ],
      [
        '2001-10-27',
        '2001-10-27 16:49:29',
        '2001-02-29T00:00:00',
        '2001-13-01T00:00:00',
        '2001-10-27T24:00:01',
        '2001-10-27T16:49',
        '0000-01-01T00:00:00',
        '2001-10-27T16:49:29+15:00',
        '01-10-27T16:49:29',
        '2001-10-27T16:60:00',
        '',
      ],
    ],
    [
      'qvalue',
      inPriority,
      ['0', '1', '0.8', '0.123', '1.000', '0.', ' 0.5 '],
      ['1.5', '-1', '0.1234', '.5', '2', '1.001', '', 'high', '1e0'],
    ],
    [
      'anyURI',
      inEntity,
      ['sip:a@b', 'a b', '', '../x', '#x', '//h/p?q', 'urn:x:ä', 'a%20b'],
      ['%', '%zz', 'a#b#c', '1a:b', ':x'],
    ],
    ['ID', inId, ['a', '_1', 'ä-.2', ' a '], ['1', 'a:b', '', 'a b', '-a']],
    ['language', inLang, ['en', 'de-AT', 'x-klingon', 'abcdefgh-12345678', ''], ['e_n', 'abcdefghi', 'en-', '1n']],
    ['boolean', inFlag, ['true', 'false', '1', '0', ' true '], ['TRUE', 'yes', '']],
    ['unsignedInt', inVersion, ['0', '4294967295', '+7', '007', '-0'], ['-1', '4294967296', '1.0', '', 'x']],
    ['an enumeration of xs:string', inBasic, ['open', 'closed'], [' open', 'Open', '']],
    ['an enumeration of xs:token', inHandling, ['allow', ' polite-block '], ['Allow', 'politeblock', '']],
  ]
  it.each(types)('%s', (_, place, good, bad) => {
    expect(good.filter((value) => validateDocument(place(value)).errors.length > 0)).toEqual([])
    expect(bad.filter((value) => validateDocument(place(value)).errors.length === 0)).toEqual([])
  })
})
