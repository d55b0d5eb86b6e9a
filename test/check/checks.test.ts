import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checks } from '../../src/check/checks.ts'
import type { Flow } from '../../src/flow/flow.ts'
import { runFlow } from '../../src/flow/run.ts'
import { flowOf, ids } from '../flows/catalogue.ts'
import { found } from './altered.ts'
import { listFaults, watchedLists } from './list-faults.ts'
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
    'TS 24.141 §5.3.4.3: the list server subscribes to each member of a list, for as long as the list is subscribed to',
  ])('%s', (rule) => {
    expect(found(watchedLists())).toEqual([])
    expect(found(watchedLists([rule]))).not.toEqual([])
  })
})
