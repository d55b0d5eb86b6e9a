/**
 * What a topology says of a user as a subscriber: her private identity, her network, and the secret of her USIM.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { opcOf } from '../../ims/milenage.ts'
import { digestOf, printDigest } from '../../sim/digest.ts'
import type { Topology, TopologyUser } from './topology.ts'

/** A sequence number of 48 bits; 0 if none is given. */
export const sqnOf = (hexadecimal: string | undefined): number =>
  hexadecimal === undefined ? 0 : Number.parseInt(hexadecimal, 16)

/** The domain of the home network of a user. */
export const homeOf = (topology: Topology, { sCscf }: TopologyUser): string => topology.nodes[sCscf]!.network

/** The private user identity of a user, by her name in the topology. */
export const privateIdentityOf = (topology: Topology, name: string): string => {
  const user = topology.users[name]!
  return user.subscription.private ?? `${name}_private@${homeOf(topology, user)}`
}

/** K and OPc of a user; made of her name where the topology does not give them. */
export function secretOf(name: string, { subscription }: TopologyUser): { readonly k: string; readonly opc: string } {
  const made = (what: string): string =>
    [`${what} of ${name}`, `other half of ${what} of ${name}`].map((text) => printDigest(digestOf(text))).join('')
  const k = subscription.key ?? made('K')
  const { op, opc } = subscription
  if (opc !== undefined) return { k, opc }
  return { k, opc: op === undefined ? made('OPc') : bytesToHex(opcOf(hexToBytes(k), hexToBytes(op))) }
}
