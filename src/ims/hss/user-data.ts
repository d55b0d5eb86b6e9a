/**
 * The user profile that the HSS hands to the S-CSCF (TS 29.228 Annex B), and its XML form (Annex E), in which it
 * travels in the AVP User-Data.
 */
import {
  type DocumentError,
  isDocumentError,
  parseImsSubscription,
  printImsSubscription,
  type SubscribedCriterion,
  type SubscribedProfile,
  type SubscribedTrigger,
} from '../../documents/index.ts'
import type { InitialFilterCriterion, RegistrationPart, ServicePointTrigger } from '../s-cscf/filter-criteria.ts'

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
  return printImsSubscription({
    kind: 'ims-subscription',
    privateId: privateIdentity,
    profiles: profiles.map(writtenProfile),
    others: [],
  })
}

/** The profile in an XML text, or what is wrong with it; the same value for the same text. */
export function readUserData(xml: string): UserData | DocumentError {
  const read = parseImsSubscription(xml)
  if (isDocumentError(read)) return read
  return { privateIdentity: read.privateId, profiles: read.profiles.map(profileOf) }
}

/** IdentityType of a wildcarded public user identity (TS 29.228 Annex B.2.1). */
const wildcarded = 3

function writtenProfile({ identities, criteria }: ServiceProfile): SubscribedProfile {
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

function writtenCriterion(criterion: InitialFilterCriterion): SubscribedCriterion {
  const { priority, groups, conditionType, serverName, defaultHandling, serviceInfo, profilePart } = criterion
  const includes = criterion.includes ?? []
  const points = groups.flatMap((group, number) => group.map((trigger) => writtenTrigger(trigger, number)))
  return {
    priority,
    ...(points.length > 0 && { trigger: { isCnf: conditionType === 'CNF', points } }),
    server: {
      name: serverName,
      handling: defaultHandling,
      ...(serviceInfo !== undefined && { info: serviceInfo }),
      ...(includes.length > 0 && { extension: { ...Object.fromEntries(includes.map(included)), others: [] } }),
      others: [],
    },
    ...(profilePart !== undefined && { part: profilePart }),
    others: [],
  }
}

const registrationParts: readonly RegistrationPart[] = ['request', 'response']

const included = (part: RegistrationPart) => [part, { others: [] }] as const

function writtenTrigger(trigger: ServicePointTrigger, group: number): SubscribedTrigger {
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

function profileOf({ identities, criteria }: SubscribedProfile): ServiceProfile {
  return {
    identities: identities.map(({ identity, barring }) => ({ identity, isBarred: barring === true })),
    criteria: criteria.map(criterionOf),
  }
}

function criterionOf({ priority, trigger, server, part }: SubscribedCriterion): InitialFilterCriterion {
  const points = trigger?.points ?? []
  const includes = registrationParts.filter((one) => server.extension?.[one] !== undefined)
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
    ...(includes.length > 0 && { includes }),
  }
}

/** A trigger of a kind that is not known here never holds. */
function triggerOf(point: SubscribedTrigger): ServicePointTrigger {
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
