import type { SequenceRow } from '../../src/flow/checker/sequence.ts'
import type { RowVerdict, Verdict } from '../../src/flow/checker/verdict.ts'
import type { Evidence } from '../../src/flow/ladder/expectation.ts'
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
const unparsed = (name: string, text: string) => ({ row: rowOfName(name), name, text, value: undefined, size: 0 })

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

const pidf = `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:user2_public1@home2.net"><tuple id="mobile"><status><basic>open</basic></status><note xml:lang="ja">会議中 (in a meeting)</note></tuple></presence>
`

const dialog: [string, string][] = [
  ['From', '<sip:user1_public1@home1.net>;tag=31415'],
  ['To', '<sip:user2_public1@home2.net>'],
  ['Call-ID', 'b89rjhnedlrfjflslj40a222'],
  ['CSeq', '61 SUBSCRIBE'],
]

const hosts: Readonly<Record<string, string>> = {
  UE: '[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp',
  'P-CSCF': 'pcscf1.home1.net',
  'S-CSCF#1': 'scscf1.home1.net',
  'I-CSCF': 'icscf.home2.net',
  'S-CSCF#2': 'scscf2.home2.net',
  PS: 'ps.home2.net',
}

const via = (path: readonly string[]) =>
  path.map((lane) => `SIP/2.0/UDP ${hosts[lane]};branch=z9hG4bK${lane.toLowerCase().replace('#', '')}`).join(', ')

/** The SUBSCRIBE of A.3.2.1 after it has passed these lanes, the last one first. */
function subscribe(...path: string[]): Message {
  const first = path.length === 1
  const identity = first ? 'P-Preferred-Identity' : 'P-Asserted-Identity'
  const headers: [string, string][] = [
    ['Via', via(path)],
    ['Max-Forwards', String(71 - path.length)],
    ['P-Access-Network-Info', '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11'],
    ...(first
      ? ([['Route', '<sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>']] as [
          string,
          string,
        ][])
      : ([['P-Charging-Vector', 'icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024"']] as [string, string][])),
    [identity, '<sip:user1_public1@home1.net>'],
    ['Privacy', 'none'],
    ...dialog,
    ...(first
      ? ([
          ['Require', 'sec-agree'],
          ['Proxy-Require', 'sec-agree'],
        ] as [string, string][])
      : []),
    ['Event', 'presence'],
    ['Expires', '7200'],
    ['Accept', 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1'],
    ['Contact', '<sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp>'],
    ['Content-Length', '0'],
  ]
  return request('SUBSCRIBE', 'sip:user2_public1@home2.net', headers)
}

function ok(method: string, ...path: string[]): Message {
  const headers = dialog.map(([name, text]): [string, string] => [name, name === 'CSeq' ? `61 ${method}` : text])
  return response(200, 'OK', [['Via', via(path)], ...headers, ['Expires', '7200']])
}

function notify(...path: string[]): Message {
  return request(
    'NOTIFY',
    'sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp',
    [
      ['Via', via(path)],
      ['Max-Forwards', String(71 - path.length)],
      ['From', '<sip:user2_public1@home2.net>;tag=151170'],
      ['To', '<sip:user1_public1@home1.net>;tag=31415'],
      ['Call-ID', 'b89rjhnedlrfjflslj40a222'],
      ['CSeq', '42 NOTIFY'],
      ['Event', 'presence'],
      ['Subscription-State', 'active;expires=7200'],
      ['Content-Type', 'application/pidf+xml'],
    ],
    pidf,
  )
}

/** The 20 steps of A.3.2.1, with the answer of the HSS as a row of its own. */
export function a321(): SequenceRow[] {
  const rows: SequenceRow[] = []
  const send = (from: string, to: string, message: Message) => {
    const cause = rows.findLast((row) => row.kind === 'message')?.index
    rows.push({ ...messageRow(rows.length, from, to, message), cause })
  }
  const decide = (lane: string, step: string, outcome: string) =>
    rows.push(internalRow(rows.length, lane, step, outcome))
  send('UE', 'P-CSCF', subscribe('UE'))
  send('P-CSCF', 'S-CSCF#1', subscribe('P-CSCF', 'UE'))
  decide('S-CSCF#1', 'evaluation of initial filter criteria', 'no application server')
  send('S-CSCF#1', 'I-CSCF', subscribe('S-CSCF#1', 'P-CSCF', 'UE'))
  send('I-CSCF', 'HSS', cx('LIR'))
  send('HSS', 'I-CSCF', cx('LIA'))
  send('I-CSCF', 'S-CSCF#2', subscribe('I-CSCF', 'S-CSCF#1', 'P-CSCF', 'UE'))
  decide('S-CSCF#2', 'evaluation of initial filter criteria', 'ps.home2.net')
  send('S-CSCF#2', 'PS', subscribe('S-CSCF#2', 'I-CSCF', 'S-CSCF#1', 'P-CSCF', 'UE'))
  decide('PS', 'authorization of watcher', 'accepted')
  const back = ['PS', 'S-CSCF#2', 'I-CSCF', 'S-CSCF#1', 'P-CSCF', 'UE']
  for (let at = 0; at < 5; at++) send(back[at]!, back[at + 1]!, ok('SUBSCRIBE', ...back.slice(at + 1)))
  const way = ['PS', 'S-CSCF#1', 'P-CSCF', 'UE']
  for (let at = 0; at < 3; at++) send(way[at]!, way[at + 1]!, notify(...way.slice(0, at + 1).reverse()))
  for (let at = 3; at > 0; at--) send(way[at]!, way[at - 1]!, ok('NOTIFY', ...way.slice(0, at).reverse()))
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
