/**
 * TS 24.141 §5.3.2, §5.2.2: a watcher in an application server, which watches on behalf of users. For each of them it
 * is the watcher that a UE has, but its requests go as TS 24.229 §5.7.3 has it.
 */
import type { Address } from '../../sim/node.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { Host, Role } from '../role.ts'
import { onBehalfOf } from './on-behalf.ts'
import { type Watcher, watcherRole } from './watcher.ts'

/** What the topology says of it: the S-CSCFs of the users on whose behalf it watches, by their public identities. */
export interface NetworkWatcherSettings {
  readonly users: Readonly<Record<string, Address>>
}

/** The state of the role. */
export interface NetworkWatcher {
  readonly settings: NetworkWatcherSettings
  /** By the public identity of the user. */
  readonly watchers: Map<string, Watcher>
}

/** What it can be told to do, as a watcher in a UE can, for the user `as`. */
export const networkWatcherCommands: readonly string[] = ['subscribe', 'refresh', 'fetch', 'unsubscribe']

/** The role. */
export const networkWatcherRole: Role<NetworkWatcher> = {
  name: 'networkWatcher',
  clause: 'TS 24.141 §5.3.2',
  timers: watcherRole.timers,
  commands: networkWatcherCommands,
  sends: watcherRole.sends,
  start: (settings) => ({ settings: settings as NetworkWatcherSettings, watchers: new Map() }),
  takes: (request, state) => watcherRole.takes(request, emptyWatcher) && findUser(state, request) !== undefined,
  owns: (request, state) => findUser(state, request) !== undefined,
  ownsTimer: (timer, state) => (userOfCall(state, timer.of) ?? userOfFetch(state, timer.of)) !== undefined,
  takesHttp: ({ exchange }, state) => userOfFetch(state, exchange) !== undefined,

  onCommand(state, command, host, turn) {
    const identity = String(command.as)
    if (!Object.hasOwn(state.settings.users, identity)) return
    const watcher = state.watchers.get(identity) ?? (watcherRole.start(undefined) as Watcher)
    state.watchers.set(identity, watcher)
    watcherRole.onCommand!(watcher, command, hostOf(state, identity, host), turn)
  },
  onRequest(state, request, host, turn) {
    const identity = findUser(state, request)!
    watcherRole.onRequest!(state.watchers.get(identity)!, request, hostOf(state, identity, host), turn)
  },
  onResponse(state, response, request, host, turn) {
    const identity = findUser(state, request)!
    watcherRole.onResponse!(state.watchers.get(identity)!, response, request, hostOf(state, identity, host), turn)
  },
  onTimeout(state, request, host, turn) {
    const identity = findUser(state, request)!
    watcherRole.onTimeout!(state.watchers.get(identity)!, request, hostOf(state, identity, host), turn)
  },
  onTimer(state, timer, host, turn) {
    const identity = (userOfCall(state, timer.of) ?? userOfFetch(state, timer.of))!
    watcherRole.onTimer!(state.watchers.get(identity)!, timer, hostOf(state, identity, host), turn)
  },
  onHttp(state, message, from, host, turn) {
    const identity = userOfFetch(state, message.exchange)!
    watcherRole.onHttp!(state.watchers.get(identity)!, message, from, hostOf(state, identity, host), turn)
  },
  onHttpFailed(state, message, host, turn) {
    const identity = userOfFetch(state, message.exchange)!
    watcherRole.onHttpFailed!(state.watchers.get(identity)!, message, hostOf(state, identity, host), turn)
  },
}

/** The user for whom something is fetched in this exchange. */
function userOfFetch({ watchers }: NetworkWatcher, exchange: string): string | undefined {
  for (const [identity, { fetches }] of watchers) if (fetches?.waiting.has(exchange) === true) return identity
  return undefined
}

const emptyWatcher: Watcher = { watching: [] }

const hostOf = ({ settings }: NetworkWatcher, identity: string, host: Host): Host =>
  onBehalfOf(host, { identity, server: settings.users[identity]! })

const findUser = (state: NetworkWatcher, { headers }: SipRequest): string | undefined =>
  userOfCall(state, headers.callId!)

/** The user who has a subscription of this Call-ID. */
function userOfCall({ watchers }: NetworkWatcher, callId: string): string | undefined {
  for (const [identity, { watching }] of watchers) if (watching.some((one) => one.callId === callId)) return identity
  return undefined
}
