import { printPresence } from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host, Role } from '../role.ts'
import {
  newPublication,
  onPauseOver,
  onPublished,
  onRefreshDue,
  onRetryDue,
  onUnanswered,
  type PacedPublication,
  type Publishing,
  publicationTimers,
  want,
} from './paced-publication.ts'
import { documentOf, type PresenceAttributes } from './presence-attributes.ts'
import { type AttachedObject, danglingReferences } from './publication-content.ts'

/** TS 24.141 §5.3.1: the state of a presence user agent. */
export interface PresenceUserAgent {
  readonly publications: PacedPublication[]
  /** The shortest time between two PUBLISH requests, in microseconds. */
  readonly gap: Micros
}

/** What the topology says of a PUA. */
export interface PuaSettings {
  readonly publishGap: Micros
}

/** What the command `publish` asks for: the first publication, or a modification of what is published. */
export interface PublishCommand {
  readonly do: 'publish'
  /** For whom, if it is not the own user; a presence server has to allow that. */
  readonly of?: string
  /** A presence document: the presentity's own view. */
  readonly document?: string
  /** The same in the words of stage 2, for which the PUA makes the document (§5.3.1.3). */
  readonly attributes?: PresenceAttributes
  /** The duration in seconds. */
  readonly expires?: number
  /** Whether only changes are published after the first time (RFC 5264). */
  readonly partial?: boolean
  /** What the document refers to by `cid:` (§5.3.1.4). */
  readonly objects?: readonly AttachedObject[]
}

// biome-ignore format: a list of ids
const mapAttributes = rule('TS 24.141 §5.3.1.3', 'the PUA maps the presentity attributes to person and tuples', [
  'R5.2.1-a', 'R5.3.1.2-d', 'R5.3.1.2-e', 'R5.3.1.2-f', 'R5.3.1.2-g', 'R5.3.1.2-h', 'R5.3.1.3-a', 'R5.3.1.3-b',
  'R5.3.1.3-c',
  'R5.3.1.3-d', 'R5.3.1.3-e', 'R5.3.1.3-f', 'R5.3.1.3-g', 'R5.3.1.3-h', 'R7.1-a',
])
const completeReferences = rule('RFC 2392 §2', 'what a document refers to by cid is published with it, or neither is', [
  'R5.3.1.4-a',
])

/** §5.3.1: the role. */
export const puaRole: Role<PresenceUserAgent> = {
  name: 'pua',
  clause: 'TS 24.141 §5.3.1',
  timers: publicationTimers,
  commands: ['publish', 'unpublish'],
  sends: ['PUBLISH'],
  start: (settings) => ({ publications: [], gap: (settings as PuaSettings | undefined)?.publishGap ?? 0 }),
  takes: () => false,

  onCommand(pua, command, host, turn) {
    if (command.do === 'publish') return publish(pua, command as unknown as PublishCommand, host, turn)
    const current = ofResource(pua, String(command.of ?? host.identity))
    if (current !== undefined) want(current, 'remove', publishingOf(pua, host), turn)
  },

  onResponse(pua, response, request, host, turn) {
    const publication = ofResource(pua, request.uri)
    if (publication === undefined || response.status < 200) return
    onPublished(publication, response, request, publishingOf(pua, host), turn)
  },

  onTimeout(pua, request, host, turn) {
    const publication = ofResource(pua, request.uri)
    if (publication !== undefined) onUnanswered(publication, request, publishingOf(pua, host), turn)
  },

  onTimer(pua, timer, host, turn) {
    if (timer.name !== 'publication refresh') {
      const waiting = ofResource(pua, timer.of)
      const go = timer.name === 'publication pause' ? onPauseOver : onRetryDue
      if (waiting !== undefined) go(waiting, publishingOf(pua, host), turn)
      return
    }
    // An entity-tag that was replaced since takes its timer along.
    const publication = pua.publications.find(({ entityTag }) => entityTag === timer.of)
    if (publication !== undefined) onRefreshDue(publication, publishingOf(pua, host), turn)
  },
}

const ofResource = ({ publications }: PresenceUserAgent, uri: string): PacedPublication | undefined =>
  publications.find(({ resource }) => resource === uri)

const publishingOf = ({ gap }: PresenceUserAgent, host: Host): Publishing => ({ host, gap })

/** §5.3.1.2, §5.3.1.3: takes in what the user wants to have published. */
function publish(pua: PresenceUserAgent, command: PublishCommand, host: Host, turn: SipTurn): void {
  const { of = host.identity, expires, objects = [], partial } = command
  const body = command.document ?? mapped(of, command.attributes ?? {}, turn)
  const missing = danglingReferences(body, objects)
  if (missing.length > 0 && !turn.without(completeReferences))
    return turn.decide(completeReferences, 'nothing is published', { missing: missing.join(' ') })
  const publication = ofResource(pua, of) ?? begin(pua, of)
  publication.body = body
  publication.objects = objects
  publication.duration = expires ?? publication.duration
  if (partial === false) publication.partial = undefined
  else if (partial && !publication.isPartialRefused) publication.partial ??= { stored: undefined, sent: undefined }
  want(publication, 'modify', publishingOf(pua, host), turn)
}

function mapped(entity: string, attributes: PresenceAttributes, turn: SipTurn): string {
  turn.decide(mapAttributes, 'mapped', { attributes: Object.keys(attributes).join(' ') })
  return printPresence(documentOf(entity, turn.without(mapAttributes) ? {} : attributes))
}

function begin({ publications }: PresenceUserAgent, resource: string): PacedPublication {
  const publication = newPublication(resource)
  publications.push(publication)
  return publication
}
