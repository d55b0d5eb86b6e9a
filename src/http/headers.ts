/** What is known of a header field of HTTP: how its name is written, where it is defined, and what it is for. */
export interface HttpHeaderCard {
  readonly name: string
  readonly clause: string
  /** What it says, as a short sentence. */
  readonly purpose: string
}

const rows: readonly (readonly [name: string, clause: string, purpose: string])[] = [
  ['Host', 'RFC 9110 §7.2', 'names the server that the request is for'],
  ['Via', 'RFC 9110 §7.6.3', 'says through which proxies the message came'],
  ['User-Agent', 'RFC 9110 §10.1.5', 'says what asks; 3gpp-gba in it offers bootstrapping (TS 24.109)'],
  ['Server', 'RFC 9110 §10.2.4', 'says what answers'],
  ['Date', 'RFC 9110 §6.6.1', 'says when the message was made'],
  ['Authorization', 'RFC 9110 §11.6.2', 'proves who asks'],
  ['WWW-Authenticate', 'RFC 9110 §11.6.1', 'asks for proof of who asks'],
  ['Authentication-Info', 'RFC 7615 §3', 'proves the server, and says what to use next'],
  ['X-3GPP-Intended-Identity', 'TS 24.109 §7.2', 'says in whose name the UE asks'],
  ['X-3GPP-Asserted-Identity', 'TS 24.109 §7.3', 'tells the application server who the UE is'],
  ['X-3GPP-Authorization-Flags', 'TS 24.109 §7.3', 'tells the application server what the user may do'],
  ['If-Match', 'RFC 9110 §13.1.1', 'asks for a change only if the document is still this one'],
  ['If-None-Match', 'RFC 9110 §13.1.2', 'asks only if the document is none of these'],
  ['Accept', 'RFC 9110 §12.5.1', 'says which media types are understood'],
  ['Allow', 'RFC 9110 §10.2.1', 'lists the methods that the resource has'],
  ['ETag', 'RFC 9110 §8.8.3', 'names this version of the document'],
  ['Retry-After', 'RFC 9110 §10.2.3', 'says when to ask again'],
  ['Connection', 'RFC 9110 §7.6.1', 'says what becomes of the connection'],
  ['Content-Type', 'RFC 9110 §8.3', 'says what the body is'],
  ['Content-Length', 'RFC 9110 §8.6', 'says how many bytes the body has'],
]

/** The header fields that messages of presim carry, by their names in lower case, in the order of the wire. */
export const httpHeaders: ReadonlyMap<string, HttpHeaderCard> = new Map(
  rows.map(([name, clause, purpose]) => [name.toLowerCase(), { name, clause, purpose }]),
)

/** The name of a header field as it is written on the wire. */
export function writtenName(name: string): string {
  return httpHeaders.get(name)?.name ?? name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
}

const order = [...httpHeaders.keys()]

/** The header fields of a message in the order of the wire: those of the table first, then the others. */
export function orderedFields(headers: Readonly<Record<string, string>>): (readonly [name: string, value: string])[] {
  const place = (name: string): number => {
    const at = order.indexOf(name)
    return at < 0 ? order.length : at
  }
  return Object.entries(headers).toSorted(([one], [other]) => place(one) - place(other))
}
