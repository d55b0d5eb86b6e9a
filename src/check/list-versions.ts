import { listIn } from '../presence/watcher/told-lists.ts'
import { type Check, check } from './check.ts'
import { dialogOf, newRequests } from './sip-traffic.ts'

/** RFC 4662 §5.2: the versions of the RLMI documents of a subscription are 0, 1, 2, … */
export const listVersions: Check = check(
  'The version of a list grows by one with each notification of a subscription',
  'RFC 4662 §5.2',
  () => {
    const isNew = newRequests('NOTIFY')
    const next = new Map<string, number>()
    return (event) =>
      isNew(event).flatMap((notify) => {
        const told = listIn(notify)
        if (typeof told !== 'object') return []
        const dialog = dialogOf(notify)
        const expected = next.get(dialog) ?? 0
        const { uri, version } = told.rlmi
        next.set(dialog, version + 1)
        return version === expected ? [] : [`version ${version} of ${uri} is told, where ${expected} is due`]
      })
  },
)
