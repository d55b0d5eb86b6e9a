/**
 * What documents that were changed over Ut do at a presence server (R5.3.3.2-g, R6.3.2.3-a, R6.3.2.4-a): presence rules
 * hold for the watchers that there are, and hard state is one of the sources of what they see.
 */
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { DocumentChange } from '../../xcap/index.ts'
import type { Host } from '../role.ts'
import { type UserDocument, userDocument } from '../ut/document-server.ts'
import { takeHardState } from './presence-publications.ts'
import type { PresenceServer } from './presence-server-state.ts'
import { changePolicy } from './rule-changes.ts'

/** What a document of a user is for a presence server. */
export type DocumentEffect = 'rules' | 'hard state'

/**
 * RFC 5025 §9.6, RFC 4827 §4, OMA Presence XDM §5.1.6: the documents that a presence server follows, by usage and name.
 * A user may keep others beside them, which do nothing.
 */
const effects: Readonly<Record<string, DocumentEffect>> = {
  'pres-rules/index': 'rules',
  'org.openmobilealliance.pres-rules/pres-rules': 'rules',
  'pidf-manipulation/index': 'hard state',
}

/** What a document does; undefined for one that does nothing. */
export const effectOf = ({ auid, name }: UserDocument): DocumentEffect | undefined => effects[`${auid}/${name}`]

/** Follows the documents that have changed, each for the user in whose part of the tree it is. */
export function followDocuments(
  ps: PresenceServer,
  changes: readonly DocumentChange[],
  host: Host,
  turn: SipTurn,
): void {
  for (const { path, after } of changes) {
    const document = userDocument({ path })
    const of = document && ps.settings.documentUsers?.[document.xui]
    if (document === undefined || of === undefined) continue
    const text = typeof after?.body === 'string' ? after.body : undefined
    const effect = effectOf(document)
    if (effect === 'rules') followRules(ps, of, text, host, turn)
    if (effect === 'hard state')
      takeHardState(ps, { do: 'hard-state', of, ...(text !== undefined && { document: text }) }, host, turn)
  }
}

/** Without a document, the rules are those that the operator has set for the user. */
function followRules(ps: PresenceServer, of: string, rules: string | undefined, host: Host, turn: SipTurn): void {
  const { watchers = {}, otherwise = 'block' } = ps.settings.presentities[of] ?? {}
  const instead = rules === undefined ? { policy: { watchers, otherwise } } : { rules }
  changePolicy(ps, { do: 'policy', of, ...instead }, host, turn)
}
