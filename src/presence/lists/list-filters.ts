import { type Filter, printFilterSet } from '../../documents/index.ts'
import type { Filters } from '../notifier/event-filters.ts'
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

/**
 * The body of a SUBSCRIBE to a member: the filters that it is to have, and that those are gone which it had and has no
 * more, as it would keep them (RFC 4660 §5.2.2). Undefined if there is nothing to say.
 */
export function filterBody(list: ListWatch, member: string, before: Filters | undefined): string | undefined {
  const due = filtersFor(list.filters, member, list)
  const ids = new Set(due.map(({ id }) => id))
  const gone = filtersFor(before, member, list).flatMap(({ id }): Filter[] =>
    ids.has(id) ? [] : [{ id, remove: true, triggers: [], others: [] }],
  )
  if (due.length + gone.length === 0) return undefined
  return printFilterSet({ ...(list.filters ?? before!), filters: [...gone, ...due] })
}
