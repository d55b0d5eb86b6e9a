import { describe, expect, it } from 'vitest'
import { Client, element, errorOf, lists, user } from '../xcap/client.ts'

const other = 'sip:user2_public1@home1.net'
const rules = 'application/auth-policy+xml'
const pidf = 'application/pidf+xml'

const friends =
  '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="friends"><entry uri="sip:a@home1.net"/></list></resource-lists>'
const allowed =
  '<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"><rule id="a"><actions><pr:sub-handling>allow</pr:sub-handling></actions></rule></ruleset>'
const away =
  '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:user1_public1@home1.net"><tuple id="t"><status><basic>closed</basic></status></tuple></presence>'

/** The steps that TS 24.141 §6.3.2 asks of the server for each kind of document. */
const steps = [
  ['R6.3.2.2-a', 'resource-lists', 'index', lists, friends, '<list/>', 'resource-lists/list'],
  [
    'R6.3.2.2-a',
    'rls-services',
    'index',
    'application/rls-services+xml',
    services('sip:list@home1.net'),
    '<list/>',
    'rls-services/service',
  ],
  ['R6.3.2.3-a', 'pres-rules', 'index', rules, allowed, '<ruleset/>', 'ruleset/rule'],
  ['R6.3.2.3-a', 'org.openmobilealliance.pres-rules', 'pres-rules', rules, allowed, '<ruleset/>', 'ruleset/rule'],
  ['R6.3.2.4-a', 'pidf-manipulation', 'index', pidf, away, '<presence/>', 'presence/tuple/status'],
] as const

function services(uri: string, list = '<list/>'): string {
  return `<rls-services xmlns="urn:ietf:params:xml:ns:rls-services"><service uri="${uri}">${list}</service></rls-services>`
}

describe.each(steps)('%s of %s', (_, auid, name, type, text, wrong, node) => {
  const path = `${auid}/users/${user}/${name}`

  it('what is new is created, what is there is replaced, what is missing is not found', () => {
    const client = new Client({}, user)
    expect(client.get(path).status).toBe(404)
    expect(client.put(path, text, type).status).toBe(201)
    expect(client.put(path, `${text}\n`, type).status).toBe(200)
    const { status, headers, body } = client.get(path)
    expect([status, headers['content-type'], body]).toEqual([200, type, `${text}\n`])
    expect(client.delete(path).status).toBe(200)
    expect(client.delete(path).status).toBe(404)
  })
  it('what belongs to somebody else is forbidden', () => {
    const client = new Client({}, other)
    expect(client.put(path, text, type).status).toBe(403)
    expect(client.get(path).status).toBe(403)
    expect(client.delete(path).status).toBe(403)
    expect(client.documents.size).toBe(0)
  })
  it('what its schema does not allow is a conflict', () => {
    const client = new Client({}, user)
    const { kind } = errorOf(client.put(path, wrong, type))
    expect(kind).toBe('schema-validation-error')
    expect(client.documents.size).toBe(0)
  })
  it('a part of it is read and changed, with names in the namespace of the usage', () => {
    const client = new Client({}, user)
    client.put(path, text, type)
    const part = String(client.get(`${path}/~~/${node}`).body)
    expect(text).toContain(part)
    expect(client.put(`${path}/~~/${node}`, part, element).status).toBe(200)
    expect(client.text(path)).toBe(text)
  })
})

describe('R6.1-a only PUT, GET and DELETE change and show', () => {
  it('R6.1-a POST is not allowed', () => {
    const client = new Client({}, user)
    expect(
      client.request('POST', `resource-lists/users/${user}/index`, friends, { 'content-type': lists }).status,
    ).toBe(405)
    expect(client.documents.size).toBe(0)
  })
})

describe('the annex, A.8.2', () => {
  it('R6.3.2.2-a a list of a user who is named by a word alone', () => {
    const client = new Client({ owns: (_, xui) => xui === 'user1' }, user)
    const path = 'http://xcap.home1.net/services/resource-lists/users/user1/pf.xml'
    expect(client.put(path, friends, lists).status).toBe(201)
    const entry = `${path}/~~/resource-lists/list[@name="friends"]/entry[@uri="sip:b@home1.net"]`
    expect(client.put(entry, '<entry uri="sip:b@home1.net"/>', element).status).toBe(201)
    expect(client.text(path).match(/<entry /g)).toHaveLength(2)
  })
})

