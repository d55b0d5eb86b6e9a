/** Traces of transactions, dialogs, subscriptions and publications with something wrong in them. */
import type { Check } from '../../src/check/check.ts'
import { dialogRoute } from '../../src/check/dialog-route.ts'
import { dialogEnd, dialogNumbers, dialogTags } from '../../src/check/dialogs.ts'
import { publicationGranted, publicationMatch, publicationTag, publicationTurn } from '../../src/check/publications.ts'
import {
  subscriptionExists,
  subscriptionGranted,
  subscriptionNotified,
  subscriptionStates,
  subscriptionTime,
} from '../../src/check/subscriptions.ts'
import { everyRequestAnswered, noEarlyAnswers, oneFinalResponse, responsesMatch } from '../../src/check/transactions.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../src/sip/message.ts'
import {
  altered,
  type Change,
  type Fault,
  inRequests,
  inResponses,
  replacing,
  saying,
  type Trace,
  traceOf,
} from './altered.ts'

/** Two phones of a user publish in turn, one takes back what it said; a watcher is told of all. */
const twoPuas = 'presence/two-puas'
const phone = 'sip:user1_public1@home1.net'

/** Of each: what is wrong, which check finds it, how the messages of the flow are altered, and what is found. */
type Row = readonly [title: string, check: Check, change: Change, what: string]

/** Of the requests of a dialog, those that follow the first one are changed. */
function afterFirst(method: string, change: (request: SipRequest) => SipRequest): Change {
  let first: number | undefined
  return inRequests(method, (request) => {
    first ??= request.headers.cseq!.number
    return request.headers.cseq!.number > first ? change(request) : request
  })
}

const without = () => undefined

const withStatus = (status: number) => (response: SipResponse) => ({ ...response, status })

const ofTwoPuas: readonly Row[] = [
  [
    'nobody has asked',
    responsesMatch,
    inResponses('PUBLISH', replacing('via', 'branch=', 'branch=x')),
    'ps.home1.net sends 200 to PUBLISH, for which nobody has asked',
  ],
  [
    'a node is answered that has not asked',
    responsesMatch,
    inRequests('PUBLISH', without),
    'is given 200 to PUBLISH, for which it has not asked',
  ],
  [
    'a response has another number',
    responsesMatch,
    inResponses('PUBLISH', replacing('cseq', /^\d+/, '4711')),
    '200 to PUBLISH has another CSeq than its request',
  ],
  [
    'a response has another caller',
    responsesMatch,
    inResponses('NOTIFY', replacing('from', 'tag=', 'tag=x')),
    '200 to NOTIFY has another From than its request',
  ],
  [
    'a response within a dialog has another tag',
    responsesMatch,
    inResponses('NOTIFY', replacing('to', 'tag=', 'tag=x')),
    '200 to NOTIFY has another To than its request',
  ],
  [
    'a response has lost a hop',
    responsesMatch,
    inResponses('PUBLISH', replacing('via', /^([^,]*),.*$/, '$1')),
    '200 to PUBLISH has another Via than its request',
  ],
  ['a response says that it rings', noEarlyAnswers, inResponses('PUBLISH', withStatus(180)), 'sends 180 to PUBLISH'],
  [
    'a response says that there is none',
    noEarlyAnswers,
    inResponses('PUBLISH', withStatus(408)),
    'sends 408 to PUBLISH',
  ],
  [
    'nobody answers',
    everyRequestAnswered,
    inResponses('PUBLISH', without),
    `ps.home1.net has not answered PUBLISH ${phone}`,
  ],
  [
    'a number is left out',
    dialogNumbers,
    afterFirst('NOTIFY', replacing('cseq', /^\d+/, '4711')),
    'has number 4711, where',
  ],
  [
    'a tag that nobody has made',
    dialogTags,
    inRequests('NOTIFY', replacing('to', 'tag=', 'tag=x')),
    'nobody has made the tag x',
  ],
  ['another callee', dialogTags, inRequests('NOTIFY', replacing('to', '<sip:', '<sip:x')), 'has another URI in To'],
  [
    'no way',
    dialogRoute,
    inRequests('NOTIFY', replacing('route', /, .*$/, '')),
    'has another Route than the route set',
  ],
  [
    'another target',
    dialogRoute,
    inRequests('NOTIFY', (notify) => ({ ...notify, uri: 'sip:elsewhere' })),
    'NOTIFY sip:elsewhere is sent within a dialog whose target is sip:',
  ],
  [
    'told after the end',
    dialogEnd,
    inRequests('NOTIFY', replacing('subscriptionState', /^active.*$/, 'terminated;reason=timeout')),
    'is sent in a dialog that was over by a NOTIFY that ends the subscription',
  ],
  [
    'told after a refusal',
    dialogEnd,
    inResponses('NOTIFY', withStatus(481)),
    'is sent in a dialog that was over by 481',
  ],
  [
    'more is granted than was asked for',
    subscriptionGranted,
    inResponses('SUBSCRIBE', replacing('expires', /.*/, '8000')),
    `SUBSCRIBE ${phone} is granted 8000 s, where 7200 s were asked for`,
  ],
  [
    'nothing is granted',
    subscriptionGranted,
    inResponses('SUBSCRIBE', replaced('expires')),
    'is accepted without a duration',
  ],
  [
    'nobody has subscribed to that',
    subscriptionExists,
    inRequests('NOTIFY', replacing('event', 'presence', 'reg')),
    'is sent, for which nobody has subscribed',
  ],
  [
    'nobody has subscribed by that name',
    subscriptionExists,
    inRequests('NOTIFY', replacing('event', 'presence', 'presence;id=7')),
    'is sent, for which nobody has subscribed',
  ],
  [
    'a refused subscriber is told',
    subscriptionExists,
    inResponses('SUBSCRIBE', withStatus(403)),
    'is sent, for which nobody has subscribed',
  ],
  ['nothing is told', subscriptionNotified, inRequests('NOTIFY', without), `ps.home1.net has told nothing of ${phone}`],
  [
    'more time than is left',
    subscriptionTime,
    inRequests('NOTIFY', replacing('subscriptionState', /expires=\d+/, 'expires=7201')),
    'tells of 7201 s, where 7200 s are left',
  ],
  [
    'no time is told',
    subscriptionTime,
    inRequests('NOTIFY', replacing('subscriptionState', /;.*$/, '')),
    'does not tell how much time is left',
  ],
  [
    'told when all time is over',
    subscriptionTime,
    (message) =>
      message.kind === 'request'
        ? replacing('subscriptionState', /expires=\d+/, 'expires=0')(message)
        : inResponses('SUBSCRIBE', replacing('expires', /.*/, '3'))(message),
    's after the end of its subscription',
  ],
  [
    'a state twice over',
    subscriptionStates,
    afterFirst('NOTIFY', replacing('subscriptionState', 'active', 'pending')),
    'tells pending after active',
  ],
  [
    'no state',
    subscriptionStates,
    inRequests('NOTIFY', replaced('subscriptionState')),
    'does not tell the state of its subscription',
  ],
  ['no entity-tag', publicationGranted, inResponses('PUBLISH', replaced('sipEtag')), 'succeeds without an entity-tag'],
  [
    'the same entity-tag',
    publicationGranted,
    inResponses('PUBLISH', replacing('sipEtag', /.*/, 'one')),
    'ps.home1.net gives the entity-tag one again',
  ],
  ['no duration', publicationGranted, inResponses('PUBLISH', replaced('expires')), 'succeeds without a duration'],
  [
    'a longer duration',
    publicationGranted,
    inResponses('PUBLISH', replacing('expires', /.*/, '9999')),
    'is granted 9999 s, where 7200 s were asked for',
  ],
  [
    'an entity-tag that names nothing succeeds',
    publicationMatch,
    inRequests('PUBLISH', replacing('sipIfMatch', /.*/, 'x')),
    `PUBLISH ${phone} for x succeeds, which names no state`,
  ],
  [
    'an entity-tag that names a state does not succeed',
    publicationMatch,
    inResponses('PUBLISH', (response) => (response.headers.expires === 0 ? { ...response, status: 412 } : response)),
    'is answered 412',
  ],
  [
    'nothing is published, and that succeeds',
    publicationMatch,
    inRequests('PUBLISH', (request) => ({ ...request, body: '' })),
    `PUBLISH ${phone} without a state succeeds`,
  ],
  [
    'an entity-tag that was never given',
    publicationTag,
    inRequests('PUBLISH', replacing('sipIfMatch', /.*/, 'x')),
    `PUBLISH ${phone} names x, which is not what its publisher was given last`,
  ],
]

