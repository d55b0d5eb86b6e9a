import { contacts, nameAddr, nameAddrs } from './grammar/name-addr.ts'
import {
  anyTokensWithParams,
  lowerTokensWithParams,
  lowerTokenWithParams,
  mediaRanges,
  mediaType,
  namesWithParams,
  paramLists,
  paramsAlone,
  paramsByComma,
  tokensWithParams,
  tokenWithParams,
  wordWithParams,
} from './grammar/params.ts'
import {
  anyTokens,
  authentications,
  byteCount,
  callId,
  callIds,
  cseq,
  date,
  hopCount,
  privacyTypes,
  rack,
  responseNumber,
  retryAfter,
  seconds,
  timestamp,
  token,
  tokens,
  version,
  warnings,
  words,
} from './grammar/scalars.ts'
import { anyText, type Grammar, placeOfFault } from './grammar/scanner.ts'
import { vias } from './grammar/via.ts'

export type { NameAddr } from './grammar/name-addr.ts'
export type { Parameterised, ParamLists, Params } from './grammar/params.ts'
export type { Authentication, CSeq, RAck, RetryAfter, Warning } from './grammar/scalars.ts'
export type { Via } from './grammar/via.ts'

/**
 * How a header field may stand in a message: once; as a list, whose elements may also stand on several lines
 * (RFC 3261 §7.3.1); or repeated, on lines that must not be joined by commas.
 */
export type HeaderKind = 'single' | 'list' | 'repeat'

/** One header field: its names, its grammar and the clause that defines it. */
export interface HeaderRow<Property extends string = string, Value = unknown> {
  readonly property: Property
  /** The name on the wire. */
  readonly name: string
  /** The compact form of the name (RFC 3261 §7.3.3), one letter. */
  readonly compact: string | undefined
  readonly grammar: Grammar<Value>
  readonly kind: HeaderKind
  /** The specification that defines it, with the clause where it has one of its own. */
  readonly clause: string
}

/**
 * THE TABLE of header fields: one row a field, in the order in which they stand on the wire (the order of the tables
 * of TS 24.228). All fields of RFC 3261 and of the extensions that TS 24.229 and TS 24.141 name.
 */
