import type {
  Condition,
  IdentityCondition,
  IdentityException,
  IdentityMember,
  ManyIdentities,
  UnknownExtension,
  ValidityCondition,
} from '../../documents/index.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import { addressOfRecord } from '../address-of-record.ts'
import { momentOf } from '../wall-clock.ts'

const byIdentity = rule('RFC 4745 §7.1', 'a rule about identities applies to the watchers it means, and to no other', [
  'R5.3.3.2-b',
])
const bySphere = rule('RFC 4745 §7.2', 'a rule of a sphere applies while the presentity is in it', ['R5.3.3.2-b'])
const byTime = rule('RFC 4745 §7.3', 'a rule with a validity applies within one of its periods', ['R5.3.3.2-b'])
const notUnderstood = rule('RFC 4745 §7', 'a rule with a condition that is not understood does not apply', [
  'R5.3.3.2-b',
])

/** Says which rules a run leaves out: a condition that is left out holds. */
export interface LeavingOut {
  without(rule: Rule): boolean
}

/** What a rule is held against: who asks, and how things are with the presentity. */
export interface Circumstances {
  /** The canonical identity of the watcher. */
  readonly watcher: string
  /** The sphere that the presentity is in; undefined if nobody says it, or if two say different things. */
  readonly sphere: string | undefined
  /** The wall clock: microseconds since the beginning of 1970. */
  readonly moment: Micros
}

/** A condition made ready to be held against circumstances: identities are canonical, dates are moments. */
export type ReadyCondition =
  | { readonly kind: 'identity'; readonly persons: ReadonlySet<string>; readonly groups: readonly Group[] }
  | { readonly kind: 'sphere'; readonly value: string }
  | { readonly kind: 'validity'; readonly periods: readonly Period[] }
  | { readonly kind: 'other-identity' }
  /** What presim can not judge, which does not hold (RFC 4745 §7). */
  | { readonly kind: 'never' }

interface Group {
  /** In lower case; undefined for everybody. */
  readonly domain: string | undefined
  readonly withoutPersons: ReadonlySet<string>
  readonly withoutDomains: ReadonlySet<string>
}

interface Period {
  readonly from: Micros
  readonly until: Micros
}

/** RFC 4745 §7: makes a condition ready. One that is not understood never holds, so that it can not permit anything. */
export function readyCondition(condition: Condition): ReadyCondition {
  switch (condition.kind) {
    case 'identity':
      return readyIdentity(condition)
    case 'sphere':
      return { kind: 'sphere', value: condition.value }
    case 'validity':
      return { kind: 'validity', periods: periodsOf(condition) }
    case 'other-identity':
      return { kind: 'other-identity' }
    default:
      return { kind: 'never' }
  }
}

/**
 * RFC 4745 §7.1: of one that can not be understood in full, the members that can be still count, since they are ORed.
 */
function readyIdentity({ members }: IdentityCondition): ReadyCondition {
  const persons = members.flatMap((one) => (isPlainPerson(one) ? [identityOf(one.id)] : []))
  const groups = members.flatMap((one) => (one.kind === 'many' && isUnderstood(one) ? [groupOf(one)] : []))
  return { kind: 'identity', persons: new Set(persons), groups }
}

/** RFC 4745 §7.1.1: a further restriction is an element of another namespace, which presim does not understand. */
const isPlainPerson = (member: IdentityMember): member is Extract<IdentityMember, { kind: 'one' }> =>
  member.kind === 'one' && member.restrictions.length === 0

/** An exception that is not understood may be about anybody: the whole group does not count. */
const isUnderstood = ({ exceptions }: ManyIdentities): boolean => exceptions.every(({ kind }) => kind === 'except')

function groupOf({ domain, exceptions }: ManyIdentities): Group {
  const left = exceptions.filter((one: IdentityException | UnknownExtension) => one.kind === 'except')
  return {
    domain: domain?.toLowerCase(),
    withoutPersons: new Set(left.flatMap(({ id }) => (id === undefined ? [] : [identityOf(id)]))),
    withoutDomains: new Set(left.flatMap((one) => one.domain?.toLowerCase() ?? [])),
  }
}

/** RFC 4745 §7.3: from the first moment up to, but not including, the last one. */
const periodsOf = ({ periods }: ValidityCondition): Period[] =>
  periods.flatMap(({ from, until }) => {
    const [start, end] = [momentOf(from), momentOf(until)]
    return start === undefined || end === undefined ? [] : [{ from: start, until: end }]
  })

/**
 * The canonical form in which identities of rules and of watchers compare: `pres:` and `sip:` URIs of the same user and
 * domain are the same (RFC 3859 §3, RFC 4745 §7.1).
 */
export const identityOf = (uri: string): string => addressOfRecord(uri.replace(/^pres:/i, 'sip:'))

/** RFC 4745 §7: whether a condition holds. `isNamed` says whether some rule names the watcher (OMA other-identity). */
export function holds(
  condition: ReadyCondition,
  { watcher, sphere, moment }: Circumstances,
  isNamed: () => boolean,
  leaving: LeavingOut,
): boolean {
  switch (condition.kind) {
    case 'identity':
      if (condition.persons.has(watcher) || condition.groups.some((group) => isIn(group, watcher))) return true
      return leaving.without(byIdentity)
    case 'sphere':
      return condition.value === sphere || leaving.without(bySphere)
    case 'validity':
      return condition.periods.some(({ from, until }) => from <= moment && moment < until) || leaving.without(byTime)
    case 'other-identity':
      return !isNamed()
    case 'never':
      return leaving.without(notUnderstood)
  }
}

function isIn({ domain, withoutPersons, withoutDomains }: Group, watcher: string): boolean {
  if (withoutPersons.has(watcher)) return false
  if (domain === undefined && withoutDomains.size === 0) return true
  const host = hostOf(watcher)
  if (domain !== undefined && host !== domain) return false
  return host === undefined || !withoutDomains.has(host)
}
