/**
 * Changes to a document: each gives a new document, which shares everything but the way to the change with the old one.
 */
import type { DocumentPlace, ElementPlace } from './locate.ts'
import { childrenOf } from './locate.ts'
import type { XmlComment, XmlDocument, XmlElement, XmlNode } from './tree.ts'
import { isElement } from './tree.ts'

/**
 * The document with the children of a place from an index up to another replaced by nodes. Strings that come to stand
 * side by side become one. Below the document itself only markup may stand, and one element: the caller sees to it.
 */
export function spliceChildren(
  parent: DocumentPlace | ElementPlace,
  from: number,
  end: number,
  nodes: readonly XmlNode[],
): XmlDocument {
  const children = childrenOf(parent)
  const result: XmlNode[] = []
  for (let i = 0; i < from; i++) result.push(children[i]!)
  for (const node of nodes) append(result, node)
  for (let i = end; i < children.length; i++) {
    if (i === end) append(result, children[i]!)
    else result.push(children[i]!)
  }
  return parent.kind === 'document'
    ? withChildren(parent.document, result)
    : replaceElement(parent, { ...parent.element, children: result })
}

function append(nodes: XmlNode[], node: XmlNode): void {
  const last = nodes.at(-1)
  if (typeof node !== 'string') nodes.push(node)
  else if (typeof last === 'string') nodes[nodes.length - 1] = last + node
  else if (node !== '') nodes.push(node)
}

function withChildren(document: XmlDocument, children: readonly XmlNode[]): XmlDocument {
  const at = children.findIndex((child) => isElement(child))
  return {
    ...document,
    prolog: children.slice(0, at) as XmlComment[],
    root: children[at] as XmlElement,
    epilog: children.slice(at + 1) as XmlComment[],
  }
}

/** The document with another element in the place of one. */
export function replaceElement(place: ElementPlace, element: XmlElement): XmlDocument {
  let above = place.parent
  let node = element
  let index = place.index
  while (above.kind === 'element') {
    const children = above.element.children.slice()
    children[index] = node
    node = { ...above.element, children }
    index = above.index
    above = above.parent
  }
  return { ...above.document, root: node }
}
