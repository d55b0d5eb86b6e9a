import type { Address, Turn } from '../sim/node.ts'
import type { Rule } from '../sim/rule.ts'
import { type Micros, seconds } from '../sim/time.ts'

/**
 * The AVPs of a Diameter command by their names in TS 29.229. Octets are hexadecimal text; an AVP that stands more
 * than once has its values in one text, separated by commas; the AVPs of a grouped one stand beside the others.
 */
export type Avps = Readonly<Record<string, string | number>>

/** The interfaces of the HSS (Cx, TS 29.228; Zh, TS 29.109) and of the BSF (Zn, TS 29.109), each of them Diameter. */
export const diameterInterfaces = ['Cx', 'Zh', 'Zn'] as const
export type DiameterInterface = (typeof diameterInterfaces)[number]

/** One Diameter command of the Cx interface (TS 29.228) or of one like it, reduced to its AVPs. Never changed. */
export interface CxMessage {
  readonly protocol: 'cx'
  readonly kind: 'request' | 'answer'
  /** The interface, which Diameter tells by the Application-Id; Cx if it is not there. */
  readonly interface?: DiameterInterface
  /** `LIR`, `LIA`, `UAR`, … */
  readonly command: string
  /** Session-Id: an answer carries that of its request. */
  readonly session: string
  readonly avps: Avps
}

/** The result codes of Cx (TS 29.229 §6.2), of Zh and Zn (TS 29.109 §6.2) and of Diameter itself, by name. */
export const resultCodes = {
  DIAMETER_SUCCESS: 2001,
  DIAMETER_FIRST_REGISTRATION: 2001,
  DIAMETER_SUBSEQUENT_REGISTRATION: 2002,
  DIAMETER_UNREGISTERED_SERVICE: 2003,
  DIAMETER_SUCCESS_SERVER_NAME_NOT_STORED: 2004,
  DIAMETER_UNABLE_TO_DELIVER: 3002,
  DIAMETER_AUTHORIZATION_REJECTED: 5003,
  DIAMETER_UNABLE_TO_COMPLY: 5012,
  DIAMETER_ERROR_USER_UNKNOWN: 5001,
  DIAMETER_ERROR_IDENTITIES_DONT_MATCH: 5002,
  DIAMETER_ERROR_IDENTITY_NOT_REGISTERED: 5003,
  DIAMETER_ERROR_ROAMING_NOT_ALLOWED: 5004,
  DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED: 5005,
  DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED: 5006,
  DIAMETER_ERROR_IN_ASSIGNMENT_TYPE: 5007,
  DIAMETER_ERROR_TOO_MUCH_DATA: 5008,
  DIAMETER_ERROR_NOT_SUPPORTED_USER_DATA: 5009,
  DIAMETER_ERROR_FEATURE_UNSUPPORTED: 5011,
  // TS 29.109 §6.2.2.
  DIAMETER_ERROR_IDENTITY_UNKNOWN: 5401,
  DIAMETER_ERROR_NOT_AUTHORIZED: 5402,
  DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID: 5403,
} as const

/** The name of a result. */
export type CxResult = keyof typeof resultCodes

/** User-Authorization-Type (TS 29.229 §6.3.24). */
export const authorizationTypes = ['REGISTRATION', 'DE_REGISTRATION', 'REGISTRATION_AND_CAPABILITIES'] as const
export type AuthorizationType = (typeof authorizationTypes)[number]

/** Server-Assignment-Type (TS 29.229 §6.3.15), each at the place of its number. */
export const assignmentTypes = [
  'NO_ASSIGNMENT',
  'REGISTRATION',
  'RE_REGISTRATION',
  'UNREGISTERED_USER',
  'TIMEOUT_DEREGISTRATION',
  'USER_DEREGISTRATION',
  'TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME',
  'USER_DEREGISTRATION_STORE_SERVER_NAME',
  'ADMINISTRATIVE_DEREGISTRATION',
  'AUTHENTICATION_FAILURE',
  'AUTHENTICATION_TIMEOUT',
  'DEREGISTRATION_TOO_MUCH_DATA',
] as const
export type AssignmentType = (typeof assignmentTypes)[number]

/** Reason-Code of a Deregistration-Reason (TS 29.229 §6.3.17), each at the place of its number. */
export const deregistrationReasons = [
  'PERMANENT_TERMINATION',
  'NEW_SERVER_ASSIGNED',
  'SERVER_CHANGE',
  'REMOVE_S-CSCF',
] as const
export type DeregistrationReason = (typeof deregistrationReasons)[number]

