/** The documents of the presence service: text to value and back, patched, compared and checked. */
export * from './bootstrapping-info.ts'
export * from './canonical.ts'
export * from './capabilities.ts'
export type { UnknownExtension } from './children.ts'
export * from './cipid.ts'
export * from './common-policy.ts'
export * from './content-type.ts'
export { diff } from './diff.ts'
export { replaceElement, spliceChildren } from './edit.ts'
export type { DataModelExtension, DeviceId, Extension } from './extension.ts'
export { extension, unknownExtension } from './extension.ts'
export * from './external-body.ts'
export type { Format } from './format.ts'
export * from './geopriv.ts'
export * from './ims-subscription.ts'
export * from './locate.ts'
export {
  type Body,
  cidUri,
  type MimeHeader,
  type MimePart,
  type Multipart,
  type PrintedMultipart,
  parseMultipart,
  partOf,
  printMultipart,
  related,
  rootPart,
} from './mime.ts'
export type { NamedValue, OtherValue } from './named-values.ts'
export { namespaces } from './namespaces.ts'
export type { Note } from './note.ts'
export { parseOnce, readOnce } from './parse-once.ts'
export { applyPatch, patchTree } from './patch.ts'
export * from './patch-error.ts'
export {
  type PatchErrorDocument,
  type PatchErrorElement,
  parsePatchError,
  patchErrorDocument,
  patchErrorFormat,
  printPatchError,
} from './patch-operation.ts'
export * from './pidf.ts'
export * from './pidf-diff.ts'
export * from './pres-rules.ts'
export {
  document,
  escapeValue,
  type PrintedElements,
  printFragment,
  printXml,
  withDeclarations,
} from './print.ts'
export * from './reginfo.ts'
export * from './resource-lists.ts'
export * from './rlmi.ts'
export * from './rls-services.ts'
export * from './rpid.ts'
export * from './selector.ts'
export * from './simple-filter.ts'
export type { TimedStatus } from './timed-status.ts'
export * from './tree.ts'
export * from './user-security-settings.ts'
export * from './validate.ts'
export * from './watcherinfo.ts'
export * from './xcap-caps.ts'
export * from './xcap-diff.ts'
export * from './xcap-error.ts'
export { isLayout, parseXml, resolveReferences, type XmlLimits, xmlLimits } from './xml.ts'
