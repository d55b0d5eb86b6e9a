/** What a NOTIFY tells of a list (RFC 4662 §5), put together again: each resource with the part that tells of it. */
import {
  isDocumentError,
  type MimePart,
  parsePresence,
  parseXml,
  partOf,
  pidfDiffType,
  type RlmiInstance,
  type RlmiResource,
} from '../documents/index.ts'
import type { Message } from '../message.ts'
import { innerList, listIn, type ToldList } from '../presence/watcher/told-lists.ts'
import { type Span, span } from './span.ts'

/** A line for the list, and one for each resource of it; nothing for a message that tells of no list. */
export function listLines(message: Message): Span[][] {
  if (message.protocol !== 'sip' || message.kind !== 'request' || message.method !== 'NOTIFY') return []
  const told = listIn(message)
  if (told === undefined) return []
  return typeof told === 'string' ? [[span(told, 'fail')]] : linesOf(told, 0)
}

/** The list, and what it tells of each resource, with the lists in it further to the right. */
function linesOf(told: ToldList, depth: number): Span[][] {
  const { uri, version, fullState, resources } = told.rlmi
  const count = resources.length === 1 ? '1 resource' : `${resources.length} resources`
  const facts = ` version ${version}, ${fullState ? 'full' : 'partial'} state, ${count}`
  const indent = '  '.repeat(depth)
  const heading = [span(`${indent}list `, 'header-name'), span(uri, 'uri'), span(facts)]
  return [heading, ...resources.flatMap((one) => resourceLines(told, one, depth + 1))]
}

function resourceLines(told: ToldList, { uri, names, instances }: RlmiResource, depth: number): Span[][] {
  const [name] = names
  const who = [span('  '.repeat(depth)), span(uri, 'uri'), span(name === undefined ? '' : ` "${name.text}"`)]
  if (instances.length === 0) return [[...who, span('  nothing is known yet', 'dim')]]
  return instances.flatMap((one) => instanceLines(told, one, who, depth))
}

function instanceLines(
  { multipart }: ToldList,
  { state, reason, cid }: RlmiInstance,
  who: readonly Span[],
  depth: number,
): Span[][] {
  const style = state === 'active' ? 'pass' : state === 'pending' ? 'warn' : 'fail'
  const line = [...who, span('  '), span(reason === undefined ? state : `${state} (${reason})`, style)]
  if (cid === undefined) return [line]
  const part = partOf(multipart, cid)
  if (part === undefined) return [[...line, span(`  ${cid} is no part of the message`, 'fail')]]
  const inner = innerList(part)
  const at = span(`  ${cid}`, 'dim')
  if (typeof inner === 'object') return [[...line, at], ...linesOf(inner, depth + 1)]
  return [[...line, span('  '), span(inner ?? wordsOf(part), 'value'), at]]
}

/** What a part says, in a few words: its ways to reach somebody, and what it has besides. */
function wordsOf({ body, contentType = '' }: MimePart): string {
  if (contentType.startsWith(pidfDiffType)) {
    const document = parseXml(body)
    const isWhole = !isDocumentError(document) && document.root.name === 'pidf-full'
    return isWhole ? 'all of it, for changes to follow' : 'a change of what was told before'
  }
  const presence = parsePresence(body)
  if (isDocumentError(presence)) return contentType
  const { tuples, extensions } = presence
  const ways = tuples.map(({ id, status }) => `${id} ${status.basic ?? 'without a status'}`)
  const kinds = extensions.flatMap((one) => (one.kind === 'person' || one.kind === 'device' ? [one.kind] : []))
  const words = [...ways, ...new Set(kinds)]
  return words.length === 0 ? 'nothing' : words.join(', ')
}
