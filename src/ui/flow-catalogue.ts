import type { Evidence } from '../flow/expectation.ts'
import type { Flow } from '../flow/flow.ts'
import type { FlowRun } from '../flow/run.ts'
import type { Catalogue, CatalogueEntry, Origin, Session } from './session.ts'

/** A catalogue of flows; `run` runs one of them, as `runFlow` does. */
export function catalogueOf(flows: readonly Flow[], run: (flow: Flow) => FlowRun): Catalogue {
  return {
    entries: flows.map(entryOf),
    open(id) {
      const flow = flows.find((one) => one.id === id)
      if (flow === undefined) throw new RangeError(`There is no flow ${id}`)
      return sessionOf(run(flow))
    },
  }
}

/** What the catalogue says of a flow. */
export function entryOf({ id, title, clause, about, expect }: Flow): CatalogueEntry {
  const evidence: Record<Evidence, number> = { read: 0, derived: 0, memory: 0 }
  for (const step of expect.steps) evidence[step.evidence]++
  return { id, title, clause, about, evidence }
}

/** A run as the terminal shows it. */
export function sessionOf(run: FlowRun): Session {
  const { flow, lanes, rows, verdict, trace, firstEvent, beginsAt, digest } = run
  const known = new Set(lanes.map(({ name }) => name))
  return {
    entry: entryOf(flow),
    chart: { lanes, rows, verdict, steps: flow.expect.steps, beginsAt },
    trace,
    firstEvent,
    digest,
    laneOf: run.laneOf,
    why: (row) => originsOf(run, row),
    stateAt: (event, lane) => (known.has(lane) ? run.stateAt(event + 1, lane) : undefined),
  }
}

function originsOf({ rows, provenance, laneOf }: FlowRun, index: number): Origin[] {
  const row = rows[index]
  if (row?.kind !== 'message') return []
  return provenance.originsOf(row.message).flatMap(({ field, origin }): Origin[] => {
    if (!origin) return []
    const { rule, source } = origin
    // The nearest row before this one that carried the message, so that a jump there goes one hop back.
    const from = rows.findLast((one) => one.index < index && one.kind === 'message' && one.message === source)
    const node = laneOf(origin.node)
    return [{ field, node, rule: rule.title, clause: rule.clause, serves: rule.serves, source: from?.index }]
  })
}
