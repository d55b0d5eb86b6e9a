import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Check, Violation } from '../../src/check/check.ts'
import { checks, violations } from '../../src/check/checks.ts'
import { listFullState } from '../../src/check/list-full-state.ts'
import { listMembers } from '../../src/check/list-members.ts'
import { listParts } from '../../src/check/list-parts.ts'
import { listPrivacy } from '../../src/check/list-privacy.ts'
import { listVersions } from '../../src/check/list-versions.ts'
import { runFlow } from '../../src/flow/run.ts'
import type { Message } from '../../src/message.ts'
import { carriesList } from '../../src/presence/watcher/list-view.ts'
import type { Effect } from '../../src/sim/node.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { flowOf, ids } from '../flows/catalogue.ts'

type Trace = readonly TraceEvent<Message>[]

const found = (trace: Trace, one?: Check): Violation[] => {
  const all: Violation[] = []
  const found$ = one === undefined ? violations(from(trace)) : one.find(from(trace))
  found$.subscribe((violation) => all.push(violation))
  return all
}

describe('no flow goes against a check', () => {
  it.each(ids)('%s', (id) => expect(found(runFlow(flowOf(id)).trace)).toEqual([]))
})

/** A.3.3.1, and on until nothing happens any more. */
const watched = (without: readonly string[] = []): Trace =>
  runFlow({ ...flowOf('A.3.3.1'), lasts: seconds(100) }, { without }).trace

/** A trace in which some requests are others, wherever they are sent or taken; undefined takes them out. */
function altered(trace: Trace, change: (request: SipRequest) => SipRequest | undefined): Trace {
  const known = new Map<Message, Message | undefined>()
  const other = <M extends Message>(message: M): M | undefined => {
    if (message.protocol !== 'sip' || message.kind !== 'request') return message
    if (!known.has(message)) known.set(message, change(message))
    return known.get(message) as M | undefined
  }
  return trace.flatMap((event) => {
    const effects = event.effects.flatMap((one): Effect<Message>[] => {
      const message = one.kind === 'send' ? other(one.message) : undefined
      return one.kind !== 'send' ? [one] : message === undefined ? [] : [{ ...one, message }]
    })
    if (event.input.kind !== 'message') return [{ ...event, effects }]
    const message = other(event.input.message)
    return message === undefined ? [] : [{ ...event, input: { ...event.input, message }, effects }]
  })
}

/** Another body of the notifications about lists. */
const inLists = (of: string | RegExp, by: string) => (request: SipRequest) =>
  carriesList(request) ? { ...request, body: String(request.body).replace(of, by) } : request

const watcher = 'sip:user1_public1@home1.net'
const list = 'sip:user1_list1@home1.net'
const user3 = 'sip:user3_public1@home3.net'
const isFor = (request: SipRequest, member: string) => request.method === 'SUBSCRIBE' && request.uri === member
const resource3 = /<resource uri="sip:user3_public1@home3.net"(?:[^>]*\/>|.*?<\/resource>)/s

const faults: readonly [string, Check, (request: SipRequest) => SipRequest | undefined, string][] = [
  [
    'a version is left out',
    listVersions,
    inLists('version="1"', 'version="2"'),
    `version 2 of ${list} is told, where 1`,
  ],
  [
    'a version comes again',
    listVersions,
    inLists('version="1"', 'version="0"'),
    `version 0 of ${list} is told, where 1`,
  ],
  ['a cid leads nowhere', listParts, inLists(/cid="[^"]*"/, 'cid="x@y"'), 'x@y, said to tell of'],
  ['nothing leads to a part', listParts, inLists(/ cid="[^"]*"/, ''), 'no resource refers to the part'],
  ['the parts do not end', listParts, inLists(/--[^-]*--\s*$/, ''), 'its parts cannot be read'],
  ['the first one is partial', listFullState, inLists('fullState="true"', 'fullState="false"'), 'is partial'],
  ['the first one lacks a member', listFullState, inLists(resource3, ''), `of ${list} leaves out ${user3}`],
  ['a state was never told', listPrivacy, inLists('<basic>open', '<basic>closed'), `${watcher} is told of sip:user2`],
  [
    'a state was told to somebody else',
    listPrivacy,
    (request) => (isFor(request, user3) ? vouchedFor(request, 'sip:user9@home1.net') : request),
    `${watcher} is told of ${user3} what was not told in her name`,
  ],
  [
    'a member is not watched',
    listMembers,
    (request) => (isFor(request, user3) ? undefined : request),
    `does not watch ${user3} of ${list} for ${watcher}`,
  ],
  [
    'somebody else is watched',
    listMembers,
    inLists(resource3, ''),
    `watches ${user3}, who is in no list of ${watcher}`,
  ],
]

const vouchedFor = (request: SipRequest, uri: string): SipRequest => ({
  ...request,
  headers: request.headers.with({ pAssertedIdentity: headerValue('pAssertedIdentity', `<${uri}>`)! }),
})

describe('a trace that was altered by hand goes against the check that it concerns', () => {
  const trace = watched()
  it('as it was, it goes against none', () => expect(found(trace)).toEqual([]))

  it.each(faults)('%s', (_, check, change, what) => {
    const [first] = found(altered(trace, change), check)
    expect(first?.what).toContain(what)
    expect(first).toMatchObject({ title: check.title, clause: check.clause })
  })

  it('each check has a fault of its own', () => {
    const seen = new Set(faults.map(([, check]) => check))
    expect(checks.filter((one) => !seen.has(one))).toEqual([])
  })
})

describe('a server of lists that leaves out a rule is caught', () => {
  it.each([
    [
      'TS 24.141 §5.3.4.3: the list server subscribes to each member of a list, for as long as the list is subscribed to',
    ],
  ])('%s', (rule) => expect(found(watched([rule]))).not.toEqual([]))
})
