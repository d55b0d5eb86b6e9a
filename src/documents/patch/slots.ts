/**
 * The content of an element as markup with a slot for text before, between and after: the form in which two contents
 * are compared, and in which it is followed how each patch operation leaves the content.
 */
import { isText, textBetween } from '../xml/locate.ts'
import type { XmlElement, XmlNode } from '../xml/tree.ts'
import type { Markup } from './pairing.ts'
import { identifierOf } from './pairing.ts'

/** The content of an element: one text more than there is markup; a text that is not there is empty. */
export interface Slots {
  readonly texts: string[]
  readonly nodes: Markup[]
}

/** The content of an element. CDATA sections count as their text. */
export function slotsOf(element: XmlElement): Slots {
  const { children } = element
  const slots: Slots = { texts: [''], nodes: [] }
  for (let i = 0; i < children.length; i++) {
    const child = children[i]!
    if (isText(child)) slots.texts[slots.texts.length - 1] += textBetween(children, i, i + 1)
    else {
      slots.nodes.push(child)
      slots.texts.push('')
    }
  }
  return slots
}

/** The content from a node up to another: the nodes, and the texts between them. */
export function run(slots: Slots, from: number, end: number): XmlNode[] {
  const nodes: XmlNode[] = []
  for (let i = from; i < end; i++) {
    nodes.push(slots.nodes[i]!)
    if (i + 1 < end && slots.texts[i + 1] !== '') nodes.push(slots.texts[i + 1]!)
  }
  return nodes
}

/** Takes a node out; the texts around it become one. */
export function removeNode(slots: Slots, index: number, text: string): void {
  slots.nodes.splice(index, 1)
  slots.texts.splice(index, 2, text)
}

/** Puts nodes and texts of another content in before a node. */
export function insertRun(slots: Slots, at: number, from: Slots, start: number, end: number): void {
  slots.nodes.splice(at, 0, ...from.nodes.slice(start, end))
  slots.texts.splice(at, 1, ...from.texts.slice(start, end + 1))
}

/** How a selector names an element; undefined if the patch document cannot say the name. */
export type Namer = (element: XmlElement) => string | undefined

/** The step of a selector that leads to a node among its siblings, and to no other. */
export function stepTo(slots: Slots, index: number, nameOf: Namer): string {
  const node = slots.nodes[index]!
  if (node.kind === 'comment') return numbered('comment()', slots, index, (each) => each.kind === 'comment')
  if (node.kind === 'instruction') {
    const same = (each: Markup) => each.kind === 'instruction' && each.target === node.target
    return numbered(`processing-instruction('${node.target}')`, slots, index, same)
  }
  const name = nameOf(node)
  if (name === undefined) return numbered('*', slots, index, (each) => each.kind === 'element')
  const same = (each: Markup) => each.kind === 'element' && each.name === node.name && each.namespace === node.namespace
  return identified(name, slots, node, same) ?? numbered(name, slots, index, same)
}

function identified(name: string, slots: Slots, node: XmlElement, same: (each: Markup) => boolean) {
  const identifier = identifierOf(node)
  if (identifier === undefined) return undefined
  const { name: attribute, value } = identifier
  const quote = value.includes("'") ? '"' : "'"
  if (value.includes(quote)) return undefined
  const alike = slots.nodes.filter(
    (each) => same(each) && each.kind === 'element' && identifierIs(each, attribute, value),
  )
  return alike.length === 1 ? `${name}[@${attribute}=${quote}${value}${quote}]` : undefined
}

function identifierIs(element: XmlElement, name: string, value: string): boolean {
  return element.attributes.some((each) => each.namespace === '' && each.name === name && each.value === value)
}

function numbered(test: string, slots: Slots, index: number, same: (each: Markup) => boolean): string {
  let position = 0
  let total = 0
  slots.nodes.forEach((each, i) => {
    if (!same(each)) return
    total++
    if (i <= index) position++
  })
  return total === 1 ? test : `${test}[${position}]`
}

/** The step that leads to a text. */
export function stepToText(slots: Slots, slot: number): string {
  const total = slots.texts.filter((text) => text !== '').length
  const position = slots.texts.slice(0, slot + 1).filter((text) => text !== '').length
  return total === 1 ? 'text()' : `text()[${position}]`
}
