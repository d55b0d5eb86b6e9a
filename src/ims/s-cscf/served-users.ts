/**
 * Which users an S-CSCF serves, registered or not: the rows by which it finds them, kept in step with the registrar.
 */
import { addressOfRecord, ofIdentity } from '../../presence/address-of-record.ts'
import { isWildcarded, ofWildcard } from '../wildcard.ts'
import type { InitialFilterCriterion } from './filter-criteria.ts'
import type { RegisteredSet, Registrar } from './registrar-state.ts'
import type { ServedUser, ServingCscf } from './s-cscf.ts'

/** An S-CSCF that is registrar too. */
export type Registering = ServingCscf & { readonly registrar: Registrar }

export const isRegistering = (cscf: ServingCscf): cscf is Registering => cscf.registrar !== undefined

/** The user of a public identity: by a row of its own, or by one of a wildcarded identity. */
export const servedUser = ({ users, wildcarded }: ServingCscf, identity: string): ServedUser | undefined =>
  ofIdentity(users, identity) ?? wildcarded.get(identity) ?? ofWildcard(wildcarded, identity)

/** The implicit registration set of a public identity. */
export function setOf(cscf: Registering, identity: string): RegisteredSet | undefined {
  const key = servedUser(cscf, identity)?.set
  return key === undefined ? undefined : cscf.registrar.sets.get(key)
}

/** Takes a set up, or its new state. */
export function keepSet(cscf: Registering, set: RegisteredSet): void {
  const before = cscf.registrar.sets.get(set.key)
  if (before !== undefined && before.profiles !== set.profiles) removeRows(cscf, before)
  cscf.registrar.sets.set(set.key, set)
  for (const { identities, criteria } of set.profiles)
    for (const { identity, isBarred } of identities)
      if (isWildcarded(identity)) cscf.wildcarded.set(identity, rowOf(set, identity, isBarred, criteria))
      else cscf.users.set(addressOfRecord(identity), rowOf(set, addressOfRecord(identity), isBarred, criteria))
}

/** Forgets a set with all its identities. */
export function dropSet(cscf: Registering, set: RegisteredSet): void {
  removeRows(cscf, set)
  cscf.registrar.sets.delete(set.key)
}

function removeRows({ users, wildcarded }: Registering, { profiles }: RegisteredSet): void {
  for (const { identities } of profiles)
    for (const { identity } of identities) {
      users.delete(addressOfRecord(identity))
      wildcarded.delete(identity)
    }
}

function rowOf(
  set: RegisteredSet,
  identity: string,
  isBarred: boolean,
  criteria: readonly InitialFilterCriterion[],
): ServedUser {
  // The contact that was registered or refreshed last is the one that is reached.
  const latest = set.bindings.at(-1)
  const contact = latest && { uri: latest.uri, path: latest.path }
  const { key, chargingFunctions } = set
  return { identity, criteria, contact, isBarred, set: key, chargingFunctions }
}
