/**
 * The difference of two documents as patch operations (RFC 5261): what to do to the one so that it becomes the other.
 *
 * Elements are paired by name and by what identifies them (`id`, `uri`, …); pairs are compared inside, the others are
 * added and removed. Selectors name elements by their identifier where there is one and by position where there is
 * none; each operation is written against the document as the operations before it leave it.
 */
import { canonical } from '../xml/canonical.ts'
import { printFragment, printXml, withDeclarations } from '../xml/print.ts'
import type { NamespaceScope, XmlDocument, XmlElement, XmlNode } from '../xml/tree.ts'
import {
  declaration,
  isDeclaration,
  isDeclaredIn,
  isDocumentError,
  isElement,
  isWhiteSpace,
  namespaceOf,
  scopeWithin,
  vocabulary,
} from '../xml/tree.ts'
import { parseXml } from '../xml/xml.ts'
import type { Markup } from './pairing.ts'
import { pairUp, signature } from './pairing.ts'
import { patchWith } from './patch.ts'
import type { Slots } from './slots.ts'
import { insertRun, removeNode, run, slotsOf, stepTo, stepToText } from './slots.ts'

/**
 * A patch document that makes a document out of another, both as texts: `applyPatch(from, diff(from, to))` is equal to
 * `to` in canonical form. Its root is `<diff>`, which is in no namespace, or, where the documents have a default
 * namespace, in that of the examples of RFC 5261. Throws a RangeError if one of the texts is not well-formed.
 */
export function diff(from: string, to: string): string {
  const before = wellFormed(from)
  const after = wellFormed(to)
  const plan = diffTrees(before, after)
  const inDefault = plan.prefixes.get('') ?? ''
  const root =
    inDefault === '' ? vocabulary('', '')('diff') : vocabulary(freePrefix(plan), 'urn:ietf:params:xml:ns:diff')('diff')
  return printXml(patchDocument(root, plan))
}

function wellFormed(text: string): XmlDocument {
  const document = parseXml(text)
  if (!isDocumentError(document)) return document
  throw new RangeError(`Line ${document.line}, column ${document.column}: ${document.reason}`)
}

/** A prefix for the operations that means nothing else in the patch document. */
export function freePrefix(plan: DiffPlan): string {
  let prefix = 'p'
  while (plan.prefixes.has(prefix)) prefix += 'p'
  return prefix
}

/** The operations, named but in no namespace yet, and the prefixes that their selectors use. */
export interface DiffPlan {
  readonly operations: XmlElement[]
  /** What each prefix stands for; '' for the empty prefix where selectors name elements in no namespace. */
  readonly prefixes: Map<string, string>
}

/** The patch document with the operations of a plan below a root element, in the namespace of that root. */
export function patchDocument(root: XmlElement, plan: DiffPlan): XmlDocument {
  const { prefix, namespace } = root
  const children: XmlNode[] = plan.operations.map((each) => ({ ...each, prefix, namespace }))
  const declarations = [...plan.prefixes].filter(([, uri]) => uri !== '').map(([name, uri]) => declaration(name, uri))
  const bare: XmlElement = { ...root, attributes: [...declarations, ...root.attributes], children }
  return { kind: 'document', declaration: { encoding: 'UTF-8' }, prolog: [], root: withDeclarations(bare), epilog: [] }
}

/** The operations that make one document out of another. */
export function diffTrees(from: XmlDocument, to: XmlDocument): DiffPlan {
  const prolog = diffOutside(from.prolog, to.prolog, 'before', [])
  const epilog = diffOutside(from.epilog, to.epilog, 'after', to.prolog)
  const plan: DiffPlan = { operations: [...prolog], prefixes: new Map() }
  if (signature(from.root) !== signature(to.root) || !diffElement('*', from.root, to.root, undefined, plan)) {
    return wholesale(prolog, epilog, to)
  }
  plan.operations.push(...epilog)
  return works(plan, from, to) ? plan : wholesale(prolog, epilog, to)
}

