/**
 * TS 24.229 §4.4: the trust domain. What its entities say to one another they believe from nobody else, and tell nobody
 * else. A UE is outside for this matter, except that it tells its own access network.
 */
import { type Rule, rule } from '../sim/rule.ts'
import { type HeaderName, headerRows, rowOf } from '../sip/headers.ts'
import type { HeaderChanges, SipMessage } from '../sip/message.ts'
import type { SipTurn } from '../sip/transaction/transaction-user.ts'

const dropClaimed = rule('TS 24.229 §5.2.6.3.3', 'what only the network may say is removed from a UE request')
const dropForeign = rule('TS 24.229 §5.3.2.1', 'what comes from outside the trust domain is not believed')
const keepInside = rule('TS 24.229 §4.4.1', 'what is said inside the trust domain is not told outside')
const keepFromUe = rule('TS 24.229 §5.2.6.4.3', 'what the network says to itself is not told to a UE')
const keepPrivate = rule('RFC 3325 §7', 'an identity that is to be kept private does not leave the trust domain')

/** §4.4.3, §4.4.18: what a UE may say of its own access. */
const ofAccess: readonly HeaderName[] = ['pAccessNetworkInfo', 'cellularNetworkInfo']

/** §4.4.2 to §4.4.18, §4.5: all else that only the network may say. */
const ofNetwork: readonly HeaderName[] = [
  ...([
    'pVisitedNetworkId',
    'pChargingVector',
    'pChargingFunctionAddresses',
    'pAssertedService',
    'pServedUser',
  ] as const),
  ...(['pProfileKey', 'pUserDatabase', 'pPrivateNetworkIndication', 'relayedCharge', 'resourceShare'] as const),
  'restorationInfo',
]

/** What only S-CSCFs tell of the users they serve, and registrars of their registrations. */
const ofServing: readonly HeaderName[] = ['pCalledPartyId', 'pAssociatedUri']

const fromUe = flags(['pAssertedIdentity', ...ofNetwork, ...ofServing])
const fromOutside = flags(['pAssertedIdentity', ...ofNetwork, ...ofAccess])
const toOutside = flags([...ofNetwork, ...ofAccess])

/** By row of the header table: 1 for a header field that is among these. */
function flags(names: readonly HeaderName[]): Uint8Array {
  const rows = new Uint8Array(headerRows.length)
  for (const name of names) rows[rowOf(name)] = 1
  return rows
}

/** The message without the header fields of these rows. */
function without<T extends SipMessage>(message: T, rows: Uint8Array, why: Rule, turn: SipTurn): T {
  const found: Partial<Record<HeaderName, undefined>> = {}
  let isFound = false
  for (const { row } of message.headers.fields) {
    if (row < 0 || rows[row] === 0) continue
    found[headerRows[row]!.property] = undefined
    isFound = true
  }
  return isFound ? turn.amend(message, why, found satisfies HeaderChanges) : message
}

/** §5.2.6.3.3, RFC 3325 §5: what came from a UE, without what it may not say. */
export function believedOfUe<T extends SipMessage>(message: T, turn: SipTurn): T {
  const believed = without(message, fromUe, dropClaimed, turn)
  // §4.4.3: what says that the network provides it does not come from a UE.
  const access = believed.headers.pAccessNetworkInfo
  if (access === undefined || !Object.hasOwn(access.params, 'network-provided')) return believed
  return turn.amend(believed, dropClaimed, { pAccessNetworkInfo: undefined })
}

/** §5.2.6.4.3, RFC 3325 §7: a message as a UE may see it. */
export const forUe = <T extends SipMessage>(message: T, turn: SipTurn): T =>
  withPrivacy(without(message, toOutside, keepFromUe, turn), turn)

/** §5.3.2.1: what came from outside the trust domain. */
export const believedOfStranger = <T extends SipMessage>(message: T, turn: SipTurn): T =>
  without(message, fromOutside, dropForeign, turn)

/** §4.4.1, RFC 3325 §7: a message as it may leave the trust domain. */
export const forStranger = <T extends SipMessage>(message: T, turn: SipTurn): T =>
  withPrivacy(without(message, toOutside, keepInside, turn), turn)

/** RFC 3325 §7: an asserted identity goes along, unless its user wants it kept private. */
function withPrivacy<T extends SipMessage>(message: T, turn: SipTurn): T {
  const { privacy, pAssertedIdentity } = message.headers
  if (pAssertedIdentity === undefined || !privacy?.includes('id')) return message
  return turn.amend(message, keepPrivate, { pAssertedIdentity: undefined })
}

/** True of a host in one of the networks outside the trust domain. */
export const isStranger = (untrusted: readonly string[] | undefined, host: string): boolean =>
  untrusted?.some((network) => host === network || host.endsWith(`.${network}`)) === true
