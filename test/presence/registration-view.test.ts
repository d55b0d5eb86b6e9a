import { describe, expect, it } from 'vitest'
import { printReginfo, type Registration } from '../../src/documents/index.ts'
import { applyReginfo, type RegistrationView } from '../../src/presence/network/registration-view.ts'
import { request } from '../../src/sip/message.ts'

const registration = (aor: string, state: Registration['state']): Registration => ({
  aor,
  id: aor,
  state,
  contacts: [],
  others: [],
})
const notify = (version: number, state: 'full' | 'partial', ...registrations: Registration[]) =>
  request('NOTIFY', 'sip:x', {}, printReginfo({ kind: 'reginfo', version, state, registrations, others: [] }))

const states = (view: ReturnType<typeof applyReginfo>) =>
  view.kind === 'gap'
    ? view.reason
    : Object.fromEntries(Object.values(view.registrations).map(({ aor, state }) => [aor, state]))

describe('RFC 3680 §4.7.2, §5.1: what a subscriber knows', () => {
  const first = applyReginfo(
    undefined,
    notify(0, 'full', registration('sip:a', 'active'), registration('sip:b', 'active')),
  ) as RegistrationView

  it('is what the first document says', () => {
    expect(states(first)).toEqual({ 'sip:a': 'active', 'sip:b': 'active' })
    expect(first.latest).toEqual(['sip:a', 'sip:b'])
  })
  it('changes by what the next one says, and is else as it was', () => {
    const next = applyReginfo(first, notify(1, 'partial', registration('sip:b', 'terminated'))) as RegistrationView
    expect(states(next)).toEqual({ 'sip:a': 'active', 'sip:b': 'terminated' })
    expect([next.version, next.latest]).toEqual([1, ['sip:b']])
  })
  it('is not changed by a document that was overtaken', () => {
    expect(applyReginfo(first, notify(0, 'partial', registration('sip:b', 'terminated')))).toBe(first)
  })
  it('has a gap when one is missing, unless what comes is whole', () => {
    expect(states(applyReginfo(first, notify(2, 'partial')))).toBe('version 2 came after version 0')
    expect(states(applyReginfo(first, notify(2, 'full', registration('sip:c', 'init'))))).toEqual({ 'sip:c': 'init' })
  })
  it('has a gap when a change comes first, or no document at all', () => {
    expect(applyReginfo(undefined, notify(0, 'partial')).kind).toBe('gap')
    expect(applyReginfo(first, request('NOTIFY', 'sip:x', {}, '<reginfo/>')).kind).toBe('gap')
  })
})
