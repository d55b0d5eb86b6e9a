/**
 * Timed presence (RFC 4481): what was or will be the status of a tuple.
 */

import type { Extension } from './extension.ts'
import type { Note } from './note.ts'
import { noteShape } from './note.ts'
import { leaf, maybe } from './shape/children.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import { kind, optional, required, shape } from './shape/shape.ts'
import { dateTime, oneOf } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'

/** RFC 4481 §3: the status of a tuple in a time that is past or to come. */
export interface TimedStatus {
  readonly kind: 'timed-status'
  /** Since when (xs:dateTime). */
  readonly from: string
  /** Until when (xs:dateTime); open-ended without. */
  readonly until?: string
  readonly basic?: 'open' | 'closed'
  readonly note?: Note
  readonly extensions: readonly Exclude<Extension, TimedStatus>[]
}

const timedStatus: Vocabulary = { prefix: 'ts', namespace: namespaces.timedStatus, clause: 'RFC 4481 §4' }

/** The shape of `<timed-status>`, with the extensions that may stand in it. */
export function timedStatusShape(extensions: Part<TimedStatus['extensions']>): Shape<TimedStatus> {
  return shape<TimedStatus>(timedStatus, 'timed-status', {
    kind: kind('timed-status'),
    from: required('from', dateTime),
    until: optional('until', dateTime),
    basic: maybe(leaf(timedStatus, 'basic', oneOf(['open', 'closed']))),
    note: maybe(noteShape(timedStatus)),
    extensions,
  })
}
