import { parseContentType, type XmlDocument, xmlLimits } from '../documents/index.ts'
import type { HttpBody } from '../http/message.ts'
import { type Rule, rule } from '../sim/rule.ts'
import { closestUri } from './ancestor.ts'
import { type Answer, type Conflict, conflictAnswer, plainAnswer, refusal } from './answer.ts'
import { tagFields, unmetCondition } from './conditions.ts'
import { readDocument } from './content.ts'
import { surroundings } from './document-reading.ts'
import type { StoredDocument } from './document-store.ts'
import type { UntaggedDocument } from './entity-tag.ts'
import { hold, printChanged, treeOf } from './held-document.ts'
import { type ChangedNode, changeNode, removeNode } from './node-changing.ts'
import type { Resource, Serving, XcapRequest } from './resource.ts'
import { type DocumentUsage, isLarger } from './usage.ts'

const tooLarge = rule('RFC 9110 §15.5.14', 'content that no document needs is too large')
const plainCoding = rule('RFC 9110 §15.5.16', 'content that is encoded is not taken')
const noRange = rule('RFC 9110 §14.5', 'a part of a document is not put by its bytes')
const ownType = rule(
  'RFC 4825 §8.2.2',
  'a document has the type of its usage, an element and an attribute have their own',
)
const typed = rule('RFC 9110 §8.3', 'an object comes with its type', ['R6.3.2.4-b'])
const folder = rule('RFC 4825 §8.2.1', 'a document is put where there is a folder for it')
const oneName = rule('RFC 4827 §9', 'a presentity has one document of hard state, the index', ['R6.3.2.4-a'])
const created = rule('RFC 4825 §8.2.4', 'what was not there before is created', [
  'R6.3.2.2-a',
  'R6.3.2.3-a',
  'R6.3.2.4-a',
])
const replaced = rule('RFC 4825 §8.2.4', 'what was there before is replaced', [
  'R6.3.2.2-a',
  'R6.3.2.3-a',
  'R6.3.2.4-a',
])
const storedObject = rule('RFC 4483 §5', 'an object is stored as it came', ['R6.3.2.4-b'])
const noDocument = rule('RFC 4825 §8.4', 'what is not there can not be deleted', ['R6.3.2.2-a'])
const deleted = rule('RFC 4825 §8.4', 'a document or a node of it is deleted', ['R6.3.2.2-a', 'R6.3.2.4-b'])
const noDocumentYet = rule('RFC 4825 §8.2.1', 'a node is put into a document that exists')
const growth = rule('RFC 4825 §8.2.5', 'a document stays within what the server can keep')

/** RFC 4825 §8.2: the answer to PUT, with the change that it makes. */
export function answerPut(resource: Resource, request: XcapRequest, serving: Serving): Answer {
  const { headers, body } = request
  if (isLarger(body, serving.largestBody)) {
    return refusal(413, tooLarge, `Content has ${serving.largestBody} bytes at most`)
  }
  const refused = refusedContent(resource, request)
  if (refused !== undefined) return refused
  const document = serving.store.read(resource.target.path)
  const unmet = unmetCondition(headers, false, document)
  if (unmet !== undefined) return unmet
  const { usage } = resource
  if (usage.kind !== 'documents') {
    const contentType = headers['content-type']!
    return putWhole({ path: resource.target.path, contentType, body, before: document }, serving, storedObject)
  }
  return resource.selector === undefined
    ? putDocument(resource, usage, request, serving, document)
    : putNode(resource, usage, request, serving, document)
}

/** RFC 4825 §8.2.2: 415 if the content is not of the type that the resource has. */
function refusedContent({ usage, selector }: Resource, { headers }: XcapRequest): Answer | undefined {
  const coding = headers['content-encoding']
  if (coding !== undefined && !/^\s*identity\s*$/i.test(coding)) {
    const accept = [{ rule: plainCoding, headers: { 'accept-encoding': 'identity' } }]
    return refusal(415, plainCoding, `Content is not taken with the encoding ${coding}`, accept)
  }
  if (headers['content-range'] !== undefined) return refusal(400, noRange, 'Content is put as a whole')
  const given = parseContentType(headers['content-type'] ?? '')?.type
  if (usage.kind !== 'documents')
    return given === undefined ? refusal(415, typed, 'There is no Content-Type') : undefined
  const terminal = selector?.terminal
  const node = terminal === undefined ? 'application/xcap-el+xml' : 'application/xcap-att+xml'
  const wanted = selector === undefined ? usage.contentType : node
  if (given === wanted) return undefined
  const accept = [{ rule: ownType, headers: { accept: wanted } }]
  return refusal(415, ownType, `This has the type ${wanted}, not ${given ?? 'none'}`, accept)
}

