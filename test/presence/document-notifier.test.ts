import { describe, expect, it } from 'vitest'
import {
  applyPatch,
  document,
  parseXcapDiff,
  printXml,
  type XcapDiff,
  type XmlElement,
} from '../../src/documents/index.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Alone, answerTo, requests, type Sent, theResponse } from '../ims/alone.ts'
import { documentServer, http, list, lists, owner, watching } from './document-watching.ts'
import { again } from './server.ts'

const told = (notify: SipRequest): XcapDiff => parseXcapDiff(notify.body) as XcapDiff
const ofSip = (sent: readonly Sent[]): SipRequest[] => requests([...sent], 'NOTIFY')
const started = (documents: readonly string[] | undefined, more = {}) => {
  const alone = documentServer()
  const sent = alone.receive(watching(documents, more), 'scscf2.home2.net')
  return { alone, response: theResponse(sent), first: ofSip(sent)[0] }
}
const change = (alone: Alone, method: string, path: string, body?: string, type?: string): Sent[] =>
  alone.receive(http(method, path, body, type), 'ue')

describe('RFC 5875 §4.7: the first NOTIFY', () => {
  it('tells the entity-tags of the documents asked for, under the names by which they were asked for', () => {
    const { response, first } = started([list])
    expect(response).toMatchObject({ status: 200 })
    expect(first!.headers.event).toEqual({ value: 'xcap-diff', params: {} })
    expect(first!.headers.contentType!.value).toBe('application/xcap-diff+xml')
    expect(told(first!)).toMatchObject({
      root: 'http://xcap.home1.net/services',
      changes: [{ kind: 'document', sel: list, newEtag: 'one' }],
    })
  })
  it('tells all documents of a folder, elements with their content, attributes with their value', () => {
    const element = `${list}/~~/resource-lists/list%5b@name=%22a%22%5d/entry`
    const { first } = started([
      'resource-lists/users/user1/',
      element,
      `${element}/@uri`,
      `${list}/~~/resource-lists/x`,
    ])
    const [folder, entry, uri, missing] = told(first!).changes
    expect(folder).toMatchObject({ kind: 'document', sel: list, newEtag: 'one' })
    expect(entry).toMatchObject({ kind: 'element', sel: element })
    expect(printXml((entry as { content: readonly XmlElement[] }).content[0]!)).toContain('uri="sip:a@b"')
    expect(uri).toMatchObject({ kind: 'attribute', value: 'sip:a@b' })
    expect(missing).toMatchObject({ kind: 'element', exists: false, content: [] })
  })
  it('leaves out what belongs to others, what is not there and what is no resource, without a word', () => {
    const { response, first } = started([
      'resource-lists/users/user2/hers.xml',
      'resource-lists/users/user1/none.xml',
      'nothing/users/user1/x',
      '../..',
      'resource-lists/global/all.xml',
    ])
    expect(response.status).toBe(200)
    expect(told(first!).changes).toMatchObject([{ sel: 'resource-lists/global/all.xml', newEtag: 'all' }])
  })
  it('without a list, tells all documents of the subscriber', () => {
    expect(told(started(undefined).first!).changes).toMatchObject([{ sel: list, newEtag: 'one' }])
  })
})

describe('R5.3.3.5-a, R5.3.4.4-a: who may subscribe to what', () => {
  it.each<[string, string | undefined, number, string?]>([
    ['a user of the server', owner, 200],
    ['a stranger', 'sip:x@elsewhere.net', 403],
    ['somebody without an asserted identity', undefined, 403],
  ])('%s', (_who, identity, status) => {
    const asserted = identity === undefined ? undefined : `<${identity}>`
    expect(started([list], { 'P-Asserted-Identity': asserted }).response.status).toBe(status)
  })
  it('what can not be accepted is refused: other types, another body, a body that is no list', () => {
    expect(started([list], { Accept: 'application/pidf+xml' }).response.status).toBe(406)
    const alone = documentServer()
    const other = `${watching([list]).replace('application/resource-lists+xml', 'text/plain')}`
    expect(theResponse(alone.receive(other, 'scscf2.home2.net'))).toMatchObject({ status: 415 })
    const broken = watching([list], { 'Call-ID': 'b' }).replace('</resource-lists>', '')
    expect(theResponse(alone.receive(broken, 'scscf2.home2.net')).status).toBe(400)
  })
})

