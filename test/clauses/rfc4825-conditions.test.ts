import { describe, expect, it } from 'vitest'
import { attribute, Client, element, errorOf, lists, user } from '../xcap/client.ts'
import { document, entry, filled, free, friends, inFriends, path } from '../xcap/friends.ts'

describe('RFC 4825 §8.3: reading', () => {
  it.each([
    ['a document', path, lists, friends],
    ['an element', `${inFriends}/entry[2]`, element, entry('b')],
    ['an attribute', `${inFriends}/entry[2]/@uri`, attribute, 'sip:b@home1.net'],
  ])('%s has its type, its content, and the entity-tag of the document', (_, target, type, body) => {
    const client = filled()
    const { status, headers, body: shown } = client.get(target)
    expect([status, headers['content-type'], shown]).toEqual([200, type, body])
    expect(headers.etag).toBe(client.get(path).headers.etag)
  })
  it('an element is shown without the declarations above it, and with its own', () => {
    const client = filled(document('<list name="friends" xmlns:x="urn:x"><x:e x:a="1"/></list>'))
    expect(client.get(`${inFriends}/x:e?xmlns(x=urn:x)`).body).toBe('<x:e x:a="1"/>')
    expect(client.get(`${inFriends}`).body).toBe('<list name="friends" xmlns:x="urn:x"><x:e x:a="1"/></list>')
  })
})

describe('RFC 4825 §8.4: deleting', () => {
  it('a document is gone, and a second time it is not there', () => {
    const client = filled()
    const { status, headers, body } = client.delete(path)
    expect([status, headers, body]).toEqual([200, {}, ''])
    expect(client.get(path).status).toBe(404)
    expect(client.delete(path).status).toBe(404)
  })
  it('an element is gone, and the text around it stays', () => {
    const client = filled()
    const { status, headers } = client.delete(`${inFriends}/entry[@uri="sip:a@home1.net"]`)
    expect(status).toBe(200)
    expect(client.text(path)).toBe(friends.replace(entry('a'), ''))
    expect(headers.etag).toBe(client.get(path).headers.etag)
    expect(client.delete(`${inFriends}/entry[@uri="sip:a@home1.net"]`).status).toBe(404)
  })
  it('an attribute is gone', () => {
    const client = filled()
    expect(client.delete(`${path}/~~/resource-lists/list[2]/@name`).status).toBe(200)
    expect(client.text(path)).toBe(friends.replace(' name="close"', ''))
  })
  it.each(['entry[1]', '*[1]', 'entry[1][@uri="sip:a@home1.net"]'])(
    'cannot-delete, if %s would find the next',
    (step) => {
      const client = filled()
      const response = client.delete(`${inFriends}/${step}`)
      if (step.includes('@')) return expect(response.status).toBe(200)
      expect(errorOf(response).kind).toBe('cannot-delete')
      expect(client.changes).toEqual([])
    },
  )
  it('the last of several may be deleted by its position', () => {
    expect(filled().delete(`${inFriends}/entry[2]`).status).toBe(200)
  })
  it.each([
    ['the root element', `${path}/~~/resource-lists`],
    ['an attribute that must be there', `${inFriends}/entry[1]/@uri`],
  ])('what the schema needs stays: %s', (_, target) => {
    const client = filled()
    expect(errorOf(client.delete(target)).kind).toBe('schema-validation-error')
    expect(client.text(path)).toBe(friends)
  })
})

describe('RFC 4825 §8.2.5: what a document must be', () => {
  it.each([
    ['another root', path, lists, '<rls-services xmlns="urn:ietf:params:xml:ns:rls-services"/>'],
    ['another namespace', path, lists, '<resource-lists/>'],
    ['an unknown child', path, lists, document('<friend/>')],
    ['an unknown child, put as element', `${inFriends}/friend`, element, '<friend/>'],
    ['a missing attribute, put as element', `${inFriends}/entry[1]`, element, '<entry/>'],
    [
      'a child in the wrong place, put as element',
      `${inFriends}/display-name`,
      element,
      '<display-name>F</display-name>',
    ],
    ['an unknown attribute', `${inFriends}/@colour`, attribute, 'red'],
    ['a value of another type', `${inFriends}/entry[1]/@uri`, attribute, 'a#b#c'],
  ])('is valid: not with %s', (_, target, type, body) => {
    const client = filled()
    const error = errorOf(client.put(target, body, type))
    expect(error.kind === 'schema-validation-error' || error.kind === 'cannot-insert').toBe(true)
    expect('phrase' in error && error.phrase).toMatch(/RFC 4826|selector/)
    expect(client.text(path)).toBe(friends)
  })
  it('elements of other namespaces are kept where the schema has room for them', () => {
    const client = filled()
    const more = '<x:more xmlns:x="urn:x"><x:deep/></x:more>'
    expect(client.put(`${inFriends}/x:more?xmlns(x=urn:x)`, more, element).status).toBe(201)
    expect(client.text(path)).toContain(more)
  })
  it('is within what can be kept: neither too deep nor too large', () => {
    const client = new Client({ usages: [free], largestBody: 20_000 })
    client.put('free/global/index', '<r/>', 'application/xml')
    const put = (body: string, selector = 'r/a') => client.put(`free/global/index/~~/${selector}`, body, element)
    expect(put(`${'<a>'.repeat(150)}${'</a>'.repeat(150)}`).status).toBe(201)
    const deep = `r${'/a'.repeat(150)}/a`
    expect(errorOf(put(`${'<a>'.repeat(60)}${'</a>'.repeat(60)}`, deep)).kind).toBe('constraint-failure')
    expect(put(`<a n="1">${'x'.repeat(15_000)}</a>`, 'r/a[2]').status).toBe(201)
    expect(errorOf(put(`<a>${'x'.repeat(15_000)}</a>`, 'r/a[3]')).kind).toBe('constraint-failure')
    const long = client.put('free/global/index/~~/r/@a', 'x'.repeat(70_000), attribute)
    expect(long.status).toBe(413)
  })
  it('RFC 9110 §15.5.14: content that no document needs is refused before it is looked at', () => {
    const client = filled()
    expect(client.put(path, ' '.repeat(10_000_000), lists).status).toBe(413)
    expect(client.put(path, 'é'.repeat(600_000), lists).status).toBe(413)
    expect(client.put(path, new Uint8Array(1_000_001), lists).status).toBe(413)
    expect(client.text(path)).toBe(friends)
  })
})

