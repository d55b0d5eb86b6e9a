import { describe, expect, it } from 'vitest'
import { type ListBody, listBody, type ToldResource } from '../../src/presence/lists/list-content.ts'
import { applyListNotification, type ListView } from '../../src/presence/watcher/list-view.ts'
import type { LostTrack } from '../../src/presence/watcher/presence-view.ts'
import { headerValue, request } from '../../src/sip/message.ts'
import { pidf } from './list-server.ts'

const uri = 'sip:list@home1.net'
const member = (name: string): string => `sip:${name}@home2.net`

const active = (name: string, basic: string): ToldResource => {
  const content = { contentType: 'application/pidf+xml', body: pidf(member(name), basic) }
  return { uri: member(name), names: [], instances: [{ id: '1', state: 'active', content }] }
}
const ended = (name: string, reason: string): ToldResource => ({
  uri: member(name),
  names: [],
  instances: [{ id: '1', state: 'terminated', reason, content: undefined }],
})
const unknown = (name: string): ToldResource => ({ uri: member(name), names: [], instances: [] })

const body = (version: number, fullState: boolean, resources: readonly ToldResource[]): ListBody =>
  listBody({ uri, version, fullState, names: [], resources }, `${version}@rls.home1.net`)

function noted(known: ListView | LostTrack | undefined, given: ListBody): ListView | LostTrack {
  const contentType = headerValue('contentType', given.contentType)!
  return applyListNotification(known, request('NOTIFY', 'sip:ue@home1.net', { contentType }, given.body))
}

/** Each resource with its state, and what its document says. */
function seen(known: ListView | LostTrack | undefined): Record<string, string> | string {
  if (known?.kind !== 'list') return known?.kind === 'lost' ? `lost: ${known.reason}` : 'nothing'
  return Object.fromEntries(
    known.resources.map(({ uri: of, instances: [one] }) => {
      if (one === undefined) return [of.slice(4, 5), 'unknown']
      const document = one.known?.kind === 'view' ? one.known.document : undefined
      const basic = document && /"(open|closed)"/.exec(JSON.stringify(document))?.[1]
      return [of.slice(4, 5), [one.state, one.reason ?? basic].join(' ')]
    }),
  )
}

describe('RFC 4662 §4.6: what a watcher knows of a list', () => {
  const first = noted(undefined, body(0, true, [unknown('a'), unknown('b')]))
  const second = noted(first, body(1, false, [active('b', 'open')]))

  it('is at first what the full state says', () => {
    expect(seen(first)).toEqual({ a: 'unknown', b: 'unknown' })
  })
  it('a change is about whom it names; all others stay as they were', () => {
    expect(seen(second)).toEqual({ a: 'unknown', b: 'active open' })
    expect(seen(noted(second, body(2, false, [ended('a', 'rejected')])))).toEqual({
      a: 'terminated rejected',
      b: 'active open',
    })
  })
  it('somebody new may come in a change', () => {
    expect(seen(noted(second, body(2, false, [active('c', 'closed')])))).toMatchObject({ c: 'active closed' })
  })
  it('full state replaces all: who is not in it has left', () => {
    expect(seen(noted(second, body(2, true, [active('c', 'open')])))).toEqual({ c: 'active open' })
  })
  it('a change that was seen already changes nothing', () => {
    expect(noted(second, body(1, false, [active('b', 'closed')]))).toBe(second)
  })
  it.each([
    ['a version is missing', () => noted(second, body(3, false, [])), 'lost: version 3 came after version 1'],
    ['a change comes first', () => noted(undefined, body(1, false, [])), 'lost: a change came before the full state'],
    [
      'a part is missing',
      () => {
        const { contentType, body: text } = body(2, false, [active('b', 'closed')])
        return noted(second, { contentType, body: String(text).replace('<1.2@', '<9.2@') })
      },
      'lost: no part is 1.2@rls.home1.net',
    ],
  ])('track is lost if %s', (_, make, expected) => {
    expect(seen(make())).toBe(expected)
  })
  it('who has lost track is helped by full state, and by nothing else', () => {
    const lost = noted(second, body(3, false, []))
    expect(seen(noted(lost, body(4, false, [active('b', 'closed')])))).toMatch(/^lost/)
    expect(seen(noted(lost, body(5, true, [active('b', 'closed')])))).toEqual({ b: 'active closed' })
  })
  it('a list in the list has its own state, and its own versions', () => {
    const inner = (version: number, full: boolean, ...resources: ToldResource[]) => {
      const of = listBody({ uri: member('x'), version, fullState: full, names: [], resources }, `${version}@x`)
      return { uri: member('x'), names: [], instances: [{ id: '1', state: 'active' as const, content: of }] }
    }
    const whole = noted(undefined, body(0, true, [inner(4, true, active('a', 'open'), active('b', 'open'))]))
    const changed = noted(whole, body(1, false, [inner(5, false, active('b', 'closed'))])) as ListView
    expect(seen(changed.resources[0]!.instances[0]!.known as ListView)).toEqual({
      a: 'active open',
      b: 'active closed',
    })
    expect(seen(noted(changed, body(2, false, [inner(7, false)])))).toBe('lost: version 7 came after version 5')
  })
})
