import { describe, expect, it } from 'vitest'
import { objects, presim } from './presim.ts'

const flow = 'presence/pending-then-allowed'
const cells = (...more: string[]) =>
  objects(presim(['matrix', flow, '--json', ...more]).out).filter(({ type }) => type === 'cell')

describe('presim matrix', () => {
  it('says of each watcher how it is handled, by which rules, and what it sees', () => {
    const { status, out } = presim(['matrix', flow])
    expect(status).toBe(0)
    expect(out).toContain('sip:user2_public1@home2.net')
    expect(out).toMatch(/sip:user1_public1@home1\.net +allow +ask, friends +active +service .*basic open.*activities/)
  })

  it('a flow is found without its folder too', () => {
    expect(presim(['matrix', 'pending-then-allowed']).out).toBe(presim(['matrix', flow]).out)
  })

  it('--at a step says it as it was then', () => {
    expect(cells('--at', '19')).toMatchObject([
      { handling: 'confirm', rules: ['otherwise'], subscriptions: ['pending'], visible: [] },
    ])
    expect(cells('--at', '20')).toMatchObject([
      { handling: 'allow', rules: ['ask', 'friends'], subscriptions: ['active'] },
    ])
  })

  it('--json names the attributes of each component that is visible, and no other', () => {
    const [cell] = cells()
    const { visible } = cell as unknown as { visible: { kind: string; attributes: string[] }[] }
    expect(visible.map(({ kind }) => kind)).toEqual(['service', 'person'])
    expect(visible[1]!.attributes).toEqual(['activities'])
  })

  it('a step that is not there is a misuse', () => {
    expect(presim(['matrix', flow, '--at', '99'])).toMatchObject({ status: 2, out: '' })
  })
})
