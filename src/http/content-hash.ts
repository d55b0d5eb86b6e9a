import { sha1 } from '@noble/hashes/legacy.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { encodeUtf8 } from '../sip/grammar/utf8.ts'
import type { HttpBody } from './message.ts'

/**
 * The SHA-1 digest of a body (RFC 3174), of a text that of its UTF-8, as 40 hexadecimal digits in lower case. RFC 4483
 * §5.12 knows content again by it; nothing is kept secret or signed with it.
 */
export const sha1Of = (body: HttpBody): string => bytesToHex(sha1(typeof body === 'string' ? encodeUtf8(body) : body))
