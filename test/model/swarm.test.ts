import { describe, expect, it } from 'vitest'
import { ruleLines } from '../clauses/rule-lines.ts'
import type { SwarmResult } from './history.ts'
import { type Handling, handlings, type PlainRule, Reference } from './reference.ts'
import { type SwarmOptions, swarm } from './swarm.ts'

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

/** The first run that violates the reference. */
function caught(count: number, options: SwarmOptions): SwarmResult | undefined {
  for (const seed of seeds(count)) {
    const result = swarm(seed, options)
    if (result.violations.length > 0) return result
  }
  return undefined
}

describe('a swarm: what watchers saw is what the reference says they may see', () => {
  it('over loss, doubling, reordering and outages of a presence server that keeps its state', () => {
    let compared = 0
    for (const seed of seeds(100)) {
      const result = swarm(seed, { checked: true })
      expect(result.violations, `npm run swarm -- ${seed} 1`).toEqual([])
      compared += result.compared
    }
    expect(compared).toBeGreaterThan(3000)
  })

  it('the same seed is the same history, another one is another', () => {
    expect(swarm(7)).toEqual(swarm(7))
    expect(swarm(7).steps).not.toBe(swarm(8).steps)
  })
})

/** Who is allowed but given no tuples sees the same as who is blocked politely: that is what the latter is for. */
const looksTheSame = (one: Handling, other: Handling): boolean =>
  [one, other].every((each) => each === 'polite-block' || each === 'bare')

const pairs = handlings.flatMap((from) =>
  handlings.flatMap((to) => (from === to || looksTheSame(from, to) ? [] : [[from, to] as const])),
)

describe('a presence server that mistakes one handling for another is caught', () => {
  it.each(pairs)('%s for %s', (from, to) => {
    expect(caught(20, { misread: (handling) => (handling === from ? to : handling) })).toBeDefined()
  })

  it('but not that a watcher who is given nothing is blocked politely: nobody can tell', () => {
    expect(caught(10, { misread: (handling) => (handling === 'bare' ? 'polite-block' : handling) })).toBeUndefined()
  })
})

/** The rules by which a presence server decides who may do and see what. */
const authorizationRules = [
  'TS 24.229 §5.7.1.4: a request without an asserted identity is refused',
  'TS 24.141 §5.3.3.2: the presence server authorizes the watcher by the policy of the presentity',
  'TS 24.141 §5.3.3.2: new presence rules hold for the subscriptions that there are',
  'TS 24.141 §5.3.3.3: the presence server authorizes whoever publishes for a presentity',
  'TS 24.141 §5.3.3.4: watcher information is for the presentity itself and for whom it names; a watcher sees its own subscription',
  'RFC 3903 §6 step 1: whoever may not publish for a presentity is answered 403',
  'RFC 4745 §7: a rule with a condition that is not understood does not apply',
  'RFC 4745 §7.1: a rule about identities applies to the watchers it means, and to no other',
  'RFC 4745 §7.2: a rule of a sphere applies while the presentity is in it',
  'RFC 4745 §7.3: a rule with a validity applies within one of its periods',
  'RFC 4745 §10.2: what all rules that apply permit is combined, the greater counts',
  'RFC 5025 §3.2.1: a watcher to whom no rule applies is permitted nothing',
  'RFC 5025 §3.2.1: a watcher whom the presentity blocks is answered 403',
  'RFC 5025 §3.2.1: a subscription about which the presentity has yet to decide is pending',
  'RFC 5025 §3.2.1: a watcher whom the presentity blocks politely is shown that nobody is available',
  'RFC 5025 §3.2.1: a watcher is judged anew when rules, sphere or time change',
  'RFC 5025 §3.2.1: the subscription of a watcher who is blocked ends as rejected',
  'RFC 5025 §3.3: a watcher sees of the document what the rules that apply provide',
  'RFC 3856 §6.6.2: nothing is told to a watcher about whom nobody has decided',
  'RFC 3857 §4.6: who may not see who watches is answered 403',
  'RFC 3857 §4.6: a watcher is told of its own subscription, and of no other',
  'RFC 3857 §4.6: who may not watch any more is not told of its own subscription either',
  'RFC 3857 §4.7.1: a pending watcher who is let in is active, and told so at once',
  'RFC 3857 §4.7.1: a waiting watcher about whom is decided is waiting no more',
  'RFC 3857 §4.7.1: an active subscription that needs a decision again is deactivated, so that its watcher comes anew',
]

/** The files that hold rules of no other kind. */
const authorizationFiles = [
  'src/presence/notifier/authorization.ts',
  ...['conditions', 'presence-rules', 'watcher-judgement'].map((name) => `src/presence/server/${name}.ts`),
]

