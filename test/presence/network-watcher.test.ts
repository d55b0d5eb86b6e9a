import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { type FlowRun, runFlow } from '../../src/flow/run.ts'
import type { NetworkWatcher } from '../../src/presence/watcher/network-watcher.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { textOf } from '../flows/catalogue.ts'
import { field, names } from '../ims/alone.ts'
import { leftOut } from '../left-out.ts'

const target = 'sip:user2_public1@home2.net'

interface Otherwise {
  /** Lines of the script, in the place of those of A.3.5. */
  readonly script?: readonly string[]
  /** What is written otherwise. */
  readonly changes?: readonly (readonly [from: string, to: string])[]
}

/** The world of A.3.5 for ten hours; the watcher subscribes, unless the script says otherwise. */
function run({ script = [subscribe('user1')], changes = [] }: Otherwise = {}): FlowRun {
  let text = textOf('A.3.5')
  const from = text.indexOf('script:\n')
  text = `${text.slice(0, from)}script:\n${script.join('\n')}\n\nlasts: 10 h\nseed: 1\nexpect: |\n  match free\n  AS -> S-CSCF#1 : *\n`
  for (const [before, after] of changes) {
    if (!text.includes(before)) throw new Error(`there is no "${before}"`)
    text = text.replace(before, after)
  }
  return runFlow(readFlow(text, 'x.flow.yaml'), { wire: true, without: leftOut })
}

const subscribe = (as: string, at = '0 s', expires = 7200): string =>
  `  - { at: ${at}, node: AS, do: subscribe, as: ${as}, to: '${target}', expires: ${expires} }`

/** The requests of a method that one node sends, retransmissions left out. */
function sent({ trace, laneOf }: FlowRun, from: string, method: string): SipRequest[] {
  const messages = trace.flatMap(({ node, effects }) =>
    laneOf(node) === from ? effects.flatMap((one) => (one.kind === 'send' ? [one.message] : [])) : [],
  )
  return [...new Set(messages)].filter(
    (one): one is SipRequest => one.protocol === 'sip' && one.kind === 'request' && one.method === method,
  )
}

const stateOf = (flow: FlowRun): NetworkWatcher => {
  const { user } = flow.stateAt(flow.trace.length, 'AS') as { user: { roles: { networkWatcher: NetworkWatcher } } }
  return user.roles.networkWatcher
}

const known = (flow: FlowRun, identity: string) => stateOf(flow).watchers.get(identity)?.watching.at(-1)

describe('TS 24.229 §5.7.3: an application server that watches on behalf of a user', () => {
  const flow = run()

  it('sees what the presentity shows to the user', () => {
    const watching = known(flow, 'sip:user1_public1@home1.net')
    expect(watching?.state).toBe('active')
    expect(watching?.known?.kind).toBe('view')
  })

  it('asserts her identity and indicates that she originates the request; within the dialog it does neither', () => {
    const [initial, refresh, ...more] = sent(flow, 'AS', 'SUBSCRIBE')
    expect(field(initial!, 'P-Asserted-Identity')).toBe('<sip:user1_public1@home1.net>')
    expect(field(initial!, 'Route')).toBe('<sip:scscf1.home1.net;lr;orig>')
    expect(names(refresh!)).not.toContain('P-Asserted-Identity')
    expect(field(refresh!, 'Route')).toBe('<sip:scscf1.home1.net;lr>')
    for (const one of [initial!, refresh!]) {
      expect(field(one, 'Contact')).toBe('<sip:as1.home1.net>')
      expect(field(one, 'From')).toBe('<sip:user1_public1@home1.net>;tag=31415')
    }
    // Every two hours less ten minutes.
    expect(more).toHaveLength(4)
  })

  it('ends the subscription when it is told to', () => {
    const over = run({
      script: [subscribe('user1'), `  - { at: 10 s, node: AS, do: unsubscribe, as: user1, to: '${target}' }`],
    })
    expect(sent(over, 'AS', 'SUBSCRIBE').map((one) => field(one, 'Expires'))).toEqual(['7200', '0'])
    expect(known(over, 'sip:user1_public1@home1.net')?.state).toBe('terminated')
  })

  it('fetches', () => {
    const once = run({ script: [`  - { at: 0 s, node: AS, do: fetch, as: user1, to: '${target}' }`] })
    expect(sent(once, 'AS', 'SUBSCRIBE')).toHaveLength(1)
    expect(known(once, 'sip:user1_public1@home1.net')).toMatchObject({ state: 'terminated', known: { kind: 'view' } })
  })

  it('has its time run out with a S-CSCF that does not answer', () => {
    const mute = run({ script: ['  - { at: 0 s, do: down, node: S-CSCF#1 }', subscribe('user1', '1 s')] })
    expect(known(mute, 'sip:user1_public1@home1.net')).toMatchObject({ state: 'terminated', reason: 'no answer' })
  })
})

