/**
 * How an XCAP client finds out what there is before it changes anything (RFC 4825 §12, OMA XDM): the capabilities of
 * the server first, then the directory of the user's documents if the server has one, then the documents.
 */
import { attribute, childElements, isDocumentError, parseXcapCaps, parseXml } from '../../documents/index.ts'
import type { HttpResponse } from '../../http/message.ts'
import { allUsages, directoryUsage } from '../../xcap/index.ts'
import { encodePath, parseRoot, targetOfUri } from '../../xcap/target.ts'

/** What has been asked for: what the server can do, or what documents there are. */
export type Beginning = 'capabilities' | 'directory'

/** RFC 4825 §12: the document selector of the capabilities. */
export const capabilitiesDocument = 'xcap-caps/global/index'

/** What is known when an answer comes. */
export interface Known {
  /** The XCAP root by its absolute URI. */
  readonly root: string
  readonly xui: string
  readonly usages: readonly string[] | undefined
}

/** What to read next: the directory, or, without `next`, all these documents. */
export interface Step {
  readonly next?: Beginning
  readonly documents: readonly string[]
}

/** The application usages that a server says it has; undefined if it does not say. */
export function usagesIn({ status, body }: HttpResponse): readonly string[] | undefined {
  if (status !== 200) return undefined
  const found = parseXcapCaps(body)
  return isDocumentError(found) ? undefined : found.auids
}

/** What an answer leads to. A server that does not answer the one or the other is asked for what users usually have. */
export function stepFrom(begins: Beginning, response: HttpResponse, known: Known): Step {
  const { status } = response
  if (status !== 200 && status !== 404) return { documents: [] }
  const hasDirectory = known.usages?.includes(directoryUsage.auid) === true
  if (begins === 'capabilities' && hasDirectory)
    return { next: 'directory', documents: [`${directoryUsage.auid}/users/${encodePath(known.xui)}/directory.xml`] }
  const listed = begins === 'directory' && status === 200 ? listedIn(response, known) : undefined
  return { documents: listed ?? usualDocuments(known) }
}

/** The usages whose documents a client of the presence service works on (TS 24.141 §6.3.1.2 to §6.3.1.4). */
const ownUsages = ['resource-lists', 'rls-services', 'pres-rules', 'pidf-manipulation']

const usualDocuments = ({ xui, usages }: Known): string[] =>
  ownUsages
    .filter((auid) => usages === undefined || usages.includes(auid))
    .map((auid) => `${auid}/users/${encodePath(xui)}/index`)

/** The XML documents that a directory lists, by their selectors; undefined if it is no directory. */
function listedIn({ body }: HttpResponse, { root }: Known): string[] | undefined {
  const tree = parseXml(body)
  if (isDocumentError(tree)) return undefined
  const isDocument = (auid: string): boolean => allUsages.some((one) => one.auid === auid && one.kind === 'documents')
  return childElements(tree.root)
    .flatMap((folder) => childElements(folder))
    .flatMap((entry) => {
      const target = targetOfUri(attribute(entry, 'uri') ?? '', parseRoot(root))
      return target !== undefined && isDocument(target.auid) ? [encodePath(target.path)] : []
    })
}
