/**
 * RFC 3329 §2.3.1: the security agreement is between the UE and the P-CSCF; what is said of it goes no further.
 */
import { rule } from '../../sim/rule.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'

const endSecurity = rule('RFC 3329 §2.3.1', 'the security agreement ends at the P-CSCF: its headers go no further')

/** The request without Security-Verify, and without the option tag in Require and Proxy-Require. */
export function withoutSecurity(request: SipRequest, turn: SipTurn): SipRequest {
  const { require, proxyRequire, securityVerify } = request.headers
  if (securityVerify === undefined && !require?.includes('sec-agree') && !proxyRequire?.includes('sec-agree'))
    return request
  return turn.amend(request, endSecurity, {
    require: withoutAgreement(require),
    proxyRequire: withoutAgreement(proxyRequire),
    securityVerify: undefined,
  })
}

function withoutAgreement(tags: readonly string[] | undefined): readonly string[] | undefined {
  const rest = tags?.filter((tag) => tag !== 'sec-agree')
  return rest === undefined || rest.length === 0 ? undefined : rest
}
