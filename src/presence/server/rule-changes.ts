import { printPresence } from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import type { Ending, EndReason } from '../../sip/events/notifier.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { ofIdentity } from '../address-of-record.ts'
import type { WatcherPolicy } from '../notifier/authorization.ts'
import type { Host } from '../role.ts'
import { sphereOf } from './composition.ts'
import { identityOf } from './conditions.ts'
import { endSubscription, notify, tellAtItsPace } from './presence-notifications.ts'
import { dependsOnSphere, writtenRules } from './presence-rules.ts'
import type { PresenceServer, PresenceWatch, Presentity } from './presence-server-state.ts'
import { forgetUnused, viewFor, viewOf } from './views.ts'
import { endInformed, endWaiting, mayWatch, recordOf, watcherMoved } from './watcher-information.ts'
import { awaitBoundary, judged, tellProvided } from './watcher-judgement.ts'

/** What the command `policy` brings: new rules, as a document or in the short form. */
export interface PolicyCommand {
  readonly do: 'policy'
  /** The URI of the presentity. */
  readonly of: string
  readonly rules?: string
  readonly policy?: WatcherPolicy
}

/** What the command `terminate` asks for: the end of subscriptions to a presentity, of all or of one watcher. */
export interface TerminateCommand {
  readonly do: 'terminate'
  readonly of: string
  readonly watcher?: string
  readonly reason: EndReason
  /** In seconds. */
  readonly retryAfter?: number
}

const changeRules = rule(
  'TS 24.141 §5.3.3.2',
  'new presence rules hold for the subscriptions that there are',
  ['R5.3.3.2-g'],
  'change presence rules',
)
const judgeAgain = rule('RFC 5025 §3.2.1', 'a watcher is judged anew when rules, sphere or time change', ['R5.3.3.2-g'])
const letIn = rule('RFC 3857 §4.7.1', 'a pending watcher who is let in is active, and told so at once', ['R5.3.3.2-g'])
const reject = rule('RFC 5025 §3.2.1', 'the subscription of a watcher who is blocked ends as rejected', ['R5.3.3.2-g'])
const decideWaiting = rule('RFC 3857 §4.7.1', 'a waiting watcher about whom is decided is waiting no more', [
  'R5.3.3.4-b',
])
const rejectInformed = rule('RFC 3857 §4.6', 'who may not watch any more is not told of its own subscription either', [
  'R5.3.3.4-a',
])
const makePending = rule(
  'RFC 3857 §4.7.1',
  'an active subscription that needs a decision again is deactivated, so that its watcher comes anew',
  ['R5.3.3.2-g'],
)
const terminate = rule(
  'RFC 6665 §4.1.3',
  'the notifier ends subscriptions and says why, and when to try again',
  [],
  'terminate subscriptions',
)

/** RFC 5025 §3.2.1: new rules, and what follows for the watchers that there are. */
export function changePolicy(ps: PresenceServer, command: PolicyCommand, host: Host, turn: SipTurn): void {
  const presentity = ofIdentity(ps.presentities, command.of)
  if (presentity === undefined) return
  presentity.rules = writtenRules(command.rules ?? command.policy!)
  const facts = { presentity: presentity.uri, rules: presentity.rules.rules.map(({ id }) => id).join(', ') }
  if (turn.without(changeRules)) return
  turn.decide(changeRules, 'changed', facts)
  judgeAll(ps, presentity, host, turn)
  awaitBoundary(ps, presentity, turn)
}

/** RFC 4745 §7.3: a rule begins or ceases to apply. */
export function passBoundary(ps: PresenceServer, uri: string, host: Host, turn: SipTurn): void {
  const presentity = ps.presentities.get(uri)!
  judgeAll(ps, presentity, host, turn)
  awaitBoundary(ps, presentity, turn)
}

/** RFC 5025 §3.1.2: the sphere of the presentity follows from its document; another one may make other rules apply. */
export function followSphere(ps: PresenceServer, presentity: Presentity, host: Host, turn: SipTurn): void {
  const sphere = sphereOf(presentity.document)
  if (sphere === presentity.sphere) return
  presentity.sphere = sphere
  if (dependsOnSphere(presentity.rules)) judgeAll(ps, presentity, host, turn)
}

