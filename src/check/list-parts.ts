import { type MimePart, partOf, rootPart } from '../documents/index.ts'
import { innerList, listIn, type ToldList } from '../presence/watcher/told-lists.ts'
import { type Check, check } from './check.ts'
import { newRequests } from './sip-traffic.ts'

/** RFC 4662 §5.5: what an instance refers to by `cid` comes with it, and every part is what an instance refers to. */
export const listParts: Check = check(
  'Every cid of a list leads to a part of the same message, and to every part one leads',
  'RFC 4662 §5.5',
  () => {
    const isNew = newRequests('NOTIFY')
    return (event) =>
      isNew(event).flatMap((notify) => {
        const told = listIn(notify)
        return typeof told === 'string' ? [told] : told === undefined ? [] : faultsOf(told)
      })
  },
)

function faultsOf({ rlmi, multipart }: ToldList): string[] {
  const unused = new Set<MimePart>(multipart.parts)
  unused.delete(rootPart(multipart)!)
  const faults: string[] = []
  for (const { uri, instances } of rlmi.resources)
    for (const { cid } of instances) {
      if (cid === undefined) continue
      const part = partOf(multipart, cid)
      if (part === undefined) faults.push(`${cid}, said to tell of ${uri}, is no part of the message`)
      else if (!unused.delete(part)) faults.push(`${cid} is said to tell of ${uri}, and of something else`)
      const inner = part && innerList(part)
      if (typeof inner === 'string') faults.push(`of the list ${uri} in ${rlmi.uri} ${inner}`)
      else if (inner !== undefined) faults.push(...faultsOf(inner))
    }
  for (const { contentId } of unused) faults.push(`no resource refers to the part ${contentId}`)
  return faults
}
