/**
 * What a BSF tells a UE after a run of bootstrapping (TS 24.109 Annex C): the name of the run, and until when it holds.
 */
import { leaf, one, otherElements } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Vocabulary } from './shape/shape.ts'
import { kind, shape } from './shape/shape.ts'
import { dateTime, text } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlElement } from './xml/tree.ts'

/** TS 24.109 Annex C: the outcome of a run of bootstrapping. */
export interface BootstrappingInfo {
  readonly kind: 'bootstrapping-info'
  /** The bootstrapping transaction identifier (B-TID). */
  readonly transaction: string
  /** The moment at which the keys expire, as an xs:dateTime. */
  readonly lifetime: string
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
}

const gba: Vocabulary = { prefix: '', namespace: namespaces.gba, clause: 'TS 24.109 Annex C' }

/** `application/vnd.3gpp.bsf+xml` (TS 24.109 Annex C). */
export const bootstrappingInfoFormat: Format<BootstrappingInfo> = format(
  'application/vnd.3gpp.bsf+xml',
  shape<BootstrappingInfo>(gba, 'BootstrappingInfo', {
    kind: kind('bootstrapping-info'),
    transaction: one(leaf(gba, 'btid', text)),
    lifetime: one(leaf(gba, 'lifetime', dateTime)),
    others: otherElements,
  }),
)

/** The outcome in a text or a tree, or what is wrong with it. */
export const parseBootstrappingInfo = bootstrappingInfoFormat.parse

/** The text of an outcome. */
export const printBootstrappingInfo = bootstrappingInfoFormat.print
