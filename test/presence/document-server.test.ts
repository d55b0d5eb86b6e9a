import { describe, expect, it } from 'vitest'
import type { HttpBody, HttpRequest, HttpResponse } from '../../src/http/message.ts'
import { type Alone, requests, type Sent } from '../ims/alone.ts'
import {
  presentity,
  published,
  type ServerParts,
  server,
  pidf as softPidf,
  stateOf,
  subscribed,
  theNotify,
  tuplesOf,
} from './server.ts'

const root = 'http://xcap.home2.net/services'
const rules = `pres-rules/users/${presentity}/index`
const hardState = `pidf-manipulation/users/${presentity}/index`
const other = 'sip:user3@home2.net'
const asserted = (...identities: string[]) => ({
  'x-3gpp-asserted-identity': identities.map((one) => `"${one}"`).join(', '),
})

const ruleset = (handling: string): string =>
  `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">
    <rule id="all">
      <conditions><identity><many/></identity></conditions>
      <actions><pr:sub-handling>${handling}</pr:sub-handling></actions>
      <transformations><pr:provide-services><pr:all-services/></pr:provide-services></transformations>
    </rule>
  </ruleset>`

const policy = 'application/auth-policy+xml'
const pidf = 'application/pidf+xml'

/** A presence server that keeps the documents of two users, behind these proxies or, without any, in the open. */
function keeper(proxies?: readonly string[], parts: ServerParts = {}): Alone {
  const users = { [presentity]: [presentity, 'user2'], [other]: [other] }
  const documentUsers = { [presentity]: presentity, user2: presentity }
  const documentServer = { root, users, isProved: proxies !== undefined }
  return server({ ...parts, documentServer, ...(proxies && { proxies }), more: { documentUsers, ...parts.more } })
}

let exchanges = 0

/** Sends a request; all that comes of it at once. */
function send(
  keeper: Alone,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: HttpBody = '',
  from = 'ap.home2.net',
): Sent[] {
  const exchange = `x${++exchanges}`
  const target = `${root}/${path}`
  const request: HttpRequest = { protocol: 'http', kind: 'request', method, target, headers, body, exchange }
  return keeper.receive(request, from)
}

const put = (to: Alone, path: string, body: HttpBody, type: string, more: Readonly<Record<string, string>> = {}) =>
  send(to, 'PUT', path, { 'content-type': type, ...more }, body)

/** The only answer over HTTP. */
function answerIn(sent: readonly Sent[]): HttpResponse {
  const found = sent.flatMap(({ message }) => (message.protocol === 'http' ? [message] : []))
  if (found.length !== 1 || found[0]!.kind !== 'response') throw new Error(`${found.length} messages, not one answer`)
  return found[0]!
}
const statusOf = (sent: readonly Sent[]): number => answerIn(sent).status

describe('TS 24.141 §6.2.2: who may ask an application server that keeps documents', () => {
  it.each([
    ['the user herself', 'ap.home2.net', asserted(presentity), 201],
    ['a user of whom several identities are asserted', 'ap.home2.net', asserted('tel:+1', presentity), 201],
    ['somebody else', 'ap.home2.net', asserted(other), 403],
    ['somebody who has no documents here', 'ap.home2.net', asserted('sip:x@home1.net'), 403],
    ['nobody', 'ap.home2.net', {}, 403],
    ['who says only himself who he is', 'ap.home2.net', { 'x-3gpp-intended-identity': `"${presentity}"` }, 403],
    ['who asserts himself who he is, past the proxy', '[5555::a]', asserted(presentity), 403],
    ['an identity without quotation marks', 'ap.home2.net', { 'x-3gpp-asserted-identity': presentity }, 403],
  ])('TS 24.141 §6.3.2.1: behind a proxy: %s', (_case, from, headers, status) => {
    const keeping = keeper(['ap.home2.net'])
    const sent = send(keeping, 'PUT', rules, { 'content-type': policy, ...headers }, ruleset('allow'), from)
    expect(statusOf(sent)).toBe(status)
    expect(statusOf(send(keeping, 'GET', rules, asserted(presentity)))).toBe(status === 201 ? 200 : 404)
  })

  it.each([
    ['nothing is said', {}, 201],
    ['the UE says that it is the user', { 'x-3gpp-intended-identity': `"${presentity}"` }, 201],
    ['the UE says that it is somebody else', { 'x-3gpp-intended-identity': `"${other}"` }, 403],
  ])('without a proxy, what the UE says counts: %s', (_case, headers, status) => {
    expect(statusOf(put(keeper(), rules, ruleset('allow'), policy, headers))).toBe(status)
  })

  it('says what it has decided about, and why', () => {
    const keeping = keeper(['ap.home2.net'])
    put(keeping, rules, ruleset('allow'), policy, asserted(other))
    expect(keeping.decisions.map(({ rule, outcome }) => [rule.clause, outcome])).toEqual([
      ['TS 24.141 §6.2.2', 'believed'],
      ['TS 24.141 §6.3.2.1', 'allow'],
      ['RFC 4825 §5.7', '403'],
    ])
  })

  it('answers in the exchange of the request, to whom it came from', () => {
    const [sent] = send(keeper(['ap.home2.net']), 'GET', 'xcap-caps/global/index', asserted(presentity))
    expect([sent!.to, (sent!.message as HttpResponse).exchange]).toEqual(['ap.home2.net', `x${exchanges}`])
  })
})

