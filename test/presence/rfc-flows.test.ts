import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isDocumentError, parsePresence, parseWatcherinfo } from '../../src/documents/index.ts'
import { addressOfRecord } from '../../src/presence/address-of-record.ts'
import { type Alone, edited, field, names, requests, type Sent, sip } from '../ims/alone.ts'
import { publish, type ServerParts, server, subscribe } from './server.ts'

interface Line {
  readonly from: string
  readonly text: readonly string[]
}

const flows = JSON.parse(readFileSync(new URL('./material/flows.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, readonly Line[]>
>

type Sip = ReturnType<typeof sip>

/** What a body says of the presentity or of her watchers. */
function saying(body: string): unknown {
  if (body.includes('<watcherinfo')) {
    const info = parseWatcherinfo(body)
    if (isDocumentError(info)) return info.reason
    const watchers = info.lists.flatMap((list) => list.watchers.map(({ status, event, uri }) => [status, event, uri]))
    return { version: info.version, state: info.state, watchers }
  }
  if (body === '') return ''
  const presence = parsePresence(body)
  if (isDocumentError(presence)) return presence.reason
  return presence.tuples.map(({ id, status, contact }) => [id, status.basic, contact?.uri])
}

/** What of a message does not depend on who made it. */
function gist(message: Sip) {
  const { headers } = message
  return {
    what: message.kind === 'request' ? `${message.method} ${message.uri}` : message.status,
    dialog: [headers.callId, headers.from!.uri, headers.to!.uri, headers.cseq!.method],
    event: message.kind === 'request' ? headers.event?.value : undefined,
    state: headers.subscriptionState?.value,
    type: headers.contentType?.value,
    body: saying(String(message.body)),
  }
}

/** Fields that say how a message travelled, or that an example need not have. */
const incidental = new Set(['Via', 'Content-Length', 'Max-Forwards', 'Event'])

/** A presence server in the place of the one of the RFC: it is told what that was told, and has to say what that said. */
class Replay {
  readonly ps: Alone
  private readonly said: Sip[] = []
  private entityTag = ''

  constructor(parts: ServerParts) {
    this.ps = server(parts)
  }

  /** Lets a watcher of the server's alone do something; what comes of it for others is not in the RFC. */
  aside(text: string): void {
    this.ps.receive(text, 'peer.example.com')
  }

  hear(sent: readonly Sent[]): void {
    for (const { message } of sent) if (message.protocol === 'sip') this.said.push(message)
  }

  play({ from, text }: Line): void {
    const [head, ...body] = text.join('\n').split('\n\n') as [string, ...string[]]
    const message = sip(`${head}\n\n${body.join('\n\n')}`)
    if (from === 'server' || from === 'PA') return this.expect(message)
    if (message.kind === 'response') return
    this.hear(this.ps.pass(10))
    const changes = {
      'Content-Length': undefined,
      'P-Asserted-Identity': `<${addressOfRecord(message.headers.from!.uri)}>`,
      ...(message.headers.sipIfMatch !== undefined && { 'SIP-If-Match': this.entityTag }),
    }
    this.hear(this.ps.receive([edited(head, changes), ...body].join('\n\n'), 'peer.example.com'))
  }

  private expect(message: Sip): void {
    const found = this.said.shift()
    expect(found && gist(found)).toEqual(gist(message))
    expect(names(found!)).toEqual(expect.arrayContaining(names(message).filter((name) => !incidental.has(name))))
    this.entityTag = field(found!, 'SIP-ETag') ?? this.entityTag
  }

  /** After the last message of the RFC there is none. */
  end(): void {
    expect(this.said).toEqual([])
  }
}

const closed = (who: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${who}"><tuple id="sg89ae"><status><basic>closed</basic></status><contact>${who}</contact></tuple></presence>`

describe('flows of the RFCs, with a presence server of presim in the place of theirs', () => {
  it('RFC 3856 §8: a watcher is told that the presentity can not be reached, and then that she can', () => {
    const who = 'sip:resource@example.com'
    const replay = new Replay({ others: [who], given: { hardState: closed(who) } })
    const own = { 'P-Asserted-Identity': `<${who}>` }
    for (const [i, line] of flows['RFC 3856 §8']!.entries()) {
      if (i === 4) {
        replay.ps.pass(56)
        const sent = replay.ps.receive(publish(closed(who).replace('closed', 'open'), own, who), 'peer.example.com')
        const [notify] = requests(sent, 'NOTIFY')
        // The RFC has 56 seconds between the two, as here.
        expect(field(notify!, 'Subscription-State')).toBe('active;expires=544')
        replay.hear(sent.filter(({ message }) => message === notify))
      }
      replay.play(line)
    }
    replay.end()
  })

  it('RFC 3857 §5: Joe is told that a watcher waits for his decision, and that he has made it', () => {
    const who = 'sip:joe@example.com'
    const watcher = 'sip:A@example.com'
    const replay = new Replay({ others: [who], otherwise: 'confirm', packages: ['presence', 'presence.winfo'] })
    replay.aside(subscribe({ 'P-Asserted-Identity': `<${watcher}>`, From: `<${watcher}>;tag=a` }, who))
    for (const [i, line] of flows['RFC 3857 §5']!.entries()) {
      if (i === 4) {
        replay.ps.pass(10)
        const sent = replay.ps.command({ do: 'policy', of: who, policy: { watchers: {}, otherwise: 'allow' } })
        const told = requests(sent, 'NOTIFY').filter((notify) => field(notify, 'Event') === 'presence.winfo')
        replay.hear(sent.filter(({ message }) => told.some((notify) => notify === message)))
      }
      replay.play(line)
    }
    replay.end()
  })

  it('RFC 3903 §15: publish, refresh and modify, each under the entity-tag of the last answer; the watcher is told', () => {
    const who = 'sip:presentity@example.com'
    const replay = new Replay({ others: [who], given: { hardState: closed(who) } })
    for (const line of flows['RFC 3903 §15']!) replay.play(line)
    replay.end()
  })
})

const example = (file: string) =>
  readFileSync(new URL(`../documents/material/rfc5264/${file}`, import.meta.url), 'utf8')

describe('RFC 5264: its example published at a presence server', () => {
  const type = { 'Content-Type': 'application/pidf-diff+xml' }
  const entity = /entity="([^"]+)"/.exec(example('M1-full.xml'))![1]!
  const who = addressOfRecord(entity.replace('pres:', 'sip:'))
  const own = { ...type, 'P-Asserted-Identity': `<${who}>` }
  const statuses = (ps: Alone, body: string, changes = {}) => {
    const [{ message }] = ps.receive(publish(body, { ...own, ...changes }, who), 'peer.example.com') as [Sent]
    return [(message as { status: number }).status, field(message as Sip, 'SIP-ETag')] as const
  }

  it('M1 and M3: the full state, and what changed under its entity-tag; both are 200', () => {
    const ps = server({ others: [who] })
    const [first, tag] = statuses(ps, example('M1-full.xml'))
    const [second, next] = statuses(ps, example('M3-diff.xml'), { 'SIP-If-Match': tag })
    expect([first, second]).toEqual([200, 200])
    expect(next).not.toBe(tag)
  })

  it('a change without anything to change, and one that can not be applied: 400, and the state is as it was', () => {
    const ps = server({ others: [who] })
    expect(statuses(ps, example('M3-diff.xml'))[0]).toBe(400)
    const [, tag] = statuses(ps, example('M1-full.xml'))
    const lost = example('M3-diff.xml').replace(/sel="[^"]*"/, 'sel="*/nothing"')
    expect(statuses(ps, lost, { 'SIP-If-Match': tag })[0]).toBe(400)
    expect(statuses(ps, example('M3-diff.xml'), { 'SIP-If-Match': tag })[0]).toBe(200)
  })

  it('when it expires all of it is gone, not only what changed', () => {
    const ps = server({ others: [who] })
    const [, tag] = statuses(ps, example('M1-full.xml'), { Expires: '60' })
    statuses(ps, example('M3-diff.xml'), { 'SIP-If-Match': tag, Expires: '60' })
    ps.pass(61)
    const [notify] = requests(ps.receive(subscribe({}, who), 'peer.example.com'), 'NOTIFY')
    expect(saying(String(notify!.body))).toEqual([])
  })
})
