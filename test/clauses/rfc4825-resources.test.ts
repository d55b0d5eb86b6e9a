import { describe, expect, it } from 'vitest'
import { parseXcapCaps, type XcapCaps } from '../../src/documents/index.ts'
import { allUsages } from '../../src/xcap/index.ts'
import { Client, element, errorOf, lists, user } from '../xcap/client.ts'
import { document, filled, path } from '../xcap/friends.ts'

/** A server on which the user has a document, asked by somebody else, or without access control. */
function asOther(identity: string | undefined): Client {
  const client = filled()
  client.identity = identity
  return client
}

describe('RFC 4825 §5.7: authorization', () => {
  it('a user reads and writes her own documents', () => {
    const client = filled()
    expect(client.get(path).status).toBe(200)
    expect(client.delete(path).status).toBe(200)
  })
  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('%s of the documents of somebody else is forbidden', (method) => {
    const client = filled()
    client.identity = 'sip:other@home1.net'
    const { response, changes, why } = client.serve(method, path, document(), { 'content-type': lists })
    expect(response.status).toBe(403)
    expect(why.clause).toBe('RFC 4825 §5.7')
    expect(changes).toEqual([])
  })
  it('what somebody else has is not told from what she has not', () => {
    const client = asOther('sip:other@home1.net')
    expect(client.get(`resource-lists/users/${user}/nothing`).status).toBe(403)
  })
  it('one of several identities of a user is enough', () => {
    const client = filled()
    client.identity = ['tel:+15551234', user]
    expect(client.get(path).status).toBe(200)
    client.identity = []
    expect(client.get(path).status).toBe(403)
  })
  it('without access control everybody reads and writes', () => {
    expect(asOther(undefined).get(path).status).toBe(200)
  })
  it('all users read the global tree and none writes it', () => {
    const client = new Client()
    expect(client.put('resource-lists/global/index', document(), lists).status).toBe(201)
    client.identity = user
    expect(client.get('resource-lists/global/index').status).toBe(200)
    expect(client.put('resource-lists/global/index', document(), lists).status).toBe(403)
    expect(client.delete('resource-lists/global/index').status).toBe(403)
  })
  it.each([
    ['sip:user1_public1@home1.net', 'user1_public1@home1.net', 200],
    ['user1_public1@home1.net', 'sip:user1_public1@home1.net', 200],
    ['sip:user1_public1@home1.net', 'sip%3Auser1_public1%40home1.net', 200],
    ['sip:user1_public1@home1.net', 'user1', 403],
    ['user1', 'user1', 200],
  ])('the identity %s is that of the user %s: %i', (identity, xui, status) => {
    const client = new Client()
    client.put(`resource-lists/users/${xui}/index`, document(), lists)
    client.identity = identity
    expect(client.get(`resource-lists/users/${xui}/index`).status).toBe(status)
  })
  it('whose a part of the tree is can be said by who runs the server', () => {
    const client = new Client({ owns: (identity, xui) => identity.startsWith(`sip:${xui}_`) }, user)
    const target = 'resource-lists/users/user1/pf.xml'
    expect(client.put(target, document(), lists).status).toBe(201)
    expect(client.put('resource-lists/users/user2/pf.xml', document(), lists).status).toBe(403)
  })
})

