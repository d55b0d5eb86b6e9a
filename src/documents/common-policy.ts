/**
 * Authorization policy: rules with conditions, actions and transformations (RFC 4745), with the permissions of presence
 * authorization (RFC 5025) and the additions of OMA that are in use.
 */

import type { Permission } from './pres-rules.ts'
import { permissions } from './pres-rules.ts'
import type { UnknownExtension } from './shape/children.ts'
import { choice, leaf, many, maybe, one } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import { kind, optional, required, shape, wrapper } from './shape/shape.ts'
import { dateTime, identifier, text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'

/** RFC 4745 §7: a document of rules. What no rule permits is not permitted. */
export interface Ruleset {
  readonly kind: 'ruleset'
  readonly rules: readonly Rule[]
}

/** RFC 4745 §7: a rule. It applies if all of its conditions hold; without conditions it always applies. */
export interface Rule {
  readonly id: string
  readonly conditions?: readonly Condition[]
  readonly actions?: readonly Permission[]
  readonly transformations?: readonly Permission[]
}

/** A condition of a rule. One that presim does not know does not hold. */
export type Condition =
  | IdentityCondition
  | SphereCondition
  | ValidityCondition
  | ExternalListCondition
  | OtherIdentityCondition
  | AnonymousRequestCondition
  | UnknownExtension

/** RFC 4745 §7.1: who asks. It holds if one of its members does. */
export interface IdentityCondition {
  readonly kind: 'identity'
  readonly members: readonly IdentityMember[]
}

/** A person, a group of persons, or something that presim does not know. */
export type IdentityMember = OneIdentity | ManyIdentities | UnknownExtension

/** RFC 4745 §7.1.1: a person by URI. */
export interface OneIdentity {
  readonly kind: 'one'
  readonly id: string
  /** A further restriction, as an element of another namespace; at most one. */
  readonly restrictions: readonly UnknownExtension[]
}

/** RFC 4745 §7.1.2: everybody, or everybody of a domain, with exceptions. */
export interface ManyIdentities {
  readonly kind: 'many'
  readonly domain?: string
  readonly exceptions: readonly (IdentityException | UnknownExtension)[]
}

/** RFC 4745 §7.1.2: who is left out, by domain or by URI. */
export interface IdentityException {
  readonly kind: 'except'
  readonly domain?: string
  readonly id?: string
}

/** RFC 4745 §7.2: the sphere the presentity is in. */
export interface SphereCondition {
  readonly kind: 'sphere'
  readonly value: string
}

/** RFC 4745 §7.3: when. It holds within one of the periods. */
export interface ValidityCondition {
  readonly kind: 'validity'
  readonly periods: readonly ValidityPeriod[]
}

/** From when, and until when, as xs:dateTime. */
export interface ValidityPeriod {
  readonly from: string
  readonly until: string
}

/** OMA common policy: who asks is in a list of the XCAP server. */
export interface ExternalListCondition {
  readonly kind: 'external-list'
  /** The URIs of the lists. */
  readonly entries: readonly string[]
}

/** OMA common policy: who asks is known, but named by no other rule. */
export interface OtherIdentityCondition {
  readonly kind: 'other-identity'
}

/** OMA common policy: who asks has withheld the identity. */
export interface AnonymousRequestCondition {
  readonly kind: 'anonymous-request'
}

const policy: Vocabulary = { prefix: '', namespace: namespaces.commonPolicy, clause: 'RFC 4745 §13' }
const oma: Vocabulary = { prefix: 'ocp', namespace: namespaces.omaCommonPolicy, clause: 'OMA XDM common policy' }

const exceptShape = shape<IdentityException>(policy, 'except', {
  kind: kind('except'),
  domain: optional('domain', text),
  id: optional('id', uri),
})

const oneShape = shape<OneIdentity>(policy, 'one', {
  kind: kind('one'),
  id: required('id', uri),
  restrictions: choice<UnknownExtension>(() => ({}), { unknown: true, most: 1 }),
})

const manyShape = shape<ManyIdentities>(policy, 'many', {
  kind: kind('many'),
  domain: optional('domain', text),
  exceptions: choice<IdentityException | UnknownExtension>(() => ({ except: exceptShape }), { unknown: true }),
})

const identityShape = shape<IdentityCondition>(policy, 'identity', {
  kind: kind('identity'),
  members: choice<IdentityMember>(() => ({ one: oneShape, many: manyShape }), { unknown: true, least: 1 }),
})

const sphereShape = shape<SphereCondition>(policy, 'sphere', {
  kind: kind('sphere'),
  value: required('value', text),
})

const from = one(leaf(policy, 'from', dateTime))
const until = one(leaf(policy, 'until', dateTime))

/** `from` and `until` in turn, once at least. */
const periods: Part<readonly ValidityPeriod[]> = {
  read: (taking, reading) => {
    const found: ValidityPeriod[] = []
    do {
      const before = taking.taken
      const start = from.read(taking, reading)
      const end = until.read(taking, reading)
      if (start !== undefined && end !== undefined) found.push({ from: start, until: end })
      if (taking.taken !== before + 2) break
    } while (taking.taken < taking.children.length)
    return found
  },
  write: (values, making) => {
    for (const period of values) {
      from.write(period.from, making)
      until.write(period.until, making)
    }
  },
}

const externalListShape = shape<ExternalListCondition>(oma, 'external-list', {
  kind: kind('external-list'),
  entries: many(wrapper<string>(oma, 'entry', required('anc', uri))),
})

const conditions: Part<readonly Condition[]> = choice<Condition>(
  () => ({
    identity: identityShape,
    sphere: sphereShape,
    validity: shape<ValidityCondition>(policy, 'validity', { kind: kind('validity'), periods }),
    'external-list': externalListShape,
    'other-identity': shape<OtherIdentityCondition>(oma, 'other-identity', { kind: kind('other-identity') }),
    'anonymous-request': shape<AnonymousRequestCondition>(oma, 'anonymous-request', {
      kind: kind('anonymous-request'),
    }),
  }),
  { unknown: true },
)

const ruleShape: Shape<Rule> = shape<Rule>(policy, 'rule', {
  id: required('id', identifier),
  conditions: maybe(wrapper<readonly Condition[]>(policy, 'conditions', conditions)),
  actions: maybe(wrapper<readonly Permission[]>(policy, 'actions', permissions)),
  transformations: maybe(wrapper<readonly Permission[]>(policy, 'transformations', permissions)),
})

/** `application/auth-policy+xml` (RFC 5025 §9). */
export const rulesetFormat: Format<Ruleset> = format(
  'application/auth-policy+xml',
  shape<Ruleset>(policy, 'ruleset', { kind: kind('ruleset'), rules: many(ruleShape) }),
)

/** The rules in a text or a tree, or what is wrong with them. */
export const parseRuleset = rulesetFormat.parse

/** The text of rules. */
export const printRuleset = rulesetFormat.print