describe('a presence server that leaves out a rule about who may do and see what is caught', () => {
  it.each(authorizationRules)('%s', (rule) => {
    expect(caught(60, { without: [rule] })).toBeDefined()
  })

  it('each of these is a rule, and none of the files that judge has another', () => {
    const all = ruleLines().map((line) => ({ ...line, id: `${line.clause}: ${line.title}` }))
    const known = all.map(({ id }) => id)
    expect(authorizationRules.filter((id) => !known.includes(id))).toEqual([])
    const judging = all.filter(({ file }) => authorizationFiles.includes(file))
    expect(judging.map(({ id }) => id).filter((id) => !authorizationRules.includes(id))).toEqual([])
  })
})

describe('a presence server that leaves out a rule about what a watcher is told is caught', () => {
  it.each([
    'RFC 3856 §6.6.1: a NOTIFY carries the presence document that the watcher may see',
    'RFC 3903 §6: a publication that is not refreshed is removed, and nothing else',
    'RFC 5263 §4.3: the first partial notification carries the full state',
    'RFC 5263 §4.3: later partial notifications carry only what changed',
  ])('%s', (rule) => {
    expect(caught(60, { without: [rule] })).toBeDefined()
  })
})

describe('the reference', () => {
  const presentity = 'sip:p@home2.net'
  const watcher = 'sip:w@home1.net'
  const said = (device: string, says: string, sphere?: string) => ({ device, says, sphere })

  /** One in whose rules the watcher is handled in these ways, each by a rule of its own. */
  const reference = (...given: Handling[]) => {
    const made = new Reference(presentity)
    made.decide(given.map((handling) => ({ watchers: [watcher], handling })))
    return made
  }

  it.each([
    ['block', 'refused', undefined, 'refused'],
    ['confirm', 'pending', undefined, 'refused'],
    ['polite-block', 'active', [], 'of its own'],
    ['bare', 'active', [], 'of its own'],
    ['allow', 'active', ['a one'], 'of its own'],
  ] as const)('%s: %s', (handling, standing, sight, knowledge) => {
    const one = reference(handling)
    one.publish('t1', undefined, said('a', 'one'), 100)
    expect([one.standing(watcher), one.sight(watcher), one.mayKnow(watcher)]).toEqual([standing, sight, knowledge])
    expect([one.mayKnow(presentity), one.mayPublish(presentity), one.mayPublish(watcher)]).toEqual([
      'of all',
      true,
      false,
    ])
  })

  it('whom no rule names is refused, and so is who has no name', () => {
    expect(reference().standing(watcher)).toBe('refused')
    expect(reference('allow').standing('sip:x@home1.net')).toBe('refused')
    expect(reference('allow').standing(undefined)).toBe('refused')
  })

  it('of several rules the strongest counts', () => {
    expect(reference('confirm', 'allow', 'block').standing(watcher)).toBe('active')
    expect(reference('polite-block', 'confirm').sight(watcher)).toEqual([])
  })

  it('a rule counts in its sphere, within its time, and if all of it is understood', () => {
    const one = new Reference(presentity)
    const standing = (rule: Partial<PlainRule>) => {
      one.decide([{ watchers: [watcher], handling: 'allow', ...rule }])
      return one.standing(watcher)
    }
    expect(standing({ sphere: 'work' })).toBe('refused')
    one.publish('t1', undefined, said('a', 'one', 'work'), 100)
    expect([standing({ sphere: 'work' }), standing({ sphere: 'home' })]).toEqual(['active', 'refused'])
    one.pass(50)
    expect([standing({ from: 50, until: 60 }), standing({ from: 40, until: 50 })]).toEqual(['active', 'refused'])
    expect(standing({ isOdd: true })).toBe('refused')
  })

  it('a refresh keeps what was said, a change replaces it, the end takes it away, time too', () => {
    const one = reference('allow')
    one.publish('t1', undefined, said('a', 'one'), 100)
    one.publish('t2', 't1', undefined, 200)
    one.pass(150)
    expect(one.sight(watcher)).toEqual(['a one'])
    one.publish('t3', 't2', said('a', 'two'), 300)
    one.publish('t4', undefined, said('b', 'three'), 250)
    expect(one.sight(watcher)).toEqual(['a two', 'b three'])
    one.publish('t5', undefined, said('a', 'four'), 300)
    expect(one.sight(watcher), 'the last word of a device counts').toEqual(['a four', 'b three'])
    one.remove('t5')
    one.remove('t3')
    expect(one.sight(watcher)).toEqual(['b three'])
    one.pass(250)
    expect(one.sight(watcher)).toEqual([])
  })
})
