/**
 * TS 24.141 §6.3.2: an application server keeps the XML documents of its users, and lets them be read and changed
 * over Ut. What happens to a document is the business of RFC 4825; this is who may ask, and whom a change is told.
 */
import { httpAmended, httpResponse } from '../../http/exchange.ts'
import type { HttpRequest } from '../../http/message.ts'
import type { Address } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { type DocumentChange, type Served, type Usage, xcapServer } from '../../xcap/index.ts'
import { addressOfRecord } from '../address-of-record.ts'
import { readQuoted } from '../quoted-identities.ts'
import type { Host, Role } from '../role.ts'

type HttpTurn = SipTurn<HttpRequest>

/** What the topology says of a server of documents. */
export interface DocumentServerSettings {
  /** The XCAP root by its absolute URI. */
  readonly root: string
  /** The XCAP user identifiers of each user, by canonical identity. */
  readonly users: Readonly<Record<string, readonly string[]>>
  /**
   * Whether the host lets nobody in of whom it does not know who it is; if not, the server believes what a UE says of
   * itself, as in figures that leave the proxies out.
   */
  readonly isProved: boolean
  /** The application usages; all that there are if undefined. */
  readonly usages?: readonly Usage[]
}

/** A server of documents: the documents themselves are those of its host. */
export interface DocumentServer {
  readonly settings: DocumentServerSettings
}

const trust = rule(
  'TS 24.141 §6.3.2.1',
  'the server of documents serves a user by the identities that have been found to be hers',
  ['R6.3.2.2-a', 'R6.3.2.3-a', 'R6.3.2.4-a'],
)
const serve = rule('TS 24.141 §6.3.2.1', 'an application server that has documents is the XCAP server for them', [
  'R6.2.2-a',
  'R6.3.2.1-a',
])
const nobody = rule('TS 24.141 §6.3.2.1', 'a request of somebody who is not known is refused', ['R6.3.2.2-a'])

/** §6.3.2: the role. */
export const documentServerRole: Role<DocumentServer> = {
  name: 'documentServer',
  clause: 'TS 24.141 §6.3.2',
  timers: [],
  commands: [],
  sends: [],
  start: (settings) => ({ settings: settings as DocumentServerSettings }),
  takes: () => false,
  takesHttp: ({ kind }) => kind === 'request',

  onHttp(server, message, from, host, turn) {
    const request = message as HttpRequest
    const identities = identitiesOf(server.settings, request)
    turn.decide(trust, identities === 'nobody' ? 'refuse' : 'allow', factsOf(identities))
    if (identities === 'nobody' && !turn.without(nobody))
      return host.sendHttp(from, httpResponse(turn, request, 403, nobody), turn)
    const asked = identities === 'nobody' ? undefined : identities
    const served = serverOf(server.settings, host, turn).serve(request, asked)
    turn.decide(served.why, String(served.status), served.facts)
    answer(served, request, from, host, turn)
    if (served.changes.length > 0) host.documentsChanged(served.changes, turn)
  },
}

/** RFC 4825 upon the documents of the host. */
const serverOf = ({ root, users, usages }: DocumentServerSettings, host: Host, turn: HttpTurn) =>
  xcapServer({
    root,
    store: host.documents!,
    etag: () => turn.identifier(),
    owns: (identity, xui) => users[addressOfRecord(identity)]?.includes(xui) === true,
    isUser: (xui) => Object.values(users).some((identifiers) => identifiers.includes(xui)),
    isTaken: (uri) => users[addressOfRecord(uri)] !== undefined,
    ...(usages && { usages }),
  })

/** The response in parts, each with the rule that put it there. */
function answer(served: Served, request: HttpRequest, to: Address, host: Host, turn: HttpTurn): void {
  let response = httpResponse(turn, request, served.status, serve, { body: served.body })
  for (const { rule: why, headers } of served.fields) response = httpAmended(turn, response, why, { headers }, request)
  host.sendHttp(to, response, turn)
}

/**
 * TS 24.109 §7.3: who asks, in quotation marks, as it was found out. Where nobody asks for proof: who the UE says it
 * is, and without that everybody may do everything.
 */
function identitiesOf(
  { isProved }: DocumentServerSettings,
  { headers }: HttpRequest,
): readonly string[] | undefined | 'nobody' {
  if (!isProved) return readQuoted(headers['x-3gpp-intended-identity'] ?? '')
  return readQuoted(headers['x-3gpp-asserted-identity'] ?? '') ?? 'nobody'
}

const factsOf = (identities: readonly string[] | undefined | 'nobody') =>
  typeof identities === 'object' ? { identities: identities.join(', ') } : { identities: identities ?? 'not said' }

/** What has become of one kind of document of one user: of which usage, whose, and under which name. */
export interface UserDocument {
  readonly auid: string
  readonly xui: string
  readonly name: string
}

/** The usage, the user and the name in the path of a document; undefined for one that is no user's. */
export function userDocument({ path }: Pick<DocumentChange, 'path'>): UserDocument | undefined {
  const [auid, tree, xui, ...names] = path.split('/')
  return tree === 'users' && xui !== undefined ? { auid: auid!, xui, name: names.join('/') } : undefined
}
