/** The scenarios of presim's own, whose ladders were written from the RFCs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkSequence, lanesOf } from '../../src/flow/checker/checker.ts'
import { readFlow } from '../../src/flow/flow.ts'
import { runFlow } from '../../src/flow/run.ts'
import { printMessage } from '../../src/message.ts'

const flows = join(import.meta.dirname, '../../flows')
const files = ['presence', 'pna', 'ut', 'rls']
  .flatMap((folder) => readdirSync(join(flows, folder)).map((name) => join(folder, name)))
  .filter((name) => name.endsWith('.flow.yaml'))
  .toSorted()

it('there are some', () => {
  expect(files.length).toBeGreaterThan(3)
})

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(flows, file), 'utf8')
  const flow = readFlow(text, file)
  const run = runFlow(flow)

  it('happens as its ladder says, directly and over the wire, with the same digest', () => {
    expect(run.verdict.findings).toEqual([])
    expect(run.verdict.outcome).toBe('pass')
    const wire = runFlow(flow, { wire: true })
    expect(wire.verdict.outcome).toBe('pass')
    expect(wire.digest).toBe(run.digest)
  })

  it('has no warnings', () => {
    expect(flow.warnings).toEqual([])
  })

  it('every start line, header field and body has an origin', () => {
    const orphans = run.trace.flatMap(({ effects }) =>
      effects.flatMap((effect) => {
        if (effect.kind !== 'send') return []
        const origins = run.provenance.originsOf(effect.message)
        const missing = origins.filter(({ origin }) => origin === undefined)
        return missing.map(({ field }) => `${field} of ${printMessage(effect.message).split('\r\n')[0]}`)
      }),
    )
    expect([...new Set(orphans)]).toEqual([])
  })

  it('no condition can be turned around unnoticed', () => {
    const conditions = [...text.slice(text.indexOf('expect: |')).matchAll(/(?<=[;{\s])-(?=(?:[A-Z][\w-]+|body \/))/g)]
    for (const { index } of conditions) {
      const at = text.indexOf('expect: |') + index
      const isBody = text.startsWith('-body', at)
      const turned = `${text.slice(0, at)}${isBody ? '' : '+'}${text.slice(at + 1)}`
      const other = readFlow(turned, file)
      const verdict = checkSequence(other.expect, run.rows, { lanes: lanesOf(other.topology) })
      expect(verdict.outcome, text.slice(at, at + 40)).toBe('fail')
    }
  })

  it('each line that expects a message is needed: without it what happened is extra', () => {
    const lines = text.split('\n')
    for (const { place, kind, text: step } of flow.expect.steps) {
      if (kind === 'internal') continue
      const line = lines[place.line - 1]!
      const isHttp = / : (XCAP|HTTP) /.test(line)
      const changed = lines.with(
        place.line - 1,
        isHttp ? line.replace(/ : (\w+) (\w+)(?: \(.*?\))?/, ' : $1 OPTIONS') : line.replace(/ : (\w+)/, ' : INFO'),
      )
      const other = (() => {
        try {
          return readFlow(changed.join('\n'), file)
        } catch {
          // A line that others refer to by its name cannot be another message.
          return undefined
        }
      })()
      if (other === undefined) continue
      const verdict = checkSequence(other.expect, run.rows, { lanes: lanesOf(other.topology) })
      expect(verdict.outcome, step).toBe('fail')
    }
  })
})
