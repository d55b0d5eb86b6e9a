import { describe, expect, it } from 'vitest'
import { type FlowRun, runFlow } from '../../src/flow/run.ts'
import { type Message, printMessage } from '../../src/message.ts'
import { flowOf, ids } from './catalogue.ts'

/** Every message that any node sent, in the precondition and in the flow, also between lanes that are not shown. */
const sentIn = ({ trace }: FlowRun): Message[] =>
  trace.flatMap(({ effects }) => effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message] : [])))

const aboutOf = (message: Message): string => printMessage(message).split('\r\n')[0]!

/** All there is to ask about in a message, read off its text. */
function partsOf(message: Message): string[] {
  if (message.protocol === 'cx') return Object.keys(message.avps)
  const [head, body] = printMessage(message).split('\r\n\r\n') as [string, string]
  const names = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')))
  return [message.kind === 'request' ? 'Request-URI' : 'status', ...names, ...(body === '' ? [] : ['body'])]
}

describe.each(ids)('%s: where everything comes from', (id) => {
  const wire = runFlow(flowOf(id), { wire: true })
  const direct = runFlow(flowOf(id))

  it.each([
    ['directly', direct],
    ['over the wire', wire],
  ])('every start line, header field and body has an origin (%s)', (_case, run) => {
    const orphans: string[] = []
    let fields = 0
    for (const message of sentIn(run))
      for (const { field, origin } of run.provenance.originsOf(message)) {
        fields++
        if (origin === undefined) orphans.push(`${field} of ${aboutOf(message)}`)
      }
    expect(fields).toBeGreaterThan(3 * sentIn(run).length)
    expect([...new Set(orphans)]).toEqual([])
  })

  it('nothing is left out: what has an origin is all there is in the message', () => {
    const missed: string[] = []
    for (const message of sentIn(direct)) {
      const fields = new Set(direct.provenance.originsOf(message).map(({ field }) => field))
      for (const part of partsOf(message)) if (!fields.has(part)) missed.push(`${part} of ${aboutOf(message)}`)
    }
    expect(missed).toEqual([])
  })

  it('each origin is a rule of a clause, followed by a node of the topology no later than the sending', () => {
    const hosts = new Set(Object.values(direct.flow.topology.nodes).map(({ host }) => host))
    const odd: string[] = []
    for (const { step, effects } of direct.trace)
      for (const effect of effects)
        if (effect.kind === 'send')
          for (const { field, origin } of direct.provenance.originsOf(effect.message)) {
            const { rule, node, step: madeAt } = origin!
            const isClause = /^(RFC \d+|TS 2[34]\.\d+|TS 29\.\d+)( §.+)?$/.test(rule.clause) && rule.title.length > 10
            if (!isClause || !hosts.has(node) || madeAt > step) odd.push(`${field}: ${rule.id} at ${node} in ${madeAt}`)
          }
    expect(odd).toEqual([])
  })

  it('the wire changes no origin', () => {
    const told = (run: FlowRun) =>
      sentIn(run).flatMap((message) =>
        run.provenance
          .originsOf(message)
          .map(
            ({ field, origin }) => `${aboutOf(message)} ${field}: ${origin?.node} ${origin?.step} ${origin?.rule.id}`,
          ),
      )
    expect(told(wire)).toEqual(told(direct))
  })

  it('the wire changes no source of a value', () => {
    const told = (run: FlowRun) =>
      sentIn(run).flatMap((message) =>
        run.provenance
          .originsOf(message)
          .map(({ field, origin }) => `${field} ${origin?.source && printMessage(origin.source)}`),
      )
    expect(told(wire)).toEqual(told(direct))
  })
})

