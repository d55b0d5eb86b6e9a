import { rule } from '../../sim/rule.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { authorizeWatcher } from '../notifier/authorization.ts'
import { everythingPermitted, type Permissions } from './permissions.ts'
import { type Judgement, judge, nextBoundary, watcherIdentity } from './presence-rules.ts'
import { type PresenceServer, type Presentity, wallClock } from './presence-server-state.ts'

/** What a watcher sees of the document follows from the permissions of the rules that apply. */
export const provide = rule('RFC 5025 §3.3', 'a watcher sees of the document what the rules that apply provide', [
  'R5.3.3.2-b',
  'R5.3.3.2-h',
])

/** RFC 5025 §3.2: what the rules of the presentity say of a watcher, as things are now. */
export function judged(ps: PresenceServer, presentity: Presentity, watcher: string, turn: SipTurn): Judgement {
  if (turn.without(authorizeWatcher)) return { rules: [], permissions: everythingPermitted }
  const moment = wallClock(ps, turn.now)
  const circumstances = { watcher: watcherIdentity(watcher), sphere: presentity.sphere, moment }
  const judgement = judge(presentity.rules, circumstances, turn)
  if (!turn.without(provide) || judgement.permissions.handling !== 'allow') return judgement
  return { ...judgement, permissions: everythingPermitted }
}

/** Says what a watcher is permitted to see. */
export function tellProvided({ handling, key }: Permissions, watcher: string, turn: SipTurn): void {
  if (handling === 'allow') turn.decide(provide, key, { watcher })
}

/** RFC 4745 §7.3: wakes the server when a rule begins or ceases to apply. */
export function awaitBoundary(ps: PresenceServer, { uri, rules }: Presentity, turn: SipTurn): void {
  const moment = wallClock(ps, turn.now)
  const boundary = nextBoundary(rules, moment)
  if (boundary !== undefined) turn.start({ name: 'rules boundary', of: uri }, boundary - moment)
}
