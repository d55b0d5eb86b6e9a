import { addressOfRecord } from '../../presence/address-of-record.ts'
import type { Address } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { nextHop } from '../../sip/core/dialog.ts'
import { counted, withoutOwnRoute } from '../../sip/core/proxy.ts'
import { hasParam } from '../../sip/grammar/uri.ts'
import { anyProxy, type Element } from '../../sip/judge.ts'
import type { SipMessage, SipRequest } from '../../sip/message.ts'
import type { SipTurn, TransactionUser } from '../../sip/transaction/transaction-user.ts'
import { answered, ask, avp, type CxMessage, cxTimer, resultOf } from '../cx.ts'
import { capabilitiesOf } from '../hss/subscription.ts'
import { believedOfStranger, forStranger, isStranger } from '../trust-domain.ts'
import { nameAddr } from '../ue/ue.ts'
import {
  type Interrogation,
  interrogate,
  onAuthorization,
  onRegistrarAnswer,
  onRegistrarSilence,
} from './interrogation.ts'
import { type SelectableServer, selectServer } from './server-selection.ts'

/** What the topology says of an I-CSCF. */
export interface InterrogatingCscfSettings {
  readonly host: string
  /** The address of the HSS. */
  readonly hss: Address
  /** The S-CSCFs among which it selects. */
  readonly servers?: readonly SelectableServer[]
  /** The networks outside its trust domain, by domain. */
  readonly untrusted?: readonly string[]
}

/** A request whose server the HSS is asked for. */
interface Location {
  readonly kind: 'location'
  readonly received: SipRequest
  readonly request: SipRequest
  /** True if it is made in the name of the user whose server is asked for. */
  readonly isOriginating: boolean
}

/** The state of an I-CSCF. */
export interface InterrogatingCscf {
  readonly settings: InterrogatingCscfSettings
  /** Requests that wait for an answer of the HSS, by Session-Id. */
  readonly waiting: Map<string, Location | Interrogation>
  /** The REGISTERs that are with an S-CSCF, by Call-ID and CSeq. */
  readonly registering: Map<string, Interrogation>
}

type CxTurn = SipTurn<CxMessage>

const askLocation = rule('TS 24.229 §5.3.2.1', 'the I-CSCF asks the HSS who serves the user')
const askOrigin = rule('TS 24.229 §5.3.2.1', 'the I-CSCF asks the HSS who serves the user in whose name a server acts')
const nobody = rule('TS 24.229 §5.3.2.1', 'a request in the name of a user who is not named is answered 403')
const toServing = rule('TS 24.229 §5.3.2.1', 'the I-CSCF routes to the server that the HSS names', ['R5.3.4.x-a'])
const unknownUser = rule('TS 24.229 §5.3.2.1', 'a user that the HSS does not know is answered 404')
const notServed = rule('TS 24.229 §5.3.2.1', 'a user whom nobody serves is answered 480')
const silence = rule('TS 24.229 §5.3.2.1', 'while the HSS does not answer a request is answered 480')
const select = rule('TS 24.229 §5.3.2.1', 'for a user with services while unregistered the I-CSCF selects an S-CSCF')

/** RFC 3261 §16.3: what it is to requests. */
const element: Element = { ...anyProxy, options: [] }

