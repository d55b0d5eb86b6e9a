import type { SequenceRow } from '../flow/checker/sequence.ts'
import type { Flow } from '../flow/flow.ts'
import type { Evidence } from '../flow/ladder/expectation.ts'
import { type FlowRun, type RunOptions, runFlow } from '../flow/run.ts'
import type { Message } from '../message.ts'
import type { Chart } from '../render/chart.ts'
import type { Catalogue, CatalogueEntry, Origin, Session } from '../ui/session.ts'
import { flowNames, loadFlow, titleOf } from './flow-files.ts'

/** The flows that come with presim and those named beside them, for the terminal UI. */
export function catalogueOf(names: readonly string[], options: RunOptions): Catalogue {
  const own = flowNames()
  const flows = new Map<string, Flow>()
  const flowOf = (name: string): Flow => {
    const flow = flows.get(name) ?? loadFlow(name)
    flows.set(name, flow)
    return flow
  }
  // A flow of somebody's own may be broken, which is told before the screen is opened.
  for (const name of names) flowOf(name)
  return {
    entries: [...new Set([...own, ...names])].map(
      (name) =>
        new ListedFlow(
          name,
          () => flowOf(name),
          () => flows.has(name),
        ),
    ),
    open: (id) => sessionOf(runFlow(flowOf(id), options), id),
  }
}

const nothing: CatalogueEntry['evidence'] = { read: 0, derived: 0, memory: 0 }

/** A flow of the list, which is read when more than its title is asked for: there are many, and a screen shows few. */
class ListedFlow implements CatalogueEntry {
  readonly id: string
  private readonly load: () => Flow
  private readonly isRead: () => boolean
  private readonly shortTitle: string
  private known: Omit<CatalogueEntry, 'id'> | undefined

  constructor(id: string, load: () => Flow, isRead: () => boolean) {
    this.id = id
    this.load = load
    this.isRead = isRead
    this.shortTitle = titleOf(id)
  }

  private get entry(): Omit<CatalogueEntry, 'id'> {
    this.known ??= entryOf(this.load())
    return this.known
  }
  get title(): string {
    return this.known?.title ?? this.shortTitle
  }
  get clause(): CatalogueEntry['clause'] {
    return this.entry.clause
  }
  get about(): CatalogueEntry['about'] {
    return this.entry.about
  }
  /** Nothing, as long as the flow has not been read. */
  get evidence(): CatalogueEntry['evidence'] {
    this.known ??= this.isRead() ? entryOf(this.load()) : undefined
    return this.known?.evidence ?? nothing
  }
}

/** How many steps of a flow's ladder are read, derived, and from memory. */
export function evidenceOf(flow: Flow): Record<Evidence, number> {
  const count = { read: 0, derived: 0, memory: 0 }
  for (const step of flow.expect.steps) count[step.evidence]++
  return count
}

function entryOf(flow: Flow): CatalogueEntry {
  const { id, title, clause, about } = flow
  return { id, title, clause, about, evidence: evidenceOf(flow) }
}

/** What a ladder is drawn from. */
export const chartOf = ({ lanes, rows, verdict, flow, beginsAt }: FlowRun): Chart => ({
  beginsAt,
  lanes,
  rows,
  verdict,
  steps: flow.expect.steps,
})

/** A run, as the terminal UI reads it. */
export function sessionOf(run: FlowRun, id = run.flow.id): Session {
  return {
    entry: { ...entryOf(run.flow), id },
    chart: chartOf(run),
    trace: run.trace,
    firstEvent: run.firstEvent,
    digest: run.digest,
    laneOf: run.laneOf,
    why: (row) => originsOf(run, row),
    stateAt: (event, lane) => run.stateAt(event + 1, lane),
  }
}

/** Where every field of a row's message comes from. */
export function originsOf(run: FlowRun, index: number): Origin[] {
  const row = run.rows[index]
  if (row?.kind !== 'message') return []
  return run.provenance.originsOf(row.message).flatMap(({ field, origin }) => {
    if (origin === undefined) return []
    const { rule, node } = origin
    // Of the rows that bring the message along its way, the last one before this.
    const source = run.rows.findLast((one) => one.index < index && isOf(one, origin.source))?.index
    return [{ field, node: run.laneOf(node), rule: rule.title, clause: rule.clause, serves: rule.serves, source }]
  })
}

const isOf = (row: SequenceRow, message: Message | undefined): boolean =>
  row.kind === 'message' && row.message === message
