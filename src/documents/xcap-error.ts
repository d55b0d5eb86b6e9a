/**
 * Why an XCAP request was refused (RFC 4825 §11): the body of a 409.
 */
import { anyElements, choice, leaf, many, maybe } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import { complain, kind, optional, required, shape, written } from './shape/shape.ts'
import { text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlElement } from './xml/tree.ts'

/** RFC 4825 §11.1: a document with one error. */
export interface XcapErrorDocument {
  readonly kind: 'xcap-error'
  readonly error: XcapError
}

/** RFC 4825 §11.1: the errors that say nothing but themselves. */
export const plainXcapErrors = [
  'not-well-formed',
  'not-xml-frag',
  'schema-validation-error',
  'not-xml-att-value',
  'cannot-insert',
  'cannot-delete',
  'constraint-failure',
  'not-utf-8',
] as const

/** An error of RFC 4825 §11.1, each with a phrase for people. */
export type XcapError = PlainXcapError | NoParent | UniquenessFailure | ExtensionError

/** An error that says nothing but itself. */
export type PlainXcapError = {
  [K in (typeof plainXcapErrors)[number]]: { readonly kind: K; readonly phrase?: string }
}[(typeof plainXcapErrors)[number]]

/** There is nothing to insert into; the closest ancestor that does exist may be given, by its URI. */
export interface NoParent {
  readonly kind: 'no-parent'
  readonly phrase?: string
  readonly ancestor?: string
}

/** Something would be there twice. */
export interface UniquenessFailure {
  readonly kind: 'uniqueness-failure'
  readonly phrase?: string
  readonly exists: readonly ExistingField[]
}

/** What is taken, by its node selector, and what might be taken instead. */
export interface ExistingField {
  readonly field: string
  readonly alternatives: readonly string[]
}

/** An error of another specification, as elements. */
export interface ExtensionError {
  readonly kind: 'extension'
  readonly elements: readonly XmlElement[]
}

const errors: Vocabulary = { prefix: '', namespace: namespaces.xcapError, clause: 'RFC 4825 §11.2' }
const phrase = optional('phrase', text)

type PlainShapes = {
  readonly [K in PlainXcapError['kind']]: Shape<Extract<PlainXcapError, { readonly kind: K }>>
}

const plainShapes = Object.fromEntries(
  plainXcapErrors.map((name) => [
    name,
    shape<{ kind: typeof name; phrase?: string }>(errors, name, { kind: kind(name), phrase }),
  ]),
) as unknown as PlainShapes

const errorShapes = {
  ...plainShapes,
  'no-parent': shape<NoParent>(errors, 'no-parent', {
    kind: kind('no-parent'),
    phrase,
    ancestor: maybe(leaf(errors, 'ancestor', uri)),
  }),
  'uniqueness-failure': shape<UniquenessFailure>(errors, 'uniqueness-failure', {
    kind: kind('uniqueness-failure'),
    phrase,
    exists: many(
      shape<ExistingField>(errors, 'exists', {
        field: required('field', text),
        alternatives: many(leaf(errors, 'alt-value', text)),
      }),
      1,
    ),
  }),
  extension: shape<ExtensionError>(errors, 'extension', { kind: kind('extension'), elements: anyElements }),
}

const anyError = choice<XcapError>(() => errorShapes, { most: 1 })

const oneError: Part<XcapError> = {
  read: (taking, reading) => {
    const [error] = anyError.read(taking, reading) ?? []
    if (error === undefined) complain(reading, taking.element, errors, `${written(taking.element)} has one error`)
    return error
  },
  write: (error, making) => anyError.write([error], making),
}

/** `application/xcap-error+xml` (RFC 4825). */
export const xcapErrorFormat: Format<XcapErrorDocument> = format(
  'application/xcap-error+xml',
  shape<XcapErrorDocument>(errors, 'xcap-error', { kind: kind('xcap-error'), error: oneError }),
)

/** The error in a text or a tree, or what is wrong with the document. */
export const parseXcapError = xcapErrorFormat.parse

/** The text of an error. */
export const printXcapError = xcapErrorFormat.print

/** A document with one error. */
export function xcapError(error: XcapError): XcapErrorDocument {
  return { kind: 'xcap-error', error }
}
