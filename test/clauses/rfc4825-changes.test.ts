import { describe, expect, it } from 'vitest'
import { attribute, Client, element, errorOf, lists, user } from '../xcap/client.ts'
import { document, filled, free, friends, inFriends, path } from '../xcap/friends.ts'

const root = 'http://xcap.home1.net/services'

describe('RFC 4825 §8.1: methods', () => {
  it.each(['POST', 'PATCH', 'TRACE', 'CONNECT'])('%s is not allowed, and what is allowed is told', (method) => {
    const { status, headers } = filled().request(method, path)
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS, PUT, DELETE'])
  })
  it.each(['get', 'BREW', ''])('RFC 9110 §15.6.2: "%s" is not implemented', (method) => {
    expect(filled().request(method, path).status).toBe(501)
  })
  it('RFC 9110 §9.3.7, RFC 9110 §10.2.1: OPTIONS tells what is allowed, of a resource and of the server', () => {
    const client = filled()
    expect(client.request('OPTIONS', path).headers.allow).toBe('GET, HEAD, OPTIONS, PUT, DELETE')
    expect(client.request('OPTIONS', '*').headers.allow).toBe('GET, HEAD, OPTIONS, PUT, DELETE')
    expect(client.request('OPTIONS', 'xcap-caps/global/index').headers.allow).toBe('GET, HEAD, OPTIONS')
    expect(client.request('OPTIONS', 'unknown/global/index').status).toBe(404)
  })
  it('RFC 9110 §9.3.2: HEAD is answered as GET, without content', () => {
    const client = filled()
    for (const target of [path, `${inFriends}/entry[1]`, `${path}x`]) {
      const [get, head] = [client.get(target), client.request('HEAD', target)]
      expect(head).toEqual({ ...get, body: '' })
    }
  })
})

describe('RFC 9110 §15.5: an answer that refuses', () => {
  it.each([
    [400, 'GET', `resource-lists/users/${user}/..`, {}],
    [403, 'PUT', 'resource-lists/global/index', { 'content-type': lists }],
    [404, 'GET', `${path}x`, {}],
    [405, 'POST', path, {}],
    [412, 'PUT', path, { 'content-type': lists, 'if-match': '"x"' }],
    [415, 'PUT', path, { 'content-type': 'text/plain' }],
    [501, 'BREW', path, {}],
  ])('%i says why, in words', (status, method, target, headers) => {
    const response = filled().request(method, target, document(), headers)
    expect([response.status, response.headers['content-type']]).toEqual([status, 'text/plain; charset=utf-8'])
    expect(response.body).toMatch(/^[A-Z][^\n]+\n$/)
  })
})

describe('RFC 4825 §8.2: a document', () => {
  it('is created and then replaced', () => {
    const client = new Client({}, user)
    const first = client.put(path, friends, lists)
    expect(first.status).toBe(201)
    const second = client.put(path, document(), lists)
    expect(second.status).toBe(200)
    expect(second.headers.etag).not.toBe(first.headers.etag)
    expect(client.text(path)).toBe(document())
  })
  it('is kept as it was put, byte for byte', () => {
    const text = `<?xml version='1.0'  encoding="utf-8" ?>\n<!-- mine -->\r\n${friends.replaceAll('"', "'")}\n\n`
    expect(filled(text).text(path)).toBe(text)
  })
  it('has a change of which others hear', () => {
    const client = new Client({}, user)
    client.put(path, friends, lists)
    client.put(path, document(), lists)
    client.delete(path)
    const heard = client.changes.map(({ path: each, before, after }) => [each, before?.body, after?.body])
    expect(heard).toEqual([
      [path, undefined, friends],
      [path, friends, document()],
      [path, document(), undefined],
    ])
    const [created, replaced, deleted] = client.changes
    expect(replaced!.before).toBe(created!.after)
    expect(deleted!.before).toBe(replaced!.after)
  })
})

