import { isDocumentError, type Registration, readOnce, reginfoFormat } from '../../documents/index.ts'
import type { SipRequest } from '../../sip/message.ts'

/** What a subscriber knows of the registration state of a user (RFC 3680). A value that is replaced, never changed. */
export interface RegistrationView {
  readonly kind: 'registrations'
  /** The version of the last document. */
  readonly version: number
  /** By address of record. */
  readonly registrations: Readonly<Record<string, Registration>>
  /** The addresses of record that the last document was about. */
  readonly latest: readonly string[]
}

/** A document that does not follow from what is known: the subscriber needs the full state. */
export interface RegistrationGap {
  readonly kind: 'gap'
  readonly reason: string
}

/** RFC 3680 §4.7.2, §5.1: what is known after a NOTIFY with a body. */
export function applyReginfo(
  known: RegistrationView | undefined,
  { body }: SipRequest,
): RegistrationView | RegistrationGap {
  const document = readOnce(reginfoFormat, body)
  if (isDocumentError(document)) return { kind: 'gap', reason: document.reason }
  const { version, registrations } = document
  // A document that was overtaken tells nothing new.
  if (known !== undefined && version <= known.version) return known
  const told = Object.fromEntries(registrations.map((one) => [one.aor, one] as const))
  const latest = Object.keys(told)
  if (document.state === 'full') return { kind: 'registrations', version, registrations: told, latest }
  if (known === undefined) return { kind: 'gap', reason: 'a change came before the full state' }
  if (version > known.version + 1)
    return { kind: 'gap', reason: `version ${version} came after version ${known.version}` }
  return { kind: 'registrations', version, registrations: { ...known.registrations, ...told }, latest }
}
