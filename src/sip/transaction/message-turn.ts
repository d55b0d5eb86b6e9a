import { DelegatedTurn } from '../../sim/delegated-turn.ts'
import type { Address, Transport, Turn } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import type { Params } from '../headers.ts'
import {
  type Body,
  change,
  changed,
  type HeaderChanges,
  type MessageChanges,
  request,
  responseFields,
  responseTo,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../message.ts'
import { reasonPhrase } from '../status.ts'

const copyForResponse = rule('RFC 3261 §8.2.6.2', 'a response repeats Via, From, To, Call-ID and CSeq of the request')
const tagResponse = rule('RFC 3261 §8.2.6.2', 'whoever answers adds its tag to To')

/** A turn of a node that speaks SIP: how its messages are made and changed, each time by a rule. */
export class MessageTurn<Other> extends DelegatedTurn<SipMessage | Other> {
  /** What the identifiers of the node begin with. */
  private label = ''
  /** The message that was made last in this turn, as long as only its maker has seen it. */
  private draft: SipMessage | undefined

  protected beginTurn(label: string, turn: Turn<SipMessage | Other>): void {
    this.label = label
    this.turn = turn
    this.draft = undefined
  }

  override send(to: Address, message: SipMessage | Other, transport?: Transport): void {
    this.draft = undefined
    super.send(to, message, transport)
  }

  identifier(): string {
    // Joined, since a string that was put together by + or a template keeps its parts for as long as it lives.
    return [this.label, this.turn.serial()].join('-')
  }

  /** §8.1.1.7: a new branch, with the magic cookie. */
  protected branch(): string {
    return `z9hG4bK${this.label}-${this.turn.serial()}`
  }

  amend<T extends SipMessage>(message: T, why: Rule, changes: MessageChanges, source?: SipMessage | number): T {
    if (this.turn.without(why)) return message
    if (!this.turn.listening) return this.amendQuietly(message, changes)
    const after = changed(message, changes)
    const names = Object.keys(changes)
    if (changes.body !== undefined) names.push('contentLength')
    this.turn.amended(why, message, after, names, source)
    return after
  }

  /** With nobody listening, a message that was made in this turn need not be copied at every rule. */
  private amendQuietly<T extends SipMessage>(message: T, changes: MessageChanges): T {
    if (message === this.draft) {
      change(message, changes)
      return message
    }
    const after = changed(message, changes)
    this.draft = after
    return after
  }

  compose(
    why: Rule,
    method: string,
    uri: string,
    headers: HeaderChanges,
    body?: Body,
    source?: SipMessage | number,
  ): SipRequest {
    const made = request(method, uri, headers, body)
    this.draft = made
    if (this.turn.listening) {
      const names = ['method', 'requestUri', ...Object.keys(headers), 'contentLength']
      this.turn.amended(why, undefined, made, body ? [...names, 'body'] : names, source)
    }
    return made
  }

  answer(to: SipRequest, status: number, why: Rule, changes?: MessageChanges, reason?: string): SipResponse {
    const bare = responseTo(to, status, reason ?? reasonPhrase(status))
    this.draft = bare
    if (this.turn.listening) {
      this.turn.amended(copyForResponse, undefined, bare, responseFields, to)
      this.turn.amended(why, bare, bare, ['status'], to)
    }
    let response = bare
    // A request that is refused because of its To has none to add a tag to.
    const addressee = to.headers.to
    if (addressee !== undefined && addressee.params.tag === undefined && changes?.to === undefined && status > 100)
      response = this.amend(response, tagResponse, { to: withTag(addressee, this.identifier()) })
    return changes === undefined ? response : this.amend(response, why, changes, to)
  }
}

/** An address with a tag. */
export function withTag<T extends { readonly params: Params }>(address: T, tag: string): T {
  return { ...address, params: { ...address.params, tag } }
}