describe('RFC 4825 §8.2.1: where something is put', () => {
  it.each([
    [
      'a document that is not there',
      `resource-lists/users/${user}/x/~~/resource-lists/list`,
      `resource-lists/users/${user}`,
    ],
    ['an element that is not there', `${path}/~~/resource-lists/list[@name="x"]/entry`, `${path}/~~/resource-lists`],
    ['an element two levels deep', `${path}/~~/resource-lists/list[@name="x"]/list/entry`, `${path}/~~/resource-lists`],
    ['one of two elements', `${path}/~~/resource-lists/list/entry`, `${path}/~~/resource-lists`],
    [
      'a list below one',
      `${inFriends}/list[@name="x"]/entry`,
      `${path}/~~/resource-lists/list%5B@name=%22friends%22%5D`,
    ],
    ['another root', `${path}/~~/rls-services/service`, path],
  ])('is not %s, and the closest that is there is told', (_, target, ancestor) => {
    const client = filled()
    const response = client.put(target, '<entry uri="sip:c@home1.net"/>', element)
    expect(response.status).toBe(409)
    expect(errorOf(response)).toMatchObject({ kind: 'no-parent', ancestor: `${root}/${ancestor}` })
    expect(client.changes).toEqual([])
  })
  it('the closest is told with the bindings of its prefixes', () => {
    const target = `${path}/~~/p:resource-lists/p:list[@name="x"]/p:entry?xmlns(p=urn:ietf:params:xml:ns:resource-lists)`
    const ancestor = `${root}/${path}/~~/p:resource-lists?xmlns(p=urn:ietf:params:xml:ns:resource-lists)`
    const client = filled()
    expect(errorOf(client.put(target, '<entry uri="a:b"/>', element))).toMatchObject({ ancestor })
    expect(client.get(ancestor).status).toBe(200)
  })
  it('an attribute is put into an element that is there', () => {
    const response = filled().put(`${inFriends}/entry[9]/@uri`, 'sip:c@home1.net', attribute)
    expect(errorOf(response).kind).toBe('no-parent')
  })
})

describe('RFC 4825 §8.2.2: what is put', () => {
  it.each([
    ['a document', path, lists],
    ['an element', `${inFriends}/entry[1]`, element],
    ['an attribute', `${inFriends}/entry[1]/@uri`, attribute],
  ])('has the type of %s, and no other', (_, target, wanted) => {
    const client = filled()
    for (const type of [lists, element, attribute, 'application/xml', 'text/plain', 'no type', '']) {
      if (type === wanted) continue
      const { status, headers } = client.put(target, '<entry uri="sip:c@home1.net"/>', type)
      expect([status, headers.accept]).toEqual([415, wanted])
    }
    expect(client.request('PUT', target, 'x').status).toBe(415)
    expect(client.changes).toEqual([])
  })
  it('may have a type with parameters and other letters', () => {
    const type = 'Application/Resource-Lists+XML ; charset="UTF-8"'
    expect(new Client({}, user).put(path, friends, type).status).toBe(201)
  })
  it('RFC 9110 §15.5.16: is not encoded; it is told that nothing but identity is taken', () => {
    const { status, headers } = filled().put(path, document(), lists, { 'content-encoding': 'gzip' })
    expect([status, headers['accept-encoding']]).toEqual([415, 'identity'])
    expect(filled().put(path, document(), lists, { 'content-encoding': 'Identity' }).status).toBe(200)
  })
  it('RFC 9110 §14.5: is no range of a document', () => {
    expect(filled().put(path, document(), lists, { 'content-range': 'bytes 0-1/2' }).status).toBe(400)
  })

  const bytes = (text: string) => new TextEncoder().encode(text)
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

  it.each([
    ['bytes that are none', path, lists, latin1(document('<!-- é -->'))],
    ['UTF-16', path, lists, Uint8Array.from([0xff, 0xfe, 0x3c, 0x00])],
    ['a document that says otherwise', path, lists, `<?xml version="1.0" encoding="ISO-8859-1"?>${document()}`],
    ['a type that says otherwise', path, `${lists}; charset=iso-8859-1`, document()],
    ['an element', `${inFriends}/entry[1]`, element, latin1('<entry uri="sip:é@home1.net"/>')],
    ['an attribute', `${inFriends}/entry[1]/@uri`, attribute, latin1('sip:é@home1.net')],
  ])('is UTF-8: not-utf-8 for %s', (_, target, type, body) => {
    const client = filled()
    expect(errorOf(client.put(target, body, type)).kind).toBe('not-utf-8')
    expect(client.changes).toEqual([])
  })
  it('may come as bytes, and with a byte order mark', () => {
    const client = filled()
    expect(client.put(path, bytes(`\uFEFF${document()}`), lists).status).toBe(200)
    expect(client.text(path)).toBe(document())
  })

  it.each([
    ['nothing', ''],
    ['no XML', 'friends'],
    ['an element that does not end', '<resource-lists>'],
    ['two roots', `${document()}${document()}`],
    ['a prefix without declaration', '<p:resource-lists/>'],
    ['a document type', `<!DOCTYPE x [<!ENTITY e "x">]>${document()}`],
  ])('as a document is well-formed: not %s', (_, body) => {
    const client = filled()
    const error = errorOf(client.put(path, body, lists))
    expect(error.kind).toBe('not-well-formed')
    expect('phrase' in error && error.phrase).toMatch(/line \d+, column \d+$/)
    expect(client.changes).toEqual([])
  })

  it.each([
    ['nothing', ''],
    ['a text', 'friends'],
    ['two elements', '<entry uri="a:b"/><entry uri="c:d"/>'],
    ['an element and a text', '<entry uri="a:b"/>x'],
    ['an element and a comment', '<!-- x --><entry uri="a:b"/>'],
    ['a document with its declaration', '<?xml version="1.0"?><entry uri="a:b"/>'],
    ['an element that does not end', '<entry uri="a:b">'],
    ['the end of another', '</list><list><entry uri="a:b"/>'],
    ['the end of what is put around it', '<entry uri="a:b"/></_><_>'],
    ['a prefix without declaration', '<p:entry uri="a:b"/>'],
    ['a reference to nothing', '<entry uri="&x;"/>'],
  ])('as an element is one element: not %s', (_, body) => {
    const client = filled()
    expect(errorOf(client.put(`${inFriends}/entry[1]`, body, element)).kind).toBe('not-xml-frag')
    expect(client.changes).toEqual([])
  })

  it.each([
    ['bare', 'sip:c@home1.net', 'sip:c@home1.net'],
    ['in quotes', '"sip:c@home1.net"', 'sip:c@home1.net'],
    ['in apostrophes', "'sip:c@home1.net'", 'sip:c@home1.net'],
    ['in quotes, with a line end behind them', '"sip:c@home1.net"\r\n', 'sip:c@home1.net'],
    ['with references', 'sip:c@home1.net?a=1&amp;b=&#x32;', 'sip:c@home1.net?a=1&amp;b=2'],
    ['with white space, which becomes spaces', 'sip:c@home1.net\n', 'sip:c@home1.net '],
  ])('as an attribute is a value %s', (_, body, shown) => {
    const client = filled()
    expect(client.put(`${inFriends}/entry[1]/@uri`, body, attribute).status).toBe(200)
    expect(client.get(`${inFriends}/entry[1]/@uri`).body).toBe(shown)
  })
  it.each(['a<b', '<entry uri="a:b"/>', 'a&b', 'a&unknown;b', 'a\u0000b', 'a&#0;b', 'a\u0001'])(
    'as an attribute is no %j',
    (body) => {
      const client = filled()
      expect(errorOf(client.put(`${inFriends}/entry[1]/@uri`, body, attribute)).kind).toBe('not-xml-att-value')
      expect(client.changes).toEqual([])
    },
  )
})

