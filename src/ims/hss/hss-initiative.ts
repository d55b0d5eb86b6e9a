/**
 * What the HSS does of its own accord: it ends registrations (RTR) and hands over changed profiles (PPR).
 */
import type { Address, Turn } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import { type Avps, type CxMessage, cxRequest, type DeregistrationReason } from '../cx.ts'
import type { InitialFilterCriterion } from '../s-cscf/filter-criteria.ts'
import type { Subscriber } from './subscription.ts'
import { printUserData } from './user-data.ts'

/** What the command `deregister` asks of the HSS. */
export interface DeregisterUser {
  readonly do: 'deregister'
  readonly privateIdentity: string
  readonly reason: DeregistrationReason
}

/** What the command `change-profile` asks of the HSS: other criteria for all identities of a user. */
export interface ChangeProfile {
  readonly do: 'change-profile'
  readonly privateIdentity: string
  readonly criteria: readonly InitialFilterCriterion[]
}

const terminate = rule('TS 29.228 §6.1.3.1', 'the HSS ends a registration and tells the S-CSCF why')
const push = rule('TS 29.228 §6.2.1.1', 'a profile that changes is handed to the S-CSCF at once')
const nobody = rule('TS 29.228 §6.1.3.1', 'of a user whom nobody serves there is nobody to tell')

/** TS 29.228 §6.1.3.1: all registrations of a user end. */
export function endRegistration(subscriber: Subscriber, command: DeregisterUser, turn: Turn<CxMessage>): void {
  const { subscription, serverName } = subscriber
  const ended = subscription.sets.filter((_, set) => subscriber.states[set] !== 'not registered')
  if (serverName === undefined || ended.length === 0) return turn.decide(nobody, 'nothing is sent')
  subscriber.states.fill('not registered')
  subscriber.serverName = undefined
  const identities = ended.flatMap((set) => set.identities.map(({ identity }) => identity))
  const avps: Avps = {
    'User-Name': subscription.privateIdentity,
    'Public-Identity': identities.join(', '),
    'Reason-Code': command.reason,
  }
  send('RTR', serverName, avps, terminate, turn)
}

/** TS 29.228 §6.2.1.1: the profiles of all sets that somebody serves are handed over anew. */
export function changeProfile(subscriber: Subscriber, command: ChangeProfile, turn: Turn<CxMessage>): void {
  const { criteria } = command
  const before = subscriber.subscription
  const subscription = { ...before, sets: before.sets.map((set) => ({ ...set, criteria })) }
  subscriber.subscription = subscription
  const { privateIdentity, sets } = subscription
  const profiles = sets.filter((_, set) => subscriber.states[set] !== 'not registered')
  const { serverName } = subscriber
  if (serverName === undefined || profiles.length === 0) return turn.decide(nobody, 'nothing is sent')
  const avps: Avps = { 'User-Name': privateIdentity, 'User-Data': printUserData({ privateIdentity, profiles }) }
  send('PPR', serverName, avps, push, turn)
}

function send(command: string, serverName: string, avps: Avps, why: Rule, turn: Turn<CxMessage>): void {
  const to: Address = hostOf(serverName) ?? serverName
  const session = [turn.self, turn.serial()].join('-')
  turn.send(to, cxRequest({ command, avps, why, source: undefined }, session, turn), 'stream')
}
