/** What does not leave those whom it is for: identities, what networks tell each other, keys, credentials. */
import { childElements, isDocumentError, parseXml } from '../documents/index.ts'
import type { Message } from '../message.ts'
import { listIn, statesIn } from '../presence/watcher/told-lists.ts'
import type { Address } from '../sim/node.ts'
import type { TraceEvent } from '../sim/trace.ts'
import type { HeaderName } from '../sip/headers.ts'
import type { Body, SipMessage, SipRequest } from '../sip/message.ts'
import { type Check, check, type Finder } from './check.ts'
import { newRequests, requestKey, sentRequests, taken } from './sip-traffic.ts'

/** RFC 3856 §6.6.2: nothing is told to whom nobody has allowed to watch, directly or by a list. */
export const undecidedToldNothing: Check = check(
  'A watcher about whom nobody has decided, or who was rejected, is told nothing of the presentity',
  'RFC 3856 §6.6.2',
  () => {
    const isNew = newRequests('NOTIFY')
    return (event) =>
      isNew(event).flatMap((notify) => {
        const { event: about, from, to, subscriptionState } = notify.headers
        if (about?.value !== 'presence') return []
        const list = listIn(notify)
        if (typeof list === 'object') {
          const told = statesIn(list).filter(({ state, reason, part }) => isShut(state, reason) && tells(part.body))
          return told.map(({ uri, state }) => `${to?.uri} is told of ${uri}, for whom it is ${state}`)
        }
        const { value, params } = subscriptionState ?? {}
        if (!isShut(value, params?.reason) || !tells(notify.body)) return []
        return [`${to?.uri} is told of ${from?.uri}, for whom it is ${value}`]
      })
  },
)

const isShut = (state: string | undefined, reason: unknown): boolean =>
  state === 'pending' || (state === 'terminated' && reason === 'rejected')

/** Whether a body has anything in it, besides the name of the presentity. */
function tells(body: Body): boolean {
  if (body === '') return false
  const document = parseXml(body)
  return isDocumentError(document) || childElements(document.root).length > 0
}

/** TS 24.229 §4.4, §5.2.6.4.3: what only networks may say, and where others are. */
const forNetworks: readonly HeaderName[] = [
  'pAccessNetworkInfo',
  'pVisitedNetworkId',
  'pChargingVector',
  'pChargingFunctionAddresses',
  'pServedUser',
  'pProfileKey',
  'pUserDatabase',
]

/** Looks at what UEs are given. */
function givenToUes(faults: (message: SipMessage, ue: Address) => string[]): Finder {
  const users = new Users()
  return (event) => {
    users.follow(event)
    const message = taken(event)
    return message === undefined || !users.has(event.node) ? [] : faults(message, event.node)
  }
}

/** RFC 3325 §7, TS 24.229 §4.4: what is said within the trust domain is not told to a UE. */
export const networkToldNotToUe: Check = check(
  'A UE is told nothing that networks tell each other, nor an identity that is to be private',
  'TS 24.229 §4.4',
  () =>
    givenToUes((message, ue) => {
      const { headers } = message
      const names = forNetworks.filter((name) => headers.text(name) !== undefined)
      if (headers.pAssertedIdentity !== undefined && headers.privacy?.includes('id')) names.push('pAssertedIdentity')
      return names.map((name) => `${ue} is told ${headers.text(name)} by ${nameOf(message)}`)
    }),
)

/** TS 33.203 §6.1, TS 24.229 §5.2.2: the keys of a challenge end at the P-CSCF. */
export const keysToldNotToUe: Check = check(
  'The keys in a challenge are not sent to the UE',
  'TS 24.229 §5.2.2.2',
  () =>
    givenToUes((message, ue) => {
      const keys = (message.headers.wwwAuthenticate ?? []).flatMap(({ params }) =>
        ['ck', 'ik'].filter((name) => params[name] !== undefined),
      )
      return keys.map((key) => `${ue} is sent ${key} in ${nameOf(message)}`)
    }),
)

/** RFC 3329 §2.3.1, TS 24.229 §5.2.2: what UE and P-CSCF agree on is between them. */
export const agreementStays: Check = check(
  'What a UE says of its security agreement goes no further than to the P-CSCF',
  'RFC 3329 §2.3.1',
  () => {
    const authors = new Map<string, Address>()
    return (event) =>
      sentRequests(event).flatMap((request) => {
        const { securityClient, securityVerify } = request.headers
        const key = requestKey(request)
        const author = authors.get(key) ?? event.node
        authors.set(key, author)
        if (author === event.node || (securityClient ?? securityVerify) === undefined) return []
        return [`${event.node} passes the security agreement on in ${nameOf(request)}`]
      })
  },
)

/** TS 24.229 §5.4.1.7, TS 24.109 §7.2: credentials are for whoever checks them. */
export const credentialsStay: Check = check(
  'The credentials of a user are not passed on to an application server',
  'TS 24.109 §7.2',
  () => {
    const users = new Users()
    const isNew = newRequests()
    const exchanges = new Map<string, Address>()
    return (event) => {
      users.follow(event)
      const told = isNew(event)
        .filter(({ headers }) => headers.authorization !== undefined && !users.has(event.node))
        .map((request) => `${event.node} sends credentials in ${nameOf(request)}`)
      for (const one of event.effects) {
        if (one.kind !== 'send' || one.message.protocol !== 'http' || one.message.kind !== 'request') continue
        const { headers, method, target, exchange } = one.message
        const author = exchanges.get(exchange) ?? event.node
        exchanges.set(exchange, author)
        const isVouchedFor = author !== event.node && headers['x-3gpp-asserted-identity'] !== undefined
        if (isVouchedFor && headers.authorization !== undefined)
          told.push(`${event.node} sends credentials in ${method} ${target}`)
      }
      return told
    }
  },
)

const nameOf = (message: SipMessage): string =>
  message.kind === 'request' ? `${message.method} ${message.uri}` : `${message.status}`

/** The UEs, known by what only they say: whom they prefer to be, and what they agree on with a P-CSCF. */
class Users {
  private readonly users = new Set<Address>()
  private readonly isNew = newRequests()

  follow(event: TraceEvent<Message>): void {
    if (this.isNew(event).some(isOfUser)) this.users.add(event.node)
  }

  has(node: Address): boolean {
    return this.users.has(node)
  }
}

const isOfUser = ({ headers }: SipRequest): boolean =>
  (headers.pPreferredIdentity ?? headers.securityClient ?? headers.securityVerify) !== undefined
