import {
  type DocumentError,
  type IdentityMember,
  isDocumentError,
  parseRuleset,
  type Rule,
  type Ruleset,
} from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import type { WatcherPolicy } from '../notifier/authorization.ts'
import {
  type Circumstances,
  holds,
  identityOf,
  type LeavingOut,
  type ReadyCondition,
  readyCondition,
} from './conditions.ts'
import { combined, everything, everythingPermitted, nothingPermitted, type Permissions } from './permissions.ts'

const combine = rule('RFC 4745 §10.2', 'what all rules that apply permit is combined, the greater counts', [
  'R5.3.3.2-b',
])
const permitNothing = rule('RFC 5025 §3.2.1', 'a watcher to whom no rule applies is permitted nothing', ['R5.3.3.2-b'])

/** What the rules of a presentity say of a watcher: the rules that apply, and what they permit together. */
export interface Judgement {
  /** The ids of the rules whose conditions hold, in their order. */
  readonly rules: readonly string[]
  readonly permissions: Permissions
}

/** Rules made ready: what their conditions mean is worked out once, and what some of them permit together too. */
interface ReadyRules {
  readonly rules: readonly { readonly id: string; readonly conditions: readonly ReadyCondition[] }[]
  readonly named: ReadonlySet<string>
  readonly judgements: Map<string, Judgement>
  readonly dependsOnSphere: boolean
  /** The moments at which a rule begins or ceases to apply, in order. */
  readonly boundaries: readonly Micros[]
}

const ready = new WeakMap<Ruleset, ReadyRules>()

function readyRules(ruleset: Ruleset): ReadyRules {
  let known = ready.get(ruleset)
  if (known === undefined) {
    known = madeReady(ruleset)
    ready.set(ruleset, known)
  }
  return known
}

function madeReady({ rules }: Ruleset): ReadyRules {
  const made = rules.map(({ id, conditions = [] }) => ({ id, conditions: conditions.map(readyCondition) }))
  const all = made.flatMap(({ conditions }) => conditions)
  const moments = all.flatMap((one) => (one.kind === 'validity' ? one.periods.flatMap((p) => [p.from, p.until]) : []))
  return {
    rules: made,
    named: new Set(all.flatMap((one) => (one.kind === 'identity' ? [...one.persons] : []))),
    judgements: new Map(),
    dependsOnSphere: all.some(({ kind }) => kind === 'sphere'),
    boundaries: [...new Set(moments)].sort((a, b) => a - b),
  }
}

/**
 * RFC 4745 §10, RFC 5025 §3: what the rules permit to a watcher. A rule applies if all of its conditions hold; what the
 * rules that apply permit is combined; if none applies, nothing is permitted.
 */
export function judge(ruleset: Ruleset, circumstances: Circumstances, leaving: LeavingOut = nothingOut): Judgement {
  const { rules, named, judgements } = readyRules(ruleset)
  const isNamed = (): boolean => named.has(circumstances.watcher)
  let key = ''
  for (let i = 0; i < rules.length; i++) {
    if (!rules[i]!.conditions.every((one) => holds(one, circumstances, isNamed, leaving))) continue
    key += `${i} `
    if (leaving.without(combine)) break
  }
  if (key === '' && leaving.without(permitNothing)) return { rules: [], permissions: everythingPermitted }
  let judgement = judgements.get(key)
  if (judgement === undefined) {
    const applying = key.trim().split(' ').filter(Boolean).map(Number)
    judgement = judgementOf(applying.map((i) => ruleset.rules[i]!))
    judgements.set(key, judgement)
  }
  return judgement
}

const nothingOut: LeavingOut = { without: () => false }

function judgementOf(rules: readonly Rule[]): Judgement {
  if (rules.length === 0) return { rules: [], permissions: nothingPermitted }
  const given = rules.flatMap(({ actions = [], transformations = [] }) => [...actions, ...transformations])
  return { rules: rules.map(({ id }) => id), permissions: combined(given) }
}

/** Whether it matters to the rules in which sphere the presentity is. */
export const dependsOnSphere = (ruleset: Ruleset): boolean => readyRules(ruleset).dependsOnSphere

/** The next moment after one at which a rule begins or ceases to apply; undefined if there is none. */
export const nextBoundary = (ruleset: Ruleset, moment: Micros): Micros | undefined =>
  readyRules(ruleset).boundaries.find((one) => one > moment)

/** The rules of a policy, however it is written. Rules that can not be read are an error of whoever wrote them. */
export function rulesetOf(policy: WatcherPolicy | string): Ruleset | DocumentError {
  return typeof policy === 'string' ? parseRuleset(policy) : rulesOf(policy)
}

/** The rules that say the same as the short form: one for each watcher who is named, and one for all others. */
function rulesOf({ watchers, otherwise }: WatcherPolicy): Ruleset {
  const named = Object.entries(watchers)
  const exceptions = named.map(([id]) => ({ kind: 'except' as const, id }))
  const everybodyElse: IdentityMember = { kind: 'many', exceptions }
  return {
    kind: 'ruleset',
    rules: [
      ...named.map(([id, handling], i) => ruleFor(`watcher-${i + 1}`, { kind: 'one', id, restrictions: [] }, handling)),
      ruleFor('otherwise', everybodyElse, otherwise),
    ],
  }
}

function ruleFor(id: string, member: IdentityMember, value: WatcherPolicy['otherwise']): Rule {
  const conditions: Rule['conditions'] = [{ kind: 'identity', members: [member] }]
  const actions: Rule['actions'] = [{ kind: 'sub-handling', value }]
  return value === 'allow' ? { id, conditions, actions, transformations: everything } : { id, conditions, actions }
}

/** The rules of a text that a person wrote; throws a RangeError that says what is wrong with it. */
export function writtenRules(policy: WatcherPolicy | string): Ruleset {
  const ruleset = rulesetOf(policy)
  if (!isDocumentError(ruleset)) return ruleset
  throw new RangeError(`Line ${ruleset.line}, column ${ruleset.column}: ${ruleset.reason}`)
}

/** The canonical identity under which a watcher is judged. */
export const watcherIdentity = identityOf