describe('what lists are besides valid', () => {
  const path = `resource-lists/users/${user}/index`
  const document = (members: string) =>
    `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="friends">${members}</list></resource-lists>`
  const ref = `resource-lists/users/${user}/index/~~/resource-lists/list/entry`

  it.each([
    ['lists of one name', '<list name="x"/><list name="x"/>', 'resource-lists/list/@name', ['x-2']],
    ['entries of one URI', '<entry uri="a:b"/><entry uri="a:b"/>', 'resource-lists/list/entry/@uri', []],
    [
      'references to one entry',
      `<entry-ref ref="${ref}"/><entry-ref ref="${ref}"/>`,
      'resource-lists/list/entry-ref/@ref',
      [],
    ],
    [
      'external lists of one anchor',
      '<external anchor="http://a/b"/><external anchor="http://a/b"/>',
      'resource-lists/list/external/@anchor',
      [],
    ],
  ])('R6.3.2.2-a no two %s', (_, members, field, alternatives) => {
    const client = new Client({}, user)
    const error = errorOf(client.put(path, document(members), lists))
    expect(error).toMatchObject({ kind: 'uniqueness-failure', exists: [{ field, alternatives }] })
    expect(client.documents.size).toBe(0)
  })
  it('R6.3.2.2-a no two lists of one name at the top', () => {
    const text = document('').replace(
      '</resource-lists>',
      '<list name="friends"/><list name="friends-2"/></resource-lists>',
    )
    const error = errorOf(new Client({}, user).put(path, text, lists))
    expect(error).toMatchObject({ exists: [{ field: 'resource-lists/list/@name', alternatives: ['friends-3'] }] })
  })
  it('R6.3.2.2-a an entry is not put twice, by its element or by its attribute', () => {
    const client = new Client({}, user)
    client.put(path, document('<entry uri="a:b"/><entry uri="c:d"/>'), lists)
    const list = `${path}/~~/resource-lists/list`
    expect(errorOf(client.put(`${list}/entry[3]`, '<entry uri="a:b"/>', element)).kind).toBe('uniqueness-failure')
    const response = client.put(`${list}/entry[2]/@uri`, 'a:b', 'application/xcap-att+xml')
    expect(errorOf(response).kind).toBe('uniqueness-failure')
  })
  it.each([
    ['an absolute URI', `http://xcap.home1.net/services/${ref}`],
    ['a path from the top', `/${ref}`],
    ['a path to another usage', ref.replace('resource-lists', 'rls-services')],
    ['a path to a document', ref.replace(/\/~~.*/, '')],
    ['a path with dot segments', `../${ref}`],
  ])('R6.3.2.2-a a reference to an entry is a path below the root, not %s', (_, value) => {
    const error = errorOf(new Client({}, user).put(path, document(`<entry-ref ref="${value}"/>`), lists))
    expect(error.kind).toBe('constraint-failure')
  })
  it.each(['resource-lists/users/x/index', 'sip:list@home1.net', 'http:///x'])(
    'R6.3.2.2-a an external list has an absolute HTTP URI, not %s',
    (value) => {
      const error = errorOf(new Client({}, user).put(path, document(`<external anchor="${value}"/>`), lists))
      expect(error.kind).toBe('constraint-failure')
    },
  )
})

describe('what services are besides valid', () => {
  const path = `rls-services/users/${user}/index`
  const rls = 'application/rls-services+xml'
  const listOf = (xui: string, tree = `users/${xui}`) =>
    `<resource-list>http://xcap.home1.net/services/resource-lists/${tree}/index/~~/resource-lists/list%5b@name=%22friends%22%5d</resource-list>`

  it('R6.3.2.2-a RFC 4826 §4.4.5: a URI is that of one service, of all users', () => {
    const client = new Client()
    expect(client.put(`rls-services/users/${other}/index`, services('sip:list@home1.net'), rls).status).toBe(201)
    const error = errorOf(client.put(path, services('sip:list@home1.net'), rls))
    const exists = [{ field: 'rls-services/service/@uri', alternatives: ['sip:list-2@home1.net'] }]
    expect(error).toMatchObject({ kind: 'uniqueness-failure', exists })
    expect(client.put(path, services('sip:list-2@home1.net'), rls).status).toBe(201)
    expect(client.put(path, services('sip:list-2@home1.net'), rls).status).toBe(200)
  })
  it('R6.3.2.2-a a URI is not that of something else, nor twice in one document', () => {
    const client = new Client({ isTaken: (uri) => uri === user || uri === 'sip:list-2@home1.net' }, user)
    expect(errorOf(client.put(path, services(user), rls)).kind).toBe('uniqueness-failure')
    const twice = services('sip:list@home1.net', '<list/></service><service uri="sip:list@home1.net"><list/>')
    const exists = [{ field: 'rls-services/service/@uri', alternatives: ['sip:list-3@home1.net'] }]
    expect(errorOf(client.put(path, twice, rls))).toMatchObject({ kind: 'uniqueness-failure', exists })
  })
  it.each([
    ['one of the user', listOf(user), 201],
    ['one of the user, who is percent-encoded', listOf(encodeURIComponent(user)), 201],
    ['one of everybody', listOf('', 'global'), 201],
    ['one of somebody else', listOf(other), 409],
    ['one of another server', listOf(user).replace('home1', 'home2'), 409],
    ['one outside the root', listOf(user).replace('services', 'service'), 409],
    ['a path', listOf(user).replace(/http:..[^/]*/, ''), 409],
    ['a document', listOf(user).replace(/.~~[^<]*/, ''), 409],
    ['a document of another usage', listOf(user).replace('resource-lists/', 'pres-rules/'), 409],
  ])('R6.3.2.2-a RFC 4826 §4.4.5: the list of a service is %s: %i', (_, list, status) => {
    const response = new Client({}, user).put(path, services('sip:list@home1.net', list.replaceAll('&', '&amp;')), rls)
    expect(response.status).toBe(status)
    if (status === 409) expect(errorOf(response).kind).toBe('constraint-failure')
  })
  it('R6.3.2.2-a the lists within services differ as lists do', () => {
    const list = '<list xmlns:l="urn:ietf:params:xml:ns:resource-lists"><l:entry uri="a:b"/><l:entry uri="a:b"/></list>'
    expect(errorOf(new Client({}, user).put(path, services('a:l', list), rls)).kind).toBe('uniqueness-failure')
  })
  it('R6.3.2.2-a the services of all users are in one document, which nobody writes', () => {
    const client = new Client()
    const all = 'rls-services/global/index'
    expect(client.text(all)).not.toContain('<service')
    client.put(path, services('sip:one@home1.net'), rls)
    client.put(`rls-services/users/${other}/index`, services('sip:two@home1.net'), rls)
    client.put(`rls-services/users/${other}/more`, services('sip:three@home1.net'), rls)
    expect([...client.text(all).matchAll(/uri="([^"]*)"/g)].map(([, uri]) => uri)).toEqual([
      'sip:one@home1.net',
      'sip:two@home1.net',
    ])
    expect(client.get(`${all}/~~/rls-services/service[2]/@uri`).body).toBe('sip:two@home1.net')
    const { etag } = client.get(all).headers
    expect(client.get(all, { 'If-None-Match': etag! }).status).toBe(304)
    client.delete(path)
    expect(client.get(all, { 'If-None-Match': etag! }).status).toBe(200)
    expect(client.put(all, services('a:b'), rls).status).toBe(405)
  })
})

