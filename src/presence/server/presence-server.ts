import { endingStatuses } from '../../sip/events/subscriber.ts'
import type { Role } from '../role.ts'
import { composed, sphereOf } from './composition.ts'
import { followDocuments } from './document-effects.ts'
import { dropWatcher, notifyAnswered, notifyComposed, notifyDue, notifyHeld } from './presence-notifications.ts'
import {
  expirePublication,
  type HardStateCommand,
  sourcesOf,
  takeHardState,
  takePublication,
} from './presence-publications.ts'
import { newPresentity, type PresenceServer, type PresenceServerSettings } from './presence-server-state.ts'
import {
  acceptSubscription,
  expireSubscription,
  giveUpSubscription,
  refreshSubscription,
} from './presence-subscriptions.ts'
import {
  changePolicy,
  type PolicyCommand,
  passBoundary,
  type TerminateCommand,
  terminateSubscriptions,
} from './rule-changes.ts'
import { dropInformed, endInformed, forgetWaiting, tellComposed, tellHeld } from './watcher-information.ts'

/** §5.3.3: the role. */
export const presenceServerRole: Role<PresenceServer> = {
  name: 'presenceServer',
  clause: 'TS 24.141 §5.3.3',
  timers: [
    'subscription expiry',
    'publication expiry',
    'composed',
    'notification gap',
    'notification due',
    'decision overdue',
    'waiting watcher',
    'rules boundary',
  ],
  commands: ['policy', 'hard-state', 'terminate'],
  sends: ['NOTIFY'],
  // Whatever the event package: one that no role before this one takes is answered 489 here.
  takes: ({ method }) => method === 'PUBLISH' || method === 'SUBSCRIBE',
  start: (settings) => newServer(settings as PresenceServerSettings),

  onRequest(ps, request, host, turn) {
    if (request.method === 'PUBLISH') return takePublication(ps, request, host, turn)
    if (request.headers.to?.params.tag === undefined) return acceptSubscription(ps, request, host, turn)
    refreshSubscription(ps, request, host, turn)
  },
  onResponse(ps, response, request, host, turn) {
    if (response.status < 200) return
    if (endingStatuses.has(response.status)) presenceServerRole.onTimeout!(ps, request, host, turn)
    else notifyAnswered(ps, response, request, host, turn)
  },
  onTimeout(ps, request, host, turn) {
    const informed = ps.informed.get(String(request.headers.from?.params.tag))
    if (informed !== undefined) dropInformed(ps, informed, turn)
    else dropWatcher(ps, request, host, turn)
  },
  onTimer(ps, timer, host, turn) {
    if (timer.name === 'publication expiry') return expirePublication(ps, timer.of, host, turn)
    if (timer.name === 'waiting watcher') return forgetWaiting(ps, timer.of, host, turn)
    if (timer.name === 'rules boundary') return passBoundary(ps, timer.of, host, turn)
    const watch = ps.subscriptions.get(timer.of)
    if (watch !== undefined) return subscriptionTimers[timer.name]!(ps, watch, host, turn)
    const informed = ps.informed.get(timer.of)
    if (informed === undefined) return
    if (timer.name === 'composed') return tellComposed(ps, informed, host, turn)
    if (timer.name === 'notification gap') return tellHeld(ps, informed, host, turn)
    if (turn.now >= informed.expiresAt) endInformed(ps, informed, { reason: 'timeout' }, host, turn)
  },
  onDocuments: followDocuments,
  onCommand(ps, command, host, turn) {
    if (command.do === 'policy') return changePolicy(ps, command as unknown as PolicyCommand, host, turn)
    if (command.do === 'hard-state') return takeHardState(ps, command as unknown as HardStateCommand, host, turn)
    terminateSubscriptions(ps, command as unknown as TerminateCommand, host, turn)
  },
}

/** What the timers of a subscription to presence do, by their names. */
const subscriptionTimers: Readonly<Record<string, typeof notifyComposed>> = {
  'subscription expiry': expireSubscription,
  composed: notifyComposed,
  'notification gap': notifyHeld,
  'notification due': notifyDue,
  'decision overdue': giveUpSubscription,
}

function newServer(settings: PresenceServerSettings): PresenceServer {
  const presentities = Object.entries(settings.presentities).map(([uri, given]) => {
    const presentity = newPresentity(uri, given, settings.epoch ?? 0)
    return [presentity.uri, presentity] as const
  })
  const ps: PresenceServer = {
    settings,
    subscriptions: new Map(),
    informed: new Map(),
    publications: new Map(),
    presentities: new Map(presentities),
  }
  for (const presentity of ps.presentities.values()) {
    if (presentity.hardState === undefined) continue
    presentity.document = composed(presentity.uri, sourcesOf(ps, presentity), settings.composition)
    presentity.sphere = sphereOf(presentity.document)
  }
  return ps
}
