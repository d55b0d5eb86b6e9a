import { addressOfRecord } from '../presence/address-of-record.ts'
import type { Address } from '../sim/node.ts'
import { rule } from '../sim/rule.ts'
import { nextHop } from '../sip/dialog.ts'
import type { SipRequest } from '../sip/message.ts'
import { counted, isForwardable, withoutOwnRoute } from '../sip/proxy.ts'
import type { SipTurn, TransactionUser } from '../sip/transaction-user.ts'
import { type CxMessage, cxRequest, resultOf } from './cx.ts'
import { nameAddr } from './ue.ts'

/** What the topology says of an I-CSCF. */
export interface InterrogatingCscfSettings {
  readonly host: string
  /** The address of the HSS. */
  readonly hss: Address
}

/** The state of an I-CSCF. */
export interface InterrogatingCscf {
  readonly settings: InterrogatingCscfSettings
  /** Requests that wait for an answer of the HSS, by Session-Id. */
  readonly waiting: Map<string, { readonly received: SipRequest; readonly request: SipRequest }>
}

type CxTurn = SipTurn<CxMessage>

const askLocation = rule('TS 24.229 §5.3.2.1', 'the I-CSCF asks the HSS who serves the user')
const toServing = rule('TS 24.229 §5.3.2.1', 'the I-CSCF routes to the server that the HSS names')
const unknownUser = rule('TS 24.229 §5.3.2.1', 'a user that the HSS does not know is answered 404')
const notServed = rule('TS 24.229 §5.3.2.1', 'a user whom nobody serves is answered 480')

/** TS 24.229 §5.3: the entry point of a network. It never stays on the path of a dialog. */
export const interrogatingCscfNode: TransactionUser<InterrogatingCscf, CxMessage> = {
  title: 'I-CSCF',
  clause: 'TS 24.229 §5.3',
  start: (_address, settings) => ({ settings: settings as InterrogatingCscfSettings, waiting: new Map() }),

  onRequest(cscf, received, turn) {
    if (!isForwardable(received, [], turn)) return
    const stripped = withoutOwnRoute(received, (host) => host === cscf.settings.host, turn).request
    const request = counted(stripped, turn)
    if (request.headers.route !== undefined) return turn.forward(received, request, nextHop(request))
    const session = turn.identifier()
    cscf.waiting.set(session, { received, request })
    const query = cxRequest(
      'LIR',
      session,
      { 'Public-Identity': addressOfRecord(request.uri) },
      askLocation,
      turn,
      received,
    )
    turn.send(cscf.settings.hss, query, 'stream')
  },

  onOther(cscf, answer, _from, turn) {
    const waiting = cscf.waiting.get(answer.session)
    if (waiting === undefined) return
    cscf.waiting.delete(answer.session)
    route(waiting.received, waiting.request, answer, turn)
  },
}

/** §5.3.2.1: by what the HSS answered (TS 29.228 §6.1.4). */
function route(received: SipRequest, request: SipRequest, answer: CxMessage, turn: CxTurn): void {
  const server = answer.avps['Server-Name']
  if (typeof server === 'string') {
    const routed = turn.amend(request, toServing, { route: [nameAddr(`${server};lr`)] }, turn.step)
    return turn.forward(received, routed, nextHop(routed))
  }
  if (resultOf(answer) === 'DIAMETER_ERROR_USER_UNKNOWN') return turn.reply(received, 404, unknownUser)
  turn.reply(received, 480, notServed)
}
