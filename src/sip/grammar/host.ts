/** Splits `host`, `host:port`, `[address]` or `[address]:port`; `undefined` when it is none of these. */
export function readHostPort(text: string): { host: string; port: number | undefined } | undefined {
  const bracket = text.lastIndexOf(']')
  const colon = text.indexOf(':', bracket + 1)
  const host = colon < 0 ? text : text.slice(0, colon)
  if (!isHost(host)) return undefined
  if (colon < 0) return { host, port: undefined }
  const digits = text.slice(colon + 1)
  const port = Number(digits)
  return /^[0-9]+$/.test(digits) && port <= 65535 ? { host, port } : undefined
}

/** True of a host name, an IPv4 address, or an IPv6 address in brackets. */
export function isHost(text: string): boolean {
  if (text.charCodeAt(0) !== 0x5b) return isHostName(text)
  return text.charCodeAt(text.length - 1) === 0x5d && isIpv6Between(text, 1, text.length - 1)
}

function isHostName(text: string): boolean {
  let last = 0x2e
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      // A label is never empty and never ends with a hyphen (RFC 3261 §25.1, domainlabel).
      if (last === 0x2e || last === 0x2d) return false
    } else if (!isHostLetter(code) || (last === 0x2e && code === 0x2d)) return false
    last = code
  }
  return text !== '' && last !== 0x2d
}

function isHostLetter(code: number): boolean {
  const letter = code | 0x20
  // The underscore is not in the grammar, but in names that are in use.
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f
}

/** True of an IPv6 address without its brackets (RFC 4291 §2.2). */
export function isIpv6(text: string): boolean {
  return isIpv6Between(text, 0, text.length)
}

/**
 * Counts groups of up to four hexadecimal digits. Three colons in a row are let through where two are meant, because
 * the grammar of RFC 3261 asks for them before an IPv4 address (RFC 5118 §4.10).
 */
function isIpv6Between(text: string, from: number, to: number): boolean {
  let groups = 0
  let digits = 0
  let start = from
  let isShortened = false
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (isHexDigit(code)) {
      if (++digits > 4) return false
    } else if (code === 0x3a) {
      if (digits > 0) groups++
      if (text.charCodeAt(at + 1) === 0x3a && at + 1 < to) {
        if (isShortened) return false
        isShortened = true
        at += text.charCodeAt(at + 2) === 0x3a && at + 2 < to ? 2 : 1
      } else if (digits === 0 || at + 1 === to) return false
      digits = 0
      start = at + 1
    } else if (code === 0x2e) {
      if (!isIpv4(text.slice(start, to))) return false
      groups += 2
      digits = 0
      break
    } else return false
  }
  if (digits > 0) groups++
  return isShortened ? groups <= 7 : groups === 8
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}

/** True of four numbers below 256. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256)
}
