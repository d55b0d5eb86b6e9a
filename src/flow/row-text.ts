/** Rows and messages in the words of the ladder. */
import { commandName } from '../ims/cx.ts'
import type { Message } from '../message.ts'
import type { SequenceRow } from './sequence.ts'

/** `SUBSCRIBE sip:user2_public1@home2.net`, `200 (SUBSCRIBE)`, `Cx LIR` */
export function messageText(message: Message): string {
  if (message.protocol === 'cx') return commandName(message)
  if (message.kind === 'request') return `${message.method} ${message.uri}`
  const method = message.headers.cseq?.method
  return method === undefined ? String(message.status) : `${message.status} (${method})`
}

/** `UE -> P-CSCF : SUBSCRIBE sip:user2_public1@home2.net`, `PS :: authorize watcher` */
export function rowText(row: SequenceRow): string {
  if (row.kind === 'message') return `${row.from} -> ${row.to} : ${messageText(row.message)}`
  return `${row.from} :: ${row.decision.rule.step ?? row.decision.rule.title}`
}
