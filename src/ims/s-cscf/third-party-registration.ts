/**
 * TS 24.229 §5.4.1.7: the S-CSCF tells application servers, by REGISTER, that a user has registered, refreshed or ended
 * her registration.
 */
import { printMultipart, printXml, type XmlElement } from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import { nextHop } from '../../sip/core/dialog.ts'
import { requestOutsideDialog } from '../../sip/core/user-agent.ts'
import { type HeaderChanges, headerValue, type SipRequest, type SipResponse } from '../../sip/message.ts'
import { printText } from '../../sip/print.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { CxMessage } from '../cx.ts'
import type { ServiceProfile } from '../hss/user-data.ts'
import { nameAddr } from '../ue/ue.ts'
import { endByNetwork } from './deregistration.ts'
import { allMatches, type InitialFilterCriterion, type RegistrationType } from './filter-criteria.ts'
import type { RegisteredSet, ThirdParty } from './registrar-state.ts'
import { keepSet, type Registering } from './served-users.ts'

type CxTurn = SipTurn<CxMessage>

const evaluate = rule(
  'TS 24.229 §5.4.1.7',
  'the S-CSCF evaluates the initial filter criteria against the REGISTER of the user',
  ['R5.3.5.2-b'],
  'evaluate initial filter criteria',
)
const inform = rule('TS 24.229 §5.4.1.7', 'an application server is told in whose name and for how long', [
  'R5.3.5.2-b',
])
const passOn = rule('TS 24.229 §5.4.1.7', 'an application server is told from where the user registers', ['R5.3.5.2-b'])
const charge = rule('TS 24.229 §5.4.1.7', 'the charging identifier is that of the REGISTER of the user', ['R5.3.5.2-b'])
const chargeAt = rule('TS 24.229 §5.4.1.7', 'an application server is told where to charge', ['R5.3.5.2-b'])
const serviceInfo = rule('TS 24.229 §5.4.1.7', 'what the profile has for the application server goes along as body')
const include = rule(
  'TS 24.229 §5.4.1.7',
  'the REGISTER of the user and the 200 to it go along as bodies where the criterion says so',
)
const carryOn = rule('TS 24.229 §5.4.1.7', 'a server that is not essential may fail: the user stays registered')
const giveUp = rule('TS 24.229 §5.4.1.7', 'without a server that is essential the registration of the user is ended')

/** What the user and the S-CSCF have said to each other; nothing where the network acts by itself. */
export interface Said {
  readonly request?: SipRequest
  readonly response?: SipResponse
}

/** Tells each server of a matching criterion; a `duration` of 0 seconds is the end. */
export function informServers(
  cscf: Registering,
  set: RegisteredSet,
  type: RegistrationType,
  duration: number,
  turn: CxTurn,
  said: Said = {},
): void {
  const { register } = set
  if (register === undefined) return
  let told = set.told
  for (const profile of set.profiles) {
    const matches = allMatches(profile.criteria, register, type)
    if (profile.criteria.length > 0) tellEvaluation(set, type, profile, matches, turn)
    for (const criterion of matches) {
      const third = nextFor(cscf, told[criterion.serverName], turn)
      told = { ...told, [criterion.serverName]: third }
      send(cscf, set, { profile, criterion, third, type, duration, register, said }, turn)
    }
  }
  if (cscf.registrar.sets.has(set.key)) keepSet(cscf, { ...set, told })
}

function tellEvaluation(
  set: RegisteredSet,
  type: RegistrationType,
  { criteria }: ServiceProfile,
  matches: readonly InitialFilterCriterion[],
  turn: CxTurn,
): void {
  const servers = matches.map(({ priority, serverName }) => `criterion ${priority}: ${serverName}`).join(', ')
  turn.decide(evaluate, servers === '' ? 'no criterion matches' : servers, {
    user: set.key,
    method: 'REGISTER',
    registration: type,
    criteria: criteria.length,
  })
}

/** RFC 3261 §10.2: all REGISTERs to one registrar are of one call. */
function nextFor({ registrar }: Registering, before: ThirdParty | undefined, turn: CxTurn): ThirdParty {
  if (before !== undefined) return { ...before, sequence: before.sequence + 1 }
  const { callIds, firstSequence } = registrar.settings
  const callId = callIds[registrar.callIds++] ?? turn.identifier()
  return { callId, tag: turn.identifier(), sequence: firstSequence }
}

