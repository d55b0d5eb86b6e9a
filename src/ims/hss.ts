import { addressOfRecord, ofIdentity } from '../presence/address-of-record.ts'
import type { Node } from '../sim/node.ts'
import { rule } from '../sim/rule.ts'
import { type Avps, type CxMessage, cxAnswer } from './cx.ts'

/** What the HSS knows of a public identity (TS 29.228 §6.1.4). */
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
}

/** The state of an HSS. */
export interface Hss {
  readonly users: Map<string, HssUser>
}

const locate = rule('TS 29.228 §6.1.4.1', 'the HSS names the server of a user or service')
const unknown = rule('TS 29.228 §6.1.4.1', 'an identity that does not exist is an error')
const nobody = rule('TS 29.228 §6.1.4.1', 'a user whom nobody serves is an error')

/** TS 29.228: the home subscriber server, as far as it is asked over Cx. */
export const hssNode: Node<Hss, CxMessage> = {
  title: 'HSS',
  clause: 'TS 29.228 §6',
  start: (_address, settings) => {
    const users = Object.entries((settings as HssSettings).users)
    return { users: new Map(users.map(([identity, user]) => [addressOfRecord(identity), user] as const)) }
  },
  handle(hss, input, turn) {
    if (input.kind !== 'message' || input.message.command !== 'LIR') return
    const { message, from } = input
    const user = ofIdentity(hss.users, String(message.avps['Public-Identity']))
    const [avps, why] = location(user)
    turn.send(from, cxAnswer(message, avps, why, turn), 'stream')
  },
}

/** TS 29.228 §6.1.4: the answer to a location information request. */
function location(user: HssUser | undefined): [avps: Avps, why: typeof locate] {
  if (user === undefined) return [{ 'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN' }, unknown]
  if (user.serverName === undefined)
    return [{ 'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITY_NOT_REGISTERED' }, nobody]
  return [{ 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': user.serverName }, locate]
}