describe('RFC 5875 §4.7, RFC 5874 §4: a change', () => {
  it('tells both entity-tags, and once it is gone the previous one alone', () => {
    const { alone } = started([list])
    alone.pass(6)
    const [changed] = ofSip(change(alone, 'PUT', list, lists('sip:a@b', 'sip:c@d')))
    const [first] = told(changed!).changes as unknown as [{ newEtag: string }]
    expect(first).toMatchObject({ kind: 'document', sel: list, previousEtag: 'one' })
    expect(first.newEtag).not.toBe('one')
    alone.pass(6)
    const [gone] = ofSip(change(alone, 'DELETE', list))
    expect(told(gone!).changes).toEqual([{ kind: 'document', sel: list, previousEtag: first.newEtag }])
  })
  it('made by another client is told as well, and one of another document is not', () => {
    const { alone } = started(['resource-lists/users/user1/'])
    alone.pass(6)
    expect(ofSip(change(alone, 'PUT', 'resource-lists/users/user1/new.xml', lists('sip:e@f')))).toHaveLength(1)
    alone.pass(6)
    expect(ofSip(change(alone, 'PUT', 'resource-lists/users/user2/hers.xml', lists('sip:e@f')))).toEqual([])
  })
  it('RFC 5875 §4.10: is told no sooner than five seconds after the last NOTIFY, those in between together', () => {
    const { alone } = started([list])
    alone.pass(1)
    expect(ofSip(change(alone, 'PUT', list, lists('sip:c@d')))).toEqual([])
    alone.pass(1)
    expect(ofSip(change(alone, 'PUT', list, lists('sip:e@f')))).toEqual([])
    const [later, ...more] = ofSip(alone.pass(10))
    expect(more).toEqual([])
    expect(told(later!).changes).toMatchObject([{ previousEtag: 'one' }])
    expect(told(later!).changes).toHaveLength(1)
  })
  it('that is undone in the meantime is not told', () => {
    const { alone } = started([list])
    change(alone, 'PUT', 'resource-lists/users/user1/new.xml', lists('sip:c@d'))
    change(alone, 'DELETE', 'resource-lists/users/user1/new.xml')
    expect(ofSip(alone.pass(10))).toEqual([])
  })
  it('of an element or attribute that is watched is told with what is there now, and only if it is another', () => {
    const element = `${list}/~~/resource-lists/list/entry%5b1%5d`
    const { alone } = started([element, `${element}/@uri`])
    alone.pass(6)
    const added = `${list}/~~/resource-lists/list/entry%5b@uri=%22sip:c@d%22%5d`
    expect(ofSip(change(alone, 'PUT', added, '<entry uri="sip:c@d"/>', 'application/xcap-el+xml'))).toEqual([])
    const [moved] = ofSip(change(alone, 'PUT', list, lists('sip:z@z')))
    expect(told(moved!).changes).toMatchObject([
      { kind: 'element', sel: element },
      { kind: 'attribute', sel: `${element}/@uri`, value: 'sip:z@z' },
    ])
  })
})

/** The operations of a report as a patch document. */
function patchIn(change: unknown): string {
  const { body: operations } = change as { readonly body: readonly XmlElement[] }
  const root: XmlElement = {
    kind: 'element',
    prefix: 'd',
    namespace: 'urn:ietf:params:xml:ns:xcap-diff',
    name: 'diff',
    attributes: [],
    children: operations,
  }
  return printXml(document(root))
}

