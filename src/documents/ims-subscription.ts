/**
 * The profile of a user as the HSS hands it to the S-CSCF in User-Data (TS 29.228 Annex B, Annex E), as a document:
 * one IMS subscription with its service profiles.
 */
import { anyElements, leaf, many, maybe, one } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import { readOnce } from './shape/parse-once.ts'
import { kind, type Shape, shape, type Vocabulary } from './shape/shape.ts'
import { count, type DataType, text } from './xml/datatypes.ts'
import type { DocumentError, XmlElement } from './xml/tree.ts'

/** The session cases of SPTs, each at the place of its number (TS 29.228 Annex B.2.3). */
export const sessionCases = [
  'originating',
  'terminating',
  'terminating-unregistered',
  'originating-unregistered',
  'originating-cdiv',
] as const

/** The registration types of an SPT on REGISTER, each at the place of its number. */
export const registrationTypes = ['initial', 're-registration', 'de-registration'] as const

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

/** A public identity. */
export interface SubscribedIdentity {
  readonly barring?: boolean
  readonly identity: string
  readonly extension?: { readonly type?: number; readonly others: readonly XmlElement[] }
}

/** A service point trigger: one of its kinds, and the groups that it stands in. */
export interface SubscribedTrigger {
  readonly negated?: boolean
  readonly groups: readonly number[]
  readonly requestUri?: string
  readonly method?: string
  readonly header?: { readonly name: string; readonly content?: string }
  readonly sessionCase?: (typeof sessionCases)[number]
  readonly session?: { readonly line: string; readonly content?: string }
  readonly extension?: {
    readonly registrations: readonly (typeof registrationTypes)[number][]
    readonly others: readonly XmlElement[]
  }
}

/** An element whose being there says that something goes along in a third-party REGISTER. */
export interface IncludedPart {
  readonly others: readonly XmlElement[]
}

/** An initial filter criterion. */
export interface SubscribedCriterion {
  readonly priority: number
  readonly trigger?: { readonly isCnf: boolean; readonly points: readonly SubscribedTrigger[] }
  readonly server: {
    readonly name: string
    readonly handling?: 'continue' | 'terminate'
    readonly info?: string
    readonly extension?: {
      readonly request?: IncludedPart
      readonly response?: IncludedPart
      readonly others: readonly XmlElement[]
    }
    readonly others: readonly XmlElement[]
  }
  readonly part?: 'registered' | 'unregistered'
  readonly others: readonly XmlElement[]
}

/** A service profile: identities with the criteria that they share. */
export interface SubscribedProfile {
  readonly identities: readonly SubscribedIdentity[]
  readonly criteria: readonly SubscribedCriterion[]
  readonly others: readonly XmlElement[]
}

/** A whole subscription. */
export interface ImsSubscriptionDocument {
  readonly kind: 'ims-subscription'
  readonly privateId: string
  readonly profiles: readonly SubscribedProfile[]
  readonly others: readonly XmlElement[]
}

const textIn = (name: string): Shape<string> => leaf(vocabulary, name, text)
const flagIn = (name: string): Shape<boolean> => leaf(vocabulary, name, flag)
const numberIn = (name: string): Shape<number> => leaf(vocabulary, name, count)

const identityShape = shape<SubscribedIdentity>(vocabulary, 'PublicIdentity', {
  barring: maybe(flagIn('BarringIndication')),
  identity: one(textIn('Identity')),
  extension: maybe(
    shape<NonNullable<SubscribedIdentity['extension']>>(vocabulary, 'Extension', {
      type: maybe(numberIn('IdentityType')),
      others: anyElements,
    }),
  ),
})

const triggerShape = shape<SubscribedTrigger>(vocabulary, 'SPT', {
  negated: maybe(flagIn('ConditionNegated')),
  groups: many(numberIn('Group'), 1),
  requestUri: maybe(textIn('RequestURI')),
  method: maybe(textIn('Method')),
  header: maybe(
    shape<NonNullable<SubscribedTrigger['header']>>(vocabulary, 'SIPHeader', {
      name: one(textIn('Header')),
      content: maybe(textIn('Content')),
    }),
  ),
  sessionCase: maybe(leaf(vocabulary, 'SessionCase', numbered(sessionCases))),
  session: maybe(
    shape<NonNullable<SubscribedTrigger['session']>>(vocabulary, 'SessionDescription', {
      line: one(textIn('Line')),
      content: maybe(textIn('Content')),
    }),
  ),
  extension: maybe(
    shape<NonNullable<SubscribedTrigger['extension']>>(vocabulary, 'Extension', {
      registrations: many(leaf(vocabulary, 'RegistrationType', numbered(registrationTypes))),
      others: anyElements,
    }),
  ),
})

const includedIn = (name: string): Shape<IncludedPart> => shape<IncludedPart>(vocabulary, name, { others: anyElements })

const criterionShape = shape<SubscribedCriterion>(vocabulary, 'InitialFilterCriteria', {
  priority: one(numberIn('Priority')),
  trigger: maybe(
    shape<NonNullable<SubscribedCriterion['trigger']>>(vocabulary, 'TriggerPoint', {
      isCnf: one(flagIn('ConditionTypeCNF')),
      points: many(triggerShape, 1),
    }),
  ),
  server: one(
    shape<SubscribedCriterion['server']>(vocabulary, 'ApplicationServer', {
      name: one(textIn('ServerName')),
      handling: maybe(leaf(vocabulary, 'DefaultHandling', numbered(['continue', 'terminate'] as const))),
      info: maybe(textIn('ServiceInfo')),
      extension: maybe(
        shape<NonNullable<SubscribedCriterion['server']['extension']>>(vocabulary, 'Extension', {
          request: maybe(includedIn('IncludeRegisterRequest')),
          response: maybe(includedIn('IncludeRegisterResponse')),
          others: anyElements,
        }),
      ),
      others: anyElements,
    }),
  ),
  part: maybe(leaf(vocabulary, 'ProfilePartIndicator', numbered(['registered', 'unregistered'] as const))),
  others: anyElements,
})

/** The format, whose root has no namespace. */
export const imsSubscriptionFormat: Format<ImsSubscriptionDocument> = format(
  'application/xml',
  shape<ImsSubscriptionDocument>(vocabulary, 'IMSSubscription', {
    kind: kind('ims-subscription'),
    privateId: one(textIn('PrivateID')),
    profiles: many(
      shape<SubscribedProfile>(vocabulary, 'ServiceProfile', {
        identities: many(identityShape, 1),
        criteria: many(criterionShape),
        others: anyElements,
      }),
      1,
    ),
    others: anyElements,
  }),
)

/** The subscription in an XML text, or what is wrong with it; the same value for the same text. */
export const parseImsSubscription = (xml: string): ImsSubscriptionDocument | DocumentError =>
  readOnce(imsSubscriptionFormat, xml)

/** The XML of a subscription. */
export const printImsSubscription = (subscription: ImsSubscriptionDocument): string =>
  imsSubscriptionFormat.print(subscription)
