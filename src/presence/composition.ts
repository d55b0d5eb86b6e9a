import type { Presence, PresenceExtension, Tuple } from '../documents/index.ts'
import { presence } from '../documents/index.ts'
import { rule } from '../sim/rule.ts'

/** The rule by which many publications become one document. */
export const compose = rule('TS 23.141 §5.1', 'the presence server composes one document from all publications', [
  'R4-c',
  'R5.3.3.3-d',
])

/**
 * One presence document from all publications for a presentity, oldest first: the union of their tuples, persons,
 * devices and further elements. Where two publications have an element of the same name and id, the later one stands.
 */
export function composed(entity: string, publications: readonly Presence[]): Presence {
  const tuples = new Map<string, Tuple>()
  const extensions = new Map<string, PresenceExtension>()
  for (const publication of publications) {
    for (const tuple of publication.tuples) tuples.set(tuple.id, tuple)
    for (const extension of publication.extensions) extensions.set(keyOf(extension, extensions.size), extension)
  }
  return presence(entity, {
    tuples: [...tuples.values()],
    notes: publications.flatMap(({ notes }) => notes),
    extensions: [...extensions.values()],
  })
}

/** Persons and devices are known by their ids; of anything else there may be any number. */
const keyOf = (extension: PresenceExtension, ordinal: number): string =>
  'id' in extension && extension.id !== undefined
    ? `${extension.kind} ${extension.id}`
    : `${extension.kind} #${ordinal}`
