/**
 * Checking of whole documents: what kind of document it is, and everything that its specification does not allow.
 */
import { bootstrappingInfoFormat } from './bootstrapping-info.ts'
import { rulesetFormat } from './common-policy.ts'
import { extensionShapes } from './extension.ts'
import { civicAddressShape } from './geopriv.ts'
import { imsSubscriptionFormat } from './ims-subscription.ts'
import { patchErrorFormat } from './patch/patch-operation.ts'
import { deviceShape, personShape, pidfFormat } from './pidf.ts'
import { pidfDiffShape, pidfDiffType, pidfFullShape } from './pidf-diff.ts'
import { permissionShapes } from './pres-rules.ts'
import { reginfoFormat } from './reginfo.ts'
import { resourceListsFormat } from './resource-lists.ts'
import { rlmiFormat } from './rlmi.ts'
import { rlsServicesFormat } from './rls-services.ts'
import { type Format, locate } from './shape/format.ts'
import type { Problem, Shape } from './shape/shape.ts'
import { complain, reading, written } from './shape/shape.ts'
import { filterSetFormat } from './simple-filter.ts'
import { gussFormat, serviceSettingsFormat } from './user-security-settings.ts'
import { watcherinfoFormat } from './watcherinfo.ts'
import { xcapCapsFormat } from './xcap-caps.ts'
import { xcapDiffFormat } from './xcap-diff.ts'
import { xcapErrorFormat } from './xcap-error.ts'
import { decode } from './xml/encoding.ts'
import type { DocumentError, XmlDocument } from './xml/tree.ts'
import { isDocumentError } from './xml/tree.ts'
import { parseXml } from './xml/xml.ts'

/** What came of checking a document. It is valid if there are no errors. */
export interface Validation {
  /** The MIME type that goes with the root element; undefined if presim does not know it, or there is no tree. */
  readonly type: string | undefined
  readonly errors: readonly ValidationError[]
}

/** One thing that is not allowed. */
export interface ValidationError {
  /** The line of the element, counted from 1. */
  readonly line: number
  /** The column of the element, counted from 1. */
  readonly column: number
  /** The element, as `/presence/tuple[2]/status`; empty if the document is not well-formed. */
  readonly path: string
  /** The rule that is broken, with the clause it stands in. */
  readonly rule: string
}

/** A kind of document: the MIME type and the shape of the root element. */
interface KnownRoot {
  readonly type: string
  readonly shape: Shape<unknown>
}

function known<T>(type: string, shape: Shape<T>): KnownRoot {
  return { type, shape: shape as unknown as Shape<unknown> }
}

const roots: ReadonlyMap<string, KnownRoot> = new Map(
  [
    known(pidfFormat.type, pidfFormat.shape),
    known(pidfDiffType, pidfFullShape),
    known(pidfDiffType, pidfDiffShape),
    known(watcherinfoFormat.type, watcherinfoFormat.shape),
    known(reginfoFormat.type, reginfoFormat.shape),
    known(rlmiFormat.type, rlmiFormat.shape),
    known(resourceListsFormat.type, resourceListsFormat.shape),
    known(rlsServicesFormat.type, rlsServicesFormat.shape),
    known(rulesetFormat.type, rulesetFormat.shape),
    known(filterSetFormat.type, filterSetFormat.shape),
    known(xcapDiffFormat.type, xcapDiffFormat.shape),
    known(xcapCapsFormat.type, xcapCapsFormat.shape),
    known(xcapErrorFormat.type, xcapErrorFormat.shape),
    known(patchErrorFormat.type, patchErrorFormat.shape),
    known(bootstrappingInfoFormat.type, bootstrappingInfoFormat.shape),
    known(gussFormat.type, gussFormat.shape),
    known(imsSubscriptionFormat.type, imsSubscriptionFormat.shape),
    known(serviceSettingsFormat.type, serviceSettingsFormat.shape),
  ].map((each) => [`${each.shape.vocabulary.namespace} ${each.shape.name}`, each]),
)

/** What is checked wherever it stands: the roots, and all that extends a document. */
const globals: ReadonlyMap<string, Shape<unknown>> = new Map(
  [
    ...[...roots.values()].map((each) => each.shape),
    ...[
      ...Object.values(extensionShapes),
      ...Object.values(permissionShapes),
      personShape,
      deviceShape,
      civicAddressShape,
    ],
  ].map((each) => [`${each.vocabulary.namespace} ${each.name}`, each as unknown as Shape<unknown>]),
)

const mostErrors = 1000

/**
 * Checks a document against what its schema demands: required children and attributes, their order and number, types,
 * enumerations, identifiers; in extensions too, if presim knows them. Of very many errors the first 1000 are given.
 * Never throws.
 */
export function validateDocument(input: string | Uint8Array): Validation {
  const tree = parseXml(input)
  if (isDocumentError(tree)) {
    return { type: undefined, errors: [{ line: tree.line, column: tree.column, path: '', rule: tree.reason }] }
  }
  const { root } = tree
  const found = roots.get(`${root.namespace} ${root.name}`)
  if (found === undefined) {
    const rule = `${written(root)} in the namespace "${root.namespace}" is the root of no document that presim knows`
    return { type: undefined, errors: errorsAt([{ element: root, rule }], tree, input) }
  }
  const pass = reading(globals)
  found.shape.read(root, pass)
  return { type: found.type, errors: errorsAt(pass.problems.slice(0, mostErrors), tree, input) }
}

/**
 * The value of a tree, checked as `validateDocument` does, or the first thing that is wrong with it. What has been
 * found valid in a tree is not read again in another that shares it.
 */
export function readStrictly<T extends object>(format: Format<T>, tree: XmlDocument): T | DocumentError {
  const { root } = tree
  const { shape } = format
  const pass = reading(globals, true)
  if (root.name !== shape.name || root.namespace !== shape.vocabulary.namespace) {
    complain(pass, root, shape.vocabulary, `the root element is <${shape.name}>, not ${written(root)}`)
    return locate(pass.problems, tree, undefined)[0]!
  }
  const value = shape.read(root, pass)
  return pass.problems.length === 0 ? value : locate(pass.problems.slice(0, 1), tree, undefined)[0]!
}

function errorsAt(problems: readonly Problem[], tree: XmlDocument, input: string | Uint8Array): ValidationError[] {
  const decoded = decode(input)
  const text = decoded.kind === 'text' ? decoded.text : ''
  return locate(problems, tree, text).map(({ line, column, path, reason }) => ({ line, column, path, rule: reason }))
}
