import { rule } from '../sim/rule.ts'
import { seconds } from '../sim/time.ts'
import { type AfterAnswer, asPublish, onPublishResponse, type Publication, type PublishKind } from '../sip/publisher.ts'
import type { SipTurn } from '../sip/transaction-user.ts'
import type { Host, Role } from './role.ts'

/** TS 24.141 §5.3.1: the state of a presence user agent. */
export interface PresenceUserAgent {
  readonly publications: Publication[]
}

/** What the command `publish` asks for: the first publication, or a modification of what is published. */
export interface PublishCommand {
  readonly do: 'publish'
  /** A presence document: the presentity's own view. */
  readonly document: string
  /** The duration in seconds. */
  readonly expires?: number
}

const oneAtATime = rule('RFC 3903 §4', 'a new PUBLISH waits until the one before is answered', ['R5.3.1.2-m'])
const refreshInTime = rule('RFC 3903 §4.3', 'a publication is refreshed before it expires', ['R5.3.1.2-m'])

/** §5.3.1: the role. */
export const puaRole: Role<PresenceUserAgent> = {
  name: 'pua',
  clause: 'TS 24.141 §5.3.1',
  timers: ['publication refresh'],
  commands: ['publish', 'unpublish'],
  sends: ['PUBLISH'],
  start: () => ({ publications: [] }),
  takes: () => false,

  onCommand(pua, command, host, turn) {
    const current = pua.publications[0]
    if (command.do === 'unpublish') {
      // What is on its way is not published yet, but soon will be.
      const isPublished = current?.entityTag !== undefined || current?.isOutstanding
      if (current !== undefined && isPublished) send(current, 'remove', host, turn)
      return
    }
    const { document, expires } = command as unknown as PublishCommand
    const publication = current ?? newPublication(pua, host.identity)
    publication.body = document
    publication.duration = expires ?? publication.duration
    send(publication, publication.entityTag === undefined ? 'initial' : 'modify', host, turn)
  },

  onResponse(pua, response, request, host, turn) {
    const publication = pua.publications.find(({ resource }) => resource === request.uri)
    if (publication === undefined || response.status < 200) return
    follow(publication, onPublishResponse(publication, response, request, turn), host, turn)
  },

  onTimeout(pua, request, host, turn) {
    const publication = pua.publications.find(({ resource }) => resource === request.uri)
    if (publication === undefined) return
    publication.isOutstanding = false
    follow(publication, 'failed', host, turn)
  },

  onTimer(pua, timer, host, turn) {
    const publication = pua.publications.find(({ entityTag }) => entityTag === timer.of)
    // An entity-tag that was replaced since takes its timer along.
    if (publication === undefined || publication.isOutstanding) return
    turn.decide(refreshInTime, 'refreshed', { 'SIP-ETag': timer.of })
    send(publication, 'refresh', host, turn)
  },
}

function newPublication(pua: PresenceUserAgent, resource: string): Publication {
  const publication: Publication = {
    event: 'presence',
    resource,
    mediaType: 'application/pidf+xml',
    body: '',
    duration: 3600,
    entityTag: undefined,
    expiresAt: 0,
    isOutstanding: false,
    next: undefined,
  }
  pua.publications.push(publication)
  return publication
}

/** §5.3.1.2: sends a PUBLISH, or keeps it until the one before is answered. */
function send(publication: Publication, kind: PublishKind, host: Host, turn: SipTurn): void {
  if (publication.isOutstanding) {
    turn.decide(oneAtATime, 'the publication waits', { resource: publication.resource })
    publication.next = kind === 'remove' ? 'remove' : 'modify'
    return
  }
  host.send(asPublish(host.compose('PUBLISH', publication.resource, turn), publication, kind, turn), turn)
}

/** RFC 3903 §4: what waited comes first, whatever became of the PUBLISH before it. */
function follow(publication: Publication, after: AfterAnswer, host: Host, turn: SipTurn): void {
  const { next, entityTag } = publication
  publication.next = undefined
  if (next === 'remove') {
    // Without an entity-tag nothing is published that could be removed.
    if (entityTag !== undefined) send(publication, 'remove', host, turn)
    return
  }
  if (next === 'modify') return send(publication, entityTag === undefined ? 'initial' : 'modify', host, turn)
  if (after === 'failed') return
  if (after !== 'done') return send(publication, after, host, turn)
  if (entityTag === undefined) return
  const left = publication.expiresAt - turn.now
  // Ten minutes before the end, or at half time if there are less than twenty (as TS 24.229 §5.1.1.4).
  const pause = left > seconds(1200) ? left - seconds(600) : Math.ceil(left / 2)
  turn.start({ name: 'publication refresh', of: entityTag }, pause)
}
