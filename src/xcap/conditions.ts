import type { HttpHeaders } from '../http/message.ts'
import { rule } from '../sim/rule.ts'
import { type Answer, type AnswerFields, plainAnswer, refusal } from './answer.ts'
import type { StoredDocument } from './document-store.ts'

const ifMatch = rule('RFC 9110 §13.1.1', 'a change is made if the document has one of the entity-tags in If-Match')
const ifNoneMatch = rule('RFC 9110 §13.1.2', 'a change is made if the document has no entity-tag in If-None-Match')
const notModified = rule('RFC 9110 §13.1.2', 'what the client has already is not sent again')
const oneTag = rule('RFC 4825 §8.5', 'a document and all its nodes have one entity-tag, which changes with any of them')

/** An entity-tag in a condition (RFC 9110 §8.8.3). */
interface ConditionTag {
  readonly isWeak: boolean
  readonly opaque: string
}

/** The entity-tags of a list; `*` for any. One that is not quoted is taken as it stands. */
function parseTags(text: string): '*' | readonly ConditionTag[] {
  if (text.trim() === '*') return '*'
  const tags: ConditionTag[] = []
  for (const match of text.matchAll(/(W\/)?"([^"]*)"|([^\s,"]+)/g)) {
    tags.push({ isWeak: match[1] !== undefined, opaque: match[2] ?? match[3]! })
  }
  return tags
}

/** The header field that tells the entity-tag of a document. */
export function tagFields(etag: string): AnswerFields {
  return { rule: oneTag, headers: { etag: `"${etag}"` } }
}

/**
 * RFC 9110 §13.2.2, RFC 4825 §8.2.6: what the conditions of a request make of it; undefined if it goes on. They are
 * about the document, also where a node of it is asked for, as both have one entity-tag.
 */
export function unmetCondition(
  headers: HttpHeaders,
  isRead: boolean,
  document: StoredDocument | undefined,
): Answer | undefined {
  const wanted = headers['if-match']
  if (wanted !== undefined) {
    const tags = parseTags(wanted)
    // Only strong tags can be sure of what is changed (RFC 9110 §13.1.1).
    const isMet = tags === '*' || tags.some(({ isWeak, opaque }) => !isWeak && opaque === document?.etag)
    if (document === undefined || !isMet) return failed(ifMatch, document)
  }
  const unwanted = headers['if-none-match']
  if (unwanted === undefined || document === undefined) return undefined
  const tags = parseTags(unwanted)
  if (tags !== '*' && !tags.some(({ opaque }) => opaque === document.etag)) return undefined
  return isRead ? plainAnswer(304, notModified, [tagFields(document.etag)]) : failed(ifNoneMatch, document)
}

function failed(why: typeof ifMatch, document: StoredDocument | undefined): Answer {
  const now =
    document === undefined ? 'There is no such document' : `The document has the entity-tag "${document.etag}"`
  return refusal(412, why, now, document === undefined ? [] : [tagFields(document.etag)])
}
