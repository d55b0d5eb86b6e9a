/**
 * The cards of the header fields for which an IMS network has no rule of its own: those of any SIP message, and those
 * of sessions and their services.
 */
import type { Card } from './header-cards.ts'
import type { HeaderName } from './headers.ts'

export const plainCards = {
  maxBreadth: [
    'How many branches of the forked request may be open at once.',
    'Whoever sends the request, or the first proxy that forks it; 60 if nothing is said.',
    'Nobody; a proxy that forks divides it among the branches.',
  ],
  cellularNetworkInfo: [
    'The cell that the UE is camped on while it uses another kind of access.',
    'The UE, beside P-Access-Network-Info, while its access is not cellular.',
    'The P-CSCF towards a UE; the node before an untrusted network.',
  ],
  pPrivateNetworkIndication: [
    'The private network to which the message belongs.',
    'The P-CSCF or an AS, for a user of a private network.',
    'The node before a network that is not trusted for that private network.',
  ],
  from: [
    'Who sends the request, as the sender wants it shown, with the tag that marks his end of the dialog.',
    'Whoever sends the request; the response repeats it.',
    'Nobody.',
  ],
  to: [
    'Whom the request is for; the answering end adds its tag.',
    'Whoever sends the request; the response repeats it, with a tag.',
    'Nobody.',
  ],
  callId: [
    'What all messages of one dialog, or of one registration, have in common.',
    'Whoever sends the first request; all others of the dialog repeat it.',
    'Nobody.',
  ],
  cseq: [
    'The number of the request within its dialog, and its method.',
    'Whoever sends the request, one more each time; the response repeats it.',
    'Nobody.',
  ],
  unsupported: ['The required extensions that the refusing element does not know.', 'Whoever answers 420.', 'Nobody.'],
  suppressIfMatch: [
    'Asks for no NOTIFY, or one without body, while the state has this entity tag.',
    'The watcher, in a SUBSCRIBE, with the entity tag that it has.',
    'Nobody; the notifier obeys it.',
  ],
  minExpires: [
    'The shortest time that is accepted.',
    'The PS, RLS or S-CSCF, in a 423.',
    'Nobody; whoever asked asks again for as long.',
  ],
  acceptEncoding: [
    'The content codings that the sender understands.',
    'The sender; whoever answers 415 because of the coding.',
    'Nobody.',
  ],
  acceptLanguage: [
    'The languages that the user prefers.',
    'The sender; whoever answers 415 because of the language.',
    'Nobody.',
  ],
  rejectContact: [
    'Features that a device must not have to get the request.',
    'The caller, or an AS for her.',
    'Nobody; the S-CSCF of the called user chooses among her contacts by it.',
  ],
  requestDisposition: [
    'How proxies are to handle the request: fork or not, queue or not.',
    'The caller.',
    'Nobody; proxies obey it.',
  ],
  featureCaps: [
    'What the proxies and servers on the way can do.',
    'Proxies and servers that stay on the path, each for itself.',
    'The node before an untrusted network may.',
  ],
  flowTimer: [
    'How long the edge proxy keeps a silent connection, in seconds.',
    'The registrar, in the 200 to a REGISTER over a flow of RFC 5626.',
    'Nobody.',
  ],
  retryAfter: [
    'When the sender may try again, in seconds.',
    'Whoever answers 503, 500, 486 and the like; an AS in a 480.',
    'Nobody.',
  ],
  warning: ['More about the status of a response, for a person.', 'Whoever answers with a failure.', 'Nobody.'],
  reason: [
    'Why the request was sent or the session released: a protocol, a cause, a text.',
    'Whoever ends the session or forwards the request for that reason.',
    'Nobody.',
  ],
  responseSource: [
    'Which network entity made the error response.',
    'The network entity that makes the error response.',
    'The node before an untrusted network.',
  ],
  errorInfo: ['Where more about the error is found.', 'Whoever answers with a failure.', 'Nobody.'],
  proxyAuthenticate: ['The challenge of a proxy.', 'A proxy, in a 407.', 'Nobody.'],
  proxyAuthorization: [
    'The answer to the challenge of a proxy.',
    'The UE, after a 407.',
    'The proxy whose realm it names.',
  ],
  authenticationInfo: [
    'The proof that the server knows the password too, and the next nonce.',
    'Whoever has checked the credentials, in a 2xx.',
    'Nobody.',
  ],
  allow: ['The methods that the sender supports.', 'Both ends; always in a 405.', 'Nobody.'],
  allowEvents: ['The event packages that the sender supports.', 'A notifier; always in a 489.', 'Nobody.'],
  rseq: [
    'The number of a provisional response that wants a PRACK.',
    'The called end, in a provisional response that it wants acknowledged.',
    'Nobody.',
  ],
  rack: ['Which provisional response a PRACK acknowledges.', 'The caller, in a PRACK.', 'Nobody.'],
  sessionExpires: [
    'For how long the session lasts without a refresh.',
    'The caller, or a proxy; the called end, in the 2xx.',
    'Nobody; a proxy may shorten it.',
  ],
  minSe: [
    'The shortest session interval that is accepted.',
    'Whoever answers 422; the caller, when it tries again.',
    'Nobody; a proxy may raise it.',
  ],
  referTo: ['Whom the receiver of a REFER is to contact.', 'Whoever sends the REFER.', 'Nobody.'],
  referredBy: [
    'Who asked for the request by a REFER.',
    'Whoever sends the REFER; its receiver, in the request that follows from it.',
    'Nobody.',
  ],
  referSub: [
    'Whether a REFER starts a subscription to its result.',
    'Whoever sends the REFER, with false if it wants no subscription; the answer agrees.',
    'Nobody.',
  ],
  referEventsAt: [
    'Where the result of a REFER can be subscribed to.',
    'The receiver of a REFER, in its 200.',
    'Nobody.',
  ],
  replaces: ['The dialog that the new one takes the place of.', 'The caller, in an INVITE that takes over.', 'Nobody.'],
  join: ['The dialog that the new one joins.', 'The caller, in an INVITE that joins.', 'Nobody.'],
  targetDialog: [
    'The dialog that gives the sender the right to send the request.',
    'The sender of a request outside the dialog that it names.',
    'Nobody.',
  ],
  inReplyTo: ['The Call-IDs of calls that this one returns.', 'The caller who calls back.', 'Nobody.'],
  replyTo: ['Where to call back, when it is not the From.', 'The sender.', 'Nobody; a service for privacy may.'],
  sessionId: [
    'A name of the session that survives changes of Call-ID on the way.',
    'Each end puts its half; an intermediary does so for an end that does not.',
    'Nobody.',
  ],
  userToUser: [
    'Data from end to end that the network does not look at.',
    'The end that has data for the other one.',
    'Nobody.',
  ],
  identity: [
    'A signature over the sender and parts of the message.',
    "The service of the caller's domain that vouches for her.",
    'Nobody; the domain of the called user verifies it.',
  ],
  identityInfo: ['Where the certificate of that signature is.', 'The same service, beside Identity.', 'Nobody.'],
  geolocation: [
    'Where the location of the user is found, or which body part holds it.',
    'The UE, or a server that knows its place.',
    'Nobody; a service for privacy may.',
  ],
  geolocationRouting: [
    'Whether the location may be used to route the request.',
    'Whoever puts Geolocation there.',
    'Nobody.',
  ],
  geolocationError: [
    'Why the location was of no use.',
    'Whoever could not use the location, in a 424 or another response.',
    'Nobody.',
  ],
  infoPackage: ['The package to which the INFO request belongs.', 'Whoever sends the INFO.', 'Nobody.'],
  recvInfo: ['The INFO packages that the sender takes.', 'Both ends of a session, when it begins.', 'Nobody.'],
  permissionMissing: [
    'The recipients of a list who have not consented.',
    'The server of the list, in a 470.',
    'Nobody.',
  ],
  triggerConsent: [
    'Asks for consent to be collected for the recipients.',
    'The sender of the request, after a 470.',
    'The server of the list.',
  ],
  policyContact: [
    'Where session policies are found.',
    'A proxy, in a 488 to a UE that has not asked for policies.',
    'Nobody.',
  ],
  policyId: [
    'The session policies in force.',
    'The UE, in requests under these policies.',
    'The proxy that checks them.',
  ],
  resourcePriority: [
    'The priority of the request for scarce resources, by namespace.',
    'The caller, or the network for a user with priority.',
    'The node before a network that does not honour it.',
  ],
  acceptResourcePriority: [
    'The priorities that the server takes.',
    'The server, in a 417 or in the answer to OPTIONS.',
    'Nobody.',
  ],
  answerMode: [
    'Whether the called device should answer by itself.',
    'The caller.',
    'Nobody; the called UE or its AS obeys it.',
  ],
  privAnswerMode: [
    'The same for a caller with privileges.',
    'The caller.',
    'A proxy that finds the caller to have no such privilege.',
  ],
  pAnswerState: [
    'Whether an answer of push-to-talk is confirmed by the user.',
    'The server of push-to-talk, in a response or NOTIFY.',
    'Nobody within the network.',
  ],
  pEarlyMedia: [
    'Whether media may flow before the call is answered.',
    'A UE, a gateway, or a server on the path.',
    'The P-CSCF or a gateway before an untrusted peer.',
  ],
  pMediaAuthorization: [
    'A token by which the access network grants media bandwidth.',
    'The proxy that has asked for the bandwidth.',
    'Nobody; the UE shows the token to the access network.',
  ],
  pRefusedUriList: [
    'The members of a list to whom the request was not sent.',
    'The server of the list, in its response.',
    'Nobody.',
  ],
  pDcsTracePartyId: [
    'Asks the network to trace a call.',
    'The proxy of the user who wants the trace.',
    'The proxy before an untrusted peer.',
  ],
  pDcsOsps: ['Marks operator services.', 'The proxy of an operator service.', 'The proxy before an untrusted peer.'],
  pDcsBillingInfo: [
    'Billing data between proxies of cable networks.',
    'The proxy of the calling user.',
    'The proxy before an untrusted peer.',
  ],
  pDcsLaes: [
    'Data for lawful interception in cable networks.',
    'The proxy of the user under surveillance.',
    'The proxy before an untrusted peer.',
  ],
  pDcsRedirect: [
    'Data about a redirected call in cable networks.',
    'The proxy that redirects the call.',
    'The proxy before an untrusted peer.',
  ],
  relayedCharge: [
    'Charging data of another network, passed on.',
    'An intermediary network, for the home network.',
    'The node before a network that is not meant.',
  ],
  resourceShare: [
    'Whether media streams may share resources in the access network.',
    'An AS, for the P-CSCF.',
    'The P-CSCF, which tells the access network.',
  ],
  restorationInfo: [
    'Tells an element to restore a registration that another one lost.',
    'The P-CSCF or S-CSCF that has found the registration lost.',
    'The element that restores it, before the UE sees it.',
  ],
  alertInfo: [
    'What the called device should ring with.',
    'The caller, or the server of the called user.',
    'A proxy that does not trust it.',
  ],
  callInfo: [
    'More about the caller: a picture, a card, a page.',
    'The caller, or a server of hers.',
    'A proxy that does not trust it.',
  ],
  priority: ['How urgent the request is, for a person.', 'The caller.', 'Nobody.'],
  subject: ['What the request is about.', 'The sender.', 'Nobody; a service for privacy may.'],
  organization: [
    'To which organization the sender belongs.',
    'The sender, or a server of the organization.',
    'Nobody; a service for privacy may.',
  ],
  timestamp: [
    'When the request was sent, so that the sender can measure the round trip.',
    'The sender; the answer repeats it, with the delay at that end.',
    'Nobody.',
  ],
  date: [
    'When the message was first sent, always in GMT.',
    'Any sender; the S-CSCF in the 200 to a REGISTER.',
    'Nobody.',
  ],
  server: ['The software that answers.', 'Whoever answers.', 'Nobody; a service for privacy may.'],
  userAgent: ['The software that asks.', 'Whoever sends the request.', 'Nobody; a service for privacy may.'],
  mimeVersion: ['The version of MIME that the body follows.', 'Whoever puts the body there.', 'Nobody.'],
  contentDisposition: [
    'What the body is for, and whether it must be understood.',
    'Whoever puts the body there.',
    'Nobody.',
  ],
  contentEncoding: ['How the body is coded, gzip for instance.', 'Whoever codes the body.', 'Nobody.'],
  contentLanguage: ['The language of the body.', 'Whoever puts the body there.', 'Nobody.'],
  contentLength: [
    'The length of the body in bytes; it frames messages on a stream.',
    'Whoever sends the message over a stream; over UDP it may lack.',
    'Nobody; it changes with the body.',
  ],
} as const satisfies Partial<Record<HeaderName, Card>>