describe('TS 24.141 §5.3.3.2: presence rules that are documents', () => {
  it.each([
    ['pres-rules', rules],
    ['pres-rules of another identifier of the user', 'pres-rules/users/user2/index'],
    ['the usage of OMA', `org.openmobilealliance.pres-rules/users/${presentity}/pres-rules`],
  ])('hold at once: %s', (_case, path) => {
    const keeping = keeper(undefined, { otherwise: 'confirm' })
    published(keeping, softPidf({ im: 'open' }))
    expect(stateOf(subscribed(keeping).notifies[0]!)).toBe('pending;expires=7200')
    const sent = put(keeping, path, ruleset('allow'), policy)
    expect(statusOf(sent)).toBe(201)
    const notify = theNotify(sent)
    expect([stateOf(notify), tuplesOf(notify)]).toEqual(['active;expires=7200', ['im open']])
  })

  it.each([
    ['another name', `pres-rules/users/${presentity}/mine`],
    ['the documents of somebody else', `pres-rules/users/${other}/index`],
    ['a name that the usage of OMA does not have', `org.openmobilealliance.pres-rules/users/${presentity}/index`],
  ])('do nothing under %s', (_case, path) => {
    const keeping = keeper(undefined, { otherwise: 'confirm' })
    subscribed(keeping)
    expect(requests(put(keeping, path, ruleset('allow'), policy))).toEqual([])
  })

  it('a change of one of their elements is a change of the rules', () => {
    const keeping = keeper(undefined, { otherwise: 'confirm' })
    put(keeping, rules, ruleset('allow'), policy)
    expect(stateOf(subscribed(keeping).notifies[0]!)).toBe('active;expires=7200')
    const element = '<pr:sub-handling xmlns:pr="urn:ietf:params:xml:ns:pres-rules">block</pr:sub-handling>'
    const selector = `${rules}/~~/ruleset/rule%5B@id=%22all%22%5D/actions/pr:sub-handling?xmlns(pr=urn:ietf:params:xml:ns:pres-rules)`
    const sent = put(keeping, selector, element, 'application/xcap-el+xml')
    expect(statusOf(sent)).toBe(200)
    expect(stateOf(theNotify(sent))).toBe('terminated;reason=rejected')
  })

  it('without them, what the operator has set holds again', () => {
    const keeping = keeper(undefined, { otherwise: 'allow' })
    put(keeping, rules, ruleset('polite-block'), policy)
    published(keeping, softPidf({ im: 'open' }))
    expect(tuplesOf(subscribed(keeping).notifies[0]!)).toEqual([])
    keeping.pass(10)
    expect(tuplesOf(theNotify(send(keeping, 'DELETE', rules)))).toEqual(['im open'])
  })

  it('a document that is refused changes nothing', () => {
    const keeping = keeper(undefined, { otherwise: 'confirm' })
    subscribed(keeping)
    for (const [body, type, status] of [
      ['<ruleset/>', policy, 409],
      [ruleset('allow'), pidf, 415],
      ['oops', policy, 409],
    ] as const) {
      const sent = put(keeping, rules, body, type)
      expect([statusOf(sent), requests(sent)]).toEqual([status, []])
    }
  })
})

describe('RFC 4827: hard state that is a document', () => {
  const stored = `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}"><tuple id="hard"><status><basic>closed</basic></status></tuple></presence>`

  it('is told to watchers, beside what is published, and outlives it', () => {
    const keeping = keeper()
    subscribed(keeping)
    keeping.pass(10)
    expect(tuplesOf(theNotify(put(keeping, hardState, stored, pidf)))).toEqual(['hard closed'])
    keeping.pass(10)
    const { sent } = published(keeping, softPidf({ im: 'open' }), { Expires: '60' })
    expect(tuplesOf(theNotify(sent))).toEqual(['hard closed', 'im open'])
    expect(tuplesOf(theNotify(keeping.pass(61)))).toEqual(['hard closed'])
  })
  it('R6.1-b never has in it what is published', () => {
    const keeping = keeper()
    put(keeping, hardState, stored, pidf)
    published(keeping, softPidf({ im: 'open' }))
    expect(answerIn(send(keeping, 'GET', hardState)).body).toBe(stored)
  })
  it('is gone for watchers when the document is deleted', () => {
    const keeping = keeper()
    put(keeping, hardState, stored, pidf)
    expect(tuplesOf(subscribed(keeping).notifies[0]!)).toEqual(['hard closed'])
    keeping.pass(10)
    expect(tuplesOf(theNotify(send(keeping, 'DELETE', hardState)))).toEqual([])
  })
})

describe('R6.1-a: Ut has PUT, GET and DELETE and nothing else', () => {
  it.each(['POST', 'PATCH', 'TRACE'])('%s is answered 405, with what is allowed', (method) => {
    const { status, headers } = answerIn(send(keeper(), method, rules))
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS, PUT, DELETE'])
  })
})
