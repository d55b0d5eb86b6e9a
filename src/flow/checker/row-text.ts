/** Rows and messages in the words of the ladder. */

import { isXcapTarget } from '../../http/exchange.ts'
import type { HttpMessage, HttpRequest } from '../../http/message.ts'
import { commandName } from '../../ims/cx.ts'
import type { Message } from '../../message.ts'
import type { SequenceRow } from './sequence.ts'

/** `SUBSCRIBE sip:user2_public1@home2.net`, `200 (SUBSCRIBE)`, `Cx LIR` */
export function messageText(message: Message): string {
  if (message.protocol === 'cx') return commandName(message)
  if (message.protocol === 'http') return httpText(message)
  if (message.kind === 'request') return `${message.method} ${message.uri}`
  const method = message.headers.cseq?.method
  return method === undefined ? String(message.status) : `${message.status} (${method})`
}

/** `XCAP PUT http://xcap.home1.net/services/…`, `HTTP 201 (Created)` */
function httpText(message: HttpMessage): string {
  if (message.kind === 'response') return `HTTP ${message.status} (${message.reason})`
  return `${httpKind(message)} ${message.method} ${message.target}`
}

/** TS 24.141 A.2: a request over HTTP is named HTTP, and XCAP where its URI is that of a document. */
export const httpKind = ({ target }: HttpRequest): 'XCAP' | 'HTTP' => (isXcapTarget(target) ? 'XCAP' : 'HTTP')

/** `UE -> P-CSCF : SUBSCRIBE sip:user2_public1@home2.net`, `PS :: authorize watcher` */
export function rowText(row: SequenceRow): string {
  if (row.kind === 'message') return `${row.from} -> ${row.to} : ${messageText(row.message)}`
  return `${row.from} :: ${row.decision.rule.step ?? row.decision.rule.title}`
}
