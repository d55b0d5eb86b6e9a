/**
 * What can go wrong with a patch (RFC 5261 §5.1), as a value, as a document and as an exception.
 */
import type { XmlElement } from '../xml/tree.ts'

/** The error elements of RFC 5261 §5.1. */
export const patchErrorNames = [
  'invalid-attribute-value',
  'invalid-character-set',
  'invalid-diff-format',
  'invalid-entity-declaration',
  'invalid-namespace-prefix',
  'invalid-namespace-uri',
  'invalid-node-types',
  'invalid-patch-directive',
  'invalid-root-element-operation',
  'invalid-xml-prolog-operation',
  'invalid-whitespace-directive',
  'unlocated-node',
  'unsupported-id-function',
  'unsupported-xml-id',
] as const

/** The name of an error element of RFC 5261 §5.1. */
export type PatchErrorName = (typeof patchErrorNames)[number]

/** Why a patch could not be applied. */
export interface PatchFailure {
  readonly kind: 'patch-failure'
  readonly error: PatchErrorName
  /** What is wrong, in one sentence without a full stop. */
  readonly phrase: string
  /** The operation that failed, if it came so far. */
  readonly operation?: XmlElement
}

/** The failure of `applyPatch`, which takes and gives texts and so has no other way to say it. */
export class PatchError extends Error {
  /** The name of the error element of RFC 5261 §5.1. */
  readonly element: PatchErrorName
  /** The failure as a value. */
  readonly failure: PatchFailure

  constructor(failure: PatchFailure) {
    super(`${failure.error}: ${failure.phrase}`)
    this.name = 'PatchError'
    this.element = failure.error
    this.failure = failure
  }
}
