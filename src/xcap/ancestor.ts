import type { XmlDocument } from '../documents/index.ts'
import { elementAt, type NodeSelector, stepTexts } from './node-selector.ts'
import { encodePath, type Root, type Target } from './target.ts'

/** The URI of something below the XCAP root; a path, if the root is one. */
export function closestUri(path: string, root: Root): string {
  return `${root.origin ?? ''}${root.path}/${encodePath(path)}`
}

/** RFC 4825 §11.1: the URI of the closest element above a selected one that exists, or of the document. */
export function closestAncestor(tree: XmlDocument, target: Target, selector: NodeSelector, root: Root): string {
  const texts = stepTexts(selector.text)
  for (let count = selector.elements.length - 1; count > 0; count--) {
    if (elementAt(tree, selector.elements.slice(0, count)) === undefined) continue
    const query = selector.bindings.size === 0 ? '' : `?${target.query}`
    return `${closestUri(`${target.path}/~~/${texts.slice(0, count).join('/')}`, root)}${query}`
  }
  return closestUri(target.path, root)
}
