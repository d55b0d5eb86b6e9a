import type { HttpMessage } from '../http/message.ts'
import type { Address, Command, Timer } from '../sim/node.ts'
import type { NameAddr } from '../sip/headers.ts'
import type { SipRequest, SipResponse } from '../sip/message.ts'
import type { SipTurn } from '../sip/transaction/transaction-user.ts'
import type { DocumentChange, DocumentStore } from '../xcap/index.ts'
import type { DocumentNews } from './ut/document-news.ts'

/**
 * What the functional entity that hosts a role adds to the role's messages: the UE by TS 24.229 §5.1, the application
 * server by §5.7. A role does not know which of them it is in (R5.3.1.1-b).
 */
export interface Host {
  /** The public user identity, or the URI of the server, in whose name the role acts. */
  readonly identity: string
  readonly contact: NameAddr
  /** T1 towards the next hop, in microseconds. */
  readonly t1: number
  /** The number with which CSeq begins in a dialog that the other side opens. */
  readonly firstSequence: number
  /** The XML documents of the server that hosts the role (R6.2.2-a); undefined if it keeps none. */
  readonly documents: DocumentStore | undefined
  /** A request outside any dialog, with new identifiers (RFC 3261 §8.1.1). */
  compose(method: string, uri: string, turn: SipTurn): SipRequest
  /** Completes a request, initial or not, and sends it. */
  send(request: SipRequest, turn: SipTurn): void
  /** Completes an answer and sends it. */
  respond(request: SipRequest, response: SipResponse, turn: SipTurn): void
  /** Completes a message over HTTP, a request or an answer, and sends it: a UE proves who it is, a server too. */
  sendHttp(to: Address, message: HttpMessage, turn: SipTurn<HttpMessage>): void
  /** Tells all roles of the same host that its documents have changed. */
  documentsChanged(changes: readonly DocumentChange[], turn: SipTurn): void
  /** Tells all roles of the same host what one of them has heard of documents elsewhere. */
  documentsHeardOf(news: DocumentNews, turn: SipTurn): void
  /** A tag for this side of a new dialog. */
  tag(turn: SipTurn): string
}

/** A role of TS 24.141 clause 5: what it does with the requests, answers, timers and commands that concern it. */
export interface Role<S> {
  readonly name: string
  readonly clause: string
  /** The names of its timers. */
  readonly timers: readonly string[]
  /** What it can be told to do. */
  readonly commands: readonly string[]
  /** The methods of the requests that it sends itself. */
  readonly sends: readonly string[]
  start(settings: unknown): S
  /** True of a request from outside that is for this role. */
  takes(request: SipRequest, state: S): boolean
  /** True if this role sent the request; asked where several roles of one host send such requests. Without it: true. */
  owns?(request: SipRequest, state: S): boolean
  /** True if the timer is this role's; asked where several roles of one host have timers of that name. As `owns`. */
  ownsTimer?(timer: Timer, state: S): boolean
  onRequest?(state: S, request: SipRequest, host: Host, turn: SipTurn): void
  onResponse?(state: S, response: SipResponse, request: SipRequest, host: Host, turn: SipTurn): void
  onTimeout?(state: S, request: SipRequest, host: Host, turn: SipTurn): void
  onTimer?(state: S, timer: Timer, host: Host, turn: SipTurn): void
  onCommand?(state: S, command: Command, host: Host, turn: SipTurn): void
  /** Documents of the server that hosts the role have changed. */
  onDocuments?(state: S, changes: readonly DocumentChange[], host: Host, turn: SipTurn): void
  /** A role of the same host has heard of documents elsewhere. */
  onDocumentNews?(state: S, news: DocumentNews, host: Host, turn: SipTurn): void
  /** True of an HTTP request that is for this role, and of the answer to one of its own. */
  takesHttp?(message: HttpMessage, state: S): boolean
  onHttp?(state: S, message: HttpMessage, from: Address, host: Host, turn: SipTurn<HttpMessage>): void
  /** An HTTP message of its own, one that `takesHttp` its answer, could not be delivered. */
  onHttpFailed?(state: S, message: HttpMessage, host: Host, turn: SipTurn<HttpMessage>): void
}
