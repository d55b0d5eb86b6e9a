/**
 * TS 24.229 §5.7.3: an application server that begins something on behalf of a user. Its requests are the user's: they
 * are in her name, and go by the S-CSCF that serves her, as if she had sent them; the server itself only takes what
 * comes back.
 */
import type { HttpMessage } from '../../http/message.ts'
import type { Address } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { bareAddress } from '../../sip/grammar/name-addr.ts'
import type { NameAddr } from '../../sip/headers.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host } from '../role.ts'

/** A user on whose behalf an application server acts, and the S-CSCF that serves her. */
export interface RepresentedUser {
  /** Her public user identity. */
  readonly identity: string
  /** The host of the S-CSCF; undefined if it is not known, as that of a user of another network. */
  readonly server: Address | undefined
  /** The values of Privacy in the request on which the server acts (RFC 3323). */
  readonly privacy?: readonly string[] | undefined
}

const fromUser = rule('TS 24.229 §5.7.3', 'a request on behalf of a user is from that user', ['R5.3.2.1-b'])
const assertUser = rule(
  'TS 24.229 §5.7.3',
  'an application server that acts on behalf of a user asserts the identity of the user',
  ['R5.3.2.1-b', 'R5.3.1.1-b', 'R5.3.4.3-b'],
)
const bySCscf = rule(
  'TS 24.229 §5.7.3',
  'a request on behalf of a user goes to the S-CSCF of the user, as one that she originates',
  ['R5.3.2.1-b', 'R5.3.1.1-b'],
)
const ownContact = rule('TS 24.229 §5.7.3', 'what comes back of it comes to the application server', ['R5.3.2.1-b'])
const keepPrivacy = rule('RFC 3323 §4.2', 'a request on behalf of a user has the privacy that the user asked for', [
  'R5.3.4.3-b',
])

/** The host of a role that acts on behalf of a user: what `host` does, in her name. */
export const onBehalfOf = (host: Host, user: RepresentedUser): Host => new RepresentingHost(host, user)

class RepresentingHost implements Host {
  private readonly host: Host
  private readonly user: RepresentedUser

  constructor(host: Host, user: RepresentedUser) {
    this.host = host
    this.user = user
  }

  get identity(): string {
    return this.user.identity
  }
  get contact(): NameAddr {
    return this.host.contact
  }
  get documents(): Host['documents'] {
    return this.host.documents
  }
  get t1(): number {
    return this.host.t1
  }
  get firstSequence(): number {
    return this.host.firstSequence
  }

  compose(method: string, uri: string, turn: SipTurn): SipRequest {
    const request = this.host.compose(method, uri, turn)
    return turn.amend(request, fromUser, { from: { ...request.headers.from!, uri: this.identity } })
  }

  tag(turn: SipTurn): string {
    return this.host.tag(turn)
  }

  send(bare: SipRequest, turn: SipTurn): void {
    const { identity, server, privacy } = this.user
    let request = bare
    if (request.headers.to!.params.tag === undefined) {
      // Where no S-CSCF of the user is known, the request goes to the entry point of the network that it is for.
      if (server !== undefined)
        request = turn.amend(request, bySCscf, { route: [bareAddress(`sip:${server};lr;orig`)] })
      request = turn.amend(request, assertUser, { pAssertedIdentity: [bareAddress(identity)] })
      if (privacy !== undefined) request = turn.amend(request, keepPrivacy, { privacy })
    }
    if (request.method === 'SUBSCRIBE') request = turn.amend(request, ownContact, { contact: [this.contact] })
    this.host.send(request, turn)
  }

  respond(request: SipRequest, response: SipResponse, turn: SipTurn): void {
    this.host.respond(request, response, turn)
  }

  sendHttp(to: Address, message: HttpMessage, turn: SipTurn<HttpMessage>): void {
    this.host.sendHttp(to, message, turn)
  }

  documentsChanged(...changed: Parameters<Host['documentsChanged']>): void {
    this.host.documentsChanged(...changed)
  }

  documentsHeardOf(...heard: Parameters<Host['documentsHeardOf']>): void {
    this.host.documentsHeardOf(...heard)
  }
}