describe('RFC 4825 §8.2.3: where an element comes to stand', () => {
  const text = '<r> <a n="1"/><!-- c --> <b n="1"/> <a n="2"/> </r>'
  const put = (selector: string, body: string, of = text) => {
    const client = new Client({ usages: [free] })
    client.put('free/global/index', of, 'application/xml')
    const response = client.put(`free/global/index/~~/${selector}`, body, element)
    return response.status === 409 ? errorOf(response).kind : `${response.status} ${client.text('free/global/index')}`
  }

  it.each([
    ['r/a[@n="3"]', '<a n="3"/>', '201 <r> <a n="1"/><!-- c --> <b n="1"/> <a n="2"/><a n="3"/> </r>'],
    ['r/a[3]', '<a/>', '201 <r> <a n="1"/><!-- c --> <b n="1"/> <a n="2"/><a/> </r>'],
    ['r/b[1][@n="0"]', '<b n="0"/>', '201 <r> <a n="1"/><!-- c --> <b n="0"/><b n="1"/> <a n="2"/> </r>'],
    ['r/a[2][@n="x"]', '<a n="x"/>', '201 <r> <a n="1"/><a n="x"/><!-- c --> <b n="1"/> <a n="2"/> </r>'],
    ['r/*[1][@n="x"]', '<a n="x"/>', '201 <r> <a n="x"/><a n="1"/><!-- c --> <b n="1"/> <a n="2"/> </r>'],
    ['r/*[4]', '<c/>', '201 <r> <a n="1"/><!-- c --> <b n="1"/> <a n="2"/><c/> </r>'],
    ['r/*[@n="x"]', '<c n="x"/>', '201 <r> <a n="1"/><!-- c --> <b n="1"/> <a n="2"/><c n="x"/> </r>'],
    ['r/c', '<c/>', '201 <r> <a n="1"/><!-- c --> <b n="1"/> <a n="2"/> <c/></r>'],
    ['r/c[1]', '<c/>', '201 <r> <a n="1"/><!-- c --> <b n="1"/> <a n="2"/> <c/></r>'],
    ['r/b/c', '<c/>', '201 <r> <a n="1"/><!-- c --> <b n="1"><c/></b> <a n="2"/> </r>'],
    ['r/b', '<b>new</b>', '200 <r> <a n="1"/><!-- c --> <b>new</b> <a n="2"/> </r>'],
    ['r/*[2]', '<b/>', '200 <r> <a n="1"/><!-- c --> <b/> <a n="2"/> </r>'],
    ['r/*[2]', '<c/>', '200 <r> <a n="1"/><!-- c --> <c/> <a n="2"/> </r>'],
    ['r/a[@n="1"]', ' <a n="1" m="2"/>\n', '200 <r> <a n="1" m="2"/><!-- c --> <b n="1"/> <a n="2"/> </r>'],
    ['r', '<r/>', '200 <r/>'],
  ])('%s', (selector, body, result) => {
    expect(put(selector, body)).toBe(result)
  })

  it.each([
    ['a position with too few before it', 'r/a[4]', '<a/>'],
    ['the position 0', 'r/a[0]', '<a/>'],
    ['another name', 'r/c', '<d/>'],
    ['another name in the place of one that is there', 'r/b', '<c/>'],
    ['another namespace', 'r/c', '<c xmlns="urn:c"/>'],
    ['another attribute', 'r/a[@n="3"]', '<a n="4"/>'],
    ['another attribute in the place of one that is there', 'r/a[@n="1"]', '<a n="3"/>'],
    ['no attribute', 'r/a[@n="3"]', '<a/>'],
    ['a name that two have', 'r/a', '<a/>'],
    ['a second root', 's', '<s/>'],
    ['another root', 'r', '<s/>'],
  ])('cannot-insert, if a GET would not find it: %s', (_, selector, body) => {
    expect(put(selector, body)).toBe('cannot-insert')
  })

  it('an element has the prefixes of where it stands', () => {
    const of = '<r xmlns:p="urn:p"><q xmlns="urn:q"/></r>'
    const selector = 'r/x:q/y:e?xmlns(x=urn:q)xmlns(y=urn:p)'
    expect(put(selector, '<p:e><f/></p:e>', of)).toBe('201 <r xmlns:p="urn:p"><q xmlns="urn:q"><p:e><f/></p:e></q></r>')
  })
  it('an attribute is added to an element, or takes the place of its value', () => {
    const client = new Client({ usages: [free] })
    client.put('free/global/index', text, 'application/xml')
    const target = 'free/global/index/~~/r/b/@m'
    expect(client.put(target, 'x"y', attribute).status).toBe(201)
    expect(client.put(target, 'z', attribute).status).toBe(200)
    expect(client.text('free/global/index')).toContain('<b n="1" m="z"/>')
    expect(client.get(target).body).toBe('z')
  })
  it('an attribute with a prefix has one where it stands', () => {
    const client = new Client({ usages: [free] })
    client.put('free/global/index', '<r xmlns:q="urn:p"><a/><b xmlns:q="urn:q"/><c/></r>', 'application/xml')
    const put = (name: string, query: string) =>
      client.put(`free/global/index/~~/r/${name}/@p:m?xmlns(p=${query})`, '1', attribute).status
    expect([put('a', 'urn:p'), put('b', 'urn:p'), put('c', 'http://www.w3.org/XML/1998/namespace')]).toEqual([
      201, 201, 201,
    ])
    expect(client.text('free/global/index')).toBe(
      '<r xmlns:q="urn:p"><a q:m="1"/><b xmlns:q="urn:q" xmlns:p="urn:p" p:m="1"/><c xml:m="1"/></r>',
    )
    expect(client.get('free/global/index/~~/r/b/@p:m?xmlns(p=urn:p)').body).toBe('1')
  })
  it.each([
    ['by which it is selected', 'r/a[@n="1"]/@n', '3'],
    ['that is a declaration', 'r/b/@xmlns', 'urn:x'],
  ])('cannot-insert for an attribute %s', (_, selector, value) => {
    const client = new Client({ usages: [free] })
    client.put('free/global/index', text, 'application/xml')
    expect(errorOf(client.put(`free/global/index/~~/${selector}`, value, attribute)).kind).toBe('cannot-insert')
    expect(client.text('free/global/index')).toBe(text)
  })
})