describe('what hard state is besides valid', () => {
  it('R6.3.2.4-a there is one document of it, the index', () => {
    const response = new Client({}, user).put(`pidf-manipulation/users/${user}/other`, away, pidf)
    expect(errorOf(response).kind).toBe('constraint-failure')
  })
})

describe('objects to which presence refers', () => {
  const path = `org.openmobilealliance.pres-content/users/${user}/oma_status-icon/icon.png`
  const image = Uint8Array.from({ length: 300 }, (_, i) => i % 256)

  it('R6.3.2.4-b are stored, shown and deleted with their own type, byte for byte', () => {
    const client = new Client({}, user)
    expect(client.put(path, image, 'image/png').status).toBe(201)
    const { status, headers, body } = client.get(path)
    expect([status, headers['content-type']]).toEqual([200, 'image/png'])
    expect(body).toEqual(image)
    expect(headers.etag).toMatch(/^"[^"]+"$/)
    expect(client.get(path, { 'If-None-Match': headers.etag! }).status).toBe(304)
    expect(client.put(path, image, 'image/png').headers.etag).toBe(headers.etag)
    expect(client.put(path, image, 'image/gif').headers.etag).not.toBe(headers.etag)
    expect(client.delete(path).status).toBe(200)
    expect(client.get(path).status).toBe(404)
  })
  it('R6.3.2.4-b of which others have none to see, and which have no nodes (RFC 4825 §8)', () => {
    const client = new Client({}, user)
    client.put(path, '<a/>', 'application/xml; charset=utf-8')
    expect(client.get(`${path}/~~/a`).status).toBe(404)
    expect(client.put(`${path}/~~/a`, '<a/>', element).status).toBe(404)
    expect(client.get(path).headers['content-type']).toBe('application/xml; charset=utf-8')
    client.identity = other
    expect(client.get(path).status).toBe(403)
  })
  it('R6.3.2.4-b come with a type', () => {
    const { status } = new Client({}, user).request('PUT', path, image)
    expect(status).toBe(415)
  })
})

describe('the directory of a user', () => {
  it('R6.3.2.2-a lists her documents by usage, with their entity-tags', () => {
    const client = new Client({}, user)
    const directory = `org.openmobilealliance.xcap-directory/users/${user}/directory.xml`
    expect(client.text(directory)).not.toContain('<folder')
    const { etag } = client.put(`resource-lists/users/${user}/index`, friends, lists).headers
    client.put(`pres-rules/users/${user}/index`, allowed, rules)
    const entry = client.get(`${directory}/~~/xcap-directory/folder[@auid="resource-lists"]`).body
    const uri = `http://xcap.home1.net/services/resource-lists/users/${user}/index`
    const quoted = etag!.replaceAll('"', '&quot;')
    expect(entry).toBe(
      `<folder auid="resource-lists"><entry uri="${uri}" etag="${quoted}" size="${friends.length}"/></folder>`,
    )
    expect(client.text(directory).match(/<folder /g)).toHaveLength(2)
    expect(client.put(directory, '<x/>', 'application/xml').status).toBe(405)
    client.identity = other
    expect(client.get(directory).status).toBe(403)
  })
})