describe('RFC 4825 §6: what a target names', () => {
  it.each([
    ['a path', `/services/${path}`],
    ['an absolute URI', `http://xcap.home1.net/services/${path}`],
    ['an absolute URI with other letters and the port', `HTTP://XCAP.Home1.net:80/services/${path}`],
    ['a user that is percent-encoded', '/services/resource-lists/users/sip%3Auser1_public1%40home1.net/index'],
    ['a query, which means nothing without a node', `/services/${path}?xmlns(a=b)`],
  ])('is a document by %s', (_, target) => {
    expect(asOther(undefined).server.handle({ method: 'GET', target }).status).toBe(200)
  })

  it.each([
    ['an unknown usage', 'unknown/users/u/index'],
    ['neither users nor global', 'resource-lists/user/u/index'],
    ['no document', `resource-lists/users/${user}`],
    ['a folder', `resource-lists/users/${user}/`],
    ['no user', 'resource-lists/users'],
    ['an empty segment', `resource-lists//users/${user}/index`],
    ['no usage', ''],
    ['another server', `http://other.home1.net/services/${path}`],
    ['another scheme', `https://xcap.home1.net/services/${path}`],
    ['nothing below the root', `http://xcap.home1.net/service/${path}`],
    ['a document that is not there', `resource-lists/users/${user}/other`],
    ['a folder that is not there', `resource-lists/users/${user}/folder/index`],
  ])('is nothing by %s', (_, target) => {
    expect(asOther(undefined).get(target).status).toBe(404)
  })

  it('a user that the server does not know has nothing, not even for herself', () => {
    const client = new Client({ isUser: (xui) => xui === user }, 'sip:other@home1.net')
    expect(client.get('resource-lists/users/sip:other@home1.net/index').status).toBe(404)
    expect(client.put('resource-lists/users/sip:other@home1.net/index', document(), lists).status).toBe(404)
  })

  /** Nothing is read or changed by a target that is answered 400, and the answer says why. */
  function refusesAll(target: string, clause: string): void {
    const client = filled()
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const before = [...client.documents]
      const { response, why } = client.serve(method, target, document(), { 'content-type': lists })
      expect([response.status, why.clause]).toEqual([400, clause])
      expect(response.body).toMatch(/\w/)
      expect([...client.documents]).toEqual(before)
    }
  }
  it.each([
    ['a dot segment', `resource-lists/users/x/../${user}/index`],
    ['two of them', `resource-lists/users/${user}/../../../secret`],
    ['an escaped one', `resource-lists/users/${user}/%2e%2E/index`],
    ['a single dot', `resource-lists/users/${user}/./index`],
    ['an escaped slash', `resource-lists/users/${user}/a%2Fb`],
    ['an escaped backslash', `resource-lists/users/${user}/a%5cb`],
    ['NUL', `resource-lists/users/${user}/index%00`],
    ['a line end', `resource-lists/users/${user}/index%0d%0a`],
  ])('RFC 3986 §3.3: %s names no document', (_, target) => refusesAll(target, 'RFC 3986 §3.3'))
  it.each([
    ['half an escape', `resource-lists/users/${user}/index%2`],
    ['no hexadecimal escape', `resource-lists/users/${user}/index%zz`],
    ['an escape that is no UTF-8', `resource-lists/users/${user}/%c0%af`],
    ['an escape of half a surrogate', `resource-lists/users/${user}/%ed%a0%80`],
    ['a fragment', `${path}#here`],
    ['a space', `${path} HTTP/1.1`],
    ['NUL in a selector', `${path}/~~/resource-lists%00`],
  ])('RFC 9110 §15.5.1: %s is a bad request', (_, target) => refusesAll(target, 'RFC 9110 §15.5.1'))

  it('RFC 9110 §15.5.15: a target that is too long is refused as such', () => {
    expect(asOther(undefined).get(`${path}/~~/${'a'.repeat(10_000)}`).status).toBe(414)
  })
  it('a document is in no folder, and the closest place for it is told', () => {
    const client = filled()
    const response = client.put(`resource-lists/users/${user}/a/b/index`, document(), lists)
    expect(response.status).toBe(409)
    const ancestor = `http://xcap.home1.net/services/resource-lists/users/${user}`
    expect(errorOf(response)).toEqual({ kind: 'no-parent', phrase: 'There is no folder a/b', ancestor })
  })
})

