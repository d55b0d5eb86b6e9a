import type { Evidence } from '../../src/flow/expectation.ts'
import type { SequenceRow } from '../../src/flow/sequence.ts'
import type { RowVerdict, Verdict } from '../../src/flow/verdict.ts'
import type { Message } from '../../src/message.ts'
import type { Lane } from '../../src/render/chart.ts'
import { rule } from '../../src/sim/rule.ts'
import { millis } from '../../src/sim/time.ts'
import { headerRows } from '../../src/sip/headers.ts'
import { headersOf } from '../../src/sip/message.ts'

/** The participants of A.3.2.1, as the figure has them. */
export const lanes: readonly Lane[] = [
  { name: 'UE', network: 'home1.net' },
  { name: 'P-CSCF', network: 'home1.net' },
  { name: 'S-CSCF#1', network: 'home1.net' },
  { name: 'I-CSCF', network: 'home2.net' },
  { name: 'HSS', network: 'home2.net' },
  { name: 'S-CSCF#2', network: 'home2.net' },
  { name: 'PS', network: 'home2.net' },
]

const rowOfName = (name: string) => headerRows.findIndex((row) => row.name === name)
const unparsed = (name: string, text: string) => ({ row: rowOfName(name), name, text, value: undefined })

export const headersFrom = (headers: readonly (readonly [string, string])[]) =>
  headersOf(headers.map(([name, text]) => unparsed(name, text)))

export function request(method: string, uri: string, headers: [string, string][] = [], body = ''): Message {
  return { protocol: 'sip', kind: 'request', method, uri, headers: headersFrom(headers), body }
}

export function response(status: number, reason: string, headers: [string, string][] = []): Message {
  return { protocol: 'sip', kind: 'response', status, reason, headers: headersFrom(headers), body: '' }
}

export function cx(command: string): Message {
  return {
    protocol: 'cx',
    kind: 'request',
    command,
    session: 'icscf;1',
    avps: { 'Public-Identity': 'sip:u@home2.net' },
  }
}

export function messageRow(
  index: number,
  from: string,
  to: string,
  message: Message,
  at = millis(index * 5),
): SequenceRow {
  const arrival = { step: index + 1, at: at + millis(5) }
  const cause = index === 0 ? undefined : index - 1
  return { kind: 'message', index, step: index, at, from, to, message, arrival, lost: false, repeated: false, cause }
}

export function internalRow(index: number, lane: string, step: string, outcome: string): SequenceRow {
  const decision = { kind: 'decide', rule: rule('TS 24.229 §5.4.3.2', step, [], step), outcome, facts: {} } as const
  const cause = index === 0 ? undefined : index - 1
  return { kind: 'internal', index, step: index, at: millis(index * 5), from: lane, to: lane, decision, cause }
}

/** The 20 steps of A.3.2.1 (and the answer of the HSS, which the clause does not number). */
export function a321(): SequenceRow[] {
  const subscribe = request('SUBSCRIBE', 'sip:user2_public1@home2.net')
  const notify = request('NOTIFY', 'sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp')
  const ok = response(200, 'OK', [['CSeq', '61 SUBSCRIBE']])
  const noted = response(200, 'OK', [['CSeq', '42 NOTIFY']])
  const rows: SequenceRow[] = []
  const send = (from: string, to: string, message: Message) => rows.push(messageRow(rows.length, from, to, message))
  const decide = (lane: string, step: string, outcome: string) =>
    rows.push(internalRow(rows.length, lane, step, outcome))
  send('UE', 'P-CSCF', subscribe)
  send('P-CSCF', 'S-CSCF#1', subscribe)
  decide('S-CSCF#1', 'evaluation of initial filter criteria', 'no application server')
  send('S-CSCF#1', 'I-CSCF', subscribe)
  send('I-CSCF', 'HSS', cx('LIR'))
  send('HSS', 'I-CSCF', cx('LIA'))
  send('I-CSCF', 'S-CSCF#2', subscribe)
  decide('S-CSCF#2', 'evaluation of initial filter criteria', 'ps.home2.net')
  send('S-CSCF#2', 'PS', subscribe)
  decide('PS', 'authorization of watcher', 'accepted')
  for (const [from, to] of [
    ['PS', 'S-CSCF#2'],
    ['S-CSCF#2', 'I-CSCF'],
    ['I-CSCF', 'S-CSCF#1'],
    ['S-CSCF#1', 'P-CSCF'],
    ['P-CSCF', 'UE'],
  ])
    send(from!, to!, ok)
  for (const [from, to] of [
    ['PS', 'S-CSCF#1'],
    ['S-CSCF#1', 'P-CSCF'],
    ['P-CSCF', 'UE'],
  ])
    send(from!, to!, notify)
  for (const [from, to] of [
    ['UE', 'P-CSCF'],
    ['P-CSCF', 'S-CSCF#1'],
    ['S-CSCF#1', 'PS'],
  ])
    send(from!, to!, noted)
  return rows
}

/** Steps 1 to 20 as the clause numbers them: the answer of the HSS (row 5) belongs to step 5. */
export function a321Verdict(): Verdict {
  const rows = a321().map(({ index }): RowVerdict => {
    const step = index < 5 ? index : index - 1
    const evidence: Evidence = step === 0 ? 'read' : step === 8 ? 'memory' : 'derived'
    return { row: index, mark: 'met', step, number: String(step + 1), evidence, findings: [] }
  })
  const steps = Array.from({ length: 20 }, (_, step) => ({
    step,
    number: String(step + 1),
    evidence: rows.find((row) => row.step === step)!.evidence!,
    mark: 'met' as const,
    rows: rows.filter((row) => row.step === step).map(({ row }) => row),
    findings: [],
  }))
  return { outcome: 'pass', match: 'visible', findings: [], steps, rows }
}