describe('A.3.2.1: some origins that the annex and TS 24.229 give', () => {
  const run = runFlow(flowOf('A.3.2.1'))
  /** The message of a step of the ladder. */
  function messageOf(number: string): Message {
    const { rows } = run.verdict.steps.find((step) => step.number === number)!
    const row = run.rows[rows[0]!]!
    if (row.kind !== 'message') throw new Error(`step ${number} is no message`)
    return row.message
  }
  const origin = (number: string, field: string) => run.provenance.originOf(messageOf(number), field)

  it.each([
    ['4', 'Request-URI', 'UE', 'RFC 3261 §8.1.1'],
    ['4', 'From', 'UE', 'RFC 3261 §8.1.1'],
    ['4', 'Event', 'UE', 'TS 24.141 §5.3.2.2'],
    ['4', 'P-Asserted-Identity', 'P-CSCF', 'TS 24.229 §5.2.6.3.3'],
    ['4', 'Via', 'S-CSCF#1', 'RFC 3261 §16.6 step 8'],
    ['4', 'Record-Route', 'S-CSCF#1', 'RFC 3261 §16.6 step 4'],
    ['4', 'P-Charging-Vector', 'S-CSCF#1', 'TS 24.229 §5.4.3.2'],
    ['4', 'Max-Forwards', 'S-CSCF#1', 'RFC 3261 §16.6 step 3'],
    ['6', 'Route', 'I-CSCF', 'TS 24.229 §5.3.2.1'],
    ['8', 'Route', 'S-CSCF#2', 'TS 24.229 §5.4.3.2'],
    ['8', 'Record-Route', 'S-CSCF#1', 'RFC 3261 §16.6 step 4'],
    ['14', 'status', 'PS', 'RFC 6665 §4.2.1.1'],
    ['14', 'Expires', 'PS', 'RFC 6665 §4.2.1.1'],
    ['14', 'Record-Route', 'P-CSCF', 'TS 24.229 §5.2.6.3.3'],
    ['14', 'Via', 'P-CSCF', 'RFC 3261 §16.7 step 3'],
    ['13', 'P-Charging-Vector', 'S-CSCF#2', 'TS 24.229 §5.4.3.3'],
    ['17', 'body', 'PS', 'RFC 5263 §4.3'],
    ['17', 'Subscription-State', 'PS', 'RFC 6665 §4.2.2'],
    ['19', 'P-Access-Network-Info', 'UE', 'TS 24.229 §5.1.2A.1.1'],
  ])('step %s: %s is from %s, by %s', (number, field, node, clause) => {
    const found = origin(number, field)
    expect(found && run.laneOf(found.node)).toBe(node)
    expect(found?.rule.clause).toBe(clause)
  })

  it.each([
    ['2', 'Security-Verify', 'P-CSCF', 'RFC 3329 §2.3.1'],
    ['2', 'P-Preferred-Identity', 'P-CSCF', 'TS 24.229 §5.2.6.3.3'],
    ['8', 'P-Preferred-Identity', 'P-CSCF', 'TS 24.229 §5.2.6.3.3'],
    ['4', 'P-Access-Network-Info', 'S-CSCF#1', 'TS 24.229 §5.4.3.2'],
    ['4', 'Route', 'S-CSCF#1', 'RFC 3261 §16.4'],
    ['14', 'P-Charging-Vector', 'P-CSCF', 'TS 24.229 §5.2.6.4.3'],
    ['17', 'Route', 'P-CSCF', 'RFC 3261 §16.4'],
    ['20', 'P-Access-Network-Info', 'S-CSCF#1', 'TS 24.229 §5.4.3.2'],
  ])('step %s: %s is not there, because %s took it out by %s', (number, field, node, clause) => {
    const found = run.provenance.removalOf(messageOf(number), field)
    expect(found && run.laneOf(found.node)).toBe(node)
    expect(found?.rule.clause).toBe(clause)
  })

  it.each([
    ['2', 'P-Asserted-Identity', '1'],
    ['10', 'Record-Route', '8'],
    ['10', 'Call-ID', '8'],
    ['15', 'Call-ID', '8'],
    ['15', 'Route', '8'],
    ['6', 'Route', 'Cx LIA'],
    ['18', 'CSeq', '17'],
  ])('step %s: the value of %s was taken from step %s', (number, field, source) => {
    const found = origin(number, field)?.source
    if (source === 'Cx LIA') expect(found).toMatchObject({ protocol: 'cx', command: 'LIA' })
    else expect(found).toBe(messageOf(source))
  })
})