/** Whether the operations do what they should: so that no two documents can be found for which they do not. */
function works(plan: DiffPlan, from: XmlDocument, to: XmlDocument): boolean {
  let scope: NamespaceScope | undefined
  for (const [prefix, namespace] of plan.prefixes) scope = { prefix, namespace, outer: scope }
  const result = patchWith(from, plan.operations, scope)
  return result.kind === 'document' && canonical(result) === canonical(to)
}

/** The root element replaced as a whole. */
function wholesale(prolog: readonly XmlElement[], epilog: readonly XmlElement[], to: XmlDocument): DiffPlan {
  const replace = operation('replace', { sel: '*' }, [selfContained(to.root, undefined)])
  return { operations: [...prolog, replace, ...epilog], prefixes: new Map() }
}

function operation(
  name: 'add' | 'replace' | 'remove',
  attributes: Readonly<Record<string, string | undefined>>,
  children: readonly XmlNode[] = [],
): XmlElement {
  return vocabulary('', '')(name, attributes, children)
}

/**
 * Comments and instructions on one side of the root: if any changed, all go and come. `ahead` is what stands before.
 */
function diffOutside(
  from: readonly Markup[],
  to: readonly Markup[],
  pos: 'before' | 'after',
  ahead: readonly Markup[],
) {
  if (printFragment(from, undefined) === printFragment(to, undefined)) return []
  const operations: XmlElement[] = from.map((node) => {
    const position = ahead.filter((each) => each.kind === node.kind).length + 1
    const test = node.kind === 'comment' ? 'comment()' : 'processing-instruction()'
    return operation('remove', { sel: `${test}[${position}]` })
  })
  if (to.length > 0) operations.push(operation('add', { sel: '*', pos }, to))
  return operations
}

/**
 * Adds what makes an element out of another of the same name, at a selector, to the plan; false if it cannot be said.
 * Replacing the element as a whole is preferred where that is shorter. `scope` is what its parent has declared.
 */
function diffElement(
  sel: string,
  before: XmlElement,
  after: XmlElement,
  scope: NamespaceScope | undefined,
  plan: DiffPlan,
): boolean {
  const inner = scopeWithin(before, scope)
  const start = plan.operations.length
  const replacement = operation('replace', { sel }, [selfContained(after, scope)])
  if (!diffAttributes(sel, before, after, inner, plan)) {
    if (scope === undefined) return false
    plan.operations.push(replacement)
    return true
  }
  diffContent(sel, slotsOf(before), slotsOf(after), inner, plan)
  if (plan.operations.length > start + 1 && scope !== undefined) {
    const length = printFragment(plan.operations.slice(start), undefined).length
    if (length > printFragment([replacement], undefined).length) plan.operations.splice(start, Infinity, replacement)
  }
  return true
}

function diffAttributes(
  sel: string,
  before: XmlElement,
  after: XmlElement,
  scope: NamespaceScope | undefined,
  plan: DiffPlan,
): boolean {
  const [old, fresh] = [before, after].map((each) => each.attributes.filter((one) => !isDeclaration(one)))
  const operations: XmlElement[] = []
  const find = (attributes: typeof fresh, like: { name: string; namespace: string }) =>
    attributes?.find((each) => each.name === like.name && each.namespace === like.namespace)
  for (const each of old!) {
    const name = sayable(each.prefix, each.namespace, each.name, plan, true)
    if (name === undefined) return false
    const now = find(fresh, each)
    if (now === undefined) operations.push(operation('remove', { sel: `${sel}/@${name}` }))
    else if (now.prefix !== each.prefix) return false
    else if (now.value !== each.value) {
      operations.push(operation('replace', { sel: `${sel}/@${name}` }, now.value === '' ? [] : [now.value]))
    }
  }
  for (const each of fresh!) {
    if (find(old, each) !== undefined) continue
    const name = sayable(each.prefix, each.namespace, each.name, plan, true)
    if (name === undefined || (each.prefix !== '' && namespaceOf(each.prefix, scope) !== each.namespace)) return false
    operations.push(operation('add', { sel, type: `@${name}` }, each.value === '' ? [] : [each.value]))
  }
  plan.operations.push(...operations)
  return true
}

