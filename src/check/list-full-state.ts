import { listIn } from '../presence/watcher/told-lists.ts'
import { type Check, check } from './check.ts'
import { dialogOf, newRequests, sentResponses, taken } from './sip-traffic.ts'

/**
 * RFC 4662 §4.5: the first notification after a SUBSCRIBE that was accepted is full state, and so has all members: at
 * least those to which the server subscribes in the same turn.
 */
export const listFullState: Check = check(
  'The first notification of a list after each SUBSCRIBE tells of all members',
  'RFC 4662 §4.5',
  () => {
    const isNew = newRequests('NOTIFY')
    const isNewBehind = newRequests('SUBSCRIBE')
    const accepted = new Set<string>()
    const due = new Set<string>()
    return (event) => {
      const asked = taken(event)
      for (const response of sentResponses(event)) {
        const { callId, from, to, cseq, require } = response.headers
        const key = `${callId} ${from!.params.tag} ${cseq!.number}`
        const isAccepted = cseq!.method === 'SUBSCRIBE' && response.status === 200 && require?.includes('eventlist')
        // A proxy passes the answer on, and a server repeats it.
        if (!isAccepted || asked?.kind !== 'request' || accepted.has(key)) continue
        accepted.add(key)
        due.add(`${callId} ${to!.params.tag}`)
      }
      const behind = isNewBehind(event).flatMap(({ uri, headers }) =>
        headers.to!.params.tag === undefined ? [uri] : [],
      )
      return isNew(event).flatMap((notify) => {
        const told = listIn(notify)
        if (typeof told !== 'object' || !due.delete(dialogOf(notify))) return []
        const { uri, fullState, resources } = told.rlmi
        if (!fullState) return [`the first notification of ${uri} after a SUBSCRIBE is partial`]
        const missing = behind.filter((member) => !resources.some((one) => one.uri === member))
        return missing.map((member) => `the first notification of ${uri} leaves out ${member}`)
      })
    }
  },
)
