/**
 * The user profile that the HSS hands to the S-CSCF (TS 29.228 Annex B), and its XML form (Annex E), in which it
 * travels in the AVP User-Data.
 */
import { anyElements, leaf, many, maybe, one } from '../../documents/children.ts'
import { count, type DataType, text } from '../../documents/datatypes.ts'
import { type Format, format } from '../../documents/format.ts'
import { readOnce } from '../../documents/parse-once.ts'
import { kind, type Shape, shape, type Vocabulary } from '../../documents/shape.ts'
import type { DocumentError, XmlElement } from '../../documents/tree.ts'
import { isDocumentError } from '../../documents/tree.ts'
import type {
  InitialFilterCriterion,
  RegistrationType,
  ServicePointTrigger,
  SessionCase,
} from '../s-cscf/filter-criteria.ts'

/** A public identity of a service profile. */
export interface ProfileIdentity {
  /** A URI, or a wildcarded one with an expression between exclamation marks (TS 23.003 §13.4A). */
  readonly identity: string
  /** True if no messages may be sent or received in its name, other than to register. */
  readonly isBarred: boolean
}

/** TS 29.228 Annex B.2.1: identities with the criteria that they share. */
export interface ServiceProfile {
  readonly identities: readonly ProfileIdentity[]
  readonly criteria: readonly InitialFilterCriterion[]
}

/** TS 29.228 Annex B.2: what the S-CSCF is told of one user. */
export interface UserData {
  readonly privateIdentity: string
  readonly profiles: readonly ServiceProfile[]
}

/** The XML of a profile (TS 29.228 Annex E). */
export function printUserData({ privateIdentity, profiles }: UserData): string {
  return subscriptionFormat.print({
    kind: 'ims-subscription',
    privateId: privateIdentity,
    profiles: profiles.map(writtenProfile),
    others: [],
  })
}

/** The profile in an XML text, or what is wrong with it; the same value for the same text. */
export function readUserData(xml: string): UserData | DocumentError {
  const read = readOnce(subscriptionFormat, xml)
  if (isDocumentError(read)) return read
  return { privateIdentity: read.privateId, profiles: read.profiles.map(profileOf) }
}

const vocabulary: Vocabulary = { prefix: '', namespace: '', clause: 'TS 29.228 Annex E' }

/** `tBool`: one digit, or the words of XML Schema. */
const flag: DataType<boolean> = {
  name: '0 or 1',
  parse: (given) => {
    const word = given.trim()
    return word === '1' || word === 'true' ? true : word === '0' || word === 'false' ? false : undefined
  },
  print: (value) => (value ? '1' : '0'),
}

/** An enumeration that is written as the place of the word in its list. */
const numbered = <V extends string>(words: readonly V[]): DataType<V> => ({
  name: `a number from 0 to ${words.length - 1}`,
  parse: (given) => words[/^\s*\d+\s*$/.test(given) ? Number(given) : -1],
  print: (word) => String(words.indexOf(word)),
})

const sessionCases: readonly SessionCase[] = [
  'originating',
  'terminating',
  'terminating-unregistered',
  'originating-unregistered',
]
const registrationTypes: readonly RegistrationType[] = ['initial', 're-registration', 'de-registration']

interface XmlIdentity {
  readonly barring?: boolean
  readonly identity: string
  readonly extension?: { readonly type?: number; readonly others: readonly XmlElement[] }
}

interface XmlTrigger {
  readonly negated?: boolean
  readonly groups: readonly number[]
  readonly requestUri?: string
  readonly method?: string
  readonly header?: { readonly name: string; readonly content?: string }
  readonly sessionCase?: SessionCase
  readonly session?: { readonly line: string; readonly content?: string }
  readonly extension?: { readonly registrations: readonly RegistrationType[]; readonly others: readonly XmlElement[] }
}

interface XmlCriterion {
  readonly priority: number
  readonly trigger?: { readonly isCnf: boolean; readonly points: readonly XmlTrigger[] }
  readonly server: {
    readonly name: string
    readonly handling?: 'continue' | 'terminate'
    readonly info?: string
    readonly others: readonly XmlElement[]
  }
  readonly part?: 'registered' | 'unregistered'
  readonly others: readonly XmlElement[]
}

interface XmlProfile {
  readonly identities: readonly XmlIdentity[]
  readonly criteria: readonly XmlCriterion[]
  readonly others: readonly XmlElement[]
}

interface XmlSubscription {
  readonly kind: 'ims-subscription'
  readonly privateId: string
  readonly profiles: readonly XmlProfile[]
  readonly others: readonly XmlElement[]
}

const textIn = (name: string): Shape<string> => leaf(vocabulary, name, text)
const flagIn = (name: string): Shape<boolean> => leaf(vocabulary, name, flag)
const numberIn = (name: string): Shape<number> => leaf(vocabulary, name, count)

const identityShape = shape<XmlIdentity>(vocabulary, 'PublicIdentity', {
  barring: maybe(flagIn('BarringIndication')),
  identity: one(textIn('Identity')),
  extension: maybe(
    shape<NonNullable<XmlIdentity['extension']>>(vocabulary, 'Extension', {
      type: maybe(numberIn('IdentityType')),
      others: anyElements,
    }),
  ),
})

