import {
  childrenOf,
  type DocumentPlace,
  type ElementPlace,
  isElement,
  type Step,
  spliceChildren,
  type XmlDocument,
  type XmlElement,
} from '../documents/index.ts'
import { isNamed } from './node-selector.ts'

/**
 * RFC 4825 §8.2.3: the document with a new element where its selector says; undefined if there is no such place.
 *
 * Without a position it comes behind the last of the siblings that its step names, with one behind the sibling before.
 * Where the step names none yet it becomes the last child, behind all text.
 */
export function placeElement(
  parent: DocumentPlace | ElementPlace,
  step: Step,
  element: XmlElement,
): XmlDocument | undefined {
  // A document has one root element, and it has it already.
  if (parent.kind === 'document') return undefined
  const children = childrenOf(parent)
  const siblings: number[] = []
  children.forEach((child, index) => {
    if (isElement(child) && isNamed(child, step.test)) siblings.push(index)
  })
  const [first] = step.predicates
  const position = first?.kind === 'position' ? first.position : siblings.length + 1
  if (position < 1 || position > siblings.length + 1) return undefined
  const index = placeOf(position, siblings, children.length)
  return spliceChildren(parent, index, index, [element])
}

function placeOf(position: number, siblings: readonly number[], end: number): number {
  if (siblings.length === 0) return end
  return position === 1 ? siblings[0]! : siblings[position - 2]! + 1
}
