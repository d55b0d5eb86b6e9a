import { printXcapError, type XcapError, xcapError, xcapErrorFormat } from '../documents/index.ts'
import type { HttpBody, HttpHeaders } from '../http/message.ts'
import type { Facts } from '../sim/node.ts'
import { type Rule, rule } from '../sim/rule.ts'
import type { DocumentChange } from './document-store.ts'

/** What a server makes of a request: the response in parts, each with the rule that put it there. */
export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  /** The rule that decided. */
  readonly why: Rule
  /** What the decision was based on. */
  readonly facts: Facts
  /** The header fields, in the order in which they were set. */
  readonly fields: readonly AnswerFields[]
  readonly body: HttpBody
  /** What became of the documents; nothing, if the status is not 200 or 201. */
  readonly changes: readonly DocumentChange[]
}

/** Header fields, by their names in lower case, and the rule by which they are there. */
export interface AnswerFields {
  readonly rule: Rule
  readonly headers: HttpHeaders
}

const noFacts: Facts = {}

/** An answer without a body. */
export function plainAnswer(status: number, why: Rule, fields: readonly AnswerFields[] = [], facts = noFacts): Answer {
  return { kind: 'answer', status, why, facts, fields, body: '', changes: [] }
}

const explain = rule('RFC 9110 §15.5', 'an error response explains the error in its content')

/** An answer that says in words, for people, why the request was refused. */
export function refusal(status: number, why: Rule, reason: string, fields: readonly AnswerFields[] = []): Answer {
  const content: AnswerFields = { rule: explain, headers: { 'content-type': 'text/plain; charset=utf-8' } }
  return {
    kind: 'answer',
    status,
    why,
    facts: { reason },
    fields: [...fields, content],
    body: `${reason}\n`,
    changes: [],
  }
}

const conflictReport = rule('RFC 4825 §11', 'a conflict is explained by a document')

/** A conflict: the request makes sense, but not for the documents as they are (RFC 4825 §11). */
export interface Conflict {
  readonly why: Rule
  readonly error: XcapError
}

/** RFC 4825 §11: 409 with a document that says what the conflict is. */
export function conflictAnswer({ why, error: given }: Conflict): Answer {
  const error = 'phrase' in given && given.phrase !== undefined ? { ...given, phrase: printable(given.phrase) } : given
  const content: AnswerFields = { rule: conflictReport, headers: { 'content-type': xcapErrorFormat.type } }
  const phrase = 'phrase' in error ? error.phrase : undefined
  const facts: Facts = { conflict: error.kind, ...(phrase === undefined ? {} : { reason: phrase }) }
  return {
    kind: 'answer',
    status: 409,
    why,
    facts,
    fields: [content],
    body: printXcapError(xcapError(error)),
    changes: [],
  }
}

/** A phrase in which what no XML document can carry is replaced; it may cite what a client sent. */
function printable(phrase: string): string {
  return phrase.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu, '\ufffd')
}
