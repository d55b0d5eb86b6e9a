import { describe, expect, it } from 'vitest'
import { type ListBody, listBody, type ToldResource } from '../../src/presence/lists/list-content.ts'
import { answerTo, field, requests, theRequest, theResponse } from '../ims/alone.ts'
import { device, notify, proxy, watchingOf } from '../presence/device.ts'
import { list, pidf } from '../presence/list-server.ts'

const member = 'sip:user2_public1@home2.net'

/** A UE that has subscribed to a list, which was granted. */
function subscribed() {
  const ue = device()
  const subscribe = theRequest(ue.command({ do: 'subscribe', to: list, list: true, expires: 3600 }))
  ue.receive(
    answerTo(subscribe, '200 OK', { Expires: '3600', Contact: '<sip:rls.home1.net>', Require: 'eventlist' }),
    proxy,
  )
  return { ue, subscribe }
}

const told = (basic: string): ToldResource => {
  const content = { contentType: 'application/pidf+xml', body: pidf(member, basic) }
  return { uri: member, names: [], instances: [{ id: '1', state: 'active', content }] }
}
const state = (version: number, fullState: boolean, ...resources: ToldResource[]): ListBody =>
  listBody({ uri: list, version, fullState, names: [], resources }, `${version}@rls.home1.net`)

/** A NOTIFY of the list. */
const ofList = ({ subscribe }: ReturnType<typeof subscribed>, sequence: number, { contentType, body }: ListBody) =>
  notify(subscribe, sequence, String(body), { 'Content-Type': contentType, Require: 'eventlist' })

describe('TS 24.141 §5.3.2.3: the watcher of a list', () => {
  it('R5.3.2.3-a it says that it knows lists, and accepts what they come in', () => {
    const { subscribe } = subscribed()
    expect([subscribe.uri, field(subscribe, 'Supported'), field(subscribe, 'Event')]).toEqual([
      list,
      'eventlist',
      'presence',
    ])
    expect(field(subscribe, 'Accept')).toBe('application/pidf+xml, application/rlmi+xml, multipart/related')
  })

  it('R5.3.2.3-a what the user wishes to accept takes the place of that, in refreshes too', () => {
    const ue = device()
    const accept = ['application/pidf-diff+xml', 'application/rlmi+xml', 'multipart/related'].map((value) => ({
      value,
      params: {},
    }))
    const first = theRequest(ue.command({ do: 'subscribe', to: list, list: true, expires: 3600, accept }))
    ue.receive(answerTo(first, '200 OK', { Expires: '3600', Contact: '<sip:rls.home1.net>' }), proxy)
    ue.receive(ofList({ ue, subscribe: first }, 1, state(0, true)), proxy)
    const refresh = theRequest(ue.pass(3001), 'SUBSCRIBE')
    for (const one of [first, refresh])
      expect([field(one, 'Supported'), field(one, 'Accept')]).toEqual([
        'eventlist',
        'application/pidf-diff+xml, application/rlmi+xml, multipart/related',
      ])
  })

  it('R5.3.2.3-a it knows the extension that a NOTIFY of a list requires', () => {
    const world = subscribed()
    expect(theResponse(world.ue.receive(ofList(world, 1, state(0, true, told('open'))), proxy)).status).toBe(200)
  })

  it('R5.3.2.3-b what it is told of a list is merged by version, and each resource has the part that its cid names', () => {
    const world = subscribed()
    world.ue.receive(ofList(world, 1, state(0, true, { uri: member, names: [], instances: [] })), proxy)
    world.ue.receive(ofList(world, 2, state(1, false, told('open'))), proxy)
    expect(watchingOf(world.ue).known).toMatchObject({
      kind: 'list',
      version: 1,
      resources: [{ uri: member, instances: [{ state: 'active', known: { kind: 'view' } }] }],
    })
  })

  it('R5.3.2.3-b after a gap it asks anew, once, and is helped by full state', () => {
    const world = subscribed()
    world.ue.receive(ofList(world, 1, state(0, true, told('open'))), proxy)
    const sent = world.ue.receive(ofList(world, 2, state(2, false, told('closed'))), proxy)
    const again = theRequest(sent, 'SUBSCRIBE')
    expect([field(again, 'Supported'), field(again, 'To')]).toEqual(['eventlist', `<${list}>;tag=peer`])
    const more = world.ue.receive(ofList(world, 3, state(3, false, told('open'))), proxy)
    expect(requests(more, 'SUBSCRIBE')).toHaveLength(0)
    world.ue.receive(ofList(world, 4, state(4, true, told('closed'))), proxy)
    expect(watchingOf(world.ue).known).toMatchObject({ kind: 'list', version: 4 })
  })
})
