/**
 * How fast the documents are: prints one line `name value unit` for each figure when it is run with node, and gives the
 * figures to whoever imports it.
 */
import { pathToFileURL } from 'node:url'
import {
  diff,
  isDocumentError,
  listEntry,
  type Presence,
  parsePresence,
  parseResourceLists,
  parseRlmi,
  parseXml,
  patchTree,
  presence,
  printPresence,
  printResourceLists,
  printRlmi,
  resourceList,
  tuple,
  validateDocument,
  type XmlDocument,
} from '../../src/documents/index.ts'

/** One figure. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const richPresence = `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:user2_public1@home2.net">
 <tuple id="t1">
  <status><basic>open</basic></status>
  <rpid:service-class><rpid:electronic/></rpid:service-class>
  <contact priority="0.8">sip:user2_public1@home2.net</contact>
  <note xml:lang="en">at the desk</note>
  <timestamp>2026-01-01T10:00:00Z</timestamp>
 </tuple>
 <tuple id="t2">
  <status><basic>closed</basic></status>
  <contact priority="0.2">mailto:user2@home2.net</contact>
 </tuple>
 <dm:person id="p1">
  <rpid:activities><rpid:meeting/><rpid:on-the-phone/></rpid:activities>
  <rpid:mood><rpid:happy/></rpid:mood>
  <rpid:place-type><rpid:other>lab</rpid:other></rpid:place-type>
  <dm:note>busy &amp; happy until the meeting is over, then back to the desk</dm:note>
  <dm:timestamp>2026-01-01T10:00:00Z</dm:timestamp>
 </dm:person>
</presence>
`

function lists(bytes: number): string {
  const entries = Array.from({ length: Math.round(bytes / 85) }, (_, i) =>
    listEntry(`sip:user${i}_public1@home1.net`, `User number ${i}`),
  )
  return printResourceLists({ kind: 'resource-lists', lists: [resourceList('friends', entries)] })
}

function rlmi(bytes: number): string {
  const resources = Array.from({ length: Math.round(bytes / 175) }, (_, i) => ({
    uri: `sip:user${i}_public1@home1.net`,
    names: [{ text: `User number ${i}` }],
    instances: [{ id: 'i', state: 'active' as const, cid: `p${i}@rls.home1.net`, others: [] }],
  }))
  const uri = 'sip:user1_list1@home1.net'
  return printRlmi({ kind: 'list', uri, version: 3, fullState: true, names: [], resources })
}

function tree(text: string): XmlDocument {
  const document = parseXml(text)
  if (isDocumentError(document)) throw new Error(document.reason)
  return document
}

function twentyTuples(changed: boolean): Presence {
  const tuples = Array.from({ length: 20 }, (_, i) =>
    tuple(`t${i}`, changed && i === 12 ? 'closed' : 'open', { contact: { uri: `sip:user${i}@home1.net` } }),
  )
  return presence('sip:user1_public1@home1.net', { tuples })
}

/** Calls a second: the best third of the time that is given, so that a busy machine is seen less, after a warm-up. */
function rate(work: () => unknown, milliseconds: number): number {
  calls(work, milliseconds / 3)
  return Math.max(calls(work, milliseconds / 3), calls(work, milliseconds / 3), calls(work, milliseconds / 3))
}

function calls(work: () => unknown, milliseconds: number): number {
  const start = performance.now()
  let count = 0
  let now = start
  do {
    for (let j = 0; j < 5; j++) work()
    count += 5
    now = performance.now()
  } while (now - start < milliseconds)
  return (count * 1000) / (now - start)
}

/** All figures, each measured for the given time. */
export function measureDocuments(milliseconds = 900): Figure[] {
  const value = parsePresence(richPresence) as Presence
  const list = lists(200_000)
  const meta = rlmi(20_000)
  const [before, after] = [printPresence(twentyTuples(false)), printPresence(twentyTuples(true))]
  const [target, patch] = [tree(before), tree(diff(before, after))]
  const megabytes = (text: string) => text.length / 1e6
  const figures: [string, number, string][] = [
    ['documents.pidf.parse', rate(() => parsePresence(richPresence), milliseconds), 'documents/s'],
    ['documents.pidf.print', rate(() => printPresence(value), milliseconds), 'documents/s'],
    ['documents.pidf.tree', rate(() => parseXml(richPresence), milliseconds), 'documents/s'],
    ['documents.pidf.validate', rate(() => validateDocument(richPresence), milliseconds), 'documents/s'],
    ['documents.rlmi.parse', rate(() => parseRlmi(meta), milliseconds) * megabytes(meta), 'MB/s'],
    ['documents.lists.parse', rate(() => parseResourceLists(list), milliseconds) * megabytes(list), 'MB/s'],
    ['documents.patch.tuple', rate(() => patchTree(target, patch), milliseconds), 'patches/s'],
    ['documents.diff.tuple', rate(() => diff(before, after), milliseconds), 'diffs/s'],
  ]
  return figures.map(([name, figure, unit]) => ({ name, value: Math.round(figure * 10) / 10, unit }))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, value, unit } of measureDocuments()) console.log(`${name} ${value} ${unit}`)
}
