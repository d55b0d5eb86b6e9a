/**
 * Milenage (TS 35.206): the functions f1 to f5* of authentication and key agreement, over AES with 128-bit keys.
 */
import { ecb } from '@noble/ciphers/aes.js'

/** The secret that a USIM or ISIM shares with its home network: K, and OPc that stands for the operator. */
export interface Secret {
  /** 16 octets. */
  readonly k: Uint8Array
  /** 16 octets. */
  readonly opc: Uint8Array
}

/** TS 35.206 §4.1, Annex: what OPc is made of. Both arguments and the result have 16 octets. */
export function opcOf(k: Uint8Array, op: Uint8Array): Uint8Array {
  return xor(encrypt(k, op), op)
}

/** The results of f2, f3, f4 and f5: 8, 16, 16 and 6 octets. */
export interface KeyMaterial {
  readonly res: Uint8Array
  readonly ck: Uint8Array
  readonly ik: Uint8Array
  readonly ak: Uint8Array
}

/** TS 35.206 §4.1: f2, f3, f4 and f5 of a random challenge of 16 octets. */
export function keyMaterial({ k, opc }: Secret, rand: Uint8Array): KeyMaterial {
  const inner = encrypt(k, xor(rand, opc))
  const second = output(k, opc, inner, 0, 1)
  return {
    res: second.slice(8),
    ck: output(k, opc, inner, 4, 2),
    ik: output(k, opc, inner, 8, 4),
    ak: second.slice(0, 6),
  }
}

/** TS 35.206 §4.1: f5*, the anonymity key of a resynchronisation, 6 octets. */
export function resynchronisationKey({ k, opc }: Secret, rand: Uint8Array): Uint8Array {
  return output(k, opc, encrypt(k, xor(rand, opc)), 12, 8).slice(0, 6)
}

/** TS 35.206 §4.1: f1 (the MAC of a challenge) and f1* (that of a resynchronisation), 8 octets each. */
export function codes(
  { k, opc }: Secret,
  rand: Uint8Array,
  sqn: Uint8Array,
  amf: Uint8Array,
): { readonly mac: Uint8Array; readonly macStar: Uint8Array } {
  const said = Uint8Array.of(...sqn, ...amf, ...sqn, ...amf)
  const inner = encrypt(k, xor(rand, opc))
  // The rotation r1 is 64 bits, the constant c1 is zero.
  const mixed = xor(inner, rotate(xor(said, opc), 8))
  const out = xor(encrypt(k, mixed), opc)
  return { mac: out.slice(0, 8), macStar: out.slice(8) }
}

/** OUT2 to OUT5: rotated by so many octets, with a constant that ends in this octet. */
function output(k: Uint8Array, opc: Uint8Array, inner: Uint8Array, octets: number, constant: number): Uint8Array {
  const mixed = rotate(xor(inner, opc), octets)
  mixed[15]! ^= constant
  return xor(encrypt(k, mixed), opc)
}

const encrypt = (key: Uint8Array, block: Uint8Array): Uint8Array => ecb(key, { disablePadding: true }).encrypt(block)

/** Octet by octet; as long as the first. */
export function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((octet, at) => octet ^ other[at]!)
}

/** Cyclically to the left. */
function rotate(block: Uint8Array, octets: number): Uint8Array {
  return block.map((_, at) => block[(at + octets) % block.length]!)
}
