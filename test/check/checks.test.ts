import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checks } from '../../src/check/checks.ts'
import { dialogEnd } from '../../src/check/dialogs.ts'
import { listMembers } from '../../src/check/list-members.ts'
import { subscriptionExists, subscriptionGranted } from '../../src/check/subscriptions.ts'
import { everyRequestAnswered, responsesMatch } from '../../src/check/transactions.ts'
import { agreementStays, keysToldNotToUe, networkToldNotToUe } from '../../src/check/trust.ts'
import type { Flow } from '../../src/flow/flow.ts'
import { runFlow } from '../../src/flow/run.ts'
import { flowOf, ids, large } from '../flows/catalogue.ts'
import { found, traceOf } from './altered.ts'
import { listFaults } from './list-faults.ts'
import { sipFaults } from './sip-faults.ts'
import { trustFaults } from './trust-faults.ts'

/** A network that loses, doubles and overtakes. */
const poor = { latency: '5 ms', jitter: '30 ms', lossOneIn: 8, duplicateOneIn: 8 }

describe('no flow goes against a check', () => {
  it.each(ids)('%s', (id) => {
    const flow = flowOf(id)
    expect(found(runFlow(flow).trace)).toEqual([])
    const inPoor: Flow = { ...flow, topology: { ...flow.topology, links: [poor] } }
    for (const seed of [1, 2, 3]) expect(found(runFlow(inPoor, { seed }).trace), `seed ${seed}`).toEqual([])
  })

  it.each(large)('%s', (id) => expect(found(runFlow(flowOf(id)).trace)).toEqual([]))
})

const faults = [...sipFaults, ...trustFaults, ...listFaults]

describe('a trace that was altered by hand goes against the check that it concerns', () => {
  it.each(faults)('$check.clause: $title', ({ trace, check, what }) => {
    const [first] = found(trace(), check)
    expect(first?.what).toContain(what)
    expect(first).toMatchObject({ title: check.title, clause: check.clause })
  })

  it('each check has a fault of its own', () => {
    const seen = new Set(faults.map(({ check }) => check))
    expect(checks.filter((one) => !seen.has(one))).toEqual([])
  })
})

it('docs/flow-files.md lists the checks, in their order', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/flow-files.md'), 'utf8')
  const [table] = /(?<=\| check \| clause \|\n\|---\|---\|\n)(?:\|.*\n)+/.exec(text)!
  expect(table).toBe(checks.map(({ title, clause }) => `| ${title} | ${clause} |\n`).join(''))
})

describe('a run that leaves out a rule is caught', () => {
  it.each([
    ['A.3.2.1', 'RFC 3261 §16.7 step 3: a proxy takes its own Via from a response', responsesMatch],
    [
      'A.3.2.1',
      'RFC 3903 §6 step 6: each successful PUBLISH is answered with a new entity-tag and a duration',
      everyRequestAnswered,
    ],
    [
      'A.3.2.1',
      'RFC 6665 §4.2.1.1: an accepted subscription is answered 200 with the duration granted',
      subscriptionGranted,
    ],
    [
      'A.3.2.1',
      'RFC 6665 §4.2.2: each NOTIFY tells the event package and the state of the subscription',
      subscriptionExists,
    ],
    ['A.3.2.1', 'TS 24.229 §5.2.6.4.3: what the network says to itself is not told to a UE', networkToldNotToUe],
    [
      'registration',
      'TS 24.229 §5.2.2.2: the keys in the challenge are for the P-CSCF: the UE makes its own',
      keysToldNotToUe,
    ],
    ['registration', 'RFC 3329 §2.3.1: Security-Client is for the P-CSCF: it goes no further', agreementStays],
    ['rls/restart', 'RFC 6665 §4.2.2: a watcher that does not answer a NOTIFY, or refuses it, is dropped', dialogEnd],
    [
      'A.3.3.1',
      'TS 24.141 §5.3.4.3: the list server subscribes to each member of a list, for as long as the list is subscribed to',
      listMembers,
    ],
  ] as const)('%s without %s', (id, rule, check) => {
    expect(found(traceOf(id, 135), check)).toEqual([])
    expect(found(traceOf(id, 135, [rule]), check)).not.toEqual([])
  })
})
