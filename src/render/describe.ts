import type { SequenceRow } from '../flow/sequence.ts'
import type { Message } from '../message.ts'
import { messageLabels } from './chart.ts'

/** A message in a few words: `SUBSCRIBE sip:user2_public1@home2.net`, `200 (SUBSCRIBE)`, `Cx: LIR`. */
export function describeMessage(message: Message): string {
  if (message.protocol === 'sip' && message.kind === 'request') return `${message.method} ${message.uri}`
  return messageLabels(message)[0]!
}

/** A row on one line, in the form of a ladder line: `UE -> P-CSCF : SUBSCRIBE sip:user2_public1@home2.net`. */
export function describeRow(row: SequenceRow): string {
  if (row.kind === 'message') {
    const notes = [...(row.repeated ? ['again'] : []), ...(row.lost ? ['lost'] : [])]
    const note = notes.length > 0 ? ` (${notes.join(', ')})` : ''
    return `${row.from} -> ${row.to} : ${describeMessage(row.message)}${note}`
  }
  const { rule, outcome } = row.decision
  return `${row.from} :: ${rule.step ?? rule.title}${outcome === '' ? '' : `: ${outcome}`}`
}
