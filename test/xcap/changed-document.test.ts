import { describe, expect, it } from 'vitest'
import { duplicates, isDocumentError, parseResourceLists, parseXml, printXml } from '../../src/documents/index.ts'
import { memoryStore, type StoredDocument, xcapServer } from '../../src/xcap/index.ts'

const path = 'resource-lists/users/sip:a@home1.net/index'
const document = `/xcap-root/${path}`
const entry = (serial: number, name: string) =>
  `<entry uri="sip:u${serial}@home1.net"><display-name>${name}</display-name></entry>`

/** A generator of numbers below a limit, the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function filled(members: string) {
  const documents = new Map<string, StoredDocument>()
  const server = xcapServer({ store: memoryStore(documents) })
  const lists = `<list name="friends">${members}</list>`
  const body = `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${lists}</resource-lists>\n`
  const headers = { 'content-type': 'application/resource-lists+xml' }
  expect(server.handle({ method: 'PUT', target: document, headers, body }).status).toBe(201)
  return { server, documents }
}

const at = (selector: string) => `${document}/~~/resource-lists/list%5b1%5d/${selector}`

/** A change, which puts an entry where one is, puts one that may be there already, takes one away, or repeats one. */
function someChange(next: (below: number) => number) {
  const own = next(60)
  const selector = `entry%5b@uri=%22sip:u${own}@home1.net%22%5d`
  const headers = { 'content-type': 'application/xcap-el+xml' }
  const kind = next(6)
  if (kind === 0) return { method: 'DELETE', target: at(selector) }
  if (kind === 1)
    return { method: 'PUT', target: at(`*%5b${1 + next(40)}%5d`), headers, body: entry(next(60), 'Moved') }
  if (kind === 2) return { method: 'PUT', target: at(selector), headers, body: entry(own, 'Bad').replace('uri', 'url') }
  const body = kind === 3 ? entry(own, 'Same &amp; same') : entry(own, `Name ${next(1000)}`)
  return { method: 'PUT', target: at(selector), headers, body }
}

describe('A document that is changed by its nodes', () => {
  it.each([1, 2, 3, 4])('has the text, validity and uniqueness that it has when it is read anew, seed %i', (seed) => {
    const next = numbers(seed)
    const quoted = `<!--${entry(7, 'Friend 7')}-->`
    const { server, documents } = filled(
      Array.from({ length: 40 }, (_, i) => entry(i, `Friend ${i}`)).join('\n') + quoted,
    )
    const seen = new Set<number>()
    for (let turn = 0; turn < 150; turn++) {
      const before = documents.get(path)!
      const change = someChange(next)
      const { status } = server.handle(change)
      seen.add(status)
      const after = documents.get(path)!
      if (status >= 400) {
        expect(after).toBe(before)
        // Without what was kept of changes before, the same is refused.
        const anew = xcapServer({ store: memoryStore(new Map([[path, { ...before, body: `${before.body}` }]])) })
        expect(anew.handle(change).status).toBe(status)
        continue
      }
      const tree = parseXml(after.body)
      if (isDocumentError(tree)) throw new Error(tree.reason)
      if (after !== before) expect(after.body).toBe(`${printXml(tree)}\n`)
      const value = parseResourceLists(after.body as string)
      if (isDocumentError(value)) throw new Error(value.reason)
      expect(duplicates(value.lists)).toEqual([])
      const anew = xcapServer({ store: memoryStore(new Map([[path, { ...before, body: `${before.body}` }]])) })
      expect(anew.handle(change).status).toBe(status)
      for (const serial of [next(60), next(60)]) {
        const target = at(`entry%5b@uri=%22sip:u${serial}@home1.net%22%5d`)
        const fresh = xcapServer({ store: memoryStore(new Map([[path, { ...after }]])) })
        expect(server.handle({ method: 'GET', target }).body).toBe(fresh.handle({ method: 'GET', target }).body)
      }
    }
    expect([...seen].toSorted()).toEqual([200, 201, 404, 409])
  })
})