/** The name of the result in an answer; undefined for one that is not known. */
export function resultOf(answer: CxMessage): CxResult | undefined {
  const result = answer.avps['Experimental-Result-Code'] ?? answer.avps['Result-Code']
  return typeof result === 'string' && Object.hasOwn(resultCodes, result) ? (result as CxResult) : undefined
}

/** True of an answer that says yes (RFC 6733 §7.1.2: 2xxx). */
export const isSuccess = (answer: CxMessage): boolean => {
  const result = resultOf(answer)
  return result !== undefined && resultCodes[result] < 3000
}

/** A failure that the Cx application defines (TS 29.229 §6.2.2), as the AVPs of an answer. */
export const failed = (result: CxResult): Avps => ({ 'Experimental-Result-Code': result })

/** An AVP as text; empty if it is not there. */
export const avp = ({ avps }: CxMessage, name: string): string => (Object.hasOwn(avps, name) ? String(avps[name]) : '')

/** The values of an AVP that may stand more than once. */
export const avpList = (message: CxMessage, name: string): string[] => avp(message, name).split(', ').filter(Boolean)

/** How long a CSCF waits for the HSS: well within the patience of SIP, which is 64 times T1. */
export const cxPatience: Micros = seconds(10)

/** The timer with which a CSCF waits; it belongs to the Session-Id. */
export const cxTimer = 'Cx answer'

/** What a CSCF has asked the HSS and not yet heard of, by Session-Id; `Waiting` says what to do with the answer. */
export interface CxClient<Waiting> {
  readonly waiting: Map<string, Waiting>
}

/** What a CSCF asks the HSS, a BSF the HSS, or a NAF a BSF. */
export interface CxQuestion<M> {
  readonly interface?: DiameterInterface
  readonly to: Address
  readonly command: string
  readonly avps: Avps
  readonly why: Rule
  /** The message that made it ask. */
  readonly source: M | CxMessage | undefined
}

/** Asks the HSS, keeps in mind what the answer is for, and waits no longer than its patience lasts. */
export function ask<Waiting, M>(
  { waiting }: CxClient<Waiting>,
  what: Waiting,
  question: CxQuestion<M>,
  turn: Turn<M | CxMessage> & { identifier(): string },
): void {
  const session = turn.identifier()
  waiting.set(session, what)
  turn.send(question.to, cxRequest(question, session, turn), 'stream')
  turn.start({ name: cxTimer, of: session }, cxPatience)
}

/** What a session was for, which is over then; undefined if it is not known, or over already. */
export function answered<Waiting>({ waiting }: CxClient<Waiting>, session: string): Waiting | undefined {
  const what = waiting.get(session)
  waiting.delete(session)
  return what
}

/** A command made by a rule. */
export function cxRequest<M>(
  { interface: on, command, avps, why, source }: Omit<CxQuestion<M>, 'to'>,
  session: string,
  turn: Turn<M | CxMessage>,
): CxMessage {
  const message: CxMessage = { protocol: 'cx', kind: 'request', ...(on && { interface: on }), command, session, avps }
  if (turn.listening) turn.amended(why, undefined, message, Object.keys(avps), source)
  return message
}

/** The answer to a command, made by a rule: `LIA` to `LIR`. */
export function cxAnswer<M>(request: CxMessage, avps: Avps, why: Rule, turn: Turn<M | CxMessage>): CxMessage {
  const command = `${request.command.slice(0, -1)}A`
  const message: CxMessage = { ...request, kind: 'answer', command, avps }
  if (turn.listening) turn.amended(why, undefined, message, Object.keys(avps), request)
  return message
}

/** A command of an interface. */
type Named = Pick<CxMessage, 'interface' | 'command'>

/** `Cx LIR`, `Zn BIA`: the command with its interface. */
export const commandName = ({ interface: on = 'Cx', command }: Named): string => `${on} ${command}`

/** The name of the answer to a command: `Cx LIA`. */
export const answerName = (query: Named): string => `${commandName(query).slice(0, -1)}A`

/** A command on one line per AVP, as traces and digests show it. */
export function printCx(message: CxMessage): string {
  const { session, avps } = message
  const lines = Object.entries(avps).map(([name, value]) => `  ${name}: ${value}`)
  return [commandName(message), `  Session-Id: ${session}`, ...lines].join('\n')
}