const triggerShape = shape<XmlTrigger>(vocabulary, 'SPT', {
  negated: maybe(flagIn('ConditionNegated')),
  groups: many(numberIn('Group'), 1),
  requestUri: maybe(textIn('RequestURI')),
  method: maybe(textIn('Method')),
  header: maybe(
    shape<NonNullable<XmlTrigger['header']>>(vocabulary, 'SIPHeader', {
      name: one(textIn('Header')),
      content: maybe(textIn('Content')),
    }),
  ),
  sessionCase: maybe(leaf(vocabulary, 'SessionCase', numbered(sessionCases))),
  session: maybe(
    shape<NonNullable<XmlTrigger['session']>>(vocabulary, 'SessionDescription', {
      line: one(textIn('Line')),
      content: maybe(textIn('Content')),
    }),
  ),
  extension: maybe(
    shape<NonNullable<XmlTrigger['extension']>>(vocabulary, 'Extension', {
      registrations: many(leaf(vocabulary, 'RegistrationType', numbered(registrationTypes))),
      others: anyElements,
    }),
  ),
})

const criterionShape = shape<XmlCriterion>(vocabulary, 'InitialFilterCriteria', {
  priority: one(numberIn('Priority')),
  trigger: maybe(
    shape<NonNullable<XmlCriterion['trigger']>>(vocabulary, 'TriggerPoint', {
      isCnf: one(flagIn('ConditionTypeCNF')),
      points: many(triggerShape, 1),
    }),
  ),
  server: one(
    shape<XmlCriterion['server']>(vocabulary, 'ApplicationServer', {
      name: one(textIn('ServerName')),
      handling: maybe(leaf(vocabulary, 'DefaultHandling', numbered(['continue', 'terminate'] as const))),
      info: maybe(textIn('ServiceInfo')),
      others: anyElements,
    }),
  ),
  part: maybe(leaf(vocabulary, 'ProfilePartIndicator', numbered(['registered', 'unregistered'] as const))),
  others: anyElements,
})

const subscriptionFormat: Format<XmlSubscription> = format(
  'application/xml',
  shape<XmlSubscription>(vocabulary, 'IMSSubscription', {
    kind: kind('ims-subscription'),
    privateId: one(textIn('PrivateID')),
    profiles: many(
      shape<XmlProfile>(vocabulary, 'ServiceProfile', {
        identities: many(identityShape, 1),
        criteria: many(criterionShape),
        others: anyElements,
      }),
      1,
    ),
    others: anyElements,
  }),
)

/** IdentityType of a wildcarded public user identity (TS 29.228 Annex B.2.1). */
const wildcarded = 3

function writtenProfile({ identities, criteria }: ServiceProfile): XmlProfile {
  return {
    identities: identities.map(({ identity, isBarred }) => ({
      ...(isBarred && { barring: true }),
      identity,
      ...(identity.includes('!') && { extension: { type: wildcarded, others: [] } }),
    })),
    criteria: criteria.map(writtenCriterion),
    others: [],
  }
}

function writtenCriterion(criterion: InitialFilterCriterion): XmlCriterion {
  const { priority, groups, conditionType, serverName, defaultHandling, serviceInfo, profilePart } = criterion
  const points = groups.flatMap((group, number) => group.map((trigger) => writtenTrigger(trigger, number)))
  return {
    priority,
    ...(points.length > 0 && { trigger: { isCnf: conditionType === 'CNF', points } }),
    server: {
      name: serverName,
      handling: defaultHandling,
      ...(serviceInfo !== undefined && { info: serviceInfo }),
      others: [],
    },
    ...(profilePart !== undefined && { part: profilePart }),
    others: [],
  }
}

function writtenTrigger(trigger: ServicePointTrigger, group: number): XmlTrigger {
  const point = { negated: trigger.negated, groups: [group] }
  const content = 'content' in trigger && trigger.content !== undefined ? { content: trigger.content } : {}
  switch (trigger.kind) {
    case 'requestUri':
      return { ...point, requestUri: trigger.pattern }
    case 'method': {
      const { method, registrations } = trigger
      return { ...point, method, ...(registrations && { extension: { registrations, others: [] } }) }
    }
    case 'sipHeader':
      return { ...point, header: { name: trigger.header, ...content } }
    case 'sessionCase':
      return { ...point, sessionCase: trigger.sessionCase }
    case 'sessionDescription':
      return { ...point, session: { line: trigger.line, ...content } }
  }
}

function profileOf({ identities, criteria }: XmlProfile): ServiceProfile {
  return {
    identities: identities.map(({ identity, barring }) => ({ identity, isBarred: barring === true })),
    criteria: criteria.map(criterionOf),
  }
}

function criterionOf({ priority, trigger, server, part }: XmlCriterion): InitialFilterCriterion {
  const points = trigger?.points ?? []
  const numbers = [...new Set(points.flatMap(({ groups }) => groups))].sort((one, other) => one - other)
  return {
    priority,
    conditionType: trigger === undefined || trigger.isCnf ? 'CNF' : 'DNF',
    groups: numbers.map((number) => points.filter(({ groups }) => groups.includes(number)).map(triggerOf)),
    serverName: server.name,
    // Annex B.2.2: a server whose default handling is not told may be passed over.
    defaultHandling: server.handling ?? 'continue',
    ...(server.info !== undefined && { serviceInfo: server.info }),
    ...(part !== undefined && { profilePart: part }),
  }
}

/** A trigger of a kind that is not known here never holds. */
function triggerOf(point: XmlTrigger): ServicePointTrigger {
  const { requestUri, method, header, sessionCase, session, extension } = point
  const negated = point.negated === true
  if (requestUri !== undefined) return { kind: 'requestUri', pattern: requestUri, negated }
  if (method !== undefined) {
    const registrations = extension?.registrations ?? []
    return { kind: 'method', method, ...(registrations.length > 0 && { registrations }), negated }
  }
  if (header !== undefined) return { kind: 'sipHeader', header: header.name, content: header.content, negated }
  if (sessionCase !== undefined) return { kind: 'sessionCase', sessionCase, negated }
  if (session === undefined) return { kind: 'method', method: '', negated: false }
  return { kind: 'sessionDescription', line: session.line, content: session.content, negated }
}
