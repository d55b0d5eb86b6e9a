import type { CatalogueEntry } from './session.ts'

/** One row of the list of flows: a heading, or a flow by its place in the catalogue. */
export type CatalogueRow =
  | { readonly kind: 'heading'; readonly group: string }
  | { readonly kind: 'entry'; readonly index: number; readonly name: string }

/** The flows under headings of what they belong to; without headings if all belong to the same. */
export function catalogueRows(entries: readonly CatalogueEntry[]): CatalogueRow[] {
  const groups = entries.map(({ id }) => groupOf(id))
  if (new Set(groups).size < 2) return entries.map(({ id }, index) => ({ kind: 'entry', index, name: id }))
  return entries.flatMap(({ id }, index): CatalogueRow[] => {
    const group = groups[index]!
    const entry: CatalogueRow = { kind: 'entry', index, name: nameIn(group, id) }
    return group === groups[index - 1] ? [entry] : [{ kind: 'heading', group }, entry]
  })
}

/** What a flow belongs to: the annex, or the folder in which it lies. */
export function groupOf(id: string): string {
  if (/^A\.\d/.test(id)) return 'Annex A'
  const slash = id.lastIndexOf('/')
  return slash < 0 ? id : id.slice(0, slash)
}

/** The name of a flow under the heading of its group. */
export const nameIn = (group: string, id: string): string =>
  id.startsWith(`${group}/`) ? id.slice(group.length + 1) : id
