/**
 * The keys of the generic bootstrapping architecture (TS 33.220 §4.5, Annex B): what the UE and the BSF make of a run
 * of AKA, and what of that a NAF is given.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { toBase64 } from '../../sip/grammar/base64.ts'
import { decodeUtf8, encodeUtf8 } from '../../sip/grammar/utf8.ts'
import type { AuthenticationVector } from '../aka.ts'

/** TS 33.220 §4.5.2: Ks, 32 octets: CK and IK one behind the other. */
export const bootstrappedKey = ({ ck, ik }: Pick<AuthenticationVector, 'ck' | 'ik'>): Uint8Array =>
  Uint8Array.of(...ck, ...ik)

/** TS 33.220 §4.5.2: the bootstrapping transaction identifier: Base64 of RAND, and the name of the BSF. */
export const transactionIdentifier = (rand: Uint8Array, bsf: string): string => `${toBase64(rand)}@${bsf}`

/** The name of the BSF in a B-TID, by which a NAF finds it (TS 33.220 §4.5.3); undefined for what is no B-TID. */
export function bsfOf(transaction: string): string | undefined {
  return /^[A-Za-z0-9+/]+={0,2}@([A-Za-z0-9.-]+)$/.exec(transaction)?.[1]
}

/** TS 33.220 Annex H: five octets, as hexadecimal text, that name what is spoken on Ua. */
export type UaProtocol = string

/** TS 33.220 H.3: HTTP Digest of TS 24.109, without TLS. */
export const httpDigestProtocol: UaProtocol = '0100000002'

/** TS 33.220 §4.4.5: the NAF_Id: the name by which the UE calls the NAF, then the protocol of Ua. */
export function nafId(name: string, protocol: UaProtocol): Uint8Array {
  return Uint8Array.of(...encodeUtf8(name), ...hexToBytes(protocol))
}

/** What the key for a NAF is made of (TS 33.220 B.3). */
export interface NafKeyInput {
  /** Ks, 32 octets. */
  readonly ks: Uint8Array
  /** 16 octets. */
  readonly rand: Uint8Array
  readonly privateIdentity: string
  readonly naf: Uint8Array
}

/** TS 33.220 B.3: Ks_NAF, 32 octets, for an application in the terminal (GBA_ME). */
export function nafKey({ ks, rand, privateIdentity, naf }: NafKeyInput): Uint8Array {
  return derivedKey(ks, 0x01, [encodeUtf8('gba-me'), rand, encodeUtf8(privateIdentity), naf])
}

/** TS 33.220 B.2: HMAC-SHA-256 over FC and the parameters, each of them followed by its length in two octets. */
export function derivedKey(key: Uint8Array, functionCode: number, parameters: readonly Uint8Array[]): Uint8Array {
  const text = parameters.flatMap((octets) => [...octets, octets.length >> 8, octets.length & 255])
  return hmac(sha256, key, Uint8Array.of(functionCode, ...text))
}

/** TS 24.109 §5.2.2: the password of HTTP Digest on Ua: Ks_NAF in Base64. */
export const nafPassword = (key: Uint8Array): string => toBase64(key)

/**
 * A NAF_Id as the text of an AVP: what is no printable ASCII character is written as `%` and two hexadecimal digits.
 */
export function printNafId(id: Uint8Array): string {
  return Array.from(id, (octet) =>
    octet > 0x20 && octet < 0x7f && octet !== 0x25
      ? String.fromCharCode(octet)
      : `%${bytesToHex(Uint8Array.of(octet))}`,
  ).join('')
}

/** The octets of a NAF_Id that `printNafId` wrote; undefined for a text that is none. */
export function readNafId(text: string): Uint8Array | undefined {
  const parts = text.match(/%[0-9a-f]{2}|[\x21-\x24\x26-\x7e]/gi) ?? []
  if (parts.join('') !== text) return undefined
  return Uint8Array.from(parts, (part) => (part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)))
}

/** The name and the protocol in a NAF_Id; undefined for one that is too short or whose name is no UTF-8. */
export function nafOf(id: Uint8Array): { readonly name: string; readonly protocol: UaProtocol } | undefined {
  const name = decodeUtf8(id.slice(0, -5))
  if (id.length < 6 || name === undefined) return undefined
  return { name, protocol: bytesToHex(id.slice(-5)) }
}
