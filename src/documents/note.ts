/**
 * Notes, which RFC 3863 §4.1.6 and RFC 4479 §5 define alike: a text for people, in a language.
 */
import { leaf } from './shape/children.ts'
import type { Shape, Vocabulary } from './shape/shape.ts'
import { content, lang, shape } from './shape/shape.ts'
import { dateTime, text } from './xml/datatypes.ts'

/** A text for people. */
export interface Note {
  readonly text: string
  /** The language of the text (RFC 3066), as `xml:lang`. */
  readonly lang?: string
}

/** The shape of a note, as the named element of a vocabulary. */
export function noteShape(vocabulary: Vocabulary, name = 'note'): Shape<Note> {
  return shape<Note>(vocabulary, name, { lang, text: content(text) })
}

/** The shape of a timestamp: a date and time of XML Schema, kept as written. */
export function timestampShape(vocabulary: Vocabulary): Shape<string> {
  return leaf(vocabulary, 'timestamp', dateTime)
}
