import { describe, expect, it } from 'vitest'
import { ruleLines } from '../clauses/rule-lines.ts'
import { close, filtersFor, friends, hide, ListReference, none, type PlainFilter, silent } from './list-reference.ts'
import { listSwarm } from './list-swarm.ts'

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

describe('a swarm of lists: what watchers saw by a list is what the reference says they may see', () => {
  it('over loss, doubling, reordering, gaps, changes of lists and filters, and outages of all servers', () => {
    let compared = 0
    for (const seed of seeds(60)) {
      const result = listSwarm(seed)
      expect(result.violations, `npm run swarm -- ${seed} 1`).toEqual([])
      compared += result.compared
    }
    expect(compared).toBeGreaterThan(4000)
  })

  it('the same seed is the same history, another one is another', () => {
    expect(listSwarm(7)).toEqual(listSwarm(7))
    expect(listSwarm(7).steps).not.toBe(listSwarm(8).steps)
  })
})

/** The rules of a resource list server without which what a swarm sees is not what it should be. */
const listRules = [
  'RFC 4660 §4.1: each member is given the filters that are for it, or for all',
  'RFC 4662 §4.3: a member that is a list is asked as one',
  'RFC 4662 §4.4: a member that answers 421 and requires eventlist is a list',
  'RFC 4662 §4.4: a subscription to a list is accepted by an answer that requires eventlist',
  'RFC 4662 §4.4: who does not know lists is answered 421',
  'RFC 4662 §4.5: each NOTIFY about a list requires that its receiver knows lists',
  'RFC 4662 §4.5: the first NOTIFY after each SUBSCRIBE tells of all members, of those that are not known too',
  'RFC 4662 §4.8: changes of members that come together are told together',
  'RFC 4662 §5.2: a change is not told before the notification before it is answered',
  'RFC 4662 §5.2: a later NOTIFY tells of the members that have changed',
  'RFC 4662 §5.5: a member whose subscription ended is told as terminated, with why',
  'RFC 4826 §4.5: a URI that is no list is answered 404',
  'RFC 4826 §4.5: a list is made flat: its references are followed, lists that are services here too, and each member counts once',
  'RFC 4826 §4.5: a list with a reference that leads nowhere is answered 502',
  'RFC 4826 §4.5: an event package that the list does not have is answered 489',
  'RFC 5263 §4.4: a list server that missed a change of a member asks for full state',
  'RFC 6665 §4.1.3: a subscription to a member that ended for a while is tried again',
  'RFC 6665 §4.2.2: a subscription to a list that is deleted ends as noresource',
  'RFC 7332 §4: what follows from a request has fewer hops left than the request',
  'TS 24.141 §5.3.4.2: a list may be subscribed to by its owner, and by those whom the operator names',
  'TS 24.141 §5.3.4.2: a member is asked for what the watcher of the list accepts',
  'TS 24.141 §5.3.4.3: the list server subscribes to each member of a list, for as long as the list is subscribed to',
  'TS 24.141 §5.3.4.3: the subscriptions to the members end with the one to the list',
  'TS 24.141 §5.3.4.3: what a member notifies is kept, to be told with the list',
  'TS 24.141 §5.3.4.3: who has come into a list is subscribed to',
  'TS 24.141 §5.3.4.3: who has left a list is not subscribed to any more',
  'TS 24.229 §5.7.1.5: who may not subscribe to a list is answered 403',
]

/** Rules about what does not happen in a swarm: tests of their clauses notice. */
const otherRules = [
  'RFC 4826 §3.1: a list of another server is fetched by XCAP',
  'RFC 6665 §4.2.2: a subscription to a list that is not refreshed ends',
]

const isCaught = (rule: string): boolean =>
  seeds(60).some((seed) => listSwarm(seed, { without: [rule] }).violations.length > 0)

describe('a server of lists, or of presence, that leaves out a rule is caught', () => {
  it.each([...listRules, 'RFC 5025 §3.3: a watcher sees of the document what the rules that apply provide'])(
    '%s',
    (rule) => expect(isCaught(rule)).toBe(true),
  )

  it('each of these is a rule, and the server of lists has no other that is not under another test', () => {
    const rules = ruleLines().filter(({ file }) => file.startsWith('src/presence/lists/'))
    const known = rules.map(({ clause, title }) => `${clause}: ${title}`)
    expect(known.toSorted()).toEqual([...listRules, ...otherRules].toSorted())
  })
})

describe('the reference of lists', () => {
  const [owner, other, a, b, c] = ['owner', 'other', 'a', 'b', 'c'].map((name) => `sip:${name}@home1.net`) as [
    string,
    string,
    string,
    string,
    string,
  ]

  it('a list is flat, and each member counts once, where it comes first (RFC 4826 §4.5)', () => {
    const lists = new ListReference(owner, { friends: [b, close, a], more: [b, c], close: [a, b] })
    expect(lists.membersOf(friends)).toEqual({ members: [b, a, c], isLooped: false })
    expect(lists.membersOf(close)?.members).toEqual([a, b])
    expect(lists.membersOf(none)).toBeUndefined()
  })

  it('a list within itself is passed over, and said to be', () => {
    const lists = new ListReference(owner, { friends: [close, a], more: [], close: [b, friends] })
    expect(lists.membersOf(friends)).toEqual({ members: [b, a], isLooped: true })
  })

  it.each([
    ['nobody knows who asks', undefined, friends, true, 403],
    ['it is no list', other, none, false, 404],
    ['the list has no presence', other, silent, false, 489],
    ['the list is for its owner', other, close, false, 403],
    ['who asks does not know lists', other, friends, false, 421],
    ['all is well', other, friends, true, 200],
    ['the list is within itself', owner, close, true, 502],
  ])('%s: %s asks for %s (%s), and is answered %s', (_, who, list, knowsLists, status) => {
    const lists = new ListReference(owner, { friends: [a], more: [], close: [close] })
    expect(lists.answer({ who, list, knowsLists })).toBe(status)
  })

  it('filters go to whom they are for (RFC 4660 §4.1), and hide what they are to hide there (RFC 4661 §3.3)', () => {
    const all: PlainFilter = { about: 'all', hides: true }
    const own: PlainFilter = { about: { uri: a }, hides: false }
    const domain: PlainFilter = { about: { domain: 'home2.net' }, hides: true }
    expect(filtersFor([all, own, domain], a, [a, b]), 'one of its own is in the place of that for all').toEqual([
      own,
      domain,
    ])
    expect(filtersFor([all, own, domain], b, [a, b])).toEqual([all, domain])
    expect(filtersFor([own], b, [b]), 'who is not in the list may be further on').toEqual([own])
    expect([hide([all], a), hide([own], a), hide([domain], a), hide([domain], 'sip:x@home2.net')]).toEqual([
      true,
      false,
      false,
      true,
    ])
  })
})
