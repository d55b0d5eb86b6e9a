/**
 * The registration state of a set of identities as a document (RFC 3680, TS 24.229 §5.4.2.1.2).
 */
import type { Reginfo, RegisteredContact, Registration, XmlElement } from '../../documents/index.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import { isWildcarded } from '../wildcard.ts'
import {
  type Binding,
  type EndEvent,
  type EndedBinding,
  identitiesOf,
  type RegisteredSet,
  usableIdentities,
} from './registrar-state.ts'

/**
 * What is told of each identity that is not barred; the contacts that have ended are told once more, and so are the
 * identities that were told of before (`told`) and have become barred or are gone since.
 */
export function registrationsOf(
  set: RegisteredSet,
  ended: readonly EndedBinding[],
  now: Micros,
  told: Readonly<Record<string, string>> = {},
): Registration[] {
  const usable = usableIdentities(set)
  const places = identitiesOf(set).map(({ identity }) => identity)
  const living = usable.map((identity): Registration => {
    const id = `a${places.indexOf(identity) + 1}`
    const contacts = [
      ...ended.map(({ binding, event }) => contactOf(binding, event, identity, id, now)),
      ...set.bindings.map((binding) => contactOf(binding, undefined, identity, id, now)),
    ]
    const state = set.bindings.length > 0 ? 'active' : contacts.length > 0 ? 'terminated' : 'init'
    const others = isWildcarded(identity) ? [wildcardedIdentity(identity)] : []
    return { aor: identity, id, state, contacts, others }
  })
  const gone = Object.keys(told).filter((aor) => !usable.includes(aor))
  return [...living, ...gone.map((aor) => rejected(set, aor, told[aor]!.split(' ', 1)[0]!, now))]
}

/** §5.4.1.5: an identity that the network has taken from the user. */
const rejected = ({ bindings }: RegisteredSet, aor: string, id: string, now: Micros): Registration => ({
  aor,
  id,
  state: 'terminated',
  contacts: bindings.map((binding) => contactOf(binding, 'rejected', aor, id, now)),
  others: [],
})

function contactOf(
  binding: Binding,
  end: EndEvent | undefined,
  identity: string,
  registration: string,
  now: Micros,
): RegisteredContact {
  // §5.4.2.1.2: what was registered along with another identity was created, not registered.
  const event = binding.event === 'registered' && binding.identity !== identity ? 'created' : binding.event
  const { q } = binding.params
  return {
    id: `${binding.id}-${registration.slice(1)}`,
    state: end === undefined ? 'active' : 'terminated',
    event: end ?? event,
    uri: binding.uri,
    durationRegistered: Math.floor((now - binding.registeredAt) / seconds(1)),
    ...(end === undefined && { expires: Math.max(0, Math.ceil((binding.expiresAt - now) / seconds(1))) }),
    ...(typeof q === 'string' && { q }),
    callId: binding.callId,
    cseq: binding.sequence,
    unknownParameters: [],
    others: [],
  }
}

/** TS 24.229 §7.10.2: the extension that names a wildcarded identity. */
const wildcardedIdentity = (identity: string): XmlElement => ({
  kind: 'element',
  prefix: 'ere',
  namespace: 'urn:3gpp:ns:extRegExp:1.0',
  name: 'wildcardedIdentity',
  attributes: [],
  children: [identity],
})

/**
 * What was told of each identity, without what changes with time alone: two of these differ if there is news. The first
 * word is the id of the registration.
 */
export function gistOf(registrations: readonly Registration[]): Record<string, string> {
  return Object.fromEntries(
    registrations.map(({ aor, id: registration, state, contacts }) => {
      const words = contacts.map(({ id, event, callId, cseq }) => `${id} ${event} ${callId} ${cseq}`)
      return [aor, [`${registration} ${state}`, ...words].join(', ')]
    }),
  )
}

/** RFC 3680 §5.1: a document with all registrations, or with those whose gist has changed. */
export function reginfoOf(
  registrations: readonly Registration[],
  told: Readonly<Record<string, string>> | undefined,
  version: number,
): Reginfo {
  const gist = gistOf(registrations)
  const news = told === undefined ? registrations : registrations.filter(({ aor }) => gist[aor] !== told[aor])
  const state = told === undefined ? 'full' : 'partial'
  return { kind: 'reginfo', version, state, registrations: news, others: [] }
}
