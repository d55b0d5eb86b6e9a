import { isDocumentError, type MimePart, parseXml, pidfDiffType, pidfFull, printXml } from '../documents/index.ts'
import type { Message } from '../message.ts'
import { applyListNotification, type ListView } from '../presence/watcher/list-view.ts'
import { applyNotification, type PresenceKnown } from '../presence/watcher/presence-view.ts'
import { carriesList, listIn, statesIn } from '../presence/watcher/told-lists.ts'
import type { TraceEvent } from '../sim/trace.ts'
import type { SipRequest } from '../sip/message.ts'
import { type Check, check } from './check.ts'
import { authorOf, newRequests, sentRequests, sentResponses, taken } from './sip-traffic.ts'

/**
 * TS 24.141 §5.3.4.3: the server of a presentity applies the rules of hers to whoever subscribes behind a list; so what
 * a list tells a watcher of her is what her server told a subscription in the name of this watcher, and told it last.
 */
export const listPrivacy: Check = check(
  'A watcher is told of a member by a list only what was told of the member in her name',
  'TS 24.141 §5.3.4.3',
  () => {
    const isNew = newRequests('NOTIFY')
    const behind = new SubscriptionsBehind()
    return (event) => {
      behind.follow(event)
      return isNew(event).flatMap((notify) => {
        const told = listIn(notify)
        const watcher = behind.watcherOf(event.node, notify)
        if (typeof told !== 'object' || watcher === undefined) return []
        const foreign = statesIn(told).filter(({ uri, part }) => !behind.mayTell(event.node, watcher, uri, part))
        return foreign.map(({ uri }) => `${watcher} is told of ${uri} what was not told in her name`)
      })
    }
  },
)

/** What one subscription has told, or the list that it is to. */
interface Behind {
  readonly node: string
  readonly watcher: string
  sequence: number
  known: PresenceKnown | ListView | undefined
  /** By the URI of a resource, what may now be told of it, as text; several where there are several forms. */
  told: Map<string, Set<string>>
}

/** The subscriptions that each node has in somebody's name, and those that others have with it. */
class SubscriptionsBehind {
  private readonly asked = new Map<string, string>()
  private readonly behind = new Map<string, Behind>()

  follow(event: TraceEvent<Message>): void {
    const { node } = event
    const message = taken(event)
    const passesOn = message?.kind === 'request' && message.method === 'SUBSCRIBE' ? message.headers.callId : undefined
    for (const request of sentRequests(event)) {
      const key = `${node} ${request.headers.callId}`
      // A proxy passes on what it is given.
      if (request.method !== 'SUBSCRIBE' || request.headers.callId === passesOn || this.behind.has(key)) continue
      this.behind.set(key, { node, watcher: authorOf(request), sequence: 0, known: undefined, told: new Map() })
    }
    if (message?.kind !== 'request') return
    const { callId, cseq } = message.headers
    const key = `${node} ${callId}`
    if (message.method === 'SUBSCRIBE' && !this.asked.has(key)) this.asked.set(key, authorOf(message))
    const one = message.method === 'NOTIFY' ? this.behind.get(key) : undefined
    const isTaken = sentResponses(event).some(({ status, headers }) => status === 200 && headers.callId === callId)
    if (one === undefined || !isTaken || cseq!.number <= one.sequence) return
    one.sequence = cseq!.number
    learn(one, message)
  }

  /** Whom a subscription is for that somebody has with a node. */
  watcherOf(node: string, { headers }: SipRequest): string | undefined {
    return this.asked.get(`${node} ${headers.callId}`)
  }

  mayTell(node: string, watcher: string, uri: string, part: MimePart): boolean {
    const text = canonical(part.body)
    for (const one of this.behind.values())
      if (one.node === node && one.watcher === watcher && one.told.get(uri)?.has(text)) return true
    return false
  }
}

/** Takes in what a NOTIFY tells in somebody's name. */
function learn(one: Behind, notify: SipRequest): void {
  const { subscriptionState, contentType } = notify.headers
  const uri = notify.headers.from!.uri.toLowerCase()
  if (subscriptionState?.value === 'terminated' || notify.body === '') {
    one.told = new Map()
    return
  }
  if (carriesList(notify)) {
    const list = listIn(notify)
    const known = applyListNotification(one.known?.kind === 'view' ? undefined : (one.known as never), notify)
    one.known = known
    if (typeof list === 'object') for (const { uri: of, part } of statesIn(list)) tell(one, of, [part.body])
    if (known.kind === 'list') learnInner(one, known)
    return
  }
  const isPartial = contentType?.value.toLowerCase() === pidfDiffType
  const known = applyNotification(one.known?.kind === 'list' ? undefined : one.known, notify)
  one.known = known
  // Who has lost track has what was told before, until all is told again.
  if (isPartial && known.kind === 'lost') return
  tell(one, uri, [notify.body, ...formsOf(known)])
}

function learnInner(one: Behind, { resources }: ListView): void {
  for (const { uri, instances } of resources)
    for (const { known } of instances) {
      if (known?.kind === 'list') learnInner(one, known)
      else if (known !== undefined) {
        const forms = formsOf(known)
        const before = one.told.get(uri.toLowerCase())
        if (forms.length > 0) tell(one, uri.toLowerCase(), [...(before ?? []), ...forms])
      }
    }
}

/** A state as a whole, in the forms in which a server of lists may pass it on. */
function formsOf(known: PresenceKnown): string[] {
  if (known.kind !== 'view') return []
  const whole = printXml(known.document)
  return known.version === undefined ? [whole] : [whole, pidfFull(known.document, known.version)]
}

function tell(one: Behind, uri: string, bodies: readonly MimePart['body'][]): void {
  one.told.set(uri, new Set(bodies.map(canonical)))
}

/** A body as text that does not depend on how its XML was written down. */
function canonical(body: MimePart['body']): string {
  const document = parseXml(body)
  return isDocumentError(document) ? String(body) : printXml(document)
}