describe('TS 24.229 §5.7.3: an application server that watches on behalf of several users', () => {
  const two: Otherwise['changes'] = [
    ['actsFor: [user1]', 'actsFor: [user1, user3]'],
    [
      '    user2:\n      identities',
      "    user3: { identities: ['sip:user3_public1@home1.net'], sCscf: 'S-CSCF#1' }\n    user2:\n      identities",
    ],
  ]

  it('keeps them apart, although they watch the same: each sees what she may', () => {
    const flow = run({ script: [subscribe('user1'), subscribe('user3', '5 s')], changes: two })
    expect(known(flow, 'sip:user1_public1@home1.net')?.state).toBe('active')
    expect(known(flow, 'sip:user3_public1@home1.net')).toMatchObject({ state: 'terminated', reason: '403' })
  })

  it('the S-CSCF tells the services of a user who is registered from those of one who is not', () => {
    const flow = run({ script: [subscribe('user1'), subscribe('user3', '5 s')], changes: two })
    const cases = flow.trace.flatMap(({ node, effects }) =>
      effects.flatMap((one) =>
        one.kind === 'decide' && one.rule.step === 'evaluate initial filter criteria' && node === 'scscf1.home1.net'
          ? [`${one.facts.user} ${one.facts['session case']}`]
          : [],
      ),
    )
    expect(cases).toEqual([
      'sip:user1_public1@home1.net originating',
      'sip:user3_public1@home1.net originating-unregistered',
    ])
  })
})

describe('TS 24.229 §5.7.3: whose S-CSCF, and what goes wrong', () => {
  it('each request goes to the S-CSCF that serves its user', () => {
    const flow = run({
      changes: [
        ['sCscf: S-CSCF#1', 'sCscf: S-CSCF#3'],
        [
          '    # The watcher and',
          '    S-CSCF#3: { role: s-cscf, network: home1.net, host: scscf3.home1.net }\n    # The watcher and',
        ],
        ['    user2:\n', "    user4: { identities: ['sip:user4@home1.net'], sCscf: 'S-CSCF#1' }\n    user2:\n"],
      ],
    })
    expect(known(flow, 'sip:user1_public1@home1.net')?.state).toBe('active')
    expect(sent(flow, 'AS', 'SUBSCRIBE')[0]!.headers.route![0]!.uri).toBe('sip:scscf3.home1.net;lr;orig')
  })

  it.each([
    ['a user for whom it does not act', subscribe('user2'), /user for whom it acts.*user2/s],
    ['nobody', subscribe('user1').replace(' as: user1,', ''), /user for whom it acts/],
    ['a poll', `  - { at: 0 s, node: AS, do: poll, as: user1, to: '${target}', every: 10 s }`, /UE/],
  ])('a script that has it watch for %s is refused', (_case, line, expected) => {
    expect(() => run({ script: [line] })).toThrow(expected)
  })

  it('a topology that has it act for a user who is none is refused', () => {
    expect(() => run({ changes: [['actsFor: [user1]', 'actsFor: [user1, usr2]']] })).toThrow(/usr2.*user2/s)
  })
})
