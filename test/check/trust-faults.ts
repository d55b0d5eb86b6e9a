/** Traces in which somebody is told what is not for them. */
import {
  agreementStays,
  credentialsStay,
  keysToldNotToUe,
  networkToldNotToUe,
  undecidedToldNothing,
} from '../../src/check/trust.ts'
import { altered, type Fault, inRequests, inResponses, replacing, saying, traceOf } from './altered.ts'

export const trustFaults: readonly Fault[] = [
  {
    title: 'who waits for a decision is told',
    check: undecidedToldNothing,
    what: 'sip:user1_public1@home1.net is told of sip:user2_public1@home2.net, for whom it is pending',
    trace: () => altered(traceOf('A.3.2.1'), inRequests('NOTIFY', replacing('subscriptionState', 'active', 'pending'))),
  },
  {
    title: 'who was rejected is told',
    check: undecidedToldNothing,
    what: 'for whom it is terminated',
    trace: () =>
      altered(
        traceOf('A.3.2.1'),
        inRequests('NOTIFY', replacing('subscriptionState', /^active.*$/, 'terminated;reason=rejected')),
      ),
  },
  {
    title: 'who waits for a decision is told by a list',
    check: undecidedToldNothing,
    what: 'sip:user1_public1@home1.net is told of sip:user2_public1@home2.net, for whom it is pending',
    trace: () =>
      altered(
        traceOf('A.3.3.1'),
        inRequests('NOTIFY', (notify) => ({
          ...notify,
          body: String(notify.body).replace('state="active"', 'state="pending"'),
        })),
      ),
  },
  {
    title: 'a UE is told how networks charge',
    check: networkToldNotToUe,
    what: '[5555::aaa:bbb:ccc:ddd] is told icid-value=x by NOTIFY sip:[5555::aaa:bbb:ccc:ddd]',
    trace: () =>
      altered(
        traceOf('A.3.2.1'),
        inRequests('NOTIFY', (notify) => saying(notify, { pChargingVector: 'icid-value=x' })),
      ),
  },
  {
    title: 'a UE is told who wants to stay private',
    check: networkToldNotToUe,
    what: '[5555::aaa:bbb:ccc:ddd] is told <sip:x@home2.net> by NOTIFY',
    trace: () =>
      altered(
        traceOf('A.3.2.1'),
        inRequests('NOTIFY', (notify) => saying(notify, { privacy: 'id', pAssertedIdentity: '<sip:x@home2.net>' })),
      ),
  },
  {
    title: 'a UE is sent the keys',
    check: keysToldNotToUe,
    what: '[5555::aaa:bbb:ccc:ddd] is sent ck in 401',
    trace: () =>
      altered(traceOf('registration'), inResponses('REGISTER', replacing('wwwAuthenticate', /$/, ', ck="0123"'))),
  },
  {
    title: 'the security agreement is passed on',
    check: agreementStays,
    what: 'pcscf1.visited1.net passes the security agreement on in REGISTER sip:registrar.home1.net',
    trace: () =>
      altered(
        traceOf('registration'),
        inRequests('REGISTER', (request) => saying(request, { securityClient: 'ipsec-3gpp; alg=x' })),
      ),
  },
  {
    title: 'a third-party REGISTER has credentials',
    check: credentialsStay,
    what: 'sends credentials in REGISTER sip:ps.home1.net',
    trace: () =>
      altered(
        traceOf('A.7'),
        inRequests('REGISTER', (request) => saying(request, { authorization: 'Digest username="x"' })),
      ),
  },
]
