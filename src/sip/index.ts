/** SIP as text: messages, header fields and URIs (RFC 3261 and the extensions that TS 24.229 and TS 24.141 name). */

export { quote, unquote } from './grammar/scanner.ts'
export {
  escapeHeader,
  escapeParam,
  escapeUser,
  hasParam,
  hostOf,
  type OtherUri,
  type PresUri,
  paramOf,
  parseSipUri,
  parseUri,
  portOf,
  printUri,
  type SipUri,
  type TelUri,
  type Uri,
  type UriHeader,
  unescapeUri,
  userOf,
} from './grammar/uri.ts'
export { equalUris, sameUri } from './grammar/uri-comparison.ts'
export { type HeaderCard, headerCard } from './header-cards.ts'
export {
  type Authentication,
  type CSeq,
  faultPlace,
  type HeaderKind,
  type HeaderName,
  type HeaderRow,
  type HeaderValues,
  headerRows,
  type NameAddr,
  type Parameterised,
  type ParamLists,
  type Params,
  type RAck,
  type RetryAfter,
  rowOf,
  type Via,
  type Warning,
} from './headers.ts'
export { anyEndpoint, anyProxy, type Element, judge, knownMethods, type Verdict } from './judge.ts'
export {
  type Body,
  changed,
  type Field,
  type HeaderChanges,
  type Headers,
  type MessageChanges,
  request,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from './message.ts'
export { type Framed, type Malformed, mostBytes, parse, parseStream } from './parse.ts'
export { print } from './print.ts'
export { reasonPhrase } from './status.ts'
