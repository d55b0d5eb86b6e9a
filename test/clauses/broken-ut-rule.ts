/**
 * As broken-rule.ts, for what goes over HTTP: a request made by the broken rule has no method that anybody knows and no
 * header fields, an answer by it has another status, a change by it is not made; and what an XCAP server decides by it
 * comes to another status without content, or lacks the header fields that it sets.
 */
import { vi } from 'vitest'
import type { httpAmended, httpRequest, httpResponse } from '../../src/http/exchange.ts'
import type { Served, XcapServerOptions, xcapServer } from '../../src/xcap/server.ts'
import { isBroken, meet } from './met-rules.ts'

interface Exchange {
  readonly httpRequest: typeof httpRequest
  readonly httpResponse: typeof httpResponse
  readonly httpAmended: typeof httpAmended
}

vi.mock('../../src/http/exchange.ts', async (original) => {
  const all = (await original()) as Exchange
  const changed: Exchange = {
    httpRequest(turn, why, ...rest) {
      const request = all.httpRequest(turn, why, ...rest)
      return isBroken(why) ? { ...request, method: 'BROKEN', headers: {} } : request
    },
    httpResponse(turn, request, status, why, changes) {
      return all.httpResponse(turn, request, isBroken(why) ? 499 : status, why, changes)
    },
    httpAmended(turn, message, why, ...rest) {
      return isBroken(why) ? message : all.httpAmended(turn, message, why, ...rest)
    },
  }
  return { ...all, ...changed }
})

function spoiled(served: Served): Served {
  for (const why of [served.why, ...served.fields.map((one) => one.rule)]) meet(why, 'change')
  if (isBroken(served.why)) {
    const response = { ...served.response, status: 499, headers: {}, body: '' }
    return { ...served, status: 499, fields: [], body: '', response }
  }
  const lost = served.fields.filter((one) => isBroken(one.rule))
  if (lost.length === 0) return served
  const names = new Set(lost.flatMap((one) => Object.keys(one.headers)))
  const headers = Object.fromEntries(Object.entries(served.response.headers).filter(([name]) => !names.has(name)))
  const fields = served.fields.filter((one) => !lost.includes(one))
  return { ...served, fields, response: { ...served.response, headers } }
}

vi.mock('../../src/xcap/server.ts', async (original) => {
  const all = (await original()) as { readonly xcapServer: typeof xcapServer }
  const changed = (options?: Partial<XcapServerOptions>): ReturnType<typeof xcapServer> => {
    const server = all.xcapServer(options)
    const serve: typeof server.serve = (request, identity) => spoiled(server.serve(request, identity))
    return { serve, handle: (request, identity) => serve(request, identity).response }
  }
  return { ...all, xcapServer: changed }
})
