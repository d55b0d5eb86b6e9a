import { type Message, overTheWire, printMessage } from '../message.ts'
import { emptyDigest, extend, printDigest } from '../sim/digest.ts'
import type { Address } from '../sim/node.ts'
import { Rewind } from '../sim/rewind.ts'
import type { Micros } from '../sim/time.ts'
import { printTurn, type TraceEvent } from '../sim/trace.ts'
import { checkSequence } from './checker/checker.ts'
import { type SequenceRow, sequenceOf } from './checker/sequence.ts'
import type { Reason, Verdict } from './checker/verdict.ts'
import type { Flow } from './flow.ts'
import { otherNames } from './form/topology.ts'
import { Provenance } from './provenance.ts'
import { commandsOf, worldOf } from './world.ts'

/** How a flow is run. */
export interface RunOptions {
  /** Replaces the seed of the flow file. */
  readonly seed?: number
  /** True prints and re-parses every message on the bus; the digest must not change. */
  readonly wire?: boolean
  /** The ids of rules that are left out. */
  readonly without?: readonly string[]
}

/** A participant of the ladder. */
export interface FlowLane {
  readonly name: string
  readonly network: string
  /** The host, and other names of the same host. */
  readonly hosts: readonly Address[]
}

/** A flow that has been run: all that UI, checks and exports read. */
export interface FlowRun {
  readonly flow: Flow
  readonly seed: number
  readonly lanes: readonly FlowLane[]
  /** All turns, those of the precondition first. */
  readonly trace: readonly TraceEvent<Message>[]
  /** The number of turns before the flow begins. */
  readonly firstEvent: number
  /** When the flow begins. */
  readonly beginsAt: Micros
  readonly rows: readonly SequenceRow[]
  readonly verdict: Verdict
  /** 64 bits over all turns, as 16 hexadecimal digits. */
  readonly digest: string
  readonly provenance: Provenance
  laneOf(address: Address): string
  /** The state of a node when so many turns had happened. */
  stateAt(turns: number, lane: string): unknown
}

/** Runs a flow from its preconditions to its end and holds it against its ladder. */
export function runFlow(flow: Flow, options: RunOptions = {}): FlowRun {
  const seed = options.seed ?? flow.seed
  const { topology } = flow
  const simulation = worldOf(topology, {
    seed,
    ...(options.without && { without: options.without }),
    ...(options.wire && { wire: overTheWire }),
  })
  const run = new Rewind(simulation)
  const beginsAt = flow.precondition?.lasts ?? 0
  if (flow.precondition !== undefined) {
    schedule(run, commandsOf(flow.precondition.script, topology), 0)
    while (run.forward(beginsAt - 1) !== undefined);
  }
  const firstEvent = run.trace.length
  schedule(run, commandsOf(flow.script, topology), beginsAt - run.now)
  while (run.forward(beginsAt + flow.lasts) !== undefined);
  const lanes = lanesOf(flow)
  const laneOf = laneNames(flow)
  const rows = sequenceOf(run.trace, { laneOf, lanes: new Set(topology.lanes), from: firstEvent })
  const provenance = new Provenance(run.trace)
  return {
    flow,
    seed,
    lanes,
    trace: run.trace,
    firstEvent,
    beginsAt,
    rows,
    verdict: checkSequence(flow.expect, rows, { lanes, whyOf: (row, field) => whyOf(rows[row], field) }),
    digest: digestOf(run.trace),
    provenance,
    laneOf,
    stateAt: (turns, lane) => run.at(turns).seats.get(topology.nodes[lane]!.host)?.state,
  }

  function whyOf(row: SequenceRow | undefined, field: string): Reason | undefined {
    if (row?.kind !== 'message') return undefined
    const origin = provenance.originOf(row.message, field)
    return origin && { node: laneOf(origin.node), rule: origin.rule.title, clause: origin.rule.clause }
  }
}

function schedule(run: Rewind<Message>, commands: ReturnType<typeof commandsOf>, from: Micros): void {
  for (const { after, to, command } of commands) run.command(from + after, to, command)
}

function lanesOf({ topology }: Flow): FlowLane[] {
  return topology.lanes.map((name) => {
    const node = topology.nodes[name]!
    return { name, network: node.network, hosts: [node.host, ...otherNames(node)] }
  })
}

/** The lane of an address; an address without a node is its own lane. */
function laneNames({ topology }: Flow): (address: Address) => string {
  const names = new Map<Address, string>()
  for (const [name, node] of Object.entries(topology.nodes)) {
    names.set(node.host, name)
    for (const alias of otherNames(node)) names.set(alias, name)
  }
  return (address) => names.get(address) ?? address
}

/** The digest of a trace: of its turns as text, one after the other. */
function digestOf(trace: readonly TraceEvent<Message>[]): string {
  let digest = emptyDigest
  for (const event of trace) digest = extend(digest, printTurn(event, printMessage))
  return printDigest(digest)
}
