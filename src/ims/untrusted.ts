/**
 * What a P-CSCF takes out of the messages of UEs: what only the network may say (RFC 3325 §5), and what was for the
 * P-CSCF itself (RFC 3329).
 */
import { rule } from '../sim/rule.ts'
import type { SipRequest, SipResponse } from '../sip/message.ts'
import type { SipTurn } from '../sip/transaction-user.ts'

const endSecurity = rule('RFC 3329 §2.3.1', 'the security agreement ends at the P-CSCF: its headers go no further')
const dropUntrusted = rule('TS 24.229 §5.2.6.3.3', 'what only the network may say is removed from a UE request')

/** §5.2.1, RFC 3325 §5: what a UE says of charging, of its asserted identity and for the network is not believed. */
export function withoutUntrusted<T extends SipRequest | SipResponse>(message: T, turn: SipTurn): T {
  const { pAssertedIdentity, pChargingVector, pChargingFunctionAddresses, pAccessNetworkInfo } = message.headers
  const isClaimed = pAccessNetworkInfo !== undefined && Object.hasOwn(pAccessNetworkInfo.params, 'network-provided')
  if (!pAssertedIdentity && !pChargingVector && !pChargingFunctionAddresses && !isClaimed) return message
  const never = { pAssertedIdentity: undefined, pChargingVector: undefined, pChargingFunctionAddresses: undefined }
  return turn.amend(message, dropUntrusted, isClaimed ? { ...never, pAccessNetworkInfo: undefined } : never)
}

/** RFC 3329 §2.3.1: the agreement was between the UE and this hop. */
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
