/**
 * The profile that the HSS has of a user of a flow, as XML (TS 29.228 Annex E).
 */
import { printUserData } from '../ims/hss/user-data.ts'
import type { Flow } from './flow.ts'
import { privateIdentityOf } from './form/subscriber-settings.ts'

/** The profile of a user, by her name in the topology; undefined if there is no such user. */
export function userProfile({ topology }: Pick<Flow, 'topology'>, name: string): string | undefined {
  if (!Object.hasOwn(topology.users, name)) return undefined
  const { profiles } = topology.users[name]!
  return printUserData({ privateIdentity: privateIdentityOf(topology, name), profiles })
}
