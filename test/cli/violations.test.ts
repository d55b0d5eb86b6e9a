import { describe, expect, it, vi } from 'vitest'
import type { Output } from '../../src/cli/output.ts'
import { seconds } from '../../src/sim/time.ts'

/** A server of lists that watches nobody, in a run that is long enough to see that. */
vi.mock('../../src/flow/run.ts', async (original) => {
  const module = await original<typeof import('../../src/flow/run.ts')>()
  const without = [
    'TS 24.141 §5.3.4.3: the list server subscribes to each member of a list, for as long as the list is subscribed to',
  ]
  const runFlow: typeof module.runFlow = (flow, options) =>
    module.runFlow({ ...flow, lasts: seconds(100) }, { ...options, without })
  return { ...module, runFlow }
})

const { check } = await import('../../src/cli/check.ts')

function checked(json: boolean) {
  const lines: string[] = []
  const rows: Record<string, unknown>[] = []
  const write = (text: string) => void lines.push(text)
  const shown = {
    painter: (text: string) => text,
    colours: 'none',
    columns: 100,
    write,
    line: write,
    error: write,
    json: (row: object) => rows.push({ ...row }),
  }
  const status = check(['A.3.3.1'], { json } as never, shown as unknown as Output)
  return { status, text: lines.join('\n'), rows }
}

describe('presim check of a run that goes against a check', () => {
  it('exits 1, and says which, when, and where', () => {
    const { status, text } = checked(false)
    expect(status).toBe(1)
    expect(text).toMatch(
      /violated: When all is quiet, .* \(TS 24\.141 §5\.3\.4\.3\)\n +\d+\.\d{3} \S+: rls\.home1\.net does not/,
    )
  })

  it('--json gives a row for each', () => {
    const found = checked(true).rows.filter(({ type }) => type === 'violation')
    expect(found).toHaveLength(2)
    expect(found[0]).toMatchObject({ name: 'A.3.3.1', clause: 'TS 24.141 §5.3.4.3' })
  })
})
