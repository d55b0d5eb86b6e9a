/** The XCAP server in process, on lists of two hundred entries. */
import { type DocumentStore, memoryStore, type StoredDocument, xcapServer } from '../../src/xcap/index.ts'
import { documentOf, entries, entryOf, pathOf, selectorOf, users } from './contact-lists.ts'
import { type Figure, shortest } from './figure.ts'

const calls = 2000

/** A server with a list for each user. */
function filled(store: DocumentStore) {
  const server = xcapServer({ store })
  for (let number = 0; number < users; number++) {
    const headers = { 'content-type': 'application/resource-lists+xml' }
    const { status } = server.handle({ method: 'PUT', target: pathOf(number), headers, body: documentOf(0) })
    if (status !== 201) throw new Error(`A document is answered ${status}`)
  }
  return server
}

export function xcapFigures(): Figure[] {
  const server = filled(memoryStore(new Map<string, StoredDocument>()))
  const headers = { 'content-type': 'application/xcap-el+xml' }
  let serial = 0
  const ask = (request: Parameters<typeof server.handle>[0], status: number) => {
    const response = server.handle(request, `sip:user${serial % users}@home1.net`)
    if (response.status !== status)
      throw new Error(`${request.method} is answered ${response.status}: ${response.body}`)
  }
  const get = () => {
    serial++
    ask({ method: 'GET', target: pathOf(serial % users) + selectorOf(serial % entries) }, 200)
  }
  const replace = () => {
    serial++
    const entry = (serial * 7) % entries
    const target = pathOf(serial % users) + selectorOf(entry)
    ask({ method: 'PUT', target, headers, body: entryOf(entry, `Friend ${serial}`) }, 200)
  }
  const insertAndDelete = () => {
    serial++
    const target = pathOf(serial % users) + selectorOf(entries)
    ask({ method: 'PUT', target, headers, body: entryOf(entries, 'New') }, 201)
    ask({ method: 'DELETE', target }, 200)
  }
  const put = () => {
    serial++
    const whole = { 'content-type': 'application/resource-lists+xml' }
    ask({ method: 'PUT', target: pathOf(serial % users), headers: whole, body: documentOf(serial) }, 200)
  }
  const documents = () => {
    serial++
    ask({ method: 'GET', target: pathOf(serial % users) }, 200)
  }
  const rate = (work: () => void, each = 1) => {
    const round = () => {
      for (let i = 0; i < calls; i++) work()
    }
    round()
    return (calls * each * 1000) / shortest(5, round)
  }
  return [
    { name: 'xcap.document.get', value: rate(documents), unit: 'requests/s' },
    { name: 'xcap.document.put', value: rate(put), unit: 'requests/s' },
    { name: 'xcap.element.get', value: rate(get), unit: 'requests/s' },
    { name: 'xcap.element.put', value: rate(replace), unit: 'requests/s' },
    { name: 'xcap.element.insert-delete', value: rate(insertAndDelete, 2), unit: 'requests/s' },
  ]
}
