/** A list of a thousand members: too long for a file that a person reads, and so made here from that of three hundred. */
import { from } from 'rxjs'
import { expect, it } from 'vitest'
import { violations } from '../../src/check/checks.ts'
import { readFlow } from '../../src/flow/flow.ts'
import { runFlow } from '../../src/flow/run.ts'
import { textOf } from './catalogue.ts'

const members = Array.from({ length: 1000 }, (_, i) => `sip:member${i + 1}@home2.net`)

/** The flow of three hundred members with a thousand. */
function thousand(): string {
  const text = textOf('rls/three-hundred-members')
  const entries = members.map((uri) => `                  <rl:entry uri="${uri}"/>`).join('\n')
  const identities = members.map((uri) => `        '${uri}'`).join(',\n')
  return text
    .replace(/(?: +<rl:entry uri="[^"]*"\/>)+(?:\n(?: +<rl:entry uri="[^"]*"\/>)+)*/, entries)
    .replace(/( {4}members:\n {6}identities: \[\n)[^\]]*( {6}\])/, `$1${identities}\n$2`)
    .replaceAll('= 300', '= 1000')
}

it('RFC 4662 §4.8, RFC 3261 §18.1.1: it is told in two notifications over TCP, and no check is violated', () => {
  const text = thousand()
  expect(text.match(/<rl:entry /g)).toHaveLength(1000)
  const run = runFlow(readFlow(text, 'thousand-members'))
  expect(run.verdict.findings).toEqual([])
  expect(run.verdict.outcome).toBe('pass')
  const told = run.rows.filter((row) => row.kind === 'message' && row.from === 'RLS' && row.to === 'S-CSCF')
  const notifies = told.flatMap((row) =>
    row.kind === 'message' && row.message.protocol === 'sip' && row.message.kind === 'request' ? [row.message] : [],
  )
  const lists = notifies.filter(({ method }) => method === 'NOTIFY')
  expect(lists.map(({ headers }) => headers.via![0]!.transport)).toEqual(['TCP', 'TCP'])
  expect(lists.every(({ body }) => String(body).length > 1300)).toBe(true)
  // Each member's subscription is small, and goes by datagram.
  const behind = notifies.filter(({ method }) => method === 'SUBSCRIBE')
  expect(behind).toHaveLength(1000)
  expect(new Set(behind.map(({ headers }) => headers.via![0]!.transport))).toEqual(new Set(['UDP']))
  const found: string[] = []
  violations(from(run.trace)).subscribe(({ what }) => found.push(what))
  expect(found).toEqual([])
}, 60_000)
