import { type HeaderName, headerRows, rowOf } from './headers.ts'
import { plainCards } from './plain-header-cards.ts'

/** What a header field is to somebody who meets it in a message: one line each, for `presim explain` and the UI. */
export interface HeaderCard {
  /** What it is. */
  readonly what: string
  /** Who puts it there. */
  readonly addedBy: string
  /** Who takes it away or changes it on the way. */
  readonly removedBy: string
  /** The clause that says so; that which defines the field when an IMS network has no rule for it. */
  readonly clause: string
}

/** The card of a header field. */
export function headerCard(name: HeaderName): HeaderCard {
  const [what, addedBy, removedBy, clause] = cards[name]
  return { what, addedBy, removedBy, clause: clause ?? headerRows[rowOf(name)]!.clause }
}

/** The clause is that which defines the field if none is given. */
export type Card = readonly [what: string, addedBy: string, removedBy: string, clause?: string]

const cards: Readonly<Record<HeaderName, Card>> = {
  ...plainCards,
  via: [
    'The hops that the request came over, the nearest first; the response goes back along them.',
    'Each element puts its own on top of a request that it sends.',
    'Each element takes its own from the top of a response before it passes it on.',
    'RFC 3261 §16.6 step 8, §16.7 step 3',
  ],
  maxForwards: [
    'How many more hops the request may travel.',
    'The UE or AS that sends the request, usually with 70.',
    'Nobody; each proxy lowers it by one and answers 483 instead of forwarding at 0.',
    'RFC 3261 §16.6 step 3',
  ],
  pAccessNetworkInfo: [
    'The radio access that the UE is on, with its cell.',
    'The UE, in what it sends over a security association, save ACK and CANCEL.',
    'The S-CSCF, before the message leaves the trust domain; kept towards an AS that is trusted.',
    'TS 24.229 §5.1.2A.1.1, §5.4.3.2',
  ],
  pVisitedNetworkId: [
    'The name of the network that the P-CSCF of a registering UE is in.',
    'The P-CSCF, in a REGISTER that it forwards.',
    'Nobody on the way; the I-CSCF and the HSS check roaming by it.',
    'TS 24.229 §5.2.2.1',
  ],
  pChargingVector: [
    'Ties the charging records of one session together: icid-value, and the operators orig-ioi, term-ioi.',
    'The first IMS node: the P-CSCF for a UE, or an AS or PS that originates; S-CSCFs add the ioi of their network.',
    'The P-CSCF, in what it sends to the UE.',
    'TS 24.229 §4.5.2, §5.2.6.3, §5.4.3.2',
  ],
  pChargingFunctionAddresses: [
    'The addresses to which nodes of the home network send charging records.',
    'The S-CSCF, from the profile that the HSS gave it.',
    'The node that sends the message to another network, and the P-CSCF towards the UE.',
    'TS 24.229 §4.5.5, §5.4.3.2',
  ],
  route: [
    'The proxies that the request still has to visit.',
    'The UE preloads its P-CSCF and Service-Route; in a dialog it is the route set; S-CSCFs add the AS and themselves.',
    'Each proxy takes out the entry that names itself.',
    'RFC 3261 §16.4, TS 24.229 §5.1.2A.1.1',
  ],
  recordRoute: [
    'The proxies that want to see later requests of the dialog.',
    'P-CSCF and S-CSCF of the watcher, in a request that starts a dialog; the peer copies it into its response.',
    'Nobody; the P-CSCF rewrites its own entry with port and comp towards the UE.',
    'RFC 3261 §16.6 step 4, TS 24.229 §5.2.6.3',
  ],
  path: [
    'The proxies through which the registered UE can be reached.',
    'The P-CSCF, in a REGISTER that it forwards; the S-CSCF copies it into the 200.',
    'The S-CSCF stores it as the route to the UE.',
    'RFC 3327 §5, TS 24.229 §5.2.2.1',
  ],
  serviceRoute: [
    'The route that requests of the registered UE take into its home network.',
    'The S-CSCF, in the 200 to a REGISTER.',
    'Nobody; the UE keeps it until the next registration, the P-CSCF checks Routes against it.',
    'RFC 3608 §5, TS 24.229 §5.4.1.2.2',
  ],
  pPreferredIdentity: [
    'The public identity that the user wants to be known by.',
    'The UE, in an initial request.',
    'The P-CSCF, which puts P-Asserted-Identity in its place.',
    'RFC 3325 §9.2, TS 24.229 §5.2.6.3',
  ],
  pAssertedIdentity: [
    'The identity of the sender for which the trust domain vouches.',
    'The P-CSCF, for a registered identity; the S-CSCF may add the tel URI; an AS or PS, for what it originates.',
    'Whoever sends to an untrusted peer when Privacy is id; the P-CSCF, if a UE dared to send one.',
    'RFC 3325 §9.1, TS 24.229 §4.4.2, §5.2.6.3',
  ],
  pPreferredService: [
    'The IMS communication service that the user asks for.',
    'The UE.',
    'The S-CSCF, which checks it and puts P-Asserted-Service in its place.',
    'TS 24.229 §5.1.3.1, §5.4.3.2',
  ],
  pAssertedService: [
    'The IMS communication service that the network has authorised.',
    'The S-CSCF or an AS.',
    'Whoever sends the message out of the trust domain.',
    'TS 24.229 §4.4, §5.4.3.2',
  ],
  pServedUser: [
    'The user on whose behalf an AS is called, and in which role and state of registration.',
    'The S-CSCF, in what it sends to an AS.',
    'The AS or the S-CSCF, before the request goes anywhere else.',
    'RFC 5502 §6, TS 24.229 §5.4.3.2',
  ],
  pCalledPartyId: [
    'The public identity that the request was for, before the Request-URI became the contact of the UE.',
    'The S-CSCF of the called user, when it puts the contact into the Request-URI.',
    'Nobody; the UE sees by it under which of its identities it was reached.',
    'TS 24.229 §5.4.3.3',
  ],
  pAssociatedUri: [
    'The public identities that were registered together; the first is the default one.',
    'The S-CSCF, in the 200 to a REGISTER.',
    'Nobody; P-CSCF and UE store it.',
    'RFC 7315 §4.1, TS 24.229 §5.4.1.2.2',
  ],
  pProfileKey: [
    'The wildcarded identity by which a profile was found.',
    'The I-CSCF, from the answer of the HSS.',
    'The S-CSCF or AS that used it.',
    'RFC 5002, TS 24.229 §5.3.2.1',
  ],
  pUserDatabase: [
    'The HSS that holds the user, where there is more than one.',
    'The I-CSCF, for the S-CSCF.',
    'The S-CSCF.',
    'RFC 4457, TS 24.229 §5.3.1.2',
  ],
  privacy: [
    'What of the sender is to be hidden: id hides P-Asserted-Identity, none hides nothing.',
    'The UE; with none, or without the field, the network may let the identity through.',
    'Nobody within the network; the node before an untrusted peer obeys it.',
    'RFC 3323 §4.2, RFC 3325 §9.3, TS 24.229 §4.4.2',
  ],
  require: [
    'The extensions that the receiver has to understand.',
    'The UE: sec-agree, path and the like; an RLS: eventlist.',
    'The P-CSCF takes sec-agree out, and the field when nothing is left.',
    'RFC 3261 §20.32, RFC 3329 §2.3.1, TS 24.229 §5.2.6.3',
  ],
  proxyRequire: [
    'The extensions that every proxy on the way has to understand.',
    'The UE: sec-agree.',
    'The P-CSCF takes sec-agree out, and the field when nothing is left.',
    'RFC 3261 §20.29, RFC 3329 §2.3.1, TS 24.229 §5.2.6.3',
  ],
  supported: [
    'The extensions that the sender understands: path at registration, eventlist for lists.',
    'The UE; the watcher of a list must name eventlist.',
    'Nobody.',
    'RFC 3261 §20.37, RFC 4662 §4.1',
  ],
  securityClient: [
    'The security mechanisms that the UE offers, with its SPIs and ports.',
    'The UE, in REGISTER.',
    'The P-CSCF, before it forwards.',
    'RFC 3329 §2.2, TS 24.229 §5.1.1.2, §5.2.2.2',
  ],
  securityServer: [
    'The security mechanisms that the P-CSCF offers, with its SPIs and ports.',
    'The P-CSCF, in the 401 to a REGISTER.',
    'Nobody; it goes to the UE only.',
    'RFC 3329 §2.2, TS 24.229 §5.2.2.2',
  ],
  securityVerify: [
    'What the P-CSCF offered, sent back over the protected link, so that nobody can have changed it.',
    'The UE, in every request over a security association.',
    'The P-CSCF, which compares it with its Security-Server and removes it.',
    'RFC 3329 §2.3.1, TS 24.229 §5.2.6.3',
  ],
  event: [
    'The event package: presence, presence.winfo, reg, …',
    'The watcher in SUBSCRIBE, the notifier in NOTIFY, the presence user agent in PUBLISH.',
    'Nobody.',
    'RFC 6665 §8.2.1, TS 24.141 §5.3',
  ],
  subscriptionState: [
    'Whether the subscription is active, pending or terminated, for how long, and why it ended.',
    'The notifier (PS, RLS, S-CSCF), in every NOTIFY.',
    'Nobody.',
    'RFC 6665 §4.2.2',
  ],
  sipEtag: [
    'The name of a publication, new after every PUBLISH.',
    'The PS, in the 200 to a PUBLISH.',
    'Nobody; the presence user agent keeps it for the next PUBLISH.',
    'RFC 3903 §6, TS 24.141 §5.3.3.3',
  ],
  sipIfMatch: [
    'The publication that a PUBLISH refreshes, modifies or removes.',
    'The presence user agent, with the latest SIP-ETag.',
    'Nobody; the PS answers 412 when it does not know it.',
    'RFC 3903 §4, TS 24.141 §5.3.1.2',
  ],
  expires: [
    'For how long a subscription, publication or registration is to last, in seconds; 0 ends it or fetches once.',
    'The requesting end; the answering end puts the time it grants, which is not longer.',
    'Nobody.',
    'RFC 6665 §4.2.1.1, RFC 3903 §6',
  ],
  accept: [
    'The body types that the sender understands: application/pidf+xml and, for lists, multipart/related.',
    'The watcher, in SUBSCRIBE; whoever answers 415.',
    'Nobody.',
    'RFC 3261 §20.1, TS 24.141 §5.3.2.3',
  ],
  contact: [
    'Where the sender is reached directly: the target of later requests in the dialog, or the registered address.',
    'Both ends; the UE puts its address, protected port and comp=sigcomp there.',
    'Nobody.',
    'RFC 3261 §8.1.1.8, TS 24.229 §5.1.1.2',
  ],
  acceptContact: [
    'Features that a device must or should have to get the request.',
    'The UE or an AS.',
    'Nobody; the S-CSCF chooses among the registered contacts by it.',
    'RFC 3841 §6, TS 24.229 §5.4.3.3',
  ],
  wwwAuthenticate: [
    'The challenge: in IMS with AKAv1-MD5, its nonce holds RAND and AUTN.',
    'The S-CSCF, in the 401 to a REGISTER, with the keys ik and ck for the P-CSCF.',
    'The P-CSCF takes ik and ck out before it sends the rest to the UE.',
    'RFC 3310 §3, TS 24.229 §5.4.1.2.1, §5.2.2.2',
  ],
  authorization: [
    'The private identity and the answer to the challenge.',
    'The UE, in every REGISTER; at first with empty nonce and response. The P-CSCF adds integrity-protected.',
    'The S-CSCF, which checks it.',
    'RFC 3310 §3, TS 24.229 §5.1.1.2, §5.2.2.1',
  ],
  historyInfo: [
    'The targets that the request was sent to before, and why it went on.',
    'Proxies and AS that change the Request-URI.',
    'The node before an untrusted peer, for entries that are private.',
    'RFC 7044 §5, TS 24.229 §4.4',
  ],
  contentType: [
    'What the body is: application/pidf+xml, application/watcherinfo+xml, multipart/related, …',
    'Whoever puts the body there.',
    'Nobody.',
    'RFC 3261 §20.15, TS 24.141 §5.3',
  ],
}
