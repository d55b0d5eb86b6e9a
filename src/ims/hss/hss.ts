import { hexToBytes } from '@noble/hashes/utils.js'
import { addressOfRecord, ofIdentity } from '../../presence/address-of-record.ts'
import type { Command, Node, Turn } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Avps, avp, type CxMessage, commandName, cxAnswer, failed } from '../cx.ts'
import { authenticateForBootstrapping } from './bootstrapping-authentication.ts'
import { type ChangeProfile, changeProfile, type DeregisterUser, endRegistration } from './hss-initiative.ts'
import { assignServer } from './server-assignment.ts'
import {
  capabilityAvps,
  hasUnregisteredServices,
  type ImsSubscription,
  type KnownIdentity,
  knownIdentity,
  type Subscribers,
  subscribersOf,
} from './subscription.ts'
import { authenticate } from './user-authentication.ts'
import { authorizeRegistration } from './user-authorization.ts'

/** What the HSS knows of a public identity that has no subscription of its own (TS 29.228 §6.1.4). */
export interface HssUser {
  /** The S-CSCF that serves the user, or for a public service identity the application server; a SIP URI. */
  readonly serverName: string | undefined
  readonly kind: 'user' | 'service'
  readonly isRegistered: boolean
}

/** What the topology says of an HSS. */
export interface HssSettings {
  /** By public identity. */
  readonly users: Readonly<Record<string, HssUser>>
  /** The users who can register. */
  readonly subscriptions?: readonly ImsSubscription[]
  /** Random challenges to use before any are made up, 16 octets as hexadecimal text each. */
  readonly challenges?: readonly string[]
}

/** The state of an HSS. */
export interface Hss {
  readonly users: Map<string, HssUser>
  readonly subscribers: Subscribers
  readonly challenges: readonly string[]
  /** How many challenges have been made. */
  challenged: number
}

const locate = rule('TS 29.228 §6.1.4.1', 'the HSS names the server of a user or service')
const locateUnregistered = rule(
  'TS 29.228 §6.1.4.1',
  'for a user with services while unregistered the HSS tells what the S-CSCF must be able to do',
)
const unknown = rule('TS 29.228 §6.1.4.1', 'an identity that does not exist is an error')
const nobody = rule('TS 29.228 §6.1.4.1', 'a user whom nobody serves is an error')
const badCommand = rule('RFC 6733 §7.1.5', 'a command that the HSS does not serve is an error')

/** TS 29.228, TS 29.109: the home subscriber server, as far as it is asked over Cx and Zh. */
export const hssNode: Node<Hss, CxMessage> = {
  title: 'HSS',
  clause: 'TS 29.228 §6',
  start: (_address, given) => {
    const settings = given as HssSettings
    const users = Object.entries(settings.users)
    return {
      users: new Map(users.map(([identity, user]) => [addressOfRecord(identity), user] as const)),
      subscribers: subscribersOf(settings.subscriptions ?? []),
      challenges: settings.challenges ?? [],
      challenged: 0,
    }
  },
  handle(hss, input, turn) {
    if (input.kind === 'command') return act(hss, input.command, turn)
    if (input.kind !== 'message' || input.message.kind !== 'request') return
    const { message, from } = input
    const [avps, why] = answerTo(hss, message, turn)
    turn.send(from, cxAnswer(message, avps, why, turn), 'stream')
  },
}

function answerTo(hss: Hss, request: CxMessage, turn: Turn<CxMessage>): [avps: Avps, why: Rule] {
  switch (commandName(request)) {
    case 'Cx LIR':
      return location(hss, avp(request, 'Public-Identity'))
    case 'Cx UAR':
      return authorizeRegistration(hss.subscribers, request)
    case 'Cx MAR':
      return authenticate(hss.subscribers, request, () => challenge(hss, turn), turn)
    case 'Zh MAR':
      return authenticateForBootstrapping(hss.subscribers, request, () => challenge(hss, turn), turn)
    case 'Cx SAR':
      return assignServer(hss.subscribers, request)
    default:
      return [{ 'Result-Code': 'DIAMETER_UNABLE_TO_COMPLY' }, badCommand]
  }
}

/** TS 29.228 §6.1.4: the answer to a location information request. */
function location(hss: Hss, identity: string): [avps: Avps, why: Rule] {
  const known = knownIdentity(hss.subscribers, identity)
  if (known !== undefined) return locationOf(known)
  const user = ofIdentity(hss.users, identity)
  if (user === undefined) return [failed('DIAMETER_ERROR_USER_UNKNOWN'), unknown]
  if (user.serverName === undefined) return [failed('DIAMETER_ERROR_IDENTITY_NOT_REGISTERED'), nobody]
  return [{ 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': user.serverName }, locate]
}

function locationOf({ subscriber, set, wildcarded }: KnownIdentity): [avps: Avps, why: Rule] {
  const { subscription, serverName } = subscriber
  const found: Avps = wildcarded === undefined ? {} : { 'Wildcarded-Public-Identity': wildcarded }
  if (subscriber.states[set] !== 'not registered' && serverName !== undefined)
    return [{ 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': serverName, ...found }, locate]
  if (!hasUnregisteredServices(subscription.sets[set]!))
    return [failed('DIAMETER_ERROR_IDENTITY_NOT_REGISTERED'), nobody]
  // A server that serves another set of the same subscription serves this one too (TS 23.228 §4.2.4a).
  const server: Avps =
    serverName === undefined ? capabilityAvps(subscription.capabilities) : { 'Server-Name': serverName }
  const result = { 'Experimental-Result-Code': 'DIAMETER_UNREGISTERED_SERVICE' }
  return [{ ...result, ...server, ...found }, locateUnregistered]
}

/** The next challenge: 16 octets. */
function challenge(hss: Hss, turn: Turn<CxMessage>): Uint8Array {
  const given = hss.challenges[hss.challenged++]
  return given === undefined ? Uint8Array.from({ length: 16 }, () => turn.random(256)) : hexToBytes(given)
}

/** What the operator has the HSS do. */
function act(hss: Hss, command: Command, turn: Turn<CxMessage>): void {
  const subscriber = hss.subscribers.byPrivate.get(String(command.privateIdentity))
  if (subscriber === undefined) return
  if (command.do === 'deregister') endRegistration(subscriber, command as unknown as DeregisterUser, turn)
  if (command.do === 'change-profile') changeProfile(subscriber, command as unknown as ChangeProfile, turn)
}