/** Judges all watchers anew, the waiting ones too. */
function judgeAll(ps: PresenceServer, presentity: Presentity, host: Host, turn: SipTurn): void {
  for (const tag of [...presentity.watchers]) {
    const watch = turn.without(judgeAgain) ? undefined : ps.subscriptions.get(tag)
    if (watch !== undefined) judgeWatcher(ps, presentity, watch, host, turn)
  }
  for (const [identity, { uri }] of [...presentity.waiting]) {
    const { handling } = judged(ps, presentity, uri, turn).permissions
    if (handling === 'confirm' || turn.without(decideWaiting)) continue
    turn.decide(decideWaiting, handling, { watcher: uri })
    endWaiting(ps, presentity, identity, handling === 'block' ? 'rejected' : 'approved', host, turn)
  }
  // RFC 3857 §4.6: who may not watch any more is not told of its own subscription either.
  for (const tag of [...presentity.informed]) {
    const informed = ps.informed.get(tag)!
    if (informed.own === undefined || mayWatch(ps, presentity, informed.subscriber, turn)) continue
    if (turn.without(rejectInformed)) continue
    turn.decide(rejectInformed, 'rejected', { subscriber: informed.subscriber })
    endInformed(ps, informed, { reason: 'rejected' }, host, turn)
  }
  forgetUnused(ps, presentity)
}

/** RFC 5025 §3.2.1, RFC 3857 §4.7.1: what becomes of one subscription. */
function judgeWatcher(
  ps: PresenceServer,
  presentity: Presentity,
  watch: PresenceWatch,
  host: Host,
  turn: SipTurn,
): void {
  const { rules, permissions } = judged(ps, presentity, watch.watcher, turn)
  const before = viewOf(presentity, watch)
  if (permissions.key === before.permissions.key) return
  const facts = { watcher: watch.watcher, presentity: presentity.uri, rules: rules.join(', ') }
  turn.decide(judgeAgain, permissions.handling, facts)
  tellProvided(permissions, watch.watcher, turn)
  // What a blocked watcher was shown so far it keeps; from now on it sees nothing.
  watch.view = viewFor(ps, presentity, permissions, watch.particulars?.filters)
  if (permissions.handling === 'block' && !turn.without(reject)) {
    turn.decide(reject, 'rejected', { watcher: watch.watcher })
    return endSubscription(ps, watch, { reason: 'rejected' }, host, turn)
  }
  if (watch.state === 'pending') return approve(ps, presentity, watch, host, turn)
  if (permissions.handling === 'confirm' && !turn.without(makePending)) {
    turn.decide(makePending, 'deactivated', { watcher: watch.watcher })
    return endSubscription(ps, watch, { reason: 'deactivated' }, host, turn)
  }
  const after = viewOf(presentity, watch)
  // What looks the same through other rules needs no notification.
  if (watch.told !== undefined && printPresence(watch.told) === after.plain) watch.told = after.document
  else tellAtItsPace(ps, watch, host, turn)
}

/** RFC 6665 §4.2.1, RFC 3857 §4.7.1: a pending subscription becomes active, and its watcher is told at once. */
function approve(ps: PresenceServer, presentity: Presentity, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  if (turn.without(letIn)) return
  turn.decide(letIn, 'active', { watcher: watch.watcher })
  watch.state = 'active'
  watch.particulars = { ...watch.particulars, wasApproved: true }
  // Before the first NOTIFY there is nothing to correct.
  if (watch.notifiedAt !== undefined) notify(ps, watch, undefined, host, turn)
  watcherMoved(ps, presentity, recordOf(watch), host, turn)
}

/** RFC 6665 §4.1.3: ends subscriptions by the will of whoever runs the server. */
export function terminateSubscriptions(
  ps: PresenceServer,
  { of, watcher, reason, retryAfter }: TerminateCommand,
  host: Host,
  turn: SipTurn,
): void {
  const presentity = ofIdentity(ps.presentities, of)
  if (presentity === undefined || turn.without(terminate)) return
  const wanted = watcher === undefined ? undefined : identityOf(watcher)
  const ending: Ending = { reason, ...(retryAfter !== undefined && { retryAfter }) }
  turn.decide(terminate, reason, { presentity: presentity.uri, ...(watcher !== undefined && { watcher }) })
  for (const tag of [...presentity.watchers]) {
    const watch = ps.subscriptions.get(tag)!
    if (wanted === undefined || identityOf(watch.watcher) === wanted) endSubscription(ps, watch, ending, host, turn)
  }
}
