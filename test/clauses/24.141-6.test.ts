import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { type FlowRun, runFlow } from '../../src/flow/run.ts'
import type { HttpMessage } from '../../src/http/message.ts'
import type { DocumentServer } from '../../src/presence/ut/document-server.ts'
import type { XcapClient } from '../../src/presence/ut/xcap-client.ts'
import type { SipRequest } from '../../src/sip/message.ts'

/** The flows of Ut, each with the run of it. */
const ids = [
  'A.8.2',
  'A.8.3',
  'A.8.4',
  'ut/beginning',
  'ut/concurrent-edit',
  'ut/hard-state',
  'ut/rules-by-document',
] as const
const runs = Object.fromEntries(ids.map((id) => [id, runFlow(flowOf(id))])) as Readonly<Record<string, FlowRun>>

function flowOf(id: string) {
  return readFlow(readFileSync(new URL(`../../flows/${id}.flow.yaml`, import.meta.url), 'utf8'), id)
}

/** The messages over HTTP of a run, in the order of the ladder. */
const httpIn = ({ rows }: FlowRun): HttpMessage[] =>
  rows.flatMap((row) => (row.kind === 'message' && row.message.protocol === 'http' ? [row.message] : []))

/** `PUT resource-lists 201`: method, usage and status of each exchange. */
function exchangesIn(run: FlowRun): string[] {
  const messages = httpIn(run)
  return messages.flatMap((one) => {
    if (one.kind === 'response') return []
    const answer = messages.find(({ kind, exchange }) => kind === 'response' && exchange === one.exchange)
    const usage = /\/services\/([^/]+)\//.exec(one.target)?.[1]
    return [`${one.method} ${usage} ${answer?.kind === 'response' ? answer.status : 'no answer'}`]
  })
}

/** The state of a role at the end of a run. */
function roleOf<S>(run: FlowRun, lane: string, role: string): S {
  const state = run.stateAt(run.trace.length, lane) as { user: { roles: Record<string, S> } }
  return state.user.roles[role]!
}

describe('TS 24.141 §6.1, §6.2: Ut', () => {
  it.each(ids)('R6.1-a %s: only PUT, GET and DELETE go over Ut', (id) => {
    const methods = httpIn(runs[id]!).flatMap((one) => (one.kind === 'request' ? [one.method] : []))
    expect(methods.length).toBeGreaterThan(0)
    expect(methods.filter((method) => !['PUT', 'GET', 'DELETE'].includes(method))).toEqual([])
  })

  it('R6.1-b what was published while the document was there is not in the document', () => {
    const [, read] = httpIn(runs['ut/hard-state']!).filter(({ kind, body }) => kind === 'response' || body === '')
    expect(read).toMatchObject({ kind: 'request', method: 'GET' })
    const answer = httpIn(runs['ut/hard-state']!).find(
      ({ kind, exchange }) => kind === 'response' && exchange === read!.exchange,
    )
    expect(String(answer!.body)).toContain('tel:+358405551111')
    expect(String(answer!.body)).not.toContain('<basic>open</basic>')
  })

  it('R6.2.1-a a UE is an XCAP client', () => {
    expect(roleOf<XcapClient>(runs['A.8.2']!, 'XCAP client', 'xcapClient').settings?.root).toBe(
      'http://xcap.home1.net/services',
    )
  })

  it('R6.2.2-a a presence server is the XCAP server for its documents, which are part of its state', () => {
    const run = runs['A.8.2']!
    expect(roleOf<DocumentServer>(run, 'XCAP server', 'documentServer').settings.root).toBe(
      'http://xcap.home1.net/services',
    )
    const before = JSON.stringify(run.stateAt(0, 'XCAP server'), entries)
    const after = JSON.stringify(run.stateAt(run.trace.length, 'XCAP server'), entries)
    expect(before).not.toContain('user3_public1')
    expect(after).toContain('user3_public1')
  })

  it('R6.2.2-a only a server that is told so keeps documents: another one answers 404 (RFC 9110 §15.5.5)', () => {
    const flow = flowOf('A.8.2')
    const { 'XCAP server': server, ...nodes } = flow.topology.nodes
    if (server?.role !== 'presence-server') throw new Error('no presence server')
    const { xcap: _, ...plain } = server
    const client = nodes['XCAP client']!
    const asks = { ...client, xcap: { root: 'http://ps.home1.net/services', userAgent: 'x' } }
    const topology = { ...flow.topology, nodes: { ...nodes, 'XCAP client': asks, 'XCAP server': plain } }
    const run = runFlow({ ...flow, topology } as typeof flow)
    expect(exchangesIn(run)).toEqual(['PUT resource-lists 404', 'PUT resource-lists 404', 'GET resource-lists 404'])
  })
})

const entries = (_key: string, value: unknown): unknown => (value instanceof Map ? [...value] : value)

