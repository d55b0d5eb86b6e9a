import type { InternalRow, MessageRow, SequenceRow } from '../../src/flow/checker/sequence.ts'
import type { CxMessage } from '../../src/ims/cx.ts'
import type { Message } from '../../src/message.ts'
import { rule } from '../../src/sim/rule.ts'
import { millis } from '../../src/sim/time.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { parse } from '../../src/sip/parse.ts'

/** A row before it has its place in a sequence. */
export type Loose =
  | Omit<MessageRow, 'index' | 'step' | 'at' | 'cause'>
  | Omit<InternalRow, 'index' | 'step' | 'at' | 'cause'>

/** Gives rows their places: one every 10 ms. */
export function inOrder(rows: readonly Loose[]): SequenceRow[] {
  return rows.map((row, index) => {
    const cause = index === 0 ? undefined : index - 1
    return { ...row, index, step: index, at: millis(10 * index), cause } as SequenceRow
  })
}

/** A SIP message from its text, header lines and body; blanks before a line do not count. */
export function sip(text: string, body = ''): SipMessage {
  const lines = text.trim().split(/\n\s*/)
  const message = parse(`${lines.join('\r\n')}\r\n\r\n${body}`)
  if (message.kind === 'malformed') throw new Error(`the test has a message that is none: ${JSON.stringify(message)}`)
  return message
}

export function hop(from: string, to: string, message: Message, flags: Partial<MessageRow> = {}): Loose {
  return { kind: 'message', from, to, message, arrival: undefined, lost: false, repeated: false, ...flags }
}

export function inside(lane: string, step: string, outcome = '', facts: Record<string, string | number> = {}): Loose {
  const decision = {
    kind: 'decide',
    rule: rule('TS 24.229 §5.4.3.2', `Does: ${step}`, [], step),
    outcome,
    facts,
  } as const
  return { kind: 'internal', from: lane, to: lane, decision }
}

export function cx(command: string, avps: CxMessage['avps'], session = 'icscf;1'): CxMessage {
  return { protocol: 'cx', kind: command.endsWith('R') ? 'request' : 'answer', command, session, avps }
}

const dialog = (cseq: string): string => `
  From: <sip:user1@home1.net>;tag=31415
  To: <sip:user2@home2.net>
  Call-ID: b89rjhn
  CSeq: ${cseq}`

export const subscribe = (headers: string): SipMessage =>
  sip(`SUBSCRIBE sip:user2@home2.net SIP/2.0${dialog('61 SUBSCRIBE')}\n  Event: presence\n${headers}`)

export const ok = (cseq: string, headers = ''): SipMessage => sip(`SIP/2.0 200 OK${dialog(cseq)}\n${headers}`)

export const notify = (headers: string, cseq = '42 NOTIFY'): SipMessage =>
  sip(
    `NOTIFY sip:user1@ue1.home1.net SIP/2.0${dialog(cseq)}
     Content-Type: application/pidf+xml
     ${headers}`,
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:user2@home2.net"><tuple id="a"><status><basic>open</basic></status></tuple></presence>',
  )

/** A subscription with all that a ladder can have: hops, internal steps, a query, answers, a notification. */
export function subscription(): Loose[] {
  return [
    hop('UE', 'P-CSCF', subscribe('Via: SIP/2.0/UDP ue1.home1.net\nMax-Forwards: 70')),
    hop(
      'P-CSCF',
      'I-CSCF',
      subscribe('Via: SIP/2.0/UDP pcscf1.home1.net, SIP/2.0/UDP ue1.home1.net\nMax-Forwards: 69'),
    ),
    hop('I-CSCF', 'HSS', cx('LIR', { 'Public-Identity': 'sip:user2@home2.net' })),
    hop('HSS', 'I-CSCF', cx('LIA', { 'Server-Name': 'sip:scscf2.home2.net' })),
    hop('I-CSCF', 'S-CSCF', subscribe('Max-Forwards: 68\nRoute: <sip:scscf2.home2.net;lr>')),
    inside('S-CSCF', 'evaluate initial filter criteria', 'to ps.home2.net', { priority: 1 }),
    hop('S-CSCF', 'PS', subscribe('Max-Forwards: 67\nRoute: <sip:ps.home2.net;lr>')),
    inside('PS', 'authorize watcher', 'allow'),
    hop('PS', 'S-CSCF', ok('61 SUBSCRIBE', 'Expires: 3600')),
    hop('S-CSCF', 'I-CSCF', ok('61 SUBSCRIBE', 'Expires: 3600')),
    hop('I-CSCF', 'P-CSCF', ok('61 SUBSCRIBE', 'Expires: 3600')),
    hop('P-CSCF', 'UE', ok('61 SUBSCRIBE', 'Expires: 3600')),
    hop('PS', 'P-CSCF', notify('Max-Forwards: 70\nSubscription-State: active;expires=3600')),
    hop('P-CSCF', 'UE', notify('Max-Forwards: 69\nSubscription-State: active;expires=3600')),
    hop('UE', 'P-CSCF', ok('42 NOTIFY')),
    hop('P-CSCF', 'PS', ok('42 NOTIFY')),
  ]
}

/** What `subscription` is expected to be. */
export const subscriptionLadder = `
1   UE -> P-CSCF : SUBSCRIBE sip:user2@home2.net as $sub { Max-Forwards: 70; via: UE; Event: presence }
2   P-CSCF -> I-CSCF : SUBSCRIBE { Max-Forwards: prev-1; via: P-CSCF / UE; Event = prev }
3   I-CSCF <-> HSS : Cx LIR { Public-Identity: sip:user2@home2.net; Server-Name: sip:scscf2.home2.net }
4   I-CSCF -> S-CSCF : SUBSCRIBE { Max-Forwards: prev-1; Route: <sip:scscf2.home2.net;lr> }
5   S-CSCF :: evaluate initial filter criteria { outcome ~ ps.home2.net; priority: 1 }
6   S-CSCF -> PS : SUBSCRIBE { Max-Forwards: prev-1; Route: <sip:ps.home2.net;lr> }
7   PS :: authorize watcher { outcome: allow }
unordered {
  sequence {
    8   PS -> S-CSCF : 200 to $sub { Expires: $granted }
    9   S-CSCF -> I-CSCF : 200 to $sub { Expires: $granted }
    10  I-CSCF -> P-CSCF : 200 to $sub { Expires: $granted }
    11  P-CSCF -> UE : 200 to $sub { Expires: $granted }
  }
  sequence {
    12  PS -> P-CSCF : NOTIFY as $notify { Max-Forwards: 70; Subscription-State: active;expires=$granted; body //basic = open }
    13  P-CSCF -> UE : NOTIFY { Max-Forwards: prev-1; body = prev }
    14  UE -> P-CSCF : 200 to $notify
    15  P-CSCF -> PS : 200 to $notify
  }
}
`

export const lanes = [
  { name: 'UE', hosts: ['ue1.home1.net'] },
  { name: 'P-CSCF', hosts: ['pcscf1.home1.net', 'pcscf1.visited1.net'] },
  { name: 'I-CSCF', hosts: ['icscf.home2.net'] },
  { name: 'HSS', hosts: ['hss.home2.net'] },
  { name: 'S-CSCF', hosts: ['scscf2.home2.net'] },
  { name: 'PS', hosts: ['ps.home2.net'] },
]
