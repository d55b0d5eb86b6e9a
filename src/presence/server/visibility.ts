import type { Extension, Presence, Tuple } from '../../documents/index.ts'
import { judge, watcherIdentity } from './presence-rules.ts'
import type { PresenceServer, PresenceWatch, Presentity } from './presence-server-state.ts'
import { transformed } from './transformation.ts'

/** What a watcher may see of a presentity, and by which rules. */
export interface Visibility {
  readonly watcher: string
  readonly presentity: string
  readonly handling: 'block' | 'confirm' | 'polite-block' | 'allow'
  /** The ids of the rules that apply; empty if none does, which blocks (RFC 5025 §3.2.1). */
  readonly rules: readonly string[]
  /** The states of the watcher's subscriptions. */
  readonly subscriptions: readonly PresenceWatch['state'][]
  /** What the watcher may see now. */
  readonly visible: readonly VisibleComponent[]
}

/** A tuple, a person or a device with what is seen of it. */
export interface VisibleComponent {
  readonly kind: 'service' | 'person' | 'device' | 'document'
  /** The id in the document; empty for the document itself. */
  readonly id: string
  readonly attributes: readonly string[]
}

/** RFC 5025 §3: what a watcher may see of a presentity at a moment of the wall clock. */
export function visibilityOf(ps: PresenceServer, presentity: Presentity, watcher: string, moment: number): Visibility {
  const identity = watcherIdentity(watcher)
  const { rules, permissions } = judge(presentity.rules, { watcher: identity, sphere: presentity.sphere, moment })
  const { handling } = permissions
  const own = [...presentity.watchers].map((tag) => ps.subscriptions.get(tag)!)
  return {
    watcher,
    presentity: presentity.uri,
    handling,
    rules,
    subscriptions: own.filter((watch) => watcherIdentity(watch.watcher) === identity).map(({ state }) => state),
    visible: handling === 'allow' ? componentsOf(transformed(presentity.document, permissions)) : [],
  }
}

/** Who watches a presentity, or is named by its rules. */
export function watchersOf(ps: PresenceServer, presentity: Presentity): string[] {
  const watching = [...presentity.watchers].map((tag) => ps.subscriptions.get(tag)!.watcher)
  const named = presentity.rules.rules.flatMap(({ conditions = [] }) =>
    conditions.flatMap((one) =>
      one.kind === 'identity' ? one.members.flatMap((member) => (member.kind === 'one' ? [member.id] : [])) : [],
    ),
  )
  return [...watching, ...named, ...[...presentity.waiting.values()].map(({ uri }) => uri)]
}

function componentsOf({ tuples, notes, extensions }: Presence): VisibleComponent[] {
  const components: VisibleComponent[] = tuples.map((tuple) => ({
    kind: 'service',
    id: tuple.id,
    attributes: attributesOfTuple(tuple),
  }))
  const others: string[] = notes.length > 0 ? ['note'] : []
  for (const one of extensions) {
    if (one.kind === 'person' || one.kind === 'device')
      components.push({
        kind: one.kind,
        id: one.id,
        attributes: [...one.extensions.map(nameOf), ...ofNotes(one.notes)],
      })
    else others.push(nameOf(one))
  }
  if (others.length > 0) components.push({ kind: 'document', id: '', attributes: others })
  return components
}

function attributesOfTuple({ status, extensions, contact, notes, timestamp }: Tuple): string[] {
  return [
    ...(status.basic === undefined ? [] : [`basic ${status.basic}`]),
    ...status.extensions.map(nameOf),
    ...extensions.map(nameOf),
    ...(contact === undefined ? [] : ['contact']),
    ...ofNotes(notes),
    ...(timestamp === undefined ? [] : ['timestamp']),
  ]
}

const ofNotes = (notes: readonly unknown[]): string[] => (notes.length > 0 ? ['note'] : [])

/** The name of an extension; that of its element, if presim does not know it. */
const nameOf = (one: Extension): string => (one.kind === 'unknown' ? one.element.name : one.kind)
