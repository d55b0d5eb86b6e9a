import { type Rule, rule } from '../../sim/rule.ts'
import { type Avps, avp, type CxMessage, failed } from '../cx.ts'
import { askedAbout, capabilityAvps, type KnownIdentity, type Subscribers } from './subscription.ts'

const noUser = rule('TS 29.228 §6.1.1.1', 'identities that do not exist, or not together, are errors')
const barred = rule('TS 29.228 §6.1.1.1', 'an identity that is barred, and all registered with it, may not register')
const noRoaming = rule('TS 29.228 §6.1.1.1', 'a user may register only in networks that the operator allows')
const first = rule('TS 29.228 §6.1.1.1', 'for a first registration the HSS tells what the S-CSCF must be able to do')
const again = rule('TS 29.228 §6.1.1.1', 'for a further registration the HSS names the S-CSCF')
const anew = rule('TS 29.228 §6.1.1.1', 'asked for capabilities, the HSS tells them whoever serves the user')
const notRegistered = rule('TS 29.228 §6.1.1.1', 'who is not registered can not be de-registered')

/** TS 29.228 §6.1.1.1: may this user register from there, and with which S-CSCF? */
export function authorizeRegistration(subscribers: Subscribers, request: CxMessage): [avps: Avps, why: Rule] {
  const asked = askedAbout(subscribers, request)
  if (typeof asked === 'string') return [failed(asked), noUser]
  const type = avp(request, 'User-Authorization-Type')
  if (type === 'DE_REGISTRATION') return deregistration(asked)
  if (isWhollyBarred(asked)) return [{ 'Result-Code': 'DIAMETER_AUTHORIZATION_REJECTED' }, barred]
  const { networks, capabilities } = asked.subscriber.subscription
  if (networks !== undefined && !networks.includes(avp(request, 'Visited-Network-Identifier')))
    return [failed('DIAMETER_ERROR_ROAMING_NOT_ALLOWED'), noRoaming]
  if (type === 'REGISTRATION_AND_CAPABILITIES')
    return [{ 'Result-Code': 'DIAMETER_SUCCESS', ...capabilityAvps(capabilities) }, anew]
  const { serverName } = asked.subscriber
  if (serverName !== undefined)
    return [{ 'Experimental-Result-Code': 'DIAMETER_SUBSEQUENT_REGISTRATION', 'Server-Name': serverName }, again]
  return [{ 'Experimental-Result-Code': 'DIAMETER_FIRST_REGISTRATION', ...capabilityAvps(capabilities) }, first]
}

function deregistration({ subscriber, set }: KnownIdentity): [avps: Avps, why: Rule] {
  if (subscriber.serverName === undefined || subscriber.states[set] === 'not registered')
    return [failed('DIAMETER_ERROR_IDENTITY_NOT_REGISTERED'), notRegistered]
  return [{ 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': subscriber.serverName }, again]
}

/** A barred identity may register if that registers another one with it that is not. */
const isWhollyBarred = ({ isBarred, subscriber, set }: KnownIdentity): boolean =>
  isBarred && subscriber.subscription.sets[set]!.identities.every((one) => one.isBarred)
