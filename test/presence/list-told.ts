import { isDocumentError, parseMultipart, parseRlmi, partOf, type Rlmi, rootPart } from '../../src/documents/index.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Alone, field, requests, theRequest, theResponse } from '../ims/alone.ts'
import { accepted, type ListServerParts, list, listServer, notify, pidf, subscribe } from './list-server.ts'

/** The S-CSCF of the watcher. */
export const server = 'scscf1.home1.net'

/** A list server, to whose list of users 2 and 3 somebody has subscribed: her first NOTIFY, and the SUBSCRIBEs behind. */
export function subscribed(
  parts: ListServerParts = {},
  changes: Readonly<Record<string, string | undefined>> = {},
  uri = list,
) {
  const alone = listServer(parts)
  const sent = alone.receive(subscribe(changes, uri), server)
  return { alone, notify: theRequest(sent, 'NOTIFY'), behind: requests(sent, 'SUBSCRIBE') }
}

export const statusOf = (alone: Alone, text: string) => theResponse(alone.receive(text, server))

/** The RLMI of a NOTIFY. */
export function rlmiOf(request: SipRequest): Rlmi {
  const parts = parseMultipart(field(request, 'Content-Type')!, request.body)
  if (isDocumentError(parts)) throw new Error(parts.reason)
  const rlmi = parseRlmi(rootPart(parts)!.body)
  if (isDocumentError(rlmi)) throw new Error(rlmi.reason)
  return rlmi
}

/** What a NOTIFY tells of its resources: the state of each, why, and the body that its `cid` leads to. */
export function told(request: SipRequest): Record<string, string> {
  const parts = parseMultipart(field(request, 'Content-Type')!, request.body)
  if (isDocumentError(parts)) throw new Error(parts.reason)
  return Object.fromEntries(
    rlmiOf(request).resources.map(({ uri, instances }) => {
      const [one] = instances
      if (one === undefined) return [uri, 'not known']
      const body = one.cid === undefined ? '' : String(partOf(parts, one.cid)!.body)
      const basic = /<basic>(\w+)/.exec(body)?.[1]
      return [uri, [one.state, one.reason ?? basic].filter(Boolean).join(' ')]
    }),
  )
}

/** Both members answer and notify. */
export function answered({ alone, behind }: ReturnType<typeof subscribed>, basic = 'open') {
  for (const one of behind) {
    accepted(alone, one)
    alone.receive(notify(one, { body: pidf(one.uri, basic) }), 'ps.example')
  }
}
