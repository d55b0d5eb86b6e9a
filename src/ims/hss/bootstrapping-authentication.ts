/**
 * Zh (TS 29.109 §4.2): what the HSS tells a BSF of a subscriber: an authentication vector and her security settings.
 */
import { gussFormat } from '../../documents/user-security-settings.ts'
import type { Turn } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Avps, avp, type CxMessage, failed } from '../cx.ts'
import type { Subscriber, Subscribers } from './subscription.ts'
import { nextVector, vectorAvps } from './user-authentication.ts'

const noUser = rule('TS 29.109 §4.2', 'a private identity that does not exist is an error')
const give = rule('TS 29.109 §4.2', 'the HSS makes an authentication vector and tells the security settings')

/** TS 29.109 §4.2: the answer to a Multimedia-Auth-Request of a BSF; `rand` makes the challenge. */
export function authenticateForBootstrapping(
  subscribers: Subscribers,
  request: CxMessage,
  rand: () => Uint8Array,
  turn: Turn<CxMessage>,
): [avps: Avps, why: Rule] {
  const subscriber = subscribers.byPrivate.get(avp(request, 'User-Name'))
  if (subscriber === undefined) return [failed('DIAMETER_ERROR_IDENTITY_UNKNOWN'), noUser]
  const vector = nextVector(subscriber, request, rand, turn)
  const avps: Avps = {
    'Result-Code': 'DIAMETER_SUCCESS',
    'User-Name': subscriber.subscription.privateIdentity,
    ...vectorAvps(vector),
    ...settingsAvps(subscriber),
  }
  return [avps, give]
}

/** TS 29.109 §6.3.1.1: GBA-UserSecSettings with the root element `guss`, if the subscriber has settings. */
function settingsAvps({ subscription: { privateIdentity, security } }: Subscriber): Avps {
  if (security === undefined) return {}
  const { lifetime, services } = security
  const text = gussFormat.print({
    kind: 'guss',
    id: privateIdentity,
    ...(lifetime !== undefined && { bsf: { lifetime, others: [] } }),
    services,
    others: [],
  })
  return { 'GBA-UserSecSettings': text }
}
