import type { SipTurn } from '../sip/transaction-user.ts'
import { type Judgement, judge, nextBoundary, watcherIdentity } from './presence-rules.ts'
import { type PresenceServer, type Presentity, wallClock } from './presence-server-state.ts'

/** RFC 5025 §3.2: what the rules of the presentity say of a watcher, as things are now. */
export function judged(ps: PresenceServer, presentity: Presentity, watcher: string, turn: SipTurn): Judgement {
  const moment = wallClock(ps, turn.now)
  return judge(presentity.rules, { watcher: watcherIdentity(watcher), sphere: presentity.sphere, moment })
}

/** RFC 4745 §7.3: wakes the server when a rule begins or ceases to apply. */
export function awaitBoundary(ps: PresenceServer, { uri, rules }: Presentity, turn: SipTurn): void {
  const moment = wallClock(ps, turn.now)
  const boundary = nextBoundary(rules, moment)
  if (boundary !== undefined) turn.start({ name: 'rules boundary', of: uri }, boundary - moment)
}
