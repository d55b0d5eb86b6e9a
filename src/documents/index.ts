/** The documents of the presence service: text to value and back, patched, compared and checked. */
export * from './bootstrapping-info.ts'
export * from './capabilities.ts'
export * from './cipid.ts'
export * from './common-policy.ts'
export type { DataModelExtension, DeviceId, Extension } from './extension.ts'
export { extension, unknownExtension } from './extension.ts'
export * from './geopriv.ts'
export * from './ims-subscription.ts'
export * from './mime/content-type.ts'
export * from './mime/external-body.ts'
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
} from './mime/mime.ts'
export type { Note } from './note.ts'
export { diff } from './patch/diff.ts'
export { applyPatch, patchTree } from './patch/patch.ts'
export * from './patch/patch-error.ts'
export {
  type PatchErrorDocument,
  type PatchErrorElement,
  parsePatchError,
  patchErrorDocument,
  patchErrorFormat,
  printPatchError,
} from './patch/patch-operation.ts'
export * from './pidf.ts'
export * from './pidf-diff.ts'
export * from './pres-rules.ts'
export * from './reginfo.ts'
export * from './resource-lists.ts'
export * from './rlmi.ts'
export * from './rls-services.ts'
export * from './rpid.ts'
export type { UnknownExtension } from './shape/children.ts'
export type { Format } from './shape/format.ts'
export type { NamedValue, OtherValue } from './shape/named-values.ts'
export { parseOnce, readOnce } from './shape/parse-once.ts'
export * from './simple-filter.ts'
export type { TimedStatus } from './timed-status.ts'
export * from './user-security-settings.ts'
export * from './validate.ts'
export * from './watcherinfo.ts'
export * from './xcap-caps.ts'
export * from './xcap-diff.ts'
export * from './xcap-error.ts'
export * from './xml/canonical.ts'
export { replaceElement, spliceChildren } from './xml/edit.ts'
export * from './xml/locate.ts'
export { namespaces } from './xml/namespaces.ts'
export {
  document,
  escapeValue,
  type PrintedElements,
  printFragment,
  printXml,
  withDeclarations,
} from './xml/print.ts'
export * from './xml/selector.ts'
export * from './xml/tree.ts'
export { isLayout, parseXml, resolveReferences, type XmlLimits, xmlLimits } from './xml/xml.ts'
