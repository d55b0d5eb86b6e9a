/** An XCAP server as a value: requests in, responses out, documents in a store. */
export type { Answer, AnswerFields, Conflict } from './answer.ts'
export { type DocumentChange, type DocumentStore, memoryStore, type StoredDocument } from './document-store.ts'
export { contentTag, type UntaggedDocument } from './entity-tag.ts'
export { treeOf } from './held-document.ts'
export {
  type FlatList,
  findService,
  type ListProblem,
  type ListReach,
  type ListResource,
  mostReferences,
  resolveList,
  resolveService,
} from './list-resolution.ts'
export { groupUsageListUsage, resourceListsUsage, rlsServicesUsage } from './list-usages.ts'
export { hardStateUsage, omaPresenceRulesUsage, presenceContentUsage, presenceRulesUsage } from './presence-usages.ts'
export {
  allUsages,
  type GivenRequest,
  largestBody,
  type Served,
  type XcapServer,
  type XcapServerOptions,
  xcapServer,
} from './server.ts'
export { capabilitiesUsage, directoryUsage } from './server-usages.ts'
export { longestTarget } from './target.ts'
export {
  type DocumentUsage,
  type GeneratedUsage,
  type ObjectUsage,
  type Surroundings,
  type Usage,
  valid,
} from './usage.ts'