/** A name as the patch document can say it: its prefix is declared there, unless it already means something else. */
function sayable(prefix: string, namespace: string, name: string, plan: DiffPlan, ofAttribute: boolean) {
  if (prefix === 'xml') return `xml:${name}`
  if (ofAttribute && prefix === '') return name
  const known = plan.prefixes.get(prefix)
  if (known === undefined) plan.prefixes.set(prefix, namespace)
  if (known !== undefined && known !== namespace) return undefined
  return prefix === '' ? name : `${prefix}:${name}`
}

/** The content from left to right: what is left of `index` is as it will be, what is right of it as it was. */
function diffContent(
  sel: string,
  current: Slots,
  wanted: Slots,
  scope: NamespaceScope | undefined,
  plan: DiffPlan,
): void {
  const content: Content = { sel, current, wanted, scope, plan }
  const pairs = pairUp(current.nodes, wanted.nodes)
  let index = 0
  let removed = 0
  for (const { before, after } of [...pairs, { before: Number.NaN, after: wanted.nodes.length }]) {
    const last = Number.isNaN(before)
    const old = last ? current.nodes.length - index : before - removed - index
    removed += changeGap(content, index, old, after - index) - (after - index)
    index = after
    setText(content, index, wanted.texts[index]!)
    if (last) return
    changeNode(content, index)
    index++
  }
}

/** What comparing one content works on. */
interface Content {
  readonly sel: string
  /** The content as the operations so far leave it. */
  readonly current: Slots
  readonly wanted: Slots
  readonly scope: NamespaceScope | undefined
  readonly plan: DiffPlan
}

/** Old nodes from an index give way to new ones; gives the number of the old ones. */
function changeGap(content: Content, from: number, old: number, fresh: number): number {
  const { current, wanted } = content
  let index = from
  let toRemove = old
  while (toRemove > 0 && index < from + fresh && isElement(current.nodes[index]!) && isElement(wanted.nodes[index]!)) {
    setText(content, index, wanted.texts[index]!)
    replaceNode(content, index++)
    toRemove--
  }
  for (; toRemove > 0; toRemove--) remove(content, index, toRemove === 1 ? wanted.texts[index] : undefined)
  if (index < from + fresh) insert(content, index, from + fresh)
  return old
}

function stepOf({ current, plan }: Content, index: number): string {
  return stepTo(current, index, (element) => sayable(element.prefix, element.namespace, element.name, plan, false))
}

function replaceNode(content: Content, index: number): void {
  const { sel, current, wanted, scope, plan } = content
  const node = wanted.nodes[index]!
  const replacement = isElement(node) ? selfContained(node, scope) : node
  plan.operations.push(operation('replace', { sel: `${sel}/${stepOf(content, index)}` }, [replacement]))
  current.nodes[index] = node
}

function changeNode(content: Content, index: number): void {
  const { sel, current, wanted, scope, plan } = content
  const [before, after] = [current.nodes[index]!, wanted.nodes[index]!]
  if (printFragment([before], undefined) === printFragment([after], undefined)) return
  if (isElement(before) && isElement(after)) {
    diffElement(`${sel}/${stepOf(content, index)}`, before, after, scope ?? noScope, plan)
    current.nodes[index] = after
  } else replaceNode(content, index)
}

/** A scope without declarations, below the root: unlike no scope at all, which is outside of it. */
const noScope: NamespaceScope = { prefix: 'xml', namespace: 'http://www.w3.org/XML/1998/namespace', outer: undefined }

