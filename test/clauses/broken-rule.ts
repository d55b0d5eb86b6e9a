/**
 * What `npm run mutants` has before every test file: it breaks the rule that BROKEN_RULE names, in the way that its use
 * allows, or notes in the file MET_RULES which rules the tests meet. A change by the rule is not made, an answer by it has
 * another status, a message or command made by it is empty, and a turn that decides by it comes to its end there
 * (BREAK=end), or comes to another outcome (BREAK=outcome). A run that then does not come to an end fails.
 */
import { vi } from 'vitest'
import type { Rule } from '../../src/sim/rule.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import type { Verdict } from '../../src/sip/judge.ts'
import type { Headers } from '../../src/sip/message.ts'
import { MessageTurn } from '../../src/sip/transaction/message-turn.ts'
import { countTurn, isBroken, meet } from './met-rules.ts'

const way = process.env.BREAK

type Method = (this: unknown, ...given: never[]) => unknown

/** Puts a method in the place of another one, which it is handed. */
function replace(
  prototype: object,
  name: string,
  by: (before: Method) => (self: unknown, given: unknown[]) => unknown,
) {
  const before = Reflect.get(prototype, name) as Method
  const after = by(before)
  Reflect.set(prototype, name, function (this: unknown, ...given: unknown[]) {
    return after(this, given)
  })
}

const call = (method: Method, self: unknown, given: unknown[]): unknown => Reflect.apply(method, self, given)

replace(MessageTurn.prototype, 'amend', (amend) => (self, given) => {
  return isBroken(given[1]) ? given[0] : call(amend, self, given)
})
replace(MessageTurn.prototype, 'answer', (answer) => (self, given) => {
  const [to, , why] = given
  return isBroken(why) ? call(answer, self, [to, 499, why]) : call(answer, self, given)
})
replace(MessageTurn.prototype, 'compose', (compose) => (self, given) => {
  if (!isBroken(given[0])) return call(compose, self, given)
  const [why, , uri, headers] = given as [Rule, string, string, Record<string, unknown>]
  const { via, from, to, callId, cseq } = headers
  return call(compose, self, [why, 'BROKEN', uri, { via, from, to, callId, cseq }])
})

class End extends Error {}

const turn = Object.getPrototypeOf(
  Reflect.get(new Simulation({ behaviours: {}, isShared: () => true, seed: 1 }), 'turn'),
) as object
replace(turn, 'amended', (amended) => (self, given) => {
  const [why, before, after] = given as [
    Rule,
    unknown,
    { protocol: string; avps?: object; headers?: Headers | undefined },
  ]
  meet(why, 'change')
  // What the rule has made from nothing is empty, before anybody has seen it.
  if (isBroken(why) && before === undefined) {
    if (after.protocol === 'cx') after.avps = {}
    if (after.protocol === 'sip') after.headers = after.headers?.with({ callId: undefined, event: undefined })
  }
  return call(amended, self, given)
})
replace(turn, 'decide', (decide) => (self, given) => {
  meet(given[0] as Rule, 'decision')
  if (!isBroken(given[0])) return call(decide, self, given)
  if (way === 'end') throw new End()
  return call(decide, self, [given[0], 'broken', {}])
})
replace(Simulation.prototype, 'handle', (handle) => (self, given) => {
  countTurn()
  try {
    return call(handle, self, given)
  } catch (error) {
    if (error instanceof Error && error.cause instanceof End) return undefined
    throw error
  }
})

vi.mock('../../src/sip/judge.ts', async (original) => {
  const all = (await original()) as Record<'judge' | 'judgeForm', (...given: unknown[]) => Verdict | undefined>
  const spoiled = (verdict: Verdict | undefined): Verdict | undefined => {
    if (verdict !== undefined) meet(verdict.why, 'change')
    return verdict !== undefined && isBroken(verdict.why) ? { ...verdict, status: 499, headers: {} } : verdict
  }
  return {
    ...all,
    judge: (...given: unknown[]) => spoiled(all.judge(...given)),
    judgeForm: (...given: unknown[]) => spoiled(all.judgeForm(...given)),
  }
})
