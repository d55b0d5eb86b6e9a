import { endingStatuses } from '../sip/subscriber.ts'
import { addressOfRecord } from './address-of-record.ts'
import { expirePublication, takePublication } from './presence-publications.ts'
import { newPresentity, type PresenceServer, type PresenceServerSettings } from './presence-server-state.ts'
import {
  acceptSubscription,
  dropWatcher,
  expireSubscription,
  notifyComposed,
  notifyHeld,
  refreshSubscription,
} from './presence-subscriptions.ts'
import type { Role } from './role.ts'

/** §5.3.3: the role. */
export const presenceServerRole: Role<PresenceServer> = {
  name: 'presenceServer',
  clause: 'TS 24.141 §5.3.3',
  timers: ['subscription expiry', 'publication expiry', 'composed', 'notification gap'],
  commands: [],
  sends: ['NOTIFY'],
  // Whatever the event package: one that no role before this one takes is answered 489 here.
  takes: ({ method }) => method === 'PUBLISH' || method === 'SUBSCRIBE',
  start(settings) {
    const { presentities } = settings as PresenceServerSettings
    return {
      settings: settings as PresenceServerSettings,
      subscriptions: new Map(),
      publications: new Map(),
      presentities: new Map(
        Object.entries(presentities).map(([uri, policy]) => {
          const canonical = addressOfRecord(uri)
          return [canonical, newPresentity(canonical, policy)] as const
        }),
      ),
    }
  },

  onRequest(ps, request, host, turn) {
    if (request.method === 'PUBLISH') return takePublication(ps, request, host, turn)
    if (request.headers.to?.params.tag === undefined) return acceptSubscription(ps, request, host, turn)
    refreshSubscription(ps, request, host, turn)
  },
  onResponse(ps, response, request, _host, turn) {
    if (response.status >= 300 && endingStatuses.has(response.status)) dropWatcher(ps, request, turn)
  },
  onTimeout(ps, request, _host, turn) {
    dropWatcher(ps, request, turn)
  },
  onTimer(ps, timer, host, turn) {
    if (timer.name === 'publication expiry') return expirePublication(ps, timer.of, host, turn)
    const watch = ps.subscriptions.get(timer.of)
    if (watch === undefined) return
    if (timer.name === 'subscription expiry') return expireSubscription(ps, watch, host, turn)
    if (timer.name === 'composed') return notifyComposed(ps, watch, host, turn)
    notifyHeld(ps, watch, host, turn)
  },
}