/** Removes a node and, where it helps, the white space beside it, so that the text that is wanted is left. */
function remove({ sel, current, plan, ...rest }: Content, index: number, wanted: string | undefined): void {
  const [left, right] = [current.texts[index]!, current.texts[index + 1]!]
  const blank = (text: string) => text !== '' && isWhiteSpace(text)
  const choices: { ws?: string; text: string }[] = [{ text: left + right }]
  if (blank(right)) choices.unshift({ ws: 'after', text: left })
  if (blank(left)) choices.push({ ws: 'before', text: right })
  if (blank(left) && blank(right)) choices.push({ ws: 'both', text: '' })
  const { ws, text } = choices.find((each) => each.text === wanted) ?? choices[0]!
  const step = stepOf({ sel, current, plan, ...rest }, index)
  plan.operations.push(operation('remove', { sel: `${sel}/${step}`, ws }))
  removeNode(current, index, text)
}

/** Inserts wanted nodes where one operation does it: the text that is there stays before or behind them. */
function insert(content: Content, from: number, end: number): void {
  const { sel, current, wanted, scope, plan } = content
  const [first, last] = [wanted.texts[from]!, wanted.texts[end]!]
  if (current.texts[from] !== first && current.texts[from] !== last) setText(content, from, first)
  const nodes = run(wanted, from, end).map((node) => (isElement(node) ? selfContained(node, scope) : node))
  const behindText = current.texts[from] === first
  if (behindText && last !== '') nodes.push(last)
  if (!behindText && first !== '') nodes.unshift(first)
  plan.operations.push(operation('add', placeFor(content, from, behindText, sel), nodes))
  insertRun(current, from, wanted, from, end)
}

/** Where an addition goes: behind the text of a slot is before the next node, before the text is after the last one. */
function placeFor(content: Content, index: number, behindText: boolean, sel: string) {
  const { nodes } = content.current
  if (behindText) return index < nodes.length ? { sel: `${sel}/${stepOf(content, index)}`, pos: 'before' } : { sel }
  return index > 0 ? { sel: `${sel}/${stepOf(content, index - 1)}`, pos: 'after' } : { sel, pos: 'prepend' }
}

function setText(content: Content, slot: number, text: string): void {
  const { sel, current, plan } = content
  const before = current.texts[slot]!
  if (before === text) return
  if (before === '') plan.operations.push(operation('add', placeFor(content, slot, true, sel), [text]))
  else {
    const target = { sel: `${sel}/${stepToText(current, slot)}` }
    plan.operations.push(text === '' ? operation('remove', target) : operation('replace', target, [text]))
  }
  current.texts[slot] = text
}

/** An element with declarations of its own for the prefixes that mean something else where it will stand. */
function selfContained(element: XmlElement, scope: NamespaceScope | undefined): XmlElement {
  const missing = new Map<string, string>()
  collectForeign(element, undefined, scope, missing)
  const own = [...missing].map(([prefix, namespace]) => declaration(prefix, namespace))
  return own.length === 0 ? element : { ...element, attributes: [...own, ...element.attributes] }
}

function collectForeign(
  element: XmlElement,
  local: NamespaceScope | undefined,
  scope: NamespaceScope | undefined,
  missing: Map<string, string>,
): void {
  const inner = scopeWithin(element, local)
  const note = (prefix: string, namespace: string) => {
    if (isDeclaredIn(prefix, inner)) return
    if (namespaceOf(prefix, scope) !== namespace && !missing.has(prefix)) missing.set(prefix, namespace)
  }
  note(element.prefix, element.namespace)
  for (const { prefix, namespace } of element.attributes) {
    if (prefix !== '' && prefix !== 'xml' && prefix !== 'xmlns') note(prefix, namespace)
  }
  for (const child of element.children) if (isElement(child)) collectForeign(child, inner, scope, missing)
}
