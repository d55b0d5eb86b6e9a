/**
 * What happens to an S-CSCF as registrar, handed to whatever it concerns: requests, answers of the HSS and of
 * application servers, timers and commands.
 */
import { isDocumentError } from '../../documents/index.ts'
import { addressOfRecord } from '../../presence/address-of-record.ts'
import type { Address, Command, Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { answered, ask, avp, type CxMessage, cxAnswer, cxTimer, isSuccess } from '../cx.ts'
import { readUserData } from '../hss/user-data.ts'
import { endByNetwork, onExpiry, onProfile, onReleased, onTermination, reauthenticate } from './deregistration.ts'
import { onAssignment, onAuthentication, onAwaitAuth, register } from './registrar.ts'
import { type EndEvent, keyOf, type RegistrarWaiting } from './registrar-state.ts'
import {
  isForRegistrationState,
  onNotifyAnswer,
  onWatchTimer,
  refreshWatch,
  takeWatch,
} from './registration-notifier.ts'
import { keepSet, type Registering, setOf } from './served-users.ts'
import { onServerAnswer } from './third-party-registration.ts'

type CxTurn = SipTurn<CxMessage>

const askService = rule('TS 24.229 §5.4.3.3', 'of a user who is not registered the S-CSCF asks the HSS for the profile')
const badCommand = rule('RFC 6733 §7.1.5', 'a command that the S-CSCF does not serve is an error')

/** True if the request was for the registrar, which has taken it. */
export function takeRequest(cscf: Registering, received: SipRequest, turn: CxTurn): boolean {
  const { host } = cscf.settings
  const tag = received.headers.to?.params.tag
  if (received.method === 'REGISTER' && hostOf(received.uri) === host) register(cscf, received, turn)
  else if (!isForRegistrationState(received)) return false
  else if (tag === undefined) takeWatch(cscf, received, turn)
  else if (hostOf(received.uri) === host) refreshWatch(cscf, received, turn)
  else return false
  return true
}

/** The answer to a request of the registrar's own; `status` is undefined if there was none. */
export function takeAnswer(cscf: Registering, sent: SipRequest, status: number | undefined, turn: CxTurn): void {
  if (sent.method === 'REGISTER') onServerAnswer(cscf, sent, status, turn)
  else if (sent.method === 'NOTIFY') onNotifyAnswer(cscf, sent, status, turn)
}

/** A request that may go on once the HSS has said who its user is. */
export type Continue = (received: SipRequest, request: SipRequest) => void

/** §5.4.3.3: the profile of a user who is not registered, but may have services all the same. */
export function askForService(cscf: Registering, received: SipRequest, request: SipRequest, turn: CxTurn): void {
  const avps = {
    'Public-Identity': addressOfRecord(request.uri),
    'Server-Name': cscf.registrarUri,
    'Server-Assignment-Type': 'UNREGISTERED_USER',
    'User-Data-Already-Available': 'USER_DATA_NOT_AVAILABLE',
  }
  const question = { to: cscf.registrar.settings.hss, command: 'SAR', avps, why: askService, source: received }
  ask<RegistrarWaiting, SipRequest>(cscf.registrar, { kind: 'service', received, request }, question, turn)
}

/** A command of the HSS, or its answer to one. */
export function takeCx(cscf: Registering, message: CxMessage, from: Address, go: Continue, turn: CxTurn): void {
  if (message.kind === 'answer') return onAnswer(cscf, message.session, message, go, turn)
  if (message.command === 'RTR') return onTermination(cscf, message, from, turn)
  if (message.command === 'PPR') return onProfile(cscf, message, from, turn)
  turn.send(from, cxAnswer(message, { 'Result-Code': 'DIAMETER_UNABLE_TO_COMPLY' }, badCommand, turn), 'stream')
}

/** A command of this S-CSCF that did not reach the HSS, or an answer that nobody waits for any more. */
export function takeCxFailure(cscf: Registering, message: CxMessage, go: Continue, turn: CxTurn): void {
  if (message.kind === 'request') onAnswer(cscf, message.session, undefined, go, turn)
}

function onAnswer(cscf: Registering, session: string, answer: CxMessage | undefined, go: Continue, turn: CxTurn): void {
  const what = answered(cscf.registrar, session)
  switch (what?.kind) {
    case 'authentication':
      return onAuthentication(cscf, what.received, what.isResynchronised, answer, turn)
    case 'assignment':
      return onAssignment(cscf, what.received, what.duration, answer, turn)
    case 'release':
      return onReleased(what.received, turn)
    case 'service':
      if (answer !== undefined && isSuccess(answer)) storeService(cscf, answer)
      return go(what.received, what.request)
  }
}

/** §5.4.3.3: the sets of a user who is not registered have no contact. */
function storeService(cscf: Registering, answer: CxMessage): void {
  const data = readUserData(avp(answer, 'User-Data'))
  if (isDocumentError(data)) return
  const { privateIdentity, profiles } = data
  const none = { chargingFunctions: [], bindings: [], register: undefined, told: {}, isReauthenticating: false }
  keepSet(cscf, { key: keyOf(profiles), privateIdentity, profiles, ...none })
}

/** A timer of the registrar's. */
export function takeTimer(cscf: Registering, timer: Timer, go: Continue, turn: CxTurn): void {
  switch (timer.name) {
    case cxTimer:
      return onAnswer(cscf, timer.of, undefined, go, turn)
    case 'reg-await-auth':
      return onAwaitAuth(cscf, timer, turn)
    case 'registration expiry':
      return onExpiry(cscf, timer, turn)
    case 'subscription expiry':
    case 'notification gap':
      return onWatchTimer(cscf, timer, turn)
  }
}

/** What the operator has the S-CSCF do: `deregister` or `reauthenticate` a user, named by one of her identities. */
export function takeCommand(cscf: Registering, command: Command, turn: CxTurn): void {
  const set = setOf(cscf, String(command.identity))
  if (set === undefined) return
  if (command.do === 'deregister') endByNetwork(cscf, set, command.event as EndEvent, turn)
  if (command.do === 'reauthenticate') reauthenticate(cscf, set, Number(command.expires), turn)
}
