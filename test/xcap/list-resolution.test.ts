import { describe, expect, it } from 'vitest'
import {
  parseResourceLists,
  parseRlsServices,
  type ResourceLists,
  type RlsServices,
} from '../../src/documents/index.ts'
import {
  findService,
  type ListReach,
  memoryStore,
  mostReferences,
  resolveList,
  resolveService,
} from '../../src/xcap/index.ts'
import { Client, lists, user } from './client.ts'

const root = 'http://xcap.home1.net/services'
const index = `resource-lists/users/${user}/index`
const listAt = (name: string, path = index) => `${root}/${path}/~~/resource-lists/list%5b@name=%22${name}%22%5d`
const external = (name: string, path?: string) => `<external anchor="${listAt(name, path)}"/>`
const entry = (name: string) => `<entry uri="sip:${name}@home1.net"/>`
const list = (name: string, ...members: string[]) => `<list name="${name}">${members.join('')}</list>`
const document = (...all: string[]) =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${all.join('')}</resource-lists>`

/** What becomes of the first list of a document, beside the same document and others in a store. */
function flat(first: string, more: Record<string, string> = {}, reach: Partial<ListReach> = {}) {
  const client = new Client()
  for (const [path, text] of Object.entries({ [index]: first, ...more })) {
    const { status, body } = client.put(path, text, lists)
    if (status !== 201) throw new Error(String(body))
  }
  const { lists: all } = parseResourceLists(first) as ResourceLists
  const { members, toFetch, problems } = resolveList(all[0]!, { root, store: memoryStore(client.documents), ...reach })
  const names = members.map(({ uri, displayName }) => [uri.slice(4, -10), displayName?.text].filter(Boolean).join(' '))
  return { names: names.join(','), toFetch, problems: problems.map(({ kind }) => kind) }
}

const nothing = { toFetch: [], problems: [] }

describe('RFC 4826 §3.1: the resources of a list', () => {
  it('are its entries and those of the lists in it, in order, each once', () => {
    const text = document(list('a', entry('x'), list('b', entry('y'), entry('x')), entry('z')))
    expect(flat(text)).toEqual({ names: 'x,y,z', ...nothing })
  })
  it('are those of external lists at this server', () => {
    const text = document(list('a', entry('x'), external('b'), entry('z')), list('b', entry('y')))
    expect(flat(text)).toEqual({ names: 'x,y,z', ...nothing })
  })
  it('are entries that are referred to, with their name or one of its own', () => {
    const ref = (name: string) =>
      `${index}/~~/resource-lists/list%5b@name=%22b%22%5d/entry%5b@uri=%22sip:${name}@home1.net%22%5d`
    const named = `<entry uri="sip:y@home1.net"><display-name>Yes</display-name></entry>`
    const text = (name: string) =>
      document(list('a', `<entry-ref ref="${ref('y')}">${name}</entry-ref>`), list('b', named))
    expect(flat(text(''))).toEqual({ names: 'y Yes', ...nothing })
    expect(flat(text('<display-name>No</display-name>'))).toEqual({ names: 'y No', ...nothing })
    const wrong = document(list('a', `<entry-ref ref="${ref('nobody')}"/>`), list('b'))
    expect(flat(wrong)).toEqual({ names: '', toFetch: [], problems: ['missing'] })
  })
  it('are told apart as the caller tells them apart', () => {
    const text = document(list('a', entry('x'), entry('X')))
    expect(flat(text).names).toBe('x,X')
    expect(flat(text, {}, { sameAs: (uri) => uri.toLowerCase() }).names).toBe('x')
  })
})

describe('references that lead nowhere', () => {
  it('are loops, which are found and left', () => {
    const text = document(
      list('a', entry('x'), external('b')),
      list('b', entry('y'), external('c')),
      list('c', external('b')),
    )
    expect(flat(text)).toEqual({ names: 'x,y', toFetch: [], problems: ['loop'] })
  })
  it('are lists within themselves', () => {
    const text = document(list('a', entry('x'), external('a')))
    expect(flat(text)).toEqual({ names: 'x', toFetch: [], problems: ['loop'] })
  })
  it('are not lists that are named twice', () => {
    const text = document(list('a', list('b', external('d')), list('c', external('d'))), list('d', entry('x')))
    expect(flat(text)).toEqual({ names: 'x', ...nothing })
  })
  it('are lists that are not there, and what is no list', () => {
    const text = document(list('a', external('nothing'), `<external anchor="${root}/${index}/~~/resource-lists"/>`))
    expect(flat(text)).toEqual({ names: '', toFetch: [], problems: ['missing', 'missing'] })
  })
  it('are lists of other users, for who reads in the name of one', () => {
    const other = 'resource-lists/users/sip:other@home1.net/index'
    const text = document(list('a', entry('x'), external('b', other)))
    const more = { [other]: document(list('b', entry('y'))) }
    expect(flat(text, more)).toEqual({ names: 'x,y', ...nothing })
    expect(flat(text, more, { xui: user })).toEqual({ names: 'x', toFetch: [], problems: ['forbidden'] })
  })
  it('are those beyond a thousand', () => {
    const chain = Array.from({ length: mostReferences + 100 }, (_, i) =>
      list(`n${i}`, entry(`e${i}`), external(`n${i + 1}`)),
    )
    const { names, problems } = flat(document(...chain))
    expect(names.split(',')).toHaveLength(mostReferences + 1)
    expect(problems).toEqual(['too-many'])
  })
})

describe('lists elsewhere', () => {
  const there = 'http://lists.example.com/resource-lists/users/sip:a@example.com/index/~~/resource-lists/list'
  const text = document(list('a', entry('x'), `<external anchor="${there}"/>`))

  it('are to be fetched', () => {
    expect(flat(text)).toEqual({ names: 'x', toFetch: [there], problems: [] })
  })
  it('are taken from what was fetched, which has no declaration of its own', () => {
    const fetched = new Map([[there, `<list>${entry('y')}</list>`]])
    expect(flat(text, {}, { fetched })).toEqual({ names: 'x,y', ...nothing })
  })
  it('are missing if nothing came, or no list', () => {
    for (const body of [undefined, '<entry uri="a:b"/>', '<list', new Uint8Array([0xff])]) {
      const fetched = new Map([[there, body]])
      expect(flat(text, {}, { fetched })).toEqual({ names: 'x', toFetch: [], problems: ['missing'] })
    }
  })
})

describe('RFC 4826 §4.1: the resources of a service', () => {
  const services = (source: string) =>
    `<rls-services xmlns="urn:ietf:params:xml:ns:rls-services"><service uri="sip:list@home1.net">${source}</service></rls-services>`
  const rls = 'application/rls-services+xml'

  it.each([
    ['its own list', `<list xmlns:l="urn:ietf:params:xml:ns:resource-lists"><l:entry uri="sip:x@home1.net"/></list>`],
    ['a list elsewhere', `<resource-list>${listAt('a')}</resource-list>`],
  ])('are those of %s', (_, source) => {
    const client = new Client()
    expect(client.put(index, document(list('a', entry('x'))), lists).status).toBe(201)
    const path = `rls-services/users/${user}/index`
    expect(client.put(path, services(source), rls).status).toBe(201)
    const store = memoryStore(client.documents)
    const found = findService('sip:list@home1.net', store)
    expect(found?.path).toBe(path)
    const { services: all } = parseRlsServices(services(source)) as RlsServices
    expect(found?.service).toEqual(all[0])
    expect(resolveService(found!.service, { root, store }).members).toEqual([{ uri: 'sip:x@home1.net' }])
    expect(findService('sip:other@home1.net', store)).toBeUndefined()
  })
})
