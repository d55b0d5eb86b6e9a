import type { MessageRow, SequenceRow } from '../flow/checker/sequence.ts'

/** The row of the same message on the hop before: what this hop's node took in and passed on, changed or not. */
export function hopBefore(rows: readonly SequenceRow[], row: MessageRow): MessageRow | undefined {
  let before = row.cause === undefined ? undefined : rows[row.cause]
  while (before?.kind === 'internal') before = before.cause === undefined ? undefined : rows[before.cause]
  if (before === undefined) return undefined
  const [one, other] = [before.message, row.message]
  if (one.protocol === 'http' && other.protocol === 'http')
    return one.exchange === other.exchange && one.kind === other.kind ? before : undefined
  if (one.protocol !== 'sip' || other.protocol !== 'sip' || one.kind !== other.kind) return undefined
  const same =
    one.headers.text('callId') === other.headers.text('callId') &&
    one.headers.text('cseq') === other.headers.text('cseq')
  return same ? before : undefined
}