/** TS 24.229 §5.3: the entry point of a network. It never stays on the path of a dialog. */
export const interrogatingCscfNode: TransactionUser<InterrogatingCscf, CxMessage> = {
  title: 'I-CSCF',
  clause: 'TS 24.229 §5.3',
  start: (_address, settings) => ({
    settings: settings as InterrogatingCscfSettings,
    waiting: new Map(),
    registering: new Map(),
  }),

  element: () => element,
  onRequest(cscf, came, turn, from) {
    const received = isStranger(cscf.settings.untrusted, from) ? believedOfStranger(came, turn) : came
    const { request: stripped, own } = withoutOwnRoute(received, (host) => host === cscf.settings.host, turn)
    const request = counted(stripped, turn)
    if (request.headers.route !== undefined) return turn.forward(received, request, nextHop(request))
    if (request.method === 'REGISTER') return interrogate(cscf, received, request, turn)
    const isOriginating = own !== undefined && hasParam(own.uri, 'orig')
    askWhoServes(cscf, { kind: 'location', received, request, isOriginating }, turn)
  },

  onRelay(cscf, response, forwarded, turn) {
    if (forwarded.method === 'REGISTER') return onRegistrarAnswer(cscf, response, forwarded, turn)
    const next = response.headers.via?.[0]?.host ?? ''
    return isStranger(cscf.settings.untrusted, next) ? forStranger(response, turn) : response
  },

  onUnanswered(cscf, forwarded, _received, turn) {
    if (forwarded.method !== 'REGISTER') return false
    onRegistrarSilence(cscf, forwarded, turn)
    return true
  },

  onOther(cscf, answer, _from, turn) {
    onAnswer(cscf, answer.session, answer, turn)
  },

  onOtherFailed(cscf, question, _to, turn) {
    onAnswer(cscf, question.session, undefined, turn)
  },

  onTimer(cscf, timer, turn) {
    if (timer.name === cxTimer) onAnswer(cscf, timer.of, undefined, turn)
  },
}

/** §5.3.2.1: the user who is called, or with the parameter `orig` the one in whose name an application server acts. */
function askWhoServes(cscf: InterrogatingCscf, what: Location, turn: CxTurn): void {
  const { received, request, isOriginating } = what
  const { pServedUser, pAssertedIdentity } = request.headers
  const identity = isOriginating ? (pServedUser ?? pAssertedIdentity?.[0])?.uri : request.uri
  if (identity === undefined) return turn.reply(received, 403, nobody)
  const avps = {
    'Public-Identity': addressOfRecord(identity),
    // TS 29.229 §6.3.34
    ...(isOriginating && { 'Originating-Request': 'ORIGINATING' }),
  }
  const why = isOriginating ? askOrigin : askLocation
  const question = { to: cscf.settings.hss, command: 'LIR', avps, why, source: received }
  ask<Location | Interrogation, SipMessage>(cscf, what, question, turn)
}

/** The HSS has answered, or will not any more. */
function onAnswer(cscf: InterrogatingCscf, session: string, answer: CxMessage | undefined, turn: CxTurn): void {
  const waiting = answered(cscf, session)
  if (waiting === undefined) return
  if (waiting.kind === 'registration') onAuthorization(cscf, waiting, answer, turn)
  else if (answer === undefined) turn.reply(waiting.received, 480, silence)
  else route(cscf, waiting, answer, turn)
}

/** §5.3.2.1: by what the HSS answered (TS 29.228 §6.1.4). */
function route(
  cscf: InterrogatingCscf,
  { received, request, isOriginating }: Location,
  answer: CxMessage,
  turn: CxTurn,
) {
  const server = avp(answer, 'Server-Name') || selected(cscf, answer, turn)
  if (server !== undefined) {
    const entry = nameAddr(`${server};lr${isOriginating ? ';orig' : ''}`)
    const routed = turn.amend(request, toServing, { route: [entry] }, turn.step)
    return turn.forward(received, routed, nextHop(routed))
  }
  if (resultOf(answer) === 'DIAMETER_ERROR_USER_UNKNOWN') return turn.reply(received, 404, unknownUser)
  turn.reply(received, 480, notServed)
}

/** §5.3.2.1: an S-CSCF for a user who has none, but has services all the same. */
function selected(cscf: InterrogatingCscf, answer: CxMessage, turn: CxTurn): string | undefined {
  if (resultOf(answer) !== 'DIAMETER_UNREGISTERED_SERVICE') return undefined
  const server = selectServer(cscf.settings.servers ?? [], capabilitiesOf(answer), [])
  turn.decide(select, server?.name ?? 'none will do')
  return server?.name
}