describe('RFC 4825 §8.5: entity-tags', () => {
  it('each change gives a new one to the document and all of its nodes', () => {
    const client = filled()
    const nodes = [path, inFriends, `${inFriends}/entry[1]/@uri`, `${path}/~~/resource-lists/list[2]`]
    const tags = new Set<string>()
    const changes: (() => unknown)[] = [
      () => client.put(`${inFriends}/entry[3]`, entry('c'), element),
      () => client.put(`${inFriends}/entry[3]`, entry('d'), element),
      () => client.put(`${path}/~~/resource-lists/list[2]/@name`, 'closest', attribute),
      () => client.delete(`${inFriends}/entry[3]`),
      () => client.put(path, `${friends}\n`, lists),
    ]
    for (const change of changes) {
      change()
      const seen = new Set(nodes.map((node) => client.get(node).headers.etag))
      expect(seen.size).toBe(1)
      for (const tag of seen) tags.add(tag!)
    }
    expect(tags.size).toBe(changes.length)
  })
  it('they are strong, and in the answer to each change of a document that is still there', () => {
    const client = filled()
    const changes = [
      () => client.put(path, document('<list name="friends"/>'), lists),
      () => client.put(`${inFriends}/entry`, entry('x'), element),
      () => client.put(`${inFriends}/entry`, entry('x'), element),
      () => client.delete(`${inFriends}/entry`),
    ]
    for (const change of changes) {
      const { etag } = change().headers
      expect(etag).toMatch(/^"[^"]+"$/)
      expect(etag).toBe(client.get(path).headers.etag)
    }
  })
  it('what changes nothing gives no new one, and nobody hears of it', () => {
    const client = filled()
    const { etag } = client.get(path).headers
    for (const response of [
      client.put(path, friends, lists),
      client.put(`${inFriends}/entry[1]`, `\n${entry('a')}`, element),
      client.put(`${inFriends}/entry[1]/@uri`, '"sip:a@home1.net"', attribute),
    ]) {
      expect([response.status, response.headers.etag]).toEqual([200, etag])
    }
    expect(client.changes).toEqual([])
  })
  it('none is used again for another content, not after a deletion either', () => {
    const client = new Client({}, user)
    const contents = new Map<string, string>()
    const note = (): void => {
      const { headers, body } = client.get(path)
      const before = contents.get(headers.etag!)
      if (before !== undefined) expect(before).toBe(body)
      contents.set(headers.etag!, String(body))
    }
    for (let round = 0; round < 50; round++) {
      client.put(path, document(`<list name="friends">${entry(`r${round % 7}`)}</list>`), lists)
      note()
      for (const name of ['x', 'y', `z${round % 5}`]) {
        client.put(`${inFriends}/entry[@uri="sip:${name}@home1.net"]`, entry(name), element)
        note()
      }
      client.delete(`${inFriends}/entry[2]`)
      client.delete(`${inFriends}/entry[4]`)
      note()
      client.delete(path)
    }
    expect(contents.size).toBeGreaterThan(30)
  })
  it('they are made by whoever is told to', () => {
    let serial = 0
    const client = new Client({ etag: ({ path: of, before }) => `${of.length}.${++serial}.${before?.etag ?? 'new'}` })
    expect(client.put(path, friends, lists).headers.etag).toBe(`"${path.length}.1.new"`)
    expect(client.put(path, document(), lists).headers.etag).toBe(`"${path.length}.2.${path.length}.1.new"`)
    expect(client.put(path, document(), lists).headers.etag).toBe(`"${path.length}.2.${path.length}.1.new"`)
  })
})

