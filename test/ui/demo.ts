import type { SequenceRow } from '../../src/flow/checker/sequence.ts'
import type { Message } from '../../src/message.ts'
import type { Chart } from '../../src/render/chart.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import type { Catalogue, CatalogueEntry, Origin, Session } from '../../src/ui/session.ts'
import { a321, a321Verdict, lanes, response } from '../render/rows.ts'

export const entries: readonly CatalogueEntry[] = [
  {
    id: 'A.3.2.1',
    title: 'Watcher and presentity in different networks, UE in home network: successful subscription',
    clause: 'TS 24.141 §A.3.2.1',
    about:
      'A watcher asks for the presence of a user of another network. The SUBSCRIBE crosses both networks, the ' +
      'presence server accepts the watcher, answers, and sends the first NOTIFY with all that the watcher may see.\n\n' +
      'Watch how each CSCF changes the routing headers, and that the NOTIFY takes the short way back.',
    evidence: { read: 1, derived: 18, memory: 1 },
  },
  {
    id: 'A.4.2.1',
    title: 'Initial publication of presence information by UE: successful publication',
    clause: 'TS 24.141 §A.4.2.1',
    about: 'A user agent publishes the presence of its user.',
    evidence: { read: 1, derived: 6, memory: 1 },
  },
  {
    id: 'A.5.2.1',
    title: 'PS notifying watcher; watcher and presentity in different networks',
    clause: 'TS 24.141 §A.5.2.1',
    about: 'The presence of a user changes and the presence server tells the watcher what changed.',
    evidence: { read: 1, derived: 5, memory: 0 },
  },
]

/** A run of A.3.2.1 made by hand: the rows, a turn a row, and a counter as the state of each node. */
export function demoSession(id = 'A.3.2.1', chart: Chart = demoChart()): Session {
  const entry = entries.find((one) => one.id === id)!
  return {
    entry,
    chart,
    trace: traceOf(chart.rows),
    firstEvent: 0,
    digest: '5f0c3a1e9b7d2468',
    laneOf: (address) => address,
    why: (row) => originsOf(chart.rows[row]!),
    stateAt: (event, lane) => stateOf(chart.rows, event, lane),
  }
}

/** A catalogue of three flows, all of which run like A.3.2.1; `fails` names those whose run throws. */
export function demoCatalogue(fails: readonly string[] = []): Catalogue {
  return {
    entries,
    open(id) {
      if (fails.includes(id)) throw new Error('unknown node "S-CSCF#3"')
      return demoSession(id)
    },
  }
}

export function demoChart(): Chart {
  return { lanes, rows: a321(), verdict: a321Verdict() }
}

/** The same run, of which a check says that Max-Forwards of step 2 is wrong. */
export function wrongChart(): Chart {
  const chart = demoChart()
  const verdict = chart.verdict!
  const place = { line: 30, column: 5 }
  const rows = verdict.rows.map((row) => (row.row === 1 ? { ...row, mark: 'wrong' as const, findings: [0] } : row))
  const difference = {
    what: 'Max-Forwards',
    expected: '69',
    got: '70',
    evidence: 'derived',
    place,
    row: 1,
    why: { node: 'P-CSCF', rule: 'counts down', clause: 'RFC 3261 §16.6' },
    inherited: undefined,
  } as const
  const finding = {
    kind: 'wrong header',
    step: 1,
    number: '2',
    evidence: 'derived',
    place,
    expected: 'Max-Forwards: 69',
    happened: 'P-CSCF -> S-CSCF#1 : SUBSCRIBE',
    rows: [1],
    nearest: undefined,
    order: undefined,
    differences: [difference],
  } as const
  return { ...chart, verdict: { ...verdict, outcome: 'fail', findings: [finding], rows } }
}

/** A run of so many messages between UE and P-CSCF. */
export function longSession(count: number): Session {
  const message = response(200, 'OK', [['CSeq', '1 SUBSCRIBE']])
  const rows = Array.from({ length: count }, (_, index): SequenceRow => {
    const [from, to] = index % 2 === 0 ? ['UE', 'P-CSCF'] : ['P-CSCF', 'UE']
    const cause = index === 0 ? undefined : index - 1
    const at = index * 5000
    const arrival = { step: index + 1, at: at + 5000 }
    return { kind: 'message', index, step: index, at, from, to, message, arrival, lost: false, repeated: false, cause }
  })
  return demoSession('A.3.2.1', { lanes, rows })
}

function traceOf(rows: readonly SequenceRow[]): TraceEvent<Message>[] {
  const events = rows.map((row): TraceEvent<Message> => {
    const before = row.cause === undefined ? undefined : rows[row.cause]
    const input: TraceEvent<Message>['input'] =
      before?.kind === 'message'
        ? { kind: 'message', from: before.from, message: before.message }
        : { kind: 'command', command: { do: 'subscribe' } }
    const effects: TraceEvent<Message>['effects'] =
      row.kind === 'message' ? [{ kind: 'send', to: row.to, message: row.message, arrives: row.at + 5000 }] : []
    return { step: row.step, cause: row.cause ?? -1, at: row.at, node: row.from, input, effects, missed: false }
  })
  const last = events.at(-1)!
  const timer = { name: 'timer K', of: 'z9hG4bK1' }
  const end = { ...last, step: last.step + 1, at: last.at + 5_000_000, input: { kind: 'timer', timer }, effects: [] }
  return [...events, end as TraceEvent<Message>]
}

function originsOf(row: SequenceRow): Origin[] {
  if (row.kind === 'internal' || row.message.protocol !== 'sip') return []
  return row.message.headers.fields.map(({ name }, index) => ({
    field: name,
    node: row.from,
    rule: index % 2 === 0 ? 'puts itself on the way back' : 'passes it on as it came',
    clause: 'RFC 3261 §16.6',
    source: index % 2 === 0 ? undefined : row.cause,
    serves: index === 0 ? ['R5.3.1.1-b'] : [],
  }))
}

function stateOf(rows: readonly SequenceRow[], event: number, lane: string): unknown {
  const done = rows.filter((row) => row.step <= event && row.from === lane)
  return {
    sent: done.length,
    transactions: new Map(done.map((row) => [`z9hG4bK${row.index}`, { state: 'proceeding', since: row.at }])),
    last: done.at(-1)?.kind === 'message' ? (done.at(-1) as { message: Message }).message : undefined,
  }
}