describe('RFC 5875 §4.3: diff-processing', () => {
  const twice = (processing: string): XcapDiff => {
    const { alone } = started([list], { Event: `xcap-diff;diff-processing=${processing}` })
    change(alone, 'PUT', list, lists('sip:a@b', 'sip:c@d'))
    change(alone, 'PUT', list, lists('sip:c@d', 'sip:e@f'))
    return told(ofSip(alone.pass(10))[0]!)
  }
  it('no-patching tells no more than the entity-tags', () => {
    expect(twice('no-patching').changes).toMatchObject([{ previousEtag: 'one' }])
    expect(twice('no-patching').changes[0]).not.toHaveProperty('body')
  })
  it('aggregate tells all changes as one patch', () => {
    const [one, ...more] = twice('aggregate').changes
    expect(more).toEqual([])
    expect(applyPatch(lists('sip:a@b'), patchIn(one))).toContain('<entry uri="sip:c@d"/><entry uri="sip:e@f"/>')
  })
  it('xcap-patching tells each change by itself, in a chain of entity-tags', () => {
    const [first, second] = twice('xcap-patching').changes as unknown as [{ newEtag: string }, { previousEtag: string }]
    expect(first).toMatchObject({ previousEtag: 'one' })
    expect(second.previousEtag).toBe(first.newEtag)
    const between = applyPatch(lists('sip:a@b'), patchIn(first))
    expect(between).toContain('<entry uri="sip:a@b"/><entry uri="sip:c@d"/>')
    expect(applyPatch(between, patchIn(second))).toContain('<entry uri="sip:c@d"/><entry uri="sip:e@f"/>')
  })
})

describe('RFC 6665: a subscription to documents', () => {
  const withinDialog = (sequence: number, expires: number, more = {}) =>
    again(sequence, expires, { Event: 'xcap-diff', ...more })

  it('is told everything anew after a refresh, which may name other resources', () => {
    const { alone } = started([list])
    change(alone, 'PUT', list, lists('sip:c@d'))
    const sent = alone.receive(withinDialog(62, 3600), 'scscf1.home1.net')
    expect(theResponse(sent).headers.expires).toBe(3600)
    expect(told(ofSip(sent)[0]!).changes).toMatchObject([{ sel: list }])
    expect(told(ofSip(sent)[0]!).changes[0]).not.toHaveProperty('previousEtag')
    expect(ofSip(alone.pass(10))).toEqual([])
    const other = { 'Content-Type': 'application/resource-lists+xml' }
    const renamed = `${withinDialog(63, 3600, other)}\n\n${lists('resource-lists/global/all.xml')}`
    expect(told(ofSip(alone.receive(renamed, 'scscf1.home1.net'))[0]!).changes).toMatchObject([{ newEtag: 'all' }])
  })
  it('RFC 6665 §4.2.2: ends with a last NOTIFY when it is not refreshed, and when it is ended', () => {
    const { alone } = started([list], { Expires: '60' })
    const [last] = ofSip(alone.pass(61))
    expect(last!.headers.subscriptionState).toEqual({ value: 'terminated', params: { reason: 'timeout' } })
    expect(ofSip(change(alone, 'PUT', list, lists('sip:c@d')))).toEqual([])
    const other = started([list])
    const [end] = ofSip(other.alone.receive(withinDialog(62, 0), 'scscf1.home1.net'))
    expect(end!.headers.subscriptionState!.value).toBe('terminated')
    expect(theResponse(other.alone.receive(withinDialog(63, 60), 'scscf1.home1.net')).status).toBe(481)
  })
  it('is dropped when a NOTIFY is refused as that of no subscription', () => {
    const alone = documentServer()
    alone.peers = (request) => answerTo(request, '481 Subscription does not exist')
    alone.receive(watching([list]), 'scscf2.home2.net')
    alone.pass(6)
    expect(ofSip(change(alone, 'PUT', list, lists('sip:c@d')))).toEqual([])
  })
})