describe('RFC 4825 §7.11, RFC 4825 §8.2.6, RFC 9110 §13.1.1, RFC 9110 §13.1.2: conditions', () => {
  const change = {
    'PUT of a document': (client: Client, headers: Record<string, string>) =>
      client.put(path, document(), lists, headers),
    'PUT of an element': (client: Client, headers: Record<string, string>) =>
      client.put(`${inFriends}/entry[3]`, entry('c'), element, headers),
    'PUT of an attribute': (client: Client, headers: Record<string, string>) =>
      client.put(`${path}/~~/resource-lists/list[2]/@name`, 'x', attribute, headers),
    'DELETE of a document': (client: Client, headers: Record<string, string>) => client.delete(path, headers),
    'DELETE of an element': (client: Client, headers: Record<string, string>) =>
      client.delete(`${path}/~~/resource-lists/list[2]`, headers),
  }
  const succeeds = [
    ['If-Match', '%'],
    ['If-Match', '*'],
    ['If-Match', '"x", %, "y"'],
    ['If-Match', '"a,b",%'],
    ['if-match', '%'],
    ['If-None-Match', '"x"'],
    ['If-None-Match', '"x", W/"y"'],
  ] as const
  const fails = [
    ['If-Match', '"x"'],
    ['If-Match', '"x", "y"'],
    ['If-Match', 'W/%'],
    ['If-Match', ''],
    ['IF-NONE-MATCH', '%'],
    ['If-None-Match', 'W/%'],
    ['If-None-Match', '"x", %'],
    ['If-None-Match', '*'],
  ] as const

  describe.each(Object.entries(change))('%s', (_, act) => {
    it.each(succeeds)('%s: %s is met', (name, value) => {
      const client = filled()
      const { etag } = client.get(path).headers
      expect(act(client, { [name]: value.replace('%', etag!) }).status).toBeLessThan(300)
      expect(client.changes).toHaveLength(1)
    })
    it.each(fails)('%s: %s is not met: 412, and nothing is changed', (name, value) => {
      const client = filled()
      const { etag } = client.get(path).headers
      const response = act(client, { [name]: value.replace('%', etag!) })
      expect([response.status, response.headers.etag]).toEqual([412, etag])
      expect(client.changes).toEqual([])
      expect(client.text(path)).toBe(friends)
    })
  })

  it('If-Match that fails is 412 also for the same content', () => {
    expect(filled().put(path, friends, lists, { 'If-Match': '"x"' }).status).toBe(412)
  })
  it('If-Match is not met by a document that is not there, If-None-Match is', () => {
    const client = new Client({}, user)
    for (const value of ['*', '"x"']) expect(client.put(path, friends, lists, { 'If-Match': value }).status).toBe(412)
    expect(client.put(inFriends, '<list/>', element, { 'If-Match': '*' }).status).toBe(412)
    expect(client.put(path, friends, lists, { 'If-None-Match': '*' }).status).toBe(201)
    expect(client.put(path, friends, lists, { 'If-None-Match': '*' }).status).toBe(412)
  })
  it('both have to be met', () => {
    const client = filled()
    const { etag } = client.get(path).headers
    expect(client.put(path, document(), lists, { 'If-Match': etag!, 'If-None-Match': etag! }).status).toBe(412)
  })
  it.each([path, inFriends, `${inFriends}/entry[1]/@uri`, `${inFriends}/namespace::*`])(
    'RFC 9110 §13.1.2: what the client has is not sent again: 304 for %s',
    (target) => {
      const client = filled()
      const { etag } = client.get(target).headers
      for (const value of [etag!, '*', `"x", ${etag}`, `W/${etag}`]) {
        const { status, headers, body } = client.get(target, { 'If-None-Match': value })
        expect([status, headers, body]).toEqual([304, { etag }, ''])
      }
      expect(client.get(target, { 'If-None-Match': '"x"' }).status).toBe(200)
      expect(client.get(target, { 'If-Match': '"x"' }).status).toBe(412)
    },
  )
  it('conditions are not looked at where the answer is another one anyway', () => {
    const client = filled()
    const condition = { 'If-Match': '"x"' }
    expect(client.get(`${path}x`, condition).status).toBe(404)
    expect(client.delete(`${inFriends}/entry[9]`, condition).status).toBe(404)
    expect(client.put(path, document(), 'text/plain', condition).status).toBe(415)
    expect(client.request('POST', path, '', condition).status).toBe(405)
    client.identity = 'sip:other@home1.net'
    expect(client.put(path, document(), lists, condition).status).toBe(403)
  })
  it('of two clients that change what both have read, the second one learns of it', () => {
    const client = filled()
    const { etag } = client.get(path).headers
    expect(client.put(`${inFriends}/entry[3]`, entry('c'), element, { 'If-Match': etag! }).status).toBe(201)
    expect(client.put(`${inFriends}/entry[3]`, entry('d'), element, { 'If-Match': etag! }).status).toBe(412)
  })
})
