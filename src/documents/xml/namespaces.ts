/**
 * The namespaces of the presence service's documents, and the prefix that presim writes each of them with.
 *
 * A prefix carries no meaning: it is only what a reader of a printed document sees. The empty prefix is the default
 * namespace, which the root formats use.
 */
export const namespaces = {
  /** Namespaces in XML 1.0 §3: bound to `xml` in every document. */
  xml: 'http://www.w3.org/XML/1998/namespace',
  /** Namespaces in XML 1.0 §3: the namespace of the namespace declarations themselves. */
  xmlns: 'http://www.w3.org/2000/xmlns/',
  /** XML Schema part 1 §2.6: `xsi:type`, `xsi:nil`, `xsi:schemaLocation`. */
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
  /** RFC 3863. */
  pidf: 'urn:ietf:params:xml:ns:pidf',
  /** RFC 4479. */
  dataModel: 'urn:ietf:params:xml:ns:pidf:data-model',
  /** RFC 4480. */
  rpid: 'urn:ietf:params:xml:ns:pidf:rpid',
  /** RFC 4481. */
  timedStatus: 'urn:ietf:params:xml:ns:pidf:timed-status',
  /** RFC 4482. */
  cipid: 'urn:ietf:params:xml:ns:pidf:cipid',
  /** RFC 4589: places, as children of `<rpid:place-type>`. */
  locationType: 'urn:ietf:params:xml:ns:location-type',
  /** RFC 4119 §2.2. */
  geopriv: 'urn:ietf:params:xml:ns:pidf:geopriv10',
  /** RFC 4119 §2.2.2: retransmission-allowed and the other usage rules. */
  geoprivPolicy: 'urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy',
  /** RFC 4119 §2.2.1: the civic form of 2005. */
  civicLoc: 'urn:ietf:params:xml:ns:pidf:geopriv10:civicLoc',
  /** RFC 5139: the civic form that replaced it. */
  civicAddress: 'urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr',
  /** RFC 4119 §2.2.4. */
  dataProvider: 'urn:ietf:params:xml:ns:pidf:geopriv10:dataProvider',
  /** RFC 4119 §2.2.1: positions. */
  gml: 'http://www.opengis.net/gml',
  /** RFC 5196. */
  caps: 'urn:ietf:params:xml:ns:pidf:caps',
  /** RFC 5262. */
  pidfDiff: 'urn:ietf:params:xml:ns:pidf-diff',
  /** RFC 5261 §5. */
  patchError: 'urn:ietf:params:xml:ns:patch-ops-error',
  /** RFC 3858. */
  watcherinfo: 'urn:ietf:params:xml:ns:watcherinfo',
  /** RFC 3680. */
  reginfo: 'urn:ietf:params:xml:ns:reginfo',
  /** RFC 4662. */
  rlmi: 'urn:ietf:params:xml:ns:rlmi',
  /** RFC 4826 §3. */
  resourceLists: 'urn:ietf:params:xml:ns:resource-lists',
  /** RFC 4826 §4. */
  rlsServices: 'urn:ietf:params:xml:ns:rls-services',
  /** RFC 4745. */
  commonPolicy: 'urn:ietf:params:xml:ns:common-policy',
  /** RFC 5025. */
  presRules: 'urn:ietf:params:xml:ns:pres-rules',
  /** OMA Presence XDM: conditions seen beside those of RFC 4745. */
  omaCommonPolicy: 'urn:oma:xml:xdm:common-policy',
  /** OMA Presence XDM: permissions seen beside those of RFC 5025. */
  omaPresRules: 'urn:oma:xml:prs:pres-rules',
  /** OMA Presence SIMPLE: data extensions of the presence document. */
  omaPresence: 'urn:oma:xml:prs:pidf:oma-pres',
  /** RFC 4661. */
  simpleFilter: 'urn:ietf:params:xml:ns:simple-filter',
  /** RFC 5874. */
  xcapDiff: 'urn:ietf:params:xml:ns:xcap-diff',
  /** RFC 4825 §12. */
  xcapCaps: 'urn:ietf:params:xml:ns:xcap-caps',
  /** RFC 4825 §11. */
  xcapError: 'urn:ietf:params:xml:ns:xcap-error',
  /** TS 24.109 Annex C: the outcome of bootstrapping. */
  gba: 'uri:3gpp-gba',
  /** TS 29.109 Annex A: user security settings. */
  guss: 'urn:3gpp:gba:GBAGUSSSchema-R9:2010-02',
} as const
