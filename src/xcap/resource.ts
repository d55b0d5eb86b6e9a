import type { HttpHeaders } from '../http/message.ts'
import { rule } from '../sim/rule.ts'
import { type Answer, type AnswerFields, plainAnswer, refusal } from './answer.ts'
import type { DocumentStore } from './document-store.ts'
import type { UntaggedDocument } from './entity-tag.ts'
import { type NodeSelector, parseNodeSelector } from './node-selector.ts'
import { parseTarget, type Root, type Target } from './target.ts'
import type { Usage } from './usage.ts'

/** A server at work: what was configured, with nothing left open. */
export interface Serving {
  readonly root: Root
  readonly store: DocumentStore
  readonly usages: ReadonlyMap<string, Usage>
  readonly etag: (document: UntaggedDocument) => string
  readonly owns: (identity: string, xui: string) => boolean
  readonly isUser: (xui: string) => boolean
  readonly isTaken: (uri: string) => boolean
  readonly largestBody: number
}

/** A request as far as the server looks at it; the names of its header fields are in lower case. */
export interface XcapRequest {
  readonly method: string
  readonly target: string
  readonly headers: HttpHeaders
  readonly body: string | Uint8Array
  /** The identities of the one who asks, as authenticated; undefined if there is no access control. */
  readonly identities: readonly string[] | undefined
}

/** A document or a node of it, in a usage that the server has. */
export interface Resource {
  readonly kind: 'resource'
  readonly target: Target
  readonly usage: Usage
  /** Undefined if the whole document is meant. */
  readonly selector: NodeSelector | undefined
}

const unknown = rule('RFC 4825 §8', 'what the server does not know is not found', ['R6.3.2.2-a'])
const noNodes = rule('RFC 4825 §8', 'only XML documents of a usage have nodes')
const allowed = rule('RFC 4825 §8.1', 'other methods than GET, PUT and DELETE are not allowed on a resource', [
  'R6.1-a',
])
const readOnlyNode = rule('RFC 4825 §8.2', 'namespace bindings can only be read')
const readOnlyDocument = rule('RFC 4825 §5.7', 'a document that the server makes can only be read')
const unknownMethod = rule('RFC 9110 §15.6.2', 'a method that is not known is not implemented')
const tellMethods = rule('RFC 9110 §9.3.7', 'the methods of a resource are told to who asks')
const listMethods = rule('RFC 9110 §10.2.1', 'Allow lists the methods that a resource has')
const ownersOnly = rule('RFC 4825 §5.7', 'a user reads and writes her own documents and nobody else does', [
  'R6.3.2.2-a',
  'R6.3.2.3-a',
  'R6.3.2.4-a',
])
const globalRead = rule('RFC 4825 §5.7', 'all users read the global tree and none of them writes it')

const readMethods = 'GET, HEAD, OPTIONS'
const allMethods = 'GET, HEAD, OPTIONS, PUT, DELETE'
const knownMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH', 'TRACE', 'CONNECT'])

const allowFields = (methods: string): AnswerFields[] => [{ rule: listMethods, headers: { allow: methods } }]

/**
 * What a request is about, if who asks may do to it what is asked; else the answer: 400, 403, 404, 405, 414, 501, and
 * 200 to OPTIONS.
 */
export function resourceOf(request: XcapRequest, serving: Serving): Resource | Answer {
  const { method } = request
  if (!knownMethods.has(method)) return refusal(501, unknownMethod, `There is no method ${method.slice(0, 40)}`)
  if (request.target === '*' && method === 'OPTIONS') return plainAnswer(200, tellMethods, allowFields(allMethods))
  const resource = named(request.target, serving)
  if (resource.kind !== 'resource') return resource
  const readOnly = readOnlyBy(resource)
  const methods = readOnly === undefined ? allMethods : readMethods
  if (method === 'OPTIONS') return plainAnswer(200, tellMethods, allowFields(methods))
  if (!methods.includes(method) || !/^(GET|HEAD|PUT|DELETE)$/.test(method)) {
    return refusal(405, readOnly ?? allowed, `This allows ${methods}`, allowFields(methods))
  }
  return forbidden(resource, request, serving) ?? resource
}

function named(text: string, serving: Serving): Resource | Answer {
  const target = parseTarget(text, serving.root)
  if (target.kind === 'answer') return target
  const usage = serving.usages.get(target.auid)
  if (usage === undefined) return refusal(404, unknown, `There is no application usage ${target.auid}`)
  if (target.xui !== undefined && !serving.isUser(target.xui)) {
    return refusal(404, unknown, `There is no user ${target.xui}`)
  }
  if (target.selector === undefined) return { kind: 'resource', target, usage, selector: undefined }
  if (usage.kind === 'objects') return refusal(404, noNodes, 'An object has no nodes')
  const selector = parseNodeSelector(target.selector, target.query, usage.defaultNamespace)
  return selector.kind === 'node-selector' ? { kind: 'resource', target, usage, selector } : selector
}

/** The rule by which a resource can only be read; undefined if it can be written. */
function readOnlyBy({ usage, target, selector }: Resource) {
  if (usage.kind === 'generated' || aggregateOf(usage, target) !== undefined) return readOnlyDocument
  return selector?.terminal?.axis === 'namespace' ? readOnlyNode : undefined
}

/** How a document of the global tree is made from those of the users; undefined if it is not. */
export function aggregateOf(usage: Usage, target: Target) {
  if (usage.kind !== 'documents' || target.tree !== 'global') return undefined
  const name = target.names.join('/')
  return Object.hasOwn(usage.aggregate ?? {}, name) ? usage.aggregate?.[name] : undefined
}

/** RFC 4825 §5.7: the default policy, which all usages here have: 403 for whom it does not let in. */
function forbidden({ usage, target }: Resource, request: XcapRequest, serving: Serving): Answer | undefined {
  const { identities } = request
  if (identities === undefined) return undefined
  const { xui } = target
  if (xui === undefined) {
    const reads = request.method === 'GET' || request.method === 'HEAD'
    return reads ? undefined : refusal(403, globalRead, 'The global tree is not yours to write')
  }
  if (usage.kind === 'generated' && usage.isPublic) return undefined
  if (identities.some((identity) => serving.owns(identity, xui))) return undefined
  return refusal(403, ownersOnly, 'This document belongs to somebody else')
}