function putDocument(
  resource: Resource,
  usage: DocumentUsage,
  request: XcapRequest,
  serving: Serving,
  before: StoredDocument | undefined,
): Answer {
  const { names, xui, path } = resource.target
  if (names.length > 1) {
    const home = path.slice(0, path.length - names.join('/').length - 1)
    const phrase = `There is no folder ${names.slice(0, -1).join('/')}`
    return conflictAnswer({
      why: folder,
      error: { kind: 'no-parent', phrase, ancestor: closestUri(home, serving.root) },
    })
  }
  if (usage.onlyName !== undefined && xui !== undefined && names[0] !== usage.onlyName) {
    const phrase = `The document of a user is named ${usage.onlyName}`
    return conflictAnswer({ why: oneName, error: { kind: 'constraint-failure', phrase } })
  }
  const read = readDocument(request.body, request.headers['content-type']!)
  if (read.kind === 'conflict') return conflictAnswer(read)
  const conflict = usage.conflict?.(read.value.tree, surroundings(resource, serving))
  if (conflict !== undefined) return conflictAnswer(conflict)
  const { contentType } = usage
  const answer = putWhole({ path, contentType, body: read.value.text, before }, serving)
  keepTree(answer, read.value.tree)
  return answer
}

function putNode(
  resource: Resource,
  usage: DocumentUsage,
  request: XcapRequest,
  serving: Serving,
  before: StoredDocument | undefined,
): Answer {
  const tree = before === undefined ? undefined : treeOf(before)
  if (before === undefined || tree === undefined) {
    const { path } = resource.target
    const ancestor = closestUri(path.slice(0, path.lastIndexOf('/')), serving.root)
    const error = { kind: 'no-parent', phrase: 'There is no such document', ancestor } as const
    return conflictAnswer({ why: noDocumentYet, error })
  }
  const change = changeNode(tree, resource, request, serving.root)
  if (change.kind === 'conflict') return conflictAnswer(change)
  if (change.kind === 'unchanged') return unchanged(before, replaced)
  return changed({ resource, usage, serving, before }, change, change.isNew ? created : replaced)
}

/** A document with which something is to be done. */
interface Case {
  readonly resource: Resource
  readonly usage: DocumentUsage
  readonly serving: Serving
  readonly before: StoredDocument
}

/** RFC 4825 §8.2.5: the document with a changed node is stored, if it may be so. */
function changed({ resource, usage, serving, before }: Case, node: ChangedNode, why: Rule): Answer {
  const { tree, change, isNew, replacement } = node
  const conflict = usage.conflict?.(tree, surroundings(resource, serving))
  if (conflict !== undefined) return conflictAnswer(conflict)
  const body = printChanged(tree, before, replacement)
  if (body.length > xmlLimits.characters || isLarger(body, serving.largestBody)) {
    return conflictAnswer(tooMuch('The document would be too large'))
  }
  const { contentType } = before
  const untagged: UntaggedDocument = { path: resource.target.path, contentType, body, before, change }
  const answer = stored(untagged, serving, why, isNew ? 201 : 200)
  keepTree(answer, tree, before)
  return answer
}

function tooMuch(phrase: string): Conflict {
  return { why: growth, error: { kind: 'constraint-failure', phrase } }
}

/** The answer to a change, with the document as it becomes. */
function stored(untagged: UntaggedDocument, { etag }: Serving, why: Rule, status: 200 | 201): Answer {
  const { path, contentType, body, before } = untagged
  const after: StoredDocument = { etag: etag(untagged), contentType, body }
  const fields = [tagFields(after.etag)]
  return { kind: 'answer', status, why, facts: {}, fields, body: '', changes: [{ path, before, after }] }
}

/** The answer to what leaves a document as it was, which does not change its entity-tag either. */
function unchanged({ etag }: StoredDocument, why: Rule): Answer {
  return plainAnswer(200, why, [tagFields(etag)])
}

/** A whole document or object takes the place of what was there. */
function putWhole(untagged: UntaggedDocument, serving: Serving, why?: Rule): Answer {
  const { before, contentType, body } = untagged
  if (before === undefined) return stored(untagged, serving, why ?? created, 201)
  const isSame = contentType === before.contentType && isSameBody(body, before.body)
  return isSame ? unchanged(before, why ?? replaced) : stored(untagged, serving, why ?? replaced, 200)
}

function isSameBody(one: HttpBody, other: HttpBody): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

function keepTree({ changes }: Answer, tree: XmlDocument, from?: StoredDocument): void {
  for (const { after } of changes) if (after !== undefined) hold(after, tree, from)
}

/** RFC 4825 §8.4: the answer to DELETE, with the change that it makes. */
export function answerDelete(resource: Resource, request: XcapRequest, serving: Serving): Answer {
  const { usage, target, selector } = resource
  const before = serving.store.read(target.path)
  if (before === undefined) return refusal(404, noDocument, 'There is no such document')
  const tree = selector === undefined ? undefined : treeOf(before)
  const removal = selector === undefined || tree === undefined ? undefined : removeNode(tree, selector)
  if (selector !== undefined && removal === undefined) {
    return refusal(404, noDocument, 'The selector does not select one node')
  }
  const unmet = unmetCondition(request.headers, false, before)
  if (unmet !== undefined) return unmet
  if (removal?.kind === 'conflict') return conflictAnswer(removal)
  if (removal?.kind === 'changed' && usage.kind === 'documents') {
    return changed({ resource, usage, serving, before }, removal, deleted)
  }
  return { ...plainAnswer(200, deleted), changes: [{ path: target.path, before, after: undefined }] }
}
