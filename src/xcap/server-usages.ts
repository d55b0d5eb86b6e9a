import {
  document,
  namespaces,
  vocabulary,
  type XmlDocument,
  type XmlElement,
  xcapCapsFormat,
} from '../documents/index.ts'
import { byteLength } from '../http/exchange.ts'
import { encodePath, type Target } from './target.ts'
import type { GeneratedUsage, Surroundings } from './usage.ts'

/** RFC 4825 §12: what the server can do, in the one document `xcap-caps/global/index`. */
export const capabilitiesUsage: GeneratedUsage = {
  kind: 'generated',
  auid: 'xcap-caps',
  clause: 'RFC 4825 §12',
  contentType: xcapCapsFormat.type,
  defaultNamespace: namespaces.xcapCaps,
  schemas: [namespaces.xcapCaps, namespaces.xcapError],
  isPublic: true,
  make: (target, around) => (target.path === 'xcap-caps/global/index' ? capabilities(around) : undefined),
}

function capabilities({ usages }: Surroundings): XmlDocument {
  return xcapCapsFormat.tree({
    kind: 'xcap-caps',
    auids: usages.map((each) => each.auid),
    extensions: [],
    namespaces: [...new Set(usages.flatMap((each) => each.schemas))],
    others: [],
  })
}

const directoryNamespace = 'urn:oma:xml:xdm:xcap-directory'
const element = vocabulary('', directoryNamespace)

/** OMA XDM: which documents a user has, by usage, in `users/XUI/directory.xml`. */
export const directoryUsage: GeneratedUsage = {
  kind: 'generated',
  auid: 'org.openmobilealliance.xcap-directory',
  clause: 'OMA XDM Core §6.7.2',
  contentType: 'application/vnd.oma.xcap-directory+xml',
  defaultNamespace: directoryNamespace,
  schemas: [directoryNamespace],
  isPublic: false,
  make: (target, around) => (target.names.join('/') === 'directory.xml' ? directory(target, around) : undefined),
}

function directory({ tree, xui }: Target, around: Surroundings): XmlDocument {
  const folders: XmlElement[] = []
  for (const usage of around.usages) {
    if (usage.kind === 'generated') continue
    const prefix = `${usage.auid}/${tree}/${xui === undefined ? '' : `${xui}/`}`
    const entries = around.store.paths(prefix).map((path) => directoryEntry(path, around))
    if (entries.length > 0) folders.push(element('folder', { auid: usage.auid }, entries))
  }
  return document(element('xcap-directory', {}, folders))
}

function directoryEntry(path: string, { store, root }: Surroundings): XmlElement {
  const { etag, body } = store.read(path)!
  const uri = `${root.origin ?? ''}${root.path}/${encodePath(path)}`
  return element('entry', { uri, etag: `"${etag}"`, size: String(byteLength(body)) })
}