const table = [
  row('via', 'Via', 'list', vias, 'RFC 3261 §20.42', 'v'),
  row('maxForwards', 'Max-Forwards', 'single', hopCount, 'RFC 3261 §20.22'),
  row('maxBreadth', 'Max-Breadth', 'single', seconds, 'RFC 5393 §5.3.1'),
  row('pAccessNetworkInfo', 'P-Access-Network-Info', 'single', tokenWithParams, 'RFC 7315 §5.4'),
  row('cellularNetworkInfo', 'Cellular-Network-Info', 'single', tokenWithParams, 'TS 24.229 §7.2'),
  row('pVisitedNetworkId', 'P-Visited-Network-ID', 'list', namesWithParams, 'RFC 7315 §5.3'),
  row('pChargingVector', 'P-Charging-Vector', 'single', paramsAlone, 'RFC 7315 §5.6'),
  row('pChargingFunctionAddresses', 'P-Charging-Function-Addresses', 'single', paramLists, 'RFC 7315 §5.5'),
  row('route', 'Route', 'list', nameAddrs, 'RFC 3261 §20.34'),
  row('recordRoute', 'Record-Route', 'list', nameAddrs, 'RFC 3261 §20.30'),
  row('path', 'Path', 'list', nameAddrs, 'RFC 3327 §4'),
  row('serviceRoute', 'Service-Route', 'list', nameAddrs, 'RFC 3608 §5'),
  row('pPreferredIdentity', 'P-Preferred-Identity', 'list', nameAddrs, 'RFC 3325 §9.2'),
  row('pAssertedIdentity', 'P-Asserted-Identity', 'list', nameAddrs, 'RFC 3325 §9.1'),
  row('pPreferredService', 'P-Preferred-Service', 'list', words, 'RFC 6050 §4.2'),
  row('pAssertedService', 'P-Asserted-Service', 'list', words, 'RFC 6050 §4.1'),
  row('pServedUser', 'P-Served-User', 'single', nameAddr, 'RFC 5502 §6'),
  row('pCalledPartyId', 'P-Called-Party-ID', 'single', nameAddr, 'RFC 7315 §5.2'),
  row('pAssociatedUri', 'P-Associated-URI', 'list', nameAddrs, 'RFC 7315 §5.1'),
  row('pProfileKey', 'P-Profile-Key', 'single', nameAddr, 'RFC 5002'),
  row('pUserDatabase', 'P-User-Database', 'single', nameAddr, 'RFC 4457'),
  row('pPrivateNetworkIndication', 'P-Private-Network-Indication', 'single', tokenWithParams, 'RFC 7316'),
  row('privacy', 'Privacy', 'single', privacyTypes, 'RFC 3323 §4.2'),
  row('from', 'From', 'single', nameAddr, 'RFC 3261 §20.20', 'f'),
  row('to', 'To', 'single', nameAddr, 'RFC 3261 §20.39', 't'),
  row('callId', 'Call-ID', 'single', callId, 'RFC 3261 §20.8', 'i'),
  row('cseq', 'CSeq', 'single', cseq, 'RFC 3261 §20.16'),
  row('require', 'Require', 'list', tokens, 'RFC 3261 §20.32'),
  row('proxyRequire', 'Proxy-Require', 'list', tokens, 'RFC 3261 §20.29'),
  row('supported', 'Supported', 'list', anyTokens, 'RFC 3261 §20.37', 'k'),
  row('unsupported', 'Unsupported', 'list', tokens, 'RFC 3261 §20.40'),
  row('securityClient', 'Security-Client', 'list', lowerTokensWithParams, 'RFC 3329 §2.2'),
  row('securityServer', 'Security-Server', 'list', lowerTokensWithParams, 'RFC 3329 §2.2'),
  row('securityVerify', 'Security-Verify', 'list', lowerTokensWithParams, 'RFC 3329 §2.2'),
  row('event', 'Event', 'single', tokenWithParams, 'RFC 6665 §8.2.1', 'o'),
  row('subscriptionState', 'Subscription-State', 'single', lowerTokenWithParams, 'RFC 6665 §8.2.3'),
  row('suppressIfMatch', 'Suppress-If-Match', 'single', token, 'RFC 5839'),
  row('sipEtag', 'SIP-ETag', 'single', token, 'RFC 3903 §11.3.1'),
  row('sipIfMatch', 'SIP-If-Match', 'single', token, 'RFC 3903 §11.3.2'),
  row('expires', 'Expires', 'single', seconds, 'RFC 3261 §20.19'),
  row('minExpires', 'Min-Expires', 'single', seconds, 'RFC 3261 §20.23'),
  row('accept', 'Accept', 'list', mediaRanges, 'RFC 3261 §20.1'),
  row('acceptEncoding', 'Accept-Encoding', 'list', anyTokensWithParams, 'RFC 3261 §20.2'),
  row('acceptLanguage', 'Accept-Language', 'list', anyTokensWithParams, 'RFC 3261 §20.3'),
  row('contact', 'Contact', 'list', contacts, 'RFC 3261 §20.10', 'm'),
  row('acceptContact', 'Accept-Contact', 'list', tokensWithParams, 'RFC 3841 §9.2', 'a'),
  row('rejectContact', 'Reject-Contact', 'list', tokensWithParams, 'RFC 3841 §9.2', 'j'),
  row('requestDisposition', 'Request-Disposition', 'list', tokens, 'RFC 3841 §9.1', 'd'),
  row('featureCaps', 'Feature-Caps', 'list', tokensWithParams, 'RFC 6809'),
  row('flowTimer', 'Flow-Timer', 'single', seconds, 'RFC 5626'),
  row('retryAfter', 'Retry-After', 'single', retryAfter, 'RFC 3261 §20.33'),
  row('warning', 'Warning', 'list', warnings, 'RFC 3261 §20.43'),
  row('reason', 'Reason', 'list', tokensWithParams, 'RFC 3326 §2'),
  row('responseSource', 'Response-Source', 'single', wordWithParams, 'TS 24.229 §7.2'),
  row('errorInfo', 'Error-Info', 'list', nameAddrs, 'RFC 3261 §20.18'),
  row('wwwAuthenticate', 'WWW-Authenticate', 'repeat', authentications, 'RFC 3261 §20.44'),
  row('authorization', 'Authorization', 'repeat', authentications, 'RFC 3261 §20.7'),
  row('proxyAuthenticate', 'Proxy-Authenticate', 'repeat', authentications, 'RFC 3261 §20.27'),
  row('proxyAuthorization', 'Proxy-Authorization', 'repeat', authentications, 'RFC 3261 §20.28'),
  row('authenticationInfo', 'Authentication-Info', 'single', paramsByComma, 'RFC 3261 §20.6'),
  row('allow', 'Allow', 'list', anyTokens, 'RFC 3261 §20.5'),
  row('allowEvents', 'Allow-Events', 'list', tokens, 'RFC 6665 §8.2.2', 'u'),
  row('rseq', 'RSeq', 'single', responseNumber, 'RFC 3262 §7.1'),
  row('rack', 'RAck', 'single', rack, 'RFC 3262 §7.2'),
  row('sessionExpires', 'Session-Expires', 'single', tokenWithParams, 'RFC 4028 §4', 'x'),
  row('minSe', 'Min-SE', 'single', tokenWithParams, 'RFC 4028 §5'),
  row('referTo', 'Refer-To', 'single', nameAddr, 'RFC 3515 §2.1', 'r'),
  row('referredBy', 'Referred-By', 'single', nameAddr, 'RFC 3892 §3', 'b'),
  row('referSub', 'Refer-Sub', 'single', tokenWithParams, 'RFC 4488'),
  row('referEventsAt', 'Refer-Events-At', 'single', nameAddr, 'RFC 7614'),
  row('replaces', 'Replaces', 'single', wordWithParams, 'RFC 3891 §6.1'),
  row('join', 'Join', 'single', wordWithParams, 'RFC 3911 §7.1'),
  row('targetDialog', 'Target-Dialog', 'single', wordWithParams, 'RFC 4538'),
  row('inReplyTo', 'In-Reply-To', 'list', callIds, 'RFC 3261 §20.21'),
  row('replyTo', 'Reply-To', 'single', nameAddr, 'RFC 3261 §20.31'),
  row('historyInfo', 'History-Info', 'list', nameAddrs, 'RFC 7044 §5'),
  row('sessionId', 'Session-ID', 'single', tokenWithParams, 'RFC 7989'),
  row('userToUser', 'User-to-User', 'list', namesWithParams, 'RFC 7433 §4.1'),
  row('identity', 'Identity', 'single', anyText, 'RFC 8224 §4', 'y'),
  row('identityInfo', 'Identity-Info', 'single', nameAddr, 'RFC 4474 §9', 'n'),
  row('geolocation', 'Geolocation', 'list', nameAddrs, 'RFC 6442 §4.1'),
  row('geolocationRouting', 'Geolocation-Routing', 'single', token, 'RFC 6442 §4.2'),
  row('geolocationError', 'Geolocation-Error', 'single', tokenWithParams, 'RFC 6442 §4.3'),
  row('infoPackage', 'Info-Package', 'single', tokenWithParams, 'RFC 6086 §8.2'),
  row('recvInfo', 'Recv-Info', 'list', anyTokensWithParams, 'RFC 6086 §8.3'),
  row('permissionMissing', 'Permission-Missing', 'list', nameAddrs, 'RFC 5360'),
  row('triggerConsent', 'Trigger-Consent', 'list', nameAddrs, 'RFC 5360'),
  row('policyContact', 'Policy-Contact', 'list', nameAddrs, 'RFC 6794'),
  row('policyId', 'Policy-ID', 'list', nameAddrs, 'RFC 6794'),
  row('resourcePriority', 'Resource-Priority', 'list', tokens, 'RFC 4412 §3.1'),
  row('acceptResourcePriority', 'Accept-Resource-Priority', 'list', anyTokens, 'RFC 4412 §3.2'),
  row('answerMode', 'Answer-Mode', 'single', tokenWithParams, 'RFC 5373'),
  row('privAnswerMode', 'Priv-Answer-Mode', 'single', tokenWithParams, 'RFC 5373'),
  row('pAnswerState', 'P-Answer-State', 'single', tokenWithParams, 'RFC 4964'),
  row('pEarlyMedia', 'P-Early-Media', 'list', anyTokens, 'RFC 5009'),
  row('pMediaAuthorization', 'P-Media-Authorization', 'list', tokens, 'RFC 3313'),
  row('pRefusedUriList', 'P-Refused-URI-List', 'list', nameAddrs, 'RFC 5318'),
  row('pDcsTracePartyId', 'P-DCS-Trace-Party-ID', 'single', nameAddr, 'RFC 5503'),
  row('pDcsOsps', 'P-DCS-OSPS', 'single', token, 'RFC 5503'),
  row('pDcsBillingInfo', 'P-DCS-Billing-Info', 'single', wordWithParams, 'RFC 5503'),
  row('pDcsLaes', 'P-DCS-LAES', 'single', wordWithParams, 'RFC 5503'),
  row('pDcsRedirect', 'P-DCS-Redirect', 'single', wordWithParams, 'RFC 5503'),
  row('relayedCharge', 'Relayed-Charge', 'single', paramLists, 'TS 24.229 §7.2'),
  row('resourceShare', 'Resource-Share', 'single', tokenWithParams, 'TS 24.229 §7.2'),
  row('restorationInfo', 'Restoration-Info', 'list', namesWithParams, 'TS 24.229 §7.2'),
  row('alertInfo', 'Alert-Info', 'list', nameAddrs, 'RFC 3261 §20.4'),
  row('callInfo', 'Call-Info', 'list', nameAddrs, 'RFC 3261 §20.9'),
  row('priority', 'Priority', 'single', token, 'RFC 3261 §20.26'),
  row('subject', 'Subject', 'single', anyText, 'RFC 3261 §20.36', 's'),
  row('organization', 'Organization', 'single', anyText, 'RFC 3261 §20.25'),
  row('timestamp', 'Timestamp', 'single', timestamp, 'RFC 3261 §20.38'),
  row('date', 'Date', 'single', date, 'RFC 3261 §20.17'),
  row('server', 'Server', 'single', anyText, 'RFC 3261 §20.35'),
  row('userAgent', 'User-Agent', 'single', anyText, 'RFC 3261 §20.41'),
  row('mimeVersion', 'MIME-Version', 'single', version, 'RFC 3261 §20.24'),
  row('contentDisposition', 'Content-Disposition', 'single', lowerTokenWithParams, 'RFC 3261 §20.11'),
  row('contentEncoding', 'Content-Encoding', 'list', tokens, 'RFC 3261 §20.12', 'e'),
  row('contentLanguage', 'Content-Language', 'list', tokens, 'RFC 3261 §20.13'),
  row('contentType', 'Content-Type', 'single', mediaType, 'RFC 3261 §20.15', 'c'),
  row('contentLength', 'Content-Length', 'single', byteCount, 'RFC 3261 §20.14', 'l'),
] as const

/** The rows of the header table, in the order of the wire. */
export const headerRows: readonly HeaderRow<HeaderName>[] = table

/** The property names of the header fields that the table knows. */
export type HeaderName = (typeof table)[number]['property']

/** The value type of each header field. */
export type HeaderValues = { [Row in (typeof table)[number] as Row['property']]: ValueOf<Row['grammar']> }

type ValueOf<G> = G extends Grammar<infer Value> ? Value : never

function row<const Property extends string, Value>(
  property: Property,
  name: string,
  kind: HeaderKind,
  grammar: Grammar<Value>,
  clause: string,
  compact?: string,
): HeaderRow<Property, Value> {
  return { property, name, compact, grammar, kind, clause }
}

const indexes = Object.fromEntries(table.map((one, index) => [one.property, index])) as Record<HeaderName, number>

/** The index of a header field in the table. */
export function rowOf(name: HeaderName): number {
  return indexes[name]
}

/** The place in the text of a header field from which it does not follow its grammar; `undefined` when it does. */
export function faultPlace(name: HeaderName, text: string): number | undefined {
  return placeOfFault(headerRows[rowOf(name)]!.grammar, text)
}
