/** How much a server takes of its clients, and for how long it waits for them. */
export interface HttpLimits {
  /** How many bytes the content of a request may have; more is answered 413. */
  readonly largestBody: number
  /** How many bytes of bodies that are coming are kept, of all connections together; one more is answered 503. */
  readonly mostBodyBytes: number
  /** How many bytes request line and header fields may have together; more is answered 431, or 414. */
  readonly largestHead: number
  /**
   * How many connections there are at most. One more takes the place of one on which nothing goes on; if there is none
   * it is answered 503.
   */
  readonly mostConnections: number
  /** How many connections beyond those may wait to be told 503; others are ended without a word. */
  readonly mostTurnedAway: number
  /** After how long a new connection on which nothing was asked has to make room for another one. */
  readonly silentMillis: number
  /** How long the head of a request may take to come; 408 after that. */
  readonly headMillis: number
  /** How long a whole request may take to come; 408 after that. */
  readonly requestMillis: number
  /** How long a connection may be idle between two requests. */
  readonly idleMillis: number
  /** How long the rest of a refused request is thrown away, so that its sender reads the answer and not a reset. */
  readonly lingerMillis: number
  /** How long requests in flight may take to be answered when the server stops. */
  readonly graceMillis: number
}

export const usualLimits: HttpLimits = {
  largestBody: 1_000_000,
  mostBodyBytes: 100_000_000,
  largestHead: 16_384,
  mostConnections: 1_000,
  mostTurnedAway: 250,
  silentMillis: 1_000,
  headMillis: 10_000,
  requestMillis: 30_000,
  idleMillis: 60_000,
  lingerMillis: 1_000,
  graceMillis: 5_000,
}