function replaced(name: 'expires' | 'subscriptionState' | 'sipEtag') {
  return <M extends SipMessage>(message: M): M => saying(message, { [name]: undefined })
}

/** Each answer to PUBLISH is followed by another one. */
const answeredTwice = (trace: Trace): Trace =>
  trace.map((event) => ({
    ...event,
    effects: event.effects.flatMap((one) => {
      const isAnswer = one.kind === 'send' && one.message.protocol === 'sip' && one.message.kind === 'response'
      if (!isAnswer || one.message.headers.cseq?.method !== 'PUBLISH') return [one]
      return [one, { ...one, message: { ...one.message, status: 500 } as SipResponse }]
    }),
  }))

export const sipFaults: readonly Fault[] = [
  ...ofTwoPuas.map(([title, check, change, what]) => ({
    title,
    check,
    what,
    trace: () => altered(traceOf(twoPuas, 40), change),
  })),
  {
    title: 'a request is answered twice',
    check: oneFinalResponse,
    what: 'sends 500 to PUBLISH after 200 to the same request',
    trace: () => answeredTwice(traceOf(twoPuas)),
  },
  {
    title: 'it publishes anew while the first PUBLISH has no answer',
    check: publicationTurn,
    what: `PUBLISH ${phone} is sent while another one waits for its answer`,
    trace: () =>
      altered(
        traceOf('presence/412-recovery'),
        inResponses('PUBLISH', (response) => (response.status === 412 ? { ...response, status: 100 } : response)),
      ),
  },
  {
    title: 'it keeps to an entity-tag that was answered 412',
    check: publicationTag,
    what: 'which is not what its publisher was given last',
    trace: () => {
      let tag: string | undefined
      return altered(
        traceOf('presence/412-recovery'),
        inRequests('PUBLISH', (request) => {
          const before = tag
          tag ??= request.headers.sipIfMatch
          return before === undefined || request.headers.sipIfMatch !== undefined
            ? request
            : saying(request, { sipIfMatch: before })
        }),
      )
    },
  },
]
