/** Splits `host`, `host:port`, `[address]` or `[address]:port`. */
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
  if (text.charCodeAt(0) === 0x5b) return text.endsWith(']') && isIpv6(text.slice(1, -1))
  let label = 0
  let last = 0x2e
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      // A label neither is empty nor ends with a hyphen (RFC 3261 §25.1, domainlabel).
      if (label === 0 || last === 0x2d) return false
      label = 0
    } else {
      if (!isHostLetter(code) || (label === 0 && code === 0x2d)) return false
      label++
    }
    last = code
  }
  return text !== '' && last !== 0x2d
}

function isHostLetter(code: number): boolean {
  const letter = code | 0x20
  // The underscore is not in the grammar, but in names that are in use (RFC 2782).
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f
}

/**
 * True of an IPv6 address without its brackets (RFC 4291 §2.2). Three colons in a row are let through where two are
 * meant, because the grammar of RFC 3261 asks for them before an IPv4 address (RFC 5118 §4.10).
 */
export function isIpv6(text: string): boolean {
  const halves = text.replace(':::', '::').split('::')
  if (halves.length > 2) return false
  let groups = 0
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!
    if (half === '') continue
    const parts = half.split(':')
    for (let j = 0; j < parts.length; j++) {
      const isLast = i === halves.length - 1 && j === parts.length - 1
      if (/^[0-9A-Fa-f]{1,4}$/.test(parts[j]!)) groups++
      else if (isLast && isIpv4(parts[j]!)) groups += 2
      else return false
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}

/** True of four numbers below 256. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256)
}
