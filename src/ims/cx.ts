import type { Turn } from '../sim/node.ts'
import type { Rule } from '../sim/rule.ts'

/** The AVPs of a Diameter command by their names in TS 29.229. */
export type Avps = Readonly<Record<string, string | number>>

/** One Diameter command of the Cx interface (TS 29.228), reduced to its AVPs. Never changed. */
export interface CxMessage {
  readonly protocol: 'cx'
  readonly kind: 'request' | 'answer'
  /** `LIR`, `LIA`, `UAR`, … */
  readonly command: string
  /** Session-Id: an answer carries that of its request. */
  readonly session: string
  readonly avps: Avps
}

/** The result codes of the Cx application (TS 29.229 §6.2), by name. */
export const resultCodes = {
  DIAMETER_SUCCESS: 2001,
  DIAMETER_FIRST_REGISTRATION: 2001,
  DIAMETER_SUBSEQUENT_REGISTRATION: 2002,
  DIAMETER_UNREGISTERED_SERVICE: 2003,
  DIAMETER_ERROR_USER_UNKNOWN: 5001,
  DIAMETER_ERROR_IDENTITY_NOT_REGISTERED: 5003,
} as const

/** The name of the result in an answer. */
export function resultOf(answer: CxMessage): keyof typeof resultCodes | undefined {
  const names = Object.keys(resultCodes) as (keyof typeof resultCodes)[]
  return names.find((name) => name === answer.avps['Experimental-Result-Code'] || name === answer.avps['Result-Code'])
}

/** A command made by a rule. */
export function cxRequest<M>(
  command: string,
  session: string,
  avps: Avps,
  why: Rule,
  turn: Turn<M | CxMessage>,
  source?: M | CxMessage,
): CxMessage {
  const message: CxMessage = { protocol: 'cx', kind: 'request', command, session, avps }
  if (turn.listening) turn.amended(why, undefined, message, Object.keys(avps), source)
  return message
}

/** The answer to a command, made by a rule: `LIA` to `LIR`. */
export function cxAnswer(request: CxMessage, avps: Avps, why: Rule, turn: Turn<CxMessage>): CxMessage {
  const command = `${request.command.slice(0, -1)}A`
  const message: CxMessage = { protocol: 'cx', kind: 'answer', command, session: request.session, avps }
  if (turn.listening) turn.amended(why, undefined, message, Object.keys(avps), request)
  return message
}

/** A command on one line per AVP, as traces and digests show it. */
export function printCx({ command, session, avps }: CxMessage): string {
  const lines = Object.entries(avps).map(([name, value]) => `  ${name}: ${value}`)
  return [`Cx ${command}`, `  Session-Id: ${session}`, ...lines].join('\n')
}
