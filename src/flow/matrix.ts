/**
 * Who may see what, at a point of a run: a reader of the states of the presence servers.
 */
import { addressOfRecord } from '../presence/address-of-record.ts'
import type { PresenceServer } from '../presence/server/presence-server-state.ts'
import { type Visibility, visibilityOf, watchersOf } from '../presence/server/visibility.ts'
import type { FlowRun } from './run.ts'

/** Every watcher against every presentity, when so many turns of a run had happened. */
export interface Matrix {
  readonly turns: number
  /** In microseconds of virtual time. */
  readonly at: number
  readonly cells: readonly Visibility[]
}

/**
 * Who may see what of whom when so many turns had happened. Watchers are the users of the topology, those who watch,
 * and those whom rules name; presentities are those of whom something is known: hard state, a publication, a watcher.
 */
export function matrixOf(run: FlowRun, turns = run.trace.length): Matrix {
  const at = run.trace[turns - 1]?.at ?? 0
  const { nodes, users } = run.flow.topology
  const cells = Object.entries(nodes).flatMap(([name, { role }]) => {
    if (role !== 'presence-server') return []
    const state = run.stateAt(turns, name) as { user: { roles: { presenceServer: PresenceServer } } }
    return cellsOf(state.user.roles.presenceServer, at, Object.values(users))
  })
  return { turns, at, cells }
}

function cellsOf(
  ps: PresenceServer,
  at: number,
  users: readonly { readonly identities: readonly string[] }[],
): Visibility[] {
  const moment = (ps.settings.epoch ?? 0) + at
  return [...ps.presentities.values()].flatMap((presentity) => {
    const { hardState, publications, watchers, owners, waiting } = presentity
    if (hardState === undefined && publications.length + watchers.size + waiting.size === 0) return []
    const all = [...users.map(({ identities }) => identities[0]!), ...watchersOf(ps, presentity)]
    const others = new Map<string, string>()
    for (const uri of all) {
      const canonical = addressOfRecord(uri)
      if (!owners.includes(canonical) && !others.has(canonical)) others.set(canonical, uri)
    }
    return [...others.values()].map((watcher) => visibilityOf(ps, presentity, watcher, moment))
  })
}
