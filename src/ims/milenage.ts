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
export function keyMaterial(secret: Secret, rand: Uint8Array): KeyMaterial {
  const out = outputs(secret, rand, [second, third, fourth])
  return { res: out.slice(8, 16), ak: out.slice(0, 6), ck: out.slice(16, 32), ik: out.slice(32, 48) }
}

/** TS 35.206 §4.1: f5*, the anonymity key of a resynchronisation, 6 octets. */
export function resynchronisationKey(secret: Secret, rand: Uint8Array): Uint8Array {
  return outputs(secret, rand, [fifth]).slice(0, 6)
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

/** How an output is made: rotated by so many octets (r2 to r5), with a constant that ends in this octet (c2 to c5). */
type Recipe = readonly [octets: number, constant: number]
const second: Recipe = [0, 1]
const third: Recipe = [4, 2]
const fourth: Recipe = [8, 4]
const fifth: Recipe = [12, 8]

/** OUT2 to OUT5, 16 octets each, one behind the other. */
function outputs({ k, opc }: Secret, rand: Uint8Array, recipes: readonly Recipe[]): Uint8Array {
  const inner = xor(encrypt(k, xor(rand, opc)), opc)
  const blocks = new Uint8Array(16 * recipes.length)
  for (const [index, [octets, constant]] of recipes.entries()) {
    blocks.set(rotate(inner, octets), 16 * index)
    blocks[16 * index + 15]! ^= constant
  }
  // The cipher expands its key once for all blocks.
  return encrypt(k, blocks).map((octet, at) => octet ^ opc[at % 16]!)
}

/** Block by block. */
const encrypt = (key: Uint8Array, blocks: Uint8Array): Uint8Array => ecb(key, { disablePadding: true }).encrypt(blocks)

/** Octet by octet; as long as the first. */
export function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((octet, at) => octet ^ other[at]!)
}

/** Cyclically to the left. */
function rotate(block: Uint8Array, octets: number): Uint8Array {
  return block.map((_, at) => block[(at + octets) % block.length]!)
}
