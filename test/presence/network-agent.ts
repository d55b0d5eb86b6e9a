import { type Presence, parsePresence, printReginfo, type RegisteredContact } from '../../src/documents/index.ts'
import type {
  PresenceNetworkAgent,
  PresenceNetworkAgentSettings,
} from '../../src/presence/network/presence-network-agent.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, requests, type Sent, theResponse } from '../ims/alone.ts'

export const identity = 'sip:user1_public1@home1.net'
export const scscf = 'scscf1.home1.net'
export const presenceServer = 'ps.home1.net'

/** A contact of a registration state: what brought it there, and its preference. */
export type ContactForm = readonly [event: RegisteredContact['event'], q?: string]

/** Contacts by their ids; those that have ended are terminated. */
export type Contacts = Readonly<Record<string, ContactForm>>

const ending: readonly RegisteredContact['event'][] = [
  'expired',
  'deactivated',
  'unregistered',
  'rejected',
  'probation',
]

/** A registration state with these contacts, by identity. */
export function reginfo(version: number, state: 'full' | 'partial', of: Readonly<Record<string, Contacts>>): string {
  return printReginfo({
    kind: 'reginfo',
    version,
    state,
    others: [],
    registrations: Object.entries(of).map(([aor, contacts], i) => {
      const all = Object.entries(contacts).map(
        ([id, [event, q]]): RegisteredContact => ({
          id,
          event,
          state: ending.includes(event) ? 'terminated' : 'active',
          uri: `sip:${id}.visited1.net`,
          ...(q !== undefined && { q }),
          unknownParameters: [],
          others: [],
        }),
      )
      const isActive = all.some((one) => one.state === 'active')
      return { aor, id: `a${i + 1}`, state: isActive ? 'active' : 'terminated', contacts: all, others: [] }
    }),
  })
}

/** A presence network agent alone; its requests are answered 200, unless `status` says otherwise. */
export class Agent {
  readonly alone: Alone
  /** The status of the answer to a request; undefined for no answer. */
  status: (request: SipRequest) => string | undefined = () => '200 OK'
  private tags = 0
  private notified = 0
  private told = 0
  /** The last SUBSCRIBE outside a dialog. */
  subscribed: SipRequest | undefined

  constructor(more: Partial<PresenceNetworkAgentSettings> = {}) {
    this.alone = new Alone('presence-network-agent', 'pna1.home1.net', {
      identity: 'sip:pna1.home1.net',
      network: 'home1.net',
      tags: [],
      chargingIds: [],
      firstSequence: 1,
      roles: {
        presenceNetworkAgent: {
          listener: { subscribes: true, epoch: 0 },
          presenceServer,
          duration: 3600,
          atLoss: 'closed',
          cells: {},
          ...more,
        },
      },
    })
    this.alone.peers = (request) => this.answer(request)
  }

  private answer(request: SipRequest): string | undefined {
    if (request.method === 'SUBSCRIBE' && !field(request, 'To')!.includes(';tag=')) {
      this.subscribed = request
      this.notified = 0
    }
    const status = this.status(request)
    if (status === undefined) return undefined
    const isDone = status.startsWith('2')
    if (request.method === 'SUBSCRIBE')
      return answerTo(request, status, isDone ? { Expires: field(request, 'Expires')!, Contact: `<sip:${scscf}>` } : {})
    const granted = { Expires: field(request, 'Expires')!, 'SIP-ETag': `tag${++this.tags}` }
    return answerTo(request, status, isDone ? granted : {})
  }

  /** A third-party REGISTER; returns what the agent sends at once. */
  register(expires = 600000, changes: Readonly<Record<string, string | undefined>> = {}): Sent[] {
    const text = `
      REGISTER sip:pna1.home1.net SIP/2.0
      Via: SIP/2.0/UDP ${scscf};branch=z9hG4bKr${++this.told}
      Max-Forwards: 70
      From: <sip:${scscf}>;tag=reg
      To: <${identity}>
      Call-ID: third-party
      CSeq: ${this.told} REGISTER
      Contact: <sip:${scscf}>
      Expires: ${expires}
    `
    return this.alone.receive(edited(text, changes), scscf)
  }

  /** A NOTIFY of the last subscription; returns what the agent sends at once. */
  notify(body: string, changes: Readonly<Record<string, string | undefined>> = {}): Sent[] {
    const subscribe = this.subscribed!
    const text = `
      NOTIFY sip:pna1.home1.net SIP/2.0
      Via: SIP/2.0/UDP ${scscf};branch=z9hG4bKn${field(subscribe, 'Call-ID')}-${++this.notified}
      Max-Forwards: 70
      From: <${identity}>;tag=peer
      To: ${field(subscribe, 'From')}
      Call-ID: ${field(subscribe, 'Call-ID')}
      CSeq: ${this.notified} NOTIFY
      Event: reg
      Subscription-State: active;expires=600000
      Contact: <sip:${scscf}>
      Content-Type: application/reginfo+xml
    `
    return this.alone.receive(`${edited(text, changes)}\n\n${body}`, scscf)
  }

  /** Has the user register with these contacts; returns what the agent publishes. */
  registered(contacts: Contacts = { phone: ['registered'] }): SipRequest[] {
    this.register()
    return requests(this.notify(reginfo(0, 'full', { [identity]: contacts })), 'PUBLISH')
  }

  /** A network event of the user; returns what the agent publishes. */
  event(event: Readonly<Record<string, unknown>>): SipRequest[] {
    return requests(this.alone.command({ do: 'network-event', of: identity, ...event }), 'PUBLISH')
  }

  get state(): PresenceNetworkAgent {
    const { roles } = this.alone.state<{ roles: { presenceNetworkAgent: PresenceNetworkAgent } }>()
    return roles.presenceNetworkAgent
  }

  /** What the agent has decided by rules of this title. */
  outcomes(title: string): string[] {
    return this.alone.decisions.filter(({ rule }) => rule.title.includes(title)).map(({ outcome }) => outcome)
  }
}

/** The presence document that a PUBLISH carries. */
export function documentIn(publish: SipRequest): Presence {
  const document = parsePresence(publish.body)
  if (document.kind !== 'presence') throw new Error(document.reason)
  return document
}

/** The status of each tuple of a PUBLISH, in their order. */
export const statuses = (publish: SipRequest): (string | undefined)[] =>
  documentIn(publish).tuples.map(({ status }) => status.basic)

export { field, requests, theResponse }
