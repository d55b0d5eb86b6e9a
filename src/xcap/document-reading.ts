import { declaration, type ElementPlace, printFragment, printXml, type XmlDocument } from '../documents/index.ts'
import type { HttpBody } from '../http/message.ts'
import { rule } from '../sim/rule.ts'
import { type Answer, type AnswerFields, refusal } from './answer.ts'
import { tagFields, unmetCondition } from './conditions.ts'
import { printAttribute } from './content.ts'
import type { StoredDocument } from './document-store.ts'
import { contentTag } from './entity-tag.ts'
import { hold, readStored, treeOf } from './held-document.ts'
import { attributeAt, bindingsAt, elementAt, type NodeSelector, scopeAt } from './node-selector.ts'
import { aggregateOf, type Resource, type Serving, type XcapRequest } from './resource.ts'
import type { Surroundings } from './usage.ts'

const noDocument = rule('RFC 4825 §8.3', 'a document that is not there is not found', ['R6.3.2.2-a', 'R6.3.2.4-a'])
const noNode = rule('RFC 4825 §8.3', 'a selector that selects nothing, or more than one node, finds nothing')
const wholeDocument = rule('RFC 4825 §8.3', 'a document is shown as it is, with the type of its usage', ['R6.3.2.2-a'])
const object = rule('RFC 9110 §9.3.1', 'an object is shown as it was stored, with its own type', ['R6.3.2.4-b'])
const element = rule('RFC 4825 §8.3', 'an element is shown as it stands, without declarations from above it')
const attribute = rule('RFC 4825 §8.3', 'an attribute is shown as its value')
const bindings = rule('RFC 4825 §10', 'namespace bindings are shown as an empty element with all that are in scope')
const headOnly = rule('RFC 9110 §9.3.2', 'HEAD is answered as GET, without the content')

/** What a usage can see around a document. */
export function surroundings({ target }: Pick<Resource, 'target'>, serving: Serving): Surroundings {
  const { store, root, isTaken } = serving
  return {
    store,
    root,
    isTaken,
    usages: [...serving.usages.values()],
    path: target.path,
    xui: target.xui,
    readAs: (path, format) => {
      const document = store.read(path)
      return document === undefined ? undefined : readStored(document, format)
    },
  }
}

/** The document of a resource as it is now, stored or made. */
export function documentOf(resource: Resource, serving: Serving): StoredDocument | undefined {
  const { usage, target } = resource
  const aggregate = aggregateOf(usage, target)
  if (usage.kind !== 'generated' && aggregate === undefined) return serving.store.read(target.path)
  const around = surroundings(resource, serving)
  const tree = usage.kind === 'generated' ? usage.make(target, around) : aggregate!(around)
  return tree === undefined || usage.kind === 'objects' ? undefined : madeDocument(target.path, usage.contentType, tree)
}

function madeDocument(path: string, contentType: string, tree: XmlDocument): StoredDocument {
  const untagged = { path, contentType, body: printXml(tree) }
  const document: StoredDocument = { etag: contentTag(untagged), contentType, body: untagged.body }
  hold(document, tree)
  return document
}

/** RFC 4825 §8.3: the answer to GET, and to HEAD. */
export function answerRead(resource: Resource, request: XcapRequest, serving: Serving): Answer {
  const document = documentOf(resource, serving)
  if (document === undefined) return refusal(404, noDocument, 'There is no such document')
  const shown = show(resource, document)
  if (shown === undefined) return refusal(404, noNode, 'The selector does not select one node')
  const unmet = unmetCondition(request.headers, true, document)
  if (unmet !== undefined) return unmet
  const type: AnswerFields = { rule: shown.why, headers: { 'content-type': shown.contentType } }
  const fields = [tagFields(document.etag), type]
  const isHead = request.method === 'HEAD'
  const why = isHead ? headOnly : shown.why
  return { kind: 'answer', status: 200, why, facts: {}, fields, body: shown.body, changes: [] }
}

interface Shown {
  readonly why: typeof element
  readonly contentType: string
  readonly body: HttpBody
}

function show({ usage, selector }: Resource, document: StoredDocument): Shown | undefined {
  const { contentType, body } = document
  if (selector === undefined) return { why: usage.kind === 'objects' ? object : wholeDocument, contentType, body }
  const tree = treeOf(document)
  const place = tree === undefined ? undefined : elementAt(tree, selector.elements)
  return place === undefined ? undefined : showNode(place, selector)
}

function showNode(place: ElementPlace, { terminal }: NodeSelector): Shown | undefined {
  if (terminal === undefined) {
    const body = printFragment([place.element], scopeAt(place.parent))
    return { why: element, contentType: 'application/xcap-el+xml', body }
  }
  if (terminal.axis === 'namespace') {
    return { why: bindings, contentType: 'application/xcap-ns+xml', body: printBindings(place) }
  }
  const found = attributeAt(place, terminal)
  if (found === undefined) return undefined
  return { why: attribute, contentType: 'application/xcap-att+xml', body: printAttribute(found.attribute.value) }
}

/** RFC 4825 §10: an element of the same name, with the declarations in scope and nothing in it. */
function printBindings(place: ElementPlace): string {
  const declarations = [...bindingsAt(place)].filter(([, namespace]) => namespace !== '')
  const attributes = declarations.map(([prefix, namespace]) => declaration(prefix, namespace))
  return printXml({ ...place.element, attributes, children: [] })
}
