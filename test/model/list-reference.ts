/**
 * What a server of lists owes its watchers, after RFC 4662, RFC 4826 §4.5, RFC 4660 §4.1 and TS 24.141 §5.3.4: the dumb
 * reference with which a swarm compares what it does. It knows the documents that the server accepted, and nothing of
 * SIP dialogs or notifications.
 */

/** The lists of a network as a person would say them; entries are users, or lists by their URIs. */
export interface PlainLists {
  readonly friends: readonly string[]
  /** A list without a URI of its own within `friends`, behind its entries. */
  readonly more: readonly string[]
  readonly close: readonly string[]
}

/** A filter that hides all notes, or one that hides nothing, of all members, of a domain, or of one resource. */
export interface PlainFilter {
  readonly about: 'all' | { readonly domain: string } | { readonly uri: string }
  readonly hides: boolean
}

export const friends = 'sip:friends@home1.net'
export const close = 'sip:close@home1.net'
/** A list that has presence not among its event packages. */
export const silent = 'sip:silent@home1.net'
/** A URI that could be that of a list, and is not. */
export const none = 'sip:none@home1.net'

export class ListReference {
  private readonly owner: string
  /** Undefined while there is no document. */
  private lists: PlainLists | undefined

  constructor(owner: string, lists: PlainLists) {
    this.owner = owner
    this.lists = lists
  }

  change(lists: PlainLists | undefined): void {
    this.lists = lists
  }

  /** RFC 4826 §4.5: what is in a list, with what is in lists in it; what was there before does not come again. */
  membersOf(list: string): { readonly members: readonly string[]; readonly isLooped: boolean } | undefined {
    const found = new Set<string>()
    let isLooped = false
    const open = (uri: string, above: readonly string[]): void => {
      for (const one of this.entriesOf(uri) ?? []) {
        if (above.includes(one)) isLooped = true
        else if (this.entriesOf(one) !== undefined) open(one, [...above, one])
        else found.add(one)
      }
    }
    open(list, [list])
    return this.entriesOf(list) && { members: [...found], isLooped }
  }

  private entriesOf(uri: string): readonly string[] | undefined {
    if (this.lists === undefined) return undefined
    if (uri === friends) return [...this.lists.friends, ...this.lists.more]
    if (uri === close) return this.lists.close
    return uri === silent ? [] : undefined
  }

  /** TS 24.141 §5.3.4.2, RFC 4662 §4.4, RFC 4826 §4.5: the status of the answer to a SUBSCRIBE outside any dialog. */
  answer({ who, list, knowsLists }: { who: string | undefined; list: string; knowsLists: boolean }): number {
    const found = this.membersOf(list)
    if (who === undefined) return 403
    if (found === undefined) return 404
    if (list === silent) return 489
    // Anybody may watch friends, and nobody but their owner the other lists.
    if (list !== friends && who !== this.owner) return 403
    if (!knowsLists) return 421
    return found.isLooped ? 502 : 200
  }
}

/** RFC 4660 §4.1: the filters of a subscription to a list that go to one of its members. */
export function filtersFor(
  filters: readonly PlainFilter[],
  member: string,
  members: readonly string[],
): readonly PlainFilter[] {
  const isOwn = ({ about }: PlainFilter): boolean => typeof about === 'object' && 'uri' in about && about.uri === member
  const hasOwn = filters.some(isOwn)
  return filters.filter((filter) => {
    const { about } = filter
    if (about === 'all') return !hasOwn
    // Who is not in the list may be in a list that is in it.
    return 'domain' in about || isOwn(filter) || !members.includes(about.uri)
  })
}

/** RFC 4661 §3.3: whether a filter works for a presentity. */
const works = ({ about }: PlainFilter, presentity: string): boolean => {
  if (about === 'all') return true
  return 'uri' in about ? about.uri === presentity : presentity.endsWith(`@${about.domain}`)
}

/** Whether any of the filters work for a presentity. */
export const concern = (filters: readonly PlainFilter[], presentity: string): boolean =>
  filters.some((one) => works(one, presentity))

/** Whether filters hide the notes of a presentity. */
export const hide = (filters: readonly PlainFilter[], presentity: string): boolean =>
  filters.some((one) => one.hides && works(one, presentity))
