import { type Filter, printFilterSet } from '../../documents/index.ts'
import { type Filters, keyOfFilters } from '../notifier/event-filters.ts'
import type { ListWatch } from './resource-list-state.ts'

/**
 * RFC 4660 §4.1: the filters of a subscription to a list that go to one of its members: those that name it, else those
 * for all; those for domains, and those for resources that are not in the list, as it may be a list itself.
 */
function filtersFor(filters: Filters | undefined, member: string, { uri: list, members }: ListWatch): Filter[] {
  if (filters === undefined) return []
  const isGeneral = ({ uri, domain }: Filter): boolean => domain === undefined && (uri === undefined || uri === list)
  const own = filters.filters.filter(({ uri }) => uri === member)
  const general = own.length > 0 ? [] : filters.filters.filter(isGeneral).map(({ uri: _, ...filter }) => filter)
  const others = filters.filters.filter(
    ({ uri, domain }) => domain !== undefined || (uri !== undefined && uri !== list && !members.has(uri)),
  )
  return [...own, ...general, ...others]
}

/** What the server of a member is to know of the filters of the watcher; undefined if there are none for the member. */
export function filtersOf(list: ListWatch, member: string): Filters | undefined {
  const due = filtersFor(list.filters, member, list)
  return due.length === 0 ? undefined : { ...list.filters!, filters: due }
}

/** Whether the server of a member knows other filters than those that it is to know. */
export const isFilteredAnew = (before: Filters | undefined, after: Filters | undefined): boolean =>
  before !== after && keyOfFilters(before) !== keyOfFilters(after)

/**
 * The body of a SUBSCRIBE to a member: the filters that it is to have, and that those are gone which it had and has no
 * more, as it would keep them (RFC 4660 §5.2.2). Undefined if there is nothing to say.
 */
export function filterBody(before: Filters | undefined, after: Filters | undefined): string | undefined {
  if (!isFilteredAnew(before, after)) return undefined
  const due = after?.filters ?? []
  const ids = new Set(due.map(({ id }) => id))
  const gone = (before?.filters ?? []).flatMap(({ id }): Filter[] =>
    ids.has(id) ? [] : [{ id, remove: true, triggers: [], others: [] }],
  )
  return printFilterSet({ ...(after ?? before!), filters: [...gone, ...due] })
}