interface Notice {
  readonly profile: ServiceProfile
  readonly criterion: InitialFilterCriterion
  readonly third: ThirdParty
  readonly type: RegistrationType
  readonly duration: number
  readonly register: SipRequest
  readonly said: Said
}

function send(cscf: Registering, set: RegisteredSet, notice: Notice, turn: CxTurn): void {
  const { criterion, third, register, duration, type, profile } = notice
  const own = `sip:${cscf.settings.host}`
  const identity = profile.identities.find(({ isBarred }) => !isBarred)?.identity ?? set.key
  let request = requestOutsideDialog('REGISTER', criterion.serverName, own, third, turn)
  request = turn.amend(request, inform, { to: nameAddr(identity), contact: [nameAddr(own)], expires: duration })
  const { pAccessNetworkInfo, pVisitedNetworkId, pChargingVector } = register.headers
  const from: HeaderChanges = {
    ...(pAccessNetworkInfo && { pAccessNetworkInfo }),
    ...(pVisitedNetworkId && { pVisitedNetworkId }),
  }
  if (Object.keys(from).length > 0) request = turn.amend(request, passOn, from, register)
  if (pChargingVector !== undefined) {
    const icid = pChargingVector['icid-value']
    const charging = { ...(icid && { 'icid-value': icid }), 'orig-ioi': cscf.settings.network }
    request = turn.amend(request, charge, { pChargingVector: charging }, register)
  }
  if (set.chargingFunctions.length > 0)
    request = turn.amend(request, chargeAt, { pChargingFunctionAddresses: { ccf: set.chargingFunctions } })
  request = withBodies(request, notice, turn)
  const { serverName: server, defaultHandling } = criterion
  cscf.registrar.informing.set(third.callId, { set: set.key, type, server, defaultHandling })
  turn.request(nextHop(request), request)
}

/** §5.4.1.7: what goes along as body, in parts if it is more than one thing. */
function withBodies(bare: SipRequest, { criterion, type, said }: Notice, turn: CxTurn): SipRequest {
  const info = type === 'de-registration' ? undefined : criterion.serviceInfo
  const included = (criterion.includes ?? []).flatMap((part) => said[part] ?? [])
  if (info === undefined && included.length === 0) return bare
  const own = info === undefined ? [] : [{ contentType: imsType.value, headers: [], body: imsBody(info) }]
  const parts = [...own, ...included.map((one) => ({ contentType: sipType.value, headers: [], body: printText(one) }))]
  const [first, second] = parts
  if (second === undefined) {
    if (info !== undefined) return turn.amend(bare, serviceInfo, { contentType: imsType, body: first!.body })
    return turn.amend(bare, include, { contentType: sipType, body: first!.body })
  }
  const { contentType, body } = printMultipart({ kind: 'multipart', subtype: 'mixed', parameters: {}, parts })
  return turn.amend(bare, include, { contentType: headerValue('contentType', contentType)!, body })
}

const sipType = { value: 'message/sip', params: {} }
const imsType = { value: 'application/3gpp-ims+xml', params: {} }

/** TS 24.229 §7.6: the information for the application server in the XML of the IM CN subsystem. */
function imsBody(info: string): string {
  const element = (name: string, children: XmlElement['children']): XmlElement => ({
    kind: 'element',
    prefix: '',
    namespace: '',
    name,
    attributes: [],
    children,
  })
  const version = { kind: 'attribute', prefix: '', namespace: '', name: 'version', value: '1' } as const
  const root = { ...element('ims-3gpp', [element('service-info', [info])]), attributes: [version] }
  return printXml({ kind: 'document', declaration: { encoding: 'UTF-8' }, prolog: [], root, epilog: [] })
}

/** §5.4.1.7: a server has refused, or does not answer (`status` undefined). */
export function onServerAnswer(cscf: Registering, sent: SipRequest, status: number | undefined, turn: CxTurn): void {
  if (status !== undefined && status < 200) return
  const { callId } = sent.headers
  const informing = cscf.registrar.informing.get(callId!)
  cscf.registrar.informing.delete(callId!)
  if (informing === undefined || informing.type === 'de-registration') return
  if (status !== undefined && status < 300) return
  const facts = { server: informing.server, because: status ?? 'no answer' }
  if (informing.defaultHandling === 'continue') return turn.decide(carryOn, 'nothing changes', facts)
  turn.decide(giveUp, 'the registration is ended', facts)
  const set = cscf.registrar.sets.get(informing.set)
  if (set !== undefined) endByNetwork(cscf, set, 'rejected', turn)
}
