/** Traces of lists with something wrong in them. */
import type { Check } from '../../src/check/check.ts'
import { listFullState } from '../../src/check/list-full-state.ts'
import { listMembers } from '../../src/check/list-members.ts'
import { listParts } from '../../src/check/list-parts.ts'
import { listPrivacy } from '../../src/check/list-privacy.ts'
import { listVersions } from '../../src/check/list-versions.ts'
import { carriesList } from '../../src/presence/watcher/told-lists.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { altered, type Fault, saying, type Trace, traceOf } from './altered.ts'

/** A.3.3.1, and on until nothing happens any more. */
const watchedLists = (): Trace => traceOf('A.3.3.1', 92)

/** Another body of the notifications about lists. */
const inLists = (of: string | RegExp, by: string) => (request: SipRequest) =>
  carriesList(request) ? { ...request, body: String(request.body).replace(of, by) } : request

const watcher = 'sip:user1_public1@home1.net'
const list = 'sip:user1_list1@home1.net'
const user3 = 'sip:user3_public1@home3.net'
const isFor = (request: SipRequest, member: string) => request.method === 'SUBSCRIBE' && request.uri === member
const resource3 = /<resource uri="sip:user3_public1@home3.net"(?:[^>]*\/>|.*?<\/resource>)/s

/** Of each: what is wrong, which check finds it, how the requests of A.3.3.1 are altered, and what is found. */
const faults: readonly (readonly [string, Check, (request: SipRequest) => SipRequest | undefined, string])[] = [
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

const vouchedFor = (request: SipRequest, uri: string): SipRequest => saying(request, { pAssertedIdentity: `<${uri}>` })

export const listFaults: readonly Fault[] = faults.map(([title, check, change, what]) => ({
  title,
  check,
  what,
  trace: () => altered(watchedLists(), (message) => (message.kind === 'request' ? change(message) : message)),
}))
