/**
 * Patch operations as elements (RFC 5261 §8): the form in which PIDF diffs and XCAP diffs carry them, and the document
 * that says why they failed (§9).
 */
import { anyElements } from '../shape/children.ts'
import { type Format, format } from '../shape/format.ts'
import type { Part, Reading, Shape, Taking, Vocabulary } from '../shape/shape.ts'
import { checkLax, complain, kind, lang, optional, otherAttributes, required, shape, written } from '../shape/shape.ts'
import type { DataType } from '../xml/datatypes.ts'
import { oneOf, text } from '../xml/datatypes.ts'
import { namespaces } from '../xml/namespaces.ts'
import { parseSelector } from '../xml/selector.ts'
import type { XmlAttribute, XmlElement } from '../xml/tree.ts'
import type { PatchErrorName, PatchFailure } from './patch-error.ts'
import { patchErrorNames } from './patch-error.ts'

/** A selector as text. Whether its prefixes are declared is seen where the operation is applied. */
function selectorText(name: string, accepts: (last: string) => boolean): DataType<string> {
  return {
    name,
    parse: (given) => {
      const selector = parseSelector(given, 'patch', () => '')
      if (selector.kind === 'selector-error') return undefined
      return accepts(selector.steps.at(-1)!.axis) ? given : undefined
    },
    print: (value) => value,
  }
}

const anySelector = selectorText('a selector', () => true)
const childSelector = selectorText('a selector of a node that is no attribute', (axis) => axis === 'child')
const attributeSelector = selectorText('@ with a name, or namespace:: with a prefix', (axis) => axis !== 'child')

/** Content of any kind, with at most so many elements, that is not looked into. */
function mixed(most: number): Part<true> {
  return {
    text: true,
    read: (taking, reading) => {
      if (taking.children.length > most) {
        complain(reading, taking.element, taking.vocabulary, `${written(taking.element)} has ${most} elements at most`)
      }
      for (const child of taking.children) checkLax(child, reading)
      taking.taken = taking.children.length
      return true
    },
    write: () => {},
  }
}

/** A part of which only the reading is used. */
type Check = Omit<Part<never>, 'read' | 'write'> & { readonly read: (taking: Taking, reading: Reading) => unknown }

/** An operation that is checked against its rules but kept as the element that it is. */
function checked(vocabulary: Vocabulary, name: string, checks: readonly Check[]): Shape<XmlElement> {
  const parts = checks.map((each, index) => [String(index), { ...each, write: () => {} }])
  const inner = shape<Record<string, object>>(vocabulary, name, Object.fromEntries(parts))
  return {
    ...inner,
    read: (element, reading) => {
      inner.read(element, reading)
      return element
    },
    write: (element) => element,
  }
}

/** The shapes of the operations in the namespace of a format; `extra` is what the format adds to each. */
export function operationShapes(vocabulary: Vocabulary, ...extra: readonly Check[]): Shape<XmlElement>[] {
  return [
    checked(vocabulary, 'add', [
      required('sel', childSelector),
      optional('pos', oneOf(['before', 'after', 'prepend'])),
      optional('type', attributeSelector),
      mixed(Number.POSITIVE_INFINITY),
      ...extra,
    ]),
    checked(vocabulary, 'replace', [required('sel', anySelector), mixed(1), ...extra]),
    checked(vocabulary, 'remove', [
      required('sel', anySelector),
      optional('ws', oneOf(['before', 'after', 'both'])),
      ...extra,
    ]),
  ]
}

/** Operations in any number and order, kept as elements. */
export function operations(vocabulary: Vocabulary): Part<readonly XmlElement[]> {
  const shapes = operationShapes(vocabulary)
  return {
    read: (taking, reading) => {
      const found: XmlElement[] = []
      for (; taking.taken < taking.children.length; taking.taken++) {
        const child = taking.children[taking.taken]!
        const of = shapes.find((each) => each.name === child.name && child.namespace === vocabulary.namespace)
        if (of === undefined) break
        found.push(of.read(child, reading))
      }
      return found
    },
    write: (values, making) => {
      making.children.push(...values)
    },
  }
}

/** RFC 5261 §5: why a patch could not be applied. */
export interface PatchErrorDocument {
  readonly kind: 'patch-ops-error'
  /** The errors of RFC 5261; one, as a rule. */
  readonly errors: readonly PatchErrorElement[]
  /** Errors of other specifications, behind these. */
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** An error element of RFC 5261 §5.1. */
export interface PatchErrorElement {
  readonly kind: PatchErrorName
  readonly phrase?: string
  readonly lang?: string
  /** The operation that failed; all errors but two must have it. */
  readonly operations: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

const patchError: Vocabulary = { prefix: '', namespace: namespaces.patchError, clause: 'RFC 5261 §9' }

/** The errors of the patch document as a whole, in which there is no operation to show. */
const withoutOperation: readonly string[] = ['invalid-character-set', 'invalid-diff-format']

function errorShape(name: PatchErrorName): Shape<PatchErrorElement> {
  const count = withoutOperation.includes(name) ? 0 : 1
  const failed: Part<readonly XmlElement[]> = {
    ...anyElements,
    read: (taking, reading) => {
      if (taking.children.length !== count) {
        complain(reading, taking.element, patchError, `${written(taking.element)} contains ${count} operations`)
      }
      return anyElements.read(taking, reading)
    },
  }
  return shape<PatchErrorElement>(patchError, name, {
    kind: kind(name),
    phrase: optional('phrase', text),
    lang,
    attributes: otherAttributes('phrase', 'xml:lang'),
    operations: failed,
  })
}

const errorShapes = new Map<string, Shape<PatchErrorElement>>(patchErrorNames.map((name) => [name, errorShape(name)]))

const errors: Part<readonly PatchErrorElement[]> = {
  read: (taking, reading) => {
    const found: PatchErrorElement[] = []
    for (; taking.taken < taking.children.length; taking.taken++) {
      const child = taking.children[taking.taken]!
      const of = child.namespace === namespaces.patchError ? errorShapes.get(child.name) : undefined
      if (of === undefined) break
      found.push(of.read(child, reading))
    }
    return found
  },
  write: (values, making) => {
    for (const value of values) making.children.push(errorShapes.get(value.kind)!.write(value))
  },
}

/** `application/patch-ops-error+xml` (RFC 5261). */
export const patchErrorFormat: Format<PatchErrorDocument> = format(
  'application/patch-ops-error+xml',
  shape<PatchErrorDocument>(patchError, 'patch-ops-error', {
    kind: kind('patch-ops-error'),
    attributes: otherAttributes(),
    errors,
    others: anyElements,
  }),
)

/** The errors in a text or a tree, or what is wrong with the document. */
export const parsePatchError = patchErrorFormat.parse

/** The text of errors. */
export const printPatchError = patchErrorFormat.print

/**
 * The document that tells the sender of a patch why it failed (RFC 5261 §5). An error that has no operation to show,
 * because there was no telling the operations apart, is one of the format.
 */
export function patchErrorDocument({ error, phrase, operation }: PatchFailure): PatchErrorDocument {
  const shown = withoutOperation.includes(error) || operation === undefined ? [] : [operation]
  const name = shown.length === 0 && !withoutOperation.includes(error) ? 'invalid-diff-format' : error
  return { kind: 'patch-ops-error', errors: [{ kind: name, phrase, operations: shown }], others: [] }
}
