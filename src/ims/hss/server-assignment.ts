import { type Rule, rule } from '../../sim/rule.ts'
import { type AssignmentType, type Avps, assignmentTypes, avp, avpList, type CxMessage, failed } from '../cx.ts'
import {
  askedAbout,
  type IdentityState,
  type KnownIdentity,
  knownIdentity,
  type Subscriber,
  type Subscribers,
} from './subscription.ts'
import { printUserData } from './user-data.ts'

const noUser = rule('TS 29.228 §6.1.2.1', 'identities that do not exist, or not together, are errors')
const badType = rule('TS 29.228 §6.1.2.1', 'an assignment of a kind that does not fit is an error')
const otherServer = rule('TS 29.228 §6.1.2.1', 'a user whom another S-CSCF serves can not be taken from it')
const assign = rule('TS 29.228 §6.1.2.1', 'the HSS notes the S-CSCF of a registered user and hands over the profile')
const assignUnregistered = rule(
  'TS 29.228 §6.1.2.1',
  'the HSS notes the S-CSCF of a user who has services while unregistered, and hands over the profile',
)
const release = rule('TS 29.228 §6.1.2.1', 'the HSS forgets the S-CSCF of a user who is not registered any more')
const keep = rule('TS 29.228 §6.1.2.1', 'the HSS keeps the S-CSCF of a user whom it still serves while unregistered')
const giveUp = rule('TS 29.228 §6.1.2.1', 'a failed authentication leaves the user as she was')
const tell = rule('TS 29.228 §6.1.2.1', 'the HSS hands over the profile and changes nothing')

/** TS 29.228 §6.1.2.1: an S-CSCF takes a user over, or gives her back. */
export function assignServer(subscribers: Subscribers, request: CxMessage): [avps: Avps, why: Rule] {
  const asked = askedAbout(subscribers, withFirstIdentity(subscribers, request))
  if (typeof asked === 'string') return [failed(asked), noUser]
  const type = assignmentTypes.find((one) => one === avp(request, 'Server-Assignment-Type'))
  const { subscriber } = asked
  if (type === undefined) return [failed('DIAMETER_ERROR_IN_ASSIGNMENT_TYPE'), badType]
  const server = avp(request, 'Server-Name')
  const isTakingOver = type === 'REGISTRATION' || type === 'RE_REGISTRATION' || type === 'UNREGISTERED_USER'
  if (isTakingOver && subscriber.serverName !== undefined && subscriber.serverName !== server)
    return [failed('DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED'), otherServer]
  if (type === 'NO_ASSIGNMENT') return [{ ...success, ...profile(asked, request) }, tell]
  if (isTakingOver) return takeOver(asked, type, server, request)
  const sets = setsOf(subscribers, asked, request)
  return giveBack(subscriber, sets, type)
}

const success: Avps = { 'Result-Code': 'DIAMETER_SUCCESS' }

/** A command about several identities is about the subscription of the first; one about none, about the whole of it. */
function withFirstIdentity({ byPrivate }: Subscribers, request: CxMessage): CxMessage {
  const named = avpList(request, 'Public-Identity')[0]
  const whole = byPrivate.get(avp(request, 'User-Name'))?.subscription.sets[0]?.identities[0]?.identity
  return { ...request, avps: { ...request.avps, 'Public-Identity': named ?? whole ?? '' } }
}

function takeOver(
  asked: KnownIdentity,
  type: AssignmentType,
  server: string,
  request: CxMessage,
): [avps: Avps, why: Rule] {
  const { subscriber, set } = asked
  subscriber.serverName = server
  subscriber.isAuthenticationPending = false
  const isRegistered = type !== 'UNREGISTERED_USER'
  if (isRegistered || subscriber.states[set] === 'not registered')
    subscriber.states[set] = isRegistered ? 'registered' : 'unregistered'
  return [{ ...success, ...profile(asked, request) }, isRegistered ? assign : assignUnregistered]
}

/** The profile of the implicit registration set, unless the S-CSCF has it already. */
function profile({ subscriber, set }: KnownIdentity, request: CxMessage): Avps {
  const { privateIdentity, sets, chargingFunctions } = subscriber.subscription
  const charging = { 'Primary-Charging-Collection-Function-Name': chargingFunctions.join(', ') }
  const name: Avps = { 'User-Name': privateIdentity, ...(chargingFunctions.length > 0 && charging) }
  if (avp(request, 'User-Data-Already-Available') === 'USER_DATA_ALREADY_AVAILABLE') return name
  return { ...name, 'User-Data': printUserData({ privateIdentity, profiles: [sets[set]!] }) }
}

function giveBack(subscriber: Subscriber, sets: readonly number[], type: AssignmentType): [avps: Avps, why: Rule] {
  subscriber.isAuthenticationPending = false
  if (type === 'AUTHENTICATION_FAILURE' || type === 'AUTHENTICATION_TIMEOUT') {
    if (!isServed(subscriber)) subscriber.serverName = undefined
    return [success, giveUp]
  }
  const isKept = type.endsWith('_STORE_SERVER_NAME')
  const state: IdentityState = isKept ? 'unregistered' : 'not registered'
  for (const set of sets) subscriber.states[set] = state
  if (!isServed(subscriber)) subscriber.serverName = undefined
  return [success, isKept ? keep : release]
}

const isServed = ({ states }: Subscriber): boolean => states.some((state) => state !== 'not registered')

/** The sets of all identities named; all of the subscription if none is. */
function setsOf(subscribers: Subscribers, { subscriber }: KnownIdentity, request: CxMessage): readonly number[] {
  const named = avpList(request, 'Public-Identity')
  if (named.length === 0) return subscriber.states.map((_, set) => set)
  return named.flatMap((identity) => {
    const known = knownIdentity(subscribers, identity, subscriber.subscription.privateIdentity)
    return known?.subscriber === subscriber ? [known.set] : []
  })
}
