/** A server on which a user has a list of friends: what tests of RFC 4825 begin with. */
import type { DocumentUsage } from '../../src/xcap/index.ts'
import { Client, lists, user } from './client.ts'

export const path = `resource-lists/users/${user}/index`

/** A document of lists. */
export const document = (...all: string[]): string =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${all.join('')}</resource-lists>`

export const entry = (name: string): string => `<entry uri="sip:${name}@home1.net"/>`

/** A list with two entries, and white space between them; and one without any. */
export const friends = document(`<list name="friends">${entry('a')}\n ${entry('b')}\n</list>`, '<list name="close"/>')
export const inFriends = `${path}/~~/resource-lists/list[@name="friends"]`

/** A client that asks as the user, of a server on which she has a document. */
export function filled(text = friends): Client {
  const client = new Client({}, user)
  const { status, body } = client.put(path, text, lists)
  if (status !== 201) throw new Error(String(body))
  client.changes.length = 0
  return client
}

/** A usage whose documents are any well-formed ones. */
export const free: DocumentUsage = {
  kind: 'documents',
  auid: 'free',
  clause: 'none',
  contentType: 'application/xml',
  defaultNamespace: '',
  schemas: [],
}
