import { type Filter, printFilterSet } from '../../documents/index.ts'
import type { Filters } from '../notifier/event-filters.ts'

/**
 * RFC 4660 §4.1: the filters of a subscription to a list that go to one of its members, as a body: those that name it,
 * else those for all; those for domains, and those for resources that are not in the list, as it may be a list itself.
 * Undefined if there are none.
 */
export function filtersFor(
  filters: Filters,
  member: string,
  list: string,
  members: readonly string[],
): string | undefined {
  const isGeneral = ({ uri, domain }: Filter): boolean => domain === undefined && (uri === undefined || uri === list)
  const own = filters.filters.filter(({ uri }) => uri === member)
  const general = own.length > 0 ? [] : filters.filters.filter(isGeneral).map(({ uri: _, ...filter }) => filter)
  const others = filters.filters.filter(
    ({ uri, domain }) => domain !== undefined || (uri !== undefined && uri !== list && !members.includes(uri)),
  )
  const all = [...own, ...general, ...others]
  return all.length === 0 ? undefined : printFilterSet({ ...filters, filters: all })
}
