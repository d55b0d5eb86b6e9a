/**
 * How nodes of a patch fit in with the prefixes of the document they come into (RFC 5261 §4.2.3).
 */
import type { DocumentPlace, ElementPlace } from './locate.ts'
import type { NamespaceScope, XmlAttribute, XmlElement, XmlNode } from './tree.ts'
import {
  declaration,
  declaredPrefix,
  isDeclaration,
  isDeclaredIn,
  isElement,
  namespaceOf,
  scopeWithin,
} from './tree.ts'

/** The declarations in scope within an element. */
export function prefixScope(place: ElementPlace): NamespaceScope | undefined {
  const outer: ElementPlace | DocumentPlace = place.parent
  return scopeWithin(place.element, outer.kind === 'element' ? prefixScope(outer) : undefined)
}

/**
 * The nodes with the prefixes of the target: names whose prefix the patch document declares outside of them take a
 * prefix that the target has for the same namespace; what a node declares itself stays as it is. Where the target has
 * none, the outermost node declares it.
 */
export function adopt(
  nodes: readonly XmlNode[],
  patch: NamespaceScope | undefined,
  target: NamespaceScope | undefined,
  contextPrefix: string,
): XmlNode[] {
  const context = { patch, target, contextPrefix }
  return nodes.map((node) => (isElement(node) ? adoptOuter(node, context) : node))
}

interface Context {
  readonly patch: NamespaceScope | undefined
  readonly target: NamespaceScope | undefined
  /** The prefix of the element that the nodes come into, which is preferred (second rule). */
  readonly contextPrefix: string
}

function adoptOuter(element: XmlElement, context: Context): XmlElement {
  const missing = new Map<string, string>()
  const adopted = adoptElement(element, undefined, context, missing)
  if (missing.size === 0) return adopted
  const own = new Set(element.attributes.filter(isDeclaration).map(declaredPrefix))
  const added: XmlAttribute[] = []
  for (const [prefix, namespace] of missing) {
    if (!own.has(prefix) && namespace !== '') added.push(declaration(prefix, namespace))
  }
  return added.length === 0 ? adopted : { ...adopted, attributes: [...added, ...adopted.attributes] }
}

/** `local` are the declarations within the node, which stay. */
function adoptElement(
  element: XmlElement,
  local: NamespaceScope | undefined,
  context: Context,
  missing: Map<string, string>,
): XmlElement {
  const inner = scopeWithin(element, local)
  const rename = (prefix: string, namespace: string, ofAttribute: boolean): string => {
    if (isDeclaredIn(prefix, inner) || prefix === 'xml' || prefix === 'xmlns' || (ofAttribute && prefix === ''))
      return prefix
    const wanted = preferredPrefix(prefix, namespace, context, ofAttribute)
    if (wanted !== undefined && !isDeclaredIn(wanted, inner)) return wanted
    if (!missing.has(prefix)) missing.set(prefix, namespace)
    return prefix
  }
  let changed = false
  const attributes = element.attributes.map((each) => {
    const prefix = rename(each.prefix, each.namespace, true)
    if (prefix === each.prefix) return each
    changed = true
    return { ...each, prefix }
  })
  const children = element.children.map((child) => {
    if (!isElement(child)) return child
    const adopted = adoptElement(child, inner, context, missing)
    if (adopted !== child) changed = true
    return adopted
  })
  const prefix = rename(element.prefix, element.namespace, false)
  return changed || prefix !== element.prefix ? { ...element, prefix, attributes, children } : element
}

function preferredPrefix(prefix: string, namespace: string, context: Context, ofAttribute: boolean) {
  const { target, contextPrefix } = context
  if (namespaceOf(prefix, target) === namespace) return prefix
  const usable = !ofAttribute || contextPrefix !== ''
  if (usable && namespaceOf(contextPrefix, target) === namespace) return contextPrefix
  const candidates = prefixesOf(namespace, target).filter((each) => !ofAttribute || each !== '')
  return closest(prefix, candidates)
}

/** The prefix of the target for an attribute of a namespace; the wanted one if the target has none. */
export function adoptedPrefix(wanted: string, namespace: string, target: NamespaceScope | undefined): string {
  if (namespaceOf(wanted, target) === namespace) return wanted
  return (
    closest(
      wanted,
      prefixesOf(namespace, target).filter((each) => each !== ''),
    ) ?? wanted
  )
}

/** Third rule: of the prefixes in alphabetical order, the one just before the wanted one, or else the first. */
function closest(wanted: string, candidates: readonly string[]): string | undefined {
  const sorted = [...candidates].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted.filter((each) => each < wanted).at(-1) ?? sorted[0]
}

function prefixesOf(namespace: string, scope: NamespaceScope | undefined): string[] {
  const found: string[] = []
  for (let link = scope; link !== undefined; link = link.outer) {
    const visible = namespaceOf(link.prefix, scope) === namespace
    if (visible && link.namespace === namespace && !found.includes(link.prefix)) found.push(link.prefix)
  }
  return found
}