describe('RFC 4825 §6.3: node selectors', () => {
  const text = `<?xml version="1.0"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:x="urn:example:x">
  <list name="a/b" x:y="1"><entry uri="sip:a@home1.net"/><entry uri="sip:b@home1.net"><display-name>B</display-name></entry></list>
  <list name="it's"><entry uri="sip:a@home1.net;x=1&amp;y=2"/></list>
  <list name="say &quot;hi&quot;"><x:more n="1"/></list>
  <list name="~~"><entry uri="sip:c@home1.net"/></list>
  <list name="a]b[1]"><entry uri="sip:d@home1.net"/></list>
  <list name="ÀÉ ア"/>
</resource-lists>`

  it.each([
    ['by name', 'resource-lists/list[1]/entry[2]/display-name', '<display-name>B</display-name>'],
    ['by any name', '*/*[4]/*', '<entry uri="sip:c@home1.net"/>'],
    ['by position', 'resource-lists/list[1]/entry[1]', '<entry uri="sip:a@home1.net"/>'],
    ['by any name and position', 'resource-lists/list[1]/*[1]', '<entry uri="sip:a@home1.net"/>'],
    ['by an attribute', 'resource-lists/list[4]/entry[@uri="sip:c@home1.net"]', '<entry uri="sip:c@home1.net"/>'],
    ['by position and attribute', 'resource-lists/list[4][@name="~~"]/entry', '<entry uri="sip:c@home1.net"/>'],
    [
      'with escapes',
      'resource-lists/list%5b4%5D/entry%5b@uri=%22sip:c@home1.net%22%5d',
      '<entry uri="sip:c@home1.net"/>',
    ],
    ['with a slash in a value', 'resource-lists/list[@name="a/b"]/entry[1]', '<entry uri="sip:a@home1.net"/>'],
    [
      'with an escaped slash in a value',
      'resource-lists/list[@name=%22a%2Fb%22]/entry[1]',
      '<entry uri="sip:a@home1.net"/>',
    ],
    ['with the separator in a value', 'resource-lists/list[@name="~~"]/entry', '<entry uri="sip:c@home1.net"/>'],
    ['with brackets in a value', 'resource-lists/list[@name="a]b[1]"]/entry', '<entry uri="sip:d@home1.net"/>'],
    ['with an apostrophe within quotes', `resource-lists/list[@name="it's"]/@name`, `it's`],
    ['with quotes within apostrophes', `resource-lists/list[@name='say%20"hi"']/@name`, 'say &quot;hi&quot;'],
    ['with quotes as references', 'resource-lists/list[@name="say%20&quot;hi&%2334;"]/@name', 'say &quot;hi&quot;'],
    [
      'with an ampersand as reference',
      'resource-lists/list/entry[@uri="sip:a@home1.net;x=1&amp;y=2"]/@uri',
      'sip:a@home1.net;x=1&amp;y=2',
    ],
    [
      'with an ampersand as it is',
      'resource-lists/list/entry[@uri="sip:a@home1.net;x=1%26y=2"]/@uri',
      'sip:a@home1.net;x=1&amp;y=2',
    ],
    [
      'with other letters, escaped',
      'resource-lists/list[@name=%22%C3%80%C3%89%20%E3%82%A2%22]',
      '<list name="ÀÉ ア"/>',
    ],
    ['with other letters', 'resource-lists/list[@name="ÀÉ%20ア"]', '<list name="ÀÉ ア"/>'],
    [
      'through several elements to one',
      'resource-lists/list/entry[@uri="sip:c@home1.net"]',
      '<entry uri="sip:c@home1.net"/>',
    ],
    ['with a prefix', 'resource-lists/list[3]/p:more?xmlns(p=urn:example:x)', '<x:more n="1"/>'],
    ['to an attribute with a prefix', 'resource-lists/list[1]/@p:y?xmlns(p=urn:example:x)', '1'],
    [
      'by an attribute with a prefix',
      'resource-lists/list[@p:y="1"]/entry[1]?xmlns(p=urn:example:x)',
      '<entry uri="sip:a@home1.net"/>',
    ],
    [
      'of another prefix for the default namespace',
      'd:resource-lists/d:list[4]/d:entry?xmlns(d=urn:ietf:params:xml:ns:resource-lists)',
      '<entry uri="sip:c@home1.net"/>',
    ],
    [
      'with pointer parts of other schemes',
      'resource-lists/list[3]/p:more?element(/1/2)xmlns(p=urn:example:x)',
      '<x:more n="1"/>',
    ],
    ['with an escaped query', 'resource-lists/list[3]/p:more?xmlns%28p=urn%3Aexample%3Ax%29', '<x:more n="1"/>'],
    [
      'of a prefix that is declared twice, by the last',
      'resource-lists/list[3]/p:more?xmlns(p=urn:y)xmlns(p=urn:example:x)',
      '<x:more n="1"/>',
    ],
  ])('select %s', (_, selector, body) => {
    const client = new Client()
    expect(client.put(path, text, lists).status).toBe(201)
    const response = client.get(`${path}/~~/${selector}`)
    expect(response.body).toBe(body)
    expect(response.status).toBe(200)
  })

  it.each([
    ['nothing of that name', 'resource-lists/lists'],
    ['a name in another namespace', 'resource-lists/list[3]/more'],
    ['a position that is not there', 'resource-lists/list[99]'],
    ['the position 0', 'resource-lists/list[0]'],
    ['two elements', 'resource-lists/list[1]/entry'],
    ['two elements in two parents', 'resource-lists/list/entry[1]'],
    ['position and attribute of two elements', 'resource-lists/list[1][@name="~~"]'],
    ['an attribute that is not there', 'resource-lists/list[1]/@id'],
    ['an attribute of two elements', 'resource-lists/list/@name'],
    ['a declaration as attribute', 'resource-lists/@xmlns'],
    ['no step', ''],
    ['an empty step', 'resource-lists//list'],
    ['a slash at the beginning', '/resource-lists'],
    ['a slash at the end', 'resource-lists/'],
    ['an extension that the server does not have', 'resource-lists/list[1]/last()'],
    ['an unknown axis', 'resource-lists/child::list'],
    ['something behind an attribute', 'resource-lists/list[1]/@name/x'],
    ['attribute before position', 'resource-lists/list[@name="~~"][4]'],
    ['two attributes', 'resource-lists/list[@name="~~"][@name="~~"]'],
    ['a predicate that does not end', 'resource-lists/list[@name="~~'],
    ['a dot', 'resource-lists/.'],
    ['two dots', 'resource-lists/../resource-lists'],
    ['an attribute alone', '@name'],
  ])('RFC 4825 §8: find nothing by %s', (_, selector) => {
    const client = new Client()
    client.put(path, text, lists)
    expect(client.get(`${path}/~~/${selector}`).status).toBe(404)
    expect(client.delete(`${path}/~~/${selector}`).status).toBe(404)
  })

  it.each([
    ['without a query', 'resource-lists/p:list'],
    ['without its binding', 'resource-lists/p:list?xmlns(q=urn:example:x)'],
    ['in an attribute', 'resource-lists/list[@p:y="1"]'],
    ['of the selected attribute', 'resource-lists/list[1]/@p:y'],
    ['xmlns', 'resource-lists/list[1]/@xmlns:p'],
    ['bound to the namespace of declarations', 'resource-lists/@p:x?xmlns(p=http://www.w3.org/2000/xmlns/)'],
    ['in a query that is none', 'resource-lists/p:list?p=urn:example:x'],
    ['in a query that does not end', 'resource-lists/p:list?xmlns(p=urn:example:x'],
    ['in a query without a name', 'resource-lists/p:list?xmlns(urn:example:x)'],
    ['in a query that is no UTF-8', 'resource-lists/p:list?xmlns(p=%ff)'],
  ])('RFC 4825 §6.4: a prefix %s is a bad request', (_, selector) => {
    const client = new Client()
    client.put(path, text, lists)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status } = client.request(method, `${path}/~~/${selector}`, '<a/>', { 'content-type': element })
      expect(status).toBe(400)
    }
  })
})

