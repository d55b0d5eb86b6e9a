import type { Message } from '../message.ts'
import type { TraceEvent } from '../sim/trace.ts'
import { hasParam } from '../sip/grammar/uri.ts'
import type { NameAddr } from '../sip/headers.ts'
import type { SipRequest } from '../sip/message.ts'
import { type Check, check } from './check.ts'
import { newRequests, taken } from './sip-traffic.ts'

/** RFC 3261 §12.1, §12.2.1.1: by which way and to whom the requests within a dialog go. */
export const dialogRoute: Check = check(
  'A request within a dialog follows its route set, to the address that the other side has named last',
  'RFC 3261 §12.2.1.1',
  () => {
    const isNew = newRequests()
    const ways = new Map<string, Way>()
    return (event) => {
      learn(ways, event)
      return isNew(event).flatMap((request) => {
        const { callId, to, route = [] } = request.headers
        const way = ways.get(`${event.node} ${callId} ${to?.params.tag}`)
        return to?.params.tag === undefined || way === undefined ? [] : faultsOf(request, route, way)
      })
    }
  },
)

/** What one side of a dialog knows of the way to the other. */
interface Way {
  route: readonly NameAddr[]
  target: string | undefined
  /** The number of the last request that was taken from there. */
  sequence: number
}

/** What a node is told by the requests and responses that it takes, whether it is their end or on their way. */
function learn(ways: Map<string, Way>, event: TraceEvent<Message>): void {
  const message = taken(event)
  if (message === undefined || !['SUBSCRIBE', 'NOTIFY'].includes(message.headers.cseq!.method)) return
  const { callId, from, to, cseq, recordRoute = [], contact } = message.headers
  const isRequest = message.kind === 'request'
  if (!isRequest && (message.status < 200 || message.status >= 300)) return
  const key = `${event.node} ${callId} ${isRequest ? from?.params.tag : to?.params.tag}`
  const target = contact?.[0]?.uri
  const way = ways.get(key)
  if (way === undefined) {
    const route = isRequest ? recordRoute : recordRoute.toReversed()
    ways.set(key, { route, target, sequence: isRequest ? cseq!.number : 0 })
    return
  }
  // RFC 6665 §4.4.1: where a NOTIFY without Record-Route came first, the way is that of the 2xx.
  if (!isRequest && way.route.length === 0) way.route = recordRoute.toReversed()
  if (isRequest && cseq!.number < way.sequence) return
  if (isRequest) way.sequence = cseq!.number
  if (target !== undefined) way.target = target
}

function faultsOf(request: SipRequest, route: readonly NameAddr[], { route: known, target }: Way): string[] {
  const name = `${request.method} ${request.uri}`
  const [first] = known
  const isStrict = first !== undefined && !hasParam(first.uri, 'lr')
  const uri = isStrict ? first.uri : target
  const due = isStrict ? [...known.slice(1).map((one) => one.uri), target] : known.map((one) => one.uri)
  const found: string[] = []
  if (uri !== undefined && request.uri !== uri) found.push(`${name} is sent within a dialog whose target is ${uri}`)
  if (route.length !== due.length || route.some((one, i) => one.uri !== due[i]))
    found.push(`${name} has another Route than the route set of its dialog`)
  return found
}
