/**
 * Just enough of HTTP/1.1 (RFC 9110, RFC 9112) for Ut, Ub and Ua: requests and responses as values that travel on the
 * bus. Shared by sender, bus, receiver and trace, and never changed.
 */

/** A body: text when its bytes are UTF-8, else the bytes themselves. The empty string is no body. */
export type HttpBody = string | Uint8Array

/** Header fields by their names in lower case; a field that stands more than once has its values joined by `, `. */
export type HttpHeaders = Readonly<Record<string, string>>

/** An HTTP request (RFC 9112 §3). */
export interface HttpRequest {
  readonly protocol: 'http'
  readonly kind: 'request'
  readonly method: string
  /** The request target exactly as it was sent: an absolute URI or an absolute path, never normalised. */
  readonly target: string
  readonly headers: HttpHeaders
  readonly body: HttpBody
  /**
   * Names the exchange, as a connection and the place on it do: the response carries the same. A proxy keeps it on the
   * next hop. It is not part of the text.
   */
  readonly exchange: string
}

/** An HTTP response (RFC 9112 §4). */
export interface HttpResponse {
  readonly protocol: 'http'
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: HttpHeaders
  readonly body: HttpBody
  /** That of its request. */
  readonly exchange: string
}

export type HttpMessage = HttpRequest | HttpResponse