describe('TS 24.141 §6.3.1: the XCAP client', () => {
  it('R6.3.1.1-a it begins with what the server can do, and then reads what there is', () => {
    expect(exchangesIn(runs['ut/beginning']!)).toEqual([
      'GET xcap-caps 200',
      'GET org.openmobilealliance.xcap-directory 200',
      'GET resource-lists 200',
      'GET pres-rules 200',
      'PUT resource-lists 201',
    ])
    const { known, usages } = roleOf<XcapClient>(runs['ut/beginning']!, 'UE', 'xcapClient')
    expect(usages).toContain('pidf-manipulation')
    expect([...known.keys()]).toEqual(
      expect.arrayContaining([
        'resource-lists/users/sip:user1_public1@home1.net/index',
        'pres-rules/users/sip:user1_public1@home1.net/index',
      ]),
    )
  })

  it('R6.3.1.2-a A.8.2: lists are made, added to and read', () => {
    expect(exchangesIn(runs['A.8.2']!)).toEqual([
      'PUT resource-lists 201',
      'PUT resource-lists 201',
      'GET resource-lists 200',
    ])
    const [first] = httpIn(runs['A.8.2']!)
    expect(first).toMatchObject({
      target: 'http://xcap.home1.net/services/resource-lists/users/user1/pf.xml',
      headers: {
        'user-agent': 'IMS subscriber',
        date: 'Thu, 08 Jan 2004 10:13:17 GMT',
        'content-type': 'application/resource-lists+xml',
      },
    })
    expect(first!.headers.host).toBeUndefined()
  })

  it('R6.3.1.2-a of two changes of one list none is lost', () => {
    expect(exchangesIn(runs['ut/concurrent-edit']!)).toEqual([
      'PUT resource-lists 201',
      'PUT resource-lists 412',
      'GET resource-lists 200',
      'PUT resource-lists 200',
      'GET resource-lists 200',
      'GET resource-lists 304',
    ])
    const without = ['RFC 4825 §7.11: after 412, the client reads the document and makes its change anew']
    const careless = runFlow(flowOf('ut/concurrent-edit'), { without })
    expect(careless.verdict.outcome).toBe('fail')
  })

  it('R6.3.1.2-a without the condition, the change of the other device is lost', () => {
    const without = ['RFC 4825 §7.11: a change is made only to the version that is known']
    const careless = runFlow(flowOf('ut/concurrent-edit'), { without })
    const read = httpIn(careless).findLast(({ kind, body }) => kind === 'response' && body !== '')!
    expect(String(read.body)).not.toContain('user3_public1')
  })

  it('R6.3.1.3-a A.8.3: rules are made and changed', () => {
    expect(exchangesIn(runs['A.8.3']!)).toEqual(['PUT pres-rules 201', 'PUT pres-rules 200'])
    expect(httpIn(runs['A.8.3']!)[0]!.headers['content-type']).toBe('application/auth-policy+xml')
  })

  it('R6.3.1.4-a hard state is stored, read and deleted', () => {
    expect(exchangesIn(runs['ut/hard-state']!)).toEqual([
      'PUT pidf-manipulation 201',
      'GET pidf-manipulation 200',
      'DELETE pidf-manipulation 200',
    ])
    expect(httpIn(runs['ut/hard-state']!)[0]!.headers['content-type']).toBe('application/pidf+xml')
  })

  it('R6.3.1.4-b A.8.4: an object is stored with its own type, and only then published by its URI', () => {
    const run = runs['A.8.4']!
    expect(exchangesIn(run)).toEqual(['PUT org.openmobilealliance.pres-content 201'])
    const [put] = httpIn(run)
    if (put?.kind !== 'request') throw new Error('nothing was stored')
    expect(put.headers['content-type']).toBe('image/png')
    expect(put.body).toHaveLength(70)
    const isOfSip = ({ row }: { row: FlowRun['rows'][number] }) =>
      row.kind === 'message' && row.message.protocol === 'sip' && row.message.kind === 'request'
    const rows = run.rows.map((row, at) => ({ row, at }))
    const published = rows.find(isOfSip)!
    const stored = rows.find(({ row }) => row.kind === 'message' && row.message.kind === 'response')!
    expect(stored.row).toMatchObject({ message: { protocol: 'http', status: 201 } })
    expect(stored.at).toBeLessThan(published.at)
    const { method, body } = (published.row as { message: SipRequest }).message
    expect(method).toBe('PUBLISH')
    expect(String(body)).toContain(`url="${put.target}"`)
    // The digest of the picture by another tool: `base64 -d | sha1sum`.
    expect(String(body)).toContain(';size="70";hash="4a5eb7171b58e08a6881721e3b43d5a44419a2be"')
  })
})

describe('TS 24.141 §6.3.2.1: the XCAP server', () => {
  it('R6.3.2.1-a it stores what a client changes, and shows it to whoever may read it', () => {
    const [first, , , , , shown] = httpIn(runs['A.8.2']!)
    expect(String(first!.body)).not.toContain('user3_public1')
    expect(shown).toMatchObject({ kind: 'response', status: 200 })
    expect(String(shown!.body)).toContain('<entry uri="sip:user3_public1@home3.net">')
  })
})

describe('TS 24.141 §6.3.2: the effects of documents', () => {
  /** The NOTIFY requests that came to the watcher. */
  const told = ({ rows }: FlowRun): SipRequest[] =>
    rows.flatMap((row) =>
      row.kind === 'message' &&
      row.to === 'watcher' &&
      row.message.protocol === 'sip' &&
      row.message.kind === 'request' &&
      row.message.method === 'NOTIFY'
        ? [row.message]
        : [],
    )

  it('R6.3.2.3-a rules that are stored hold for the watcher who waits', () => {
    const states = told(runs['ut/rules-by-document']!).map(({ headers }) => headers.text('subscriptionState'))
    expect(states.map((state) => state?.replace(/expires=.*/, '…'))).toEqual([
      'pending;…',
      'active;…',
      'terminated;reason=rejected',
    ])
  })

  it('R6.3.2.4-a hard state is composed with what is published, and outlives it', () => {
    const tuples = told(runs['ut/hard-state']!).map(({ body }) =>
      [...String(body).matchAll(/<basic>(\w+)/g)].map(([, basic]) => basic),
    )
    expect(tuples).toEqual([[], ['closed'], ['closed', 'open'], ['closed'], []])
  })
})
