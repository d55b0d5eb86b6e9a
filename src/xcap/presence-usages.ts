import { namespaces, pidfFormat, rulesetFormat } from '../documents/index.ts'
import { type DocumentUsage, type ObjectUsage, valid } from './usage.ts'

/** RFC 5025 §9: who may see what of a presentity. */
export const presenceRulesUsage: DocumentUsage = {
  kind: 'documents',
  auid: 'pres-rules',
  clause: 'RFC 5025 §9',
  contentType: rulesetFormat.type,
  defaultNamespace: namespaces.commonPolicy,
  schemas: [namespaces.commonPolicy, namespaces.presRules],
  conflict: valid(rulesetFormat),
}

/** OMA Presence XDM: the same with the permissions that OMA added, as deployments name it. */
export const omaPresenceRulesUsage: DocumentUsage = {
  ...presenceRulesUsage,
  auid: 'org.openmobilealliance.pres-rules',
  clause: 'OMA Presence XDM §5.1',
  schemas: [...presenceRulesUsage.schemas, namespaces.omaCommonPolicy, namespaces.omaPresRules],
}

/** RFC 4827: the hard state of a presentity, which lasts until it is changed. */
export const hardStateUsage: DocumentUsage = {
  kind: 'documents',
  auid: 'pidf-manipulation',
  clause: 'RFC 4827 §4',
  contentType: pidfFormat.type,
  defaultNamespace: namespaces.pidf,
  schemas: [namespaces.pidf, namespaces.dataModel, namespaces.rpid],
  conflict: valid(pidfFormat),
  onlyName: 'index',
}

/** Content to which presence documents refer, such as icons (RFC 4483; OMA Presence Content XDM). */
export const presenceContentUsage: ObjectUsage = {
  kind: 'objects',
  auid: 'org.openmobilealliance.pres-content',
  clause: 'RFC 4483 §5',
  schemas: [],
}