describe('RFC 4825 §10: namespace bindings', () => {
  const text =
    '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:a="urn:a"><list xmlns:a="urn:b" xmlns:c="urn:c"/></resource-lists>'
  const target = `${path}/~~/resource-lists/list/namespace::*`

  it('are all that are in scope, the inner before the outer', () => {
    const client = new Client()
    client.put(path, text, lists)
    const { status, headers, body } = client.get(target)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/xcap-ns+xml')
    expect(body).toMatch(/^<list( xmlns(:a|:c)?="[^"]*"){3}\/>$/)
    expect(body).toContain('xmlns:a="urn:b"')
  })
  it.each(['PUT', 'DELETE'])('§8.2, §8.4: can not be changed: %s', (method) => {
    const client = new Client()
    client.put(path, text, lists)
    const { status, headers } = client.request(method, target, '<list/>', { 'content-type': 'application/xcap-ns+xml' })
    expect(status).toBe(405)
    expect(headers.allow).toBe('GET, HEAD, OPTIONS')
  })
})

describe('RFC 4825 §12: the capabilities of the server', () => {
  it('are one document, which says which usages there are', () => {
    const client = new Client({}, user)
    const { status, headers, body } = client.get('xcap-caps/global/index')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/xcap-caps+xml')
    const { auids, namespaces } = parseXcapCaps(body) as XcapCaps
    expect(auids).toEqual(allUsages.map((usage) => usage.auid))
    expect(namespaces).toContain('urn:ietf:params:xml:ns:xcap-error')
    expect(client.get('xcap-caps/global/index/~~/xcap-caps/auids/auid[2]').body).toBe('<auid>resource-lists</auid>')
  })
  it('say what this server has and no more', () => {
    const usages = allUsages.filter((usage) => ['xcap-caps', 'pres-rules'].includes(usage.auid))
    const client = new Client({ usages })
    expect((parseXcapCaps(client.get('xcap-caps/global/index').body) as XcapCaps).auids).toEqual([
      'xcap-caps',
      'pres-rules',
    ])
    expect(client.get(path).status).toBe(404)
  })
  it('have an entity-tag, by which they are not sent twice', () => {
    const client = new Client()
    const { etag } = client.get('xcap-caps/global/index').headers
    expect(client.get('xcap-caps/global/index', { 'If-None-Match': etag! }).status).toBe(304)
  })
  it('are not changed by anybody', () => {
    for (const method of ['PUT', 'DELETE']) {
      const { status, headers } = new Client().request(method, 'xcap-caps/global/index')
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
  })
  it.each([`xcap-caps/users/${user}/index`, 'xcap-caps/global/other'])('are not at %s', (target) => {
    expect(new Client().get(target).status).toBe(404)
  })
})
