/**
 * TS 24.229 §5.3.1: how the I-CSCF finds the S-CSCF that registers a user, with the help of the HSS.
 */
import { addressOfRecord } from '../../presence/address-of-record.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { requestedExpiry } from '../../sip/core/registrar.ts'
import { paramText } from '../../sip/digest.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { type AuthorizationType, ask, avp, type CxClient, type CxMessage, isSuccess, resultOf } from '../cx.ts'
import { capabilitiesOf } from '../hss/subscription.ts'
import { type SelectableServer, selectServer } from './server-selection.ts'

type CxTurn = SipTurn<CxMessage>

/** A REGISTER that waits for the HSS. */
export interface Interrogation {
  readonly kind: 'registration'
  readonly received: SipRequest
  /** What is to be forwarded. */
  readonly request: SipRequest
  /** The S-CSCFs that did not take it. */
  readonly tried: readonly string[]
}

/** What of an I-CSCF has to do with registration. */
export interface RegistrationQueries extends CxClient<Interrogation | { readonly kind: 'location' }> {
  readonly settings: { readonly hss: string; readonly servers?: readonly SelectableServer[] }
  /** The REGISTERs that are with an S-CSCF, by Call-ID and CSeq. */
  readonly registering: Map<string, Interrogation>
}

const askRegistration = rule('TS 24.229 §5.3.1.2', 'the I-CSCF asks the HSS whether the user may register, and where')
const noAnswer = rule('TS 24.229 §5.3.1.3', 'while the HSS does not answer a REGISTER is answered 480')
const refused = rule('TS 24.229 §5.3.1.3', 'a user who may not register is answered 403')
const select = rule('TS 24.229 §5.3.1.2', 'the I-CSCF selects an S-CSCF by its capabilities')
const toRegistrar = rule('TS 24.229 §5.3.1.2', 'the I-CSCF puts the S-CSCF into the Request-URI of a REGISTER')
const noServer = rule(
  'TS 24.229 §5.3.1.3',
  'without an S-CSCF of the capabilities asked for, a REGISTER is answered 600',
)
const another = rule('TS 24.229 §5.3.1.3', 'an S-CSCF that does not take a first REGISTER is replaced by another one')
const lost = rule('TS 24.229 §5.3.1.3', 'a REGISTER whose S-CSCF does not answer is answered 504')

/** How long an S-CSCF may take: longer than it waits for the HSS, and half as long as the P-CSCF waits. */
const serverPatience = seconds(16)

/** §5.3.1.2: asks the HSS about a REGISTER. */
export function interrogate(
  queries: RegistrationQueries,
  received: SipRequest,
  request: SipRequest,
  turn: CxTurn,
): void {
  const type = requestedExpiry(received) === 0 ? 'DE_REGISTRATION' : 'REGISTRATION'
  query(queries, { kind: 'registration', received, request, tried: [] }, type, turn)
}

function query(queries: RegistrationQueries, what: Interrogation, type: AuthorizationType, turn: CxTurn): void {
  const { received } = what
  const identity = addressOfRecord(received.headers.to?.uri ?? '')
  const visited = received.headers.pVisitedNetworkId?.[0]?.value
  const avps = {
    'User-Name': privateIdentity(received),
    'Public-Identity': identity,
    ...(visited !== undefined && { 'Visited-Network-Identifier': unquoted(visited) }),
    'User-Authorization-Type': type,
  }
  ask(queries, what, { to: queries.settings.hss, command: 'UAR', avps, why: askRegistration, source: received }, turn)
}

const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1, -1) : text)

/** §5.3.1.2: the name in the Authorization, or what the public identity implies (TS 23.003 §13.3). */
export function privateIdentity({ headers }: SipRequest): string {
  const credentials = headers.authorization?.[0]
  const name = credentials === undefined ? undefined : paramText(credentials, 'username')
  return name ?? addressOfRecord(headers.to?.uri ?? '').replace(/^[a-z]+:/, '')
}

/** §5.3.1.2, §5.3.1.3: by what the HSS answered; undefined if it did not. */
export function onAuthorization(
  queries: RegistrationQueries,
  what: Interrogation,
  answer: CxMessage | undefined,
  turn: CxTurn,
): void {
  const { received, tried } = what
  if (answer === undefined || resultOf(answer) === undefined) return turn.reply(received, 480, noAnswer)
  if (!isSuccess(answer)) return turn.reply(received, 403, refused)
  const named = avp(answer, 'Server-Name')
  if (named !== '' && !tried.includes(named)) return toServer(queries, what, named, turn)
  const wanted = capabilitiesOf(answer)
  const server = selectServer(queries.settings.servers ?? [], wanted, tried)
  turn.decide(select, server?.name ?? 'none will do', {
    mandatory: wanted.mandatory.join(', '),
    optional: wanted.optional.join(', '),
  })
  if (server === undefined) return turn.reply(received, 600, noServer)
  toServer(queries, what, server.name, turn)
}

function toServer(queries: RegistrationQueries, what: Interrogation, name: string, turn: CxTurn): void {
  const { received, request, tried } = what
  const routed = turn.amend(request, toRegistrar, { requestUri: name }, turn.step)
  const key = keyOf(request)
  queries.registering.set(key, { ...what, tried: [...tried, name] })
  turn.forward(received, routed, hostOf(name) ?? name, serverPatience)
}

const keyOf = ({ headers }: SipRequest): string => `${headers.callId} ${headers.cseq?.number}`

/** §5.3.1.3: the answer of an S-CSCF, or undefined if another one is asked instead. */
export function onRegistrarAnswer(
  queries: RegistrationQueries,
  response: SipResponse,
  forwarded: SipRequest,
  turn: CxTurn,
): SipResponse | undefined {
  if (response.status < 200) return response
  const key = keyOf(forwarded)
  const what = queries.registering.get(key)
  if (what === undefined) return response
  queries.registering.delete(key)
  const isRefusal = response.status === 480 || (response.status >= 300 && response.status < 400)
  if (!isRefusal || !isFirst(what.received)) return response
  return tryAnother(queries, what, String(response.status), turn)
}

/** §5.3.1.3: an S-CSCF has not answered. */
export function onRegistrarSilence(queries: RegistrationQueries, forwarded: SipRequest, turn: CxTurn): void {
  const key = keyOf(forwarded)
  const what = queries.registering.get(key)
  if (what === undefined) return
  queries.registering.delete(key)
  if (isFirst(what.received)) return void tryAnother(queries, what, 'no answer', turn)
  turn.reply(what.received, 504, lost)
}

function tryAnother(queries: RegistrationQueries, what: Interrogation, because: string, turn: CxTurn): undefined {
  turn.decide(another, 'the HSS is asked for capabilities', { server: what.tried.at(-1)!, because })
  query(queries, what, 'REGISTRATION_AND_CAPABILITIES', turn)
}

/** True of a REGISTER that no S-CSCF has challenged yet: any S-CSCF may take it. */
function isFirst({ headers }: SipRequest): boolean {
  const credentials = headers.authorization?.[0]
  return credentials === undefined || (paramText(credentials, 'nonce') ?? '') === ''
}
