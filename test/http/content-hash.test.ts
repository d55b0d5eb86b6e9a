import { expect, it } from 'vitest'
import { sha1Of } from '../../src/http/content-hash.ts'

it.each([
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  [Uint8Array.of(0x61, 0x62, 0x63), 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['é', 'bf15be717ac1b080b4f1c456692825891ff5073d'],
])('RFC 3174: the digest of %j', (body, digest) => {
  expect(sha1Of(body)).toBe(digest)
})
