/**
 * A network application function (TS 33.220 §4.2.2, TS 24.109 §5.2): knows UEs by the B-TID of a bootstrapping session
 * and proves them with the key that the BSF gives it for that.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import { serviceSettingsFormat, type UserSecuritySetting } from '../../documents/user-security-settings.ts'
import { isDocumentError } from '../../documents/xml/tree.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import type { Micros } from '../../sim/time.ts'
import { avp, type CxMessage } from '../cx.ts'
import { nafPassword } from './gba-keys.ts'

/** What a NAF keeps of a bootstrapping session. */
export interface NafSession {
  /** The password of HTTP Digest: Ks_NAF in Base64. */
  readonly password: string
  readonly privateIdentity: string
  readonly createdAt: Micros
  readonly expiresAt: Micros
  /** The security settings of the subscriber for the services of this NAF. */
  readonly services: readonly UserSecuritySetting[]
}

/** TS 29.109 §5.2: the session in the answer of a BSF; undefined if it can not be read. `epoch` is that of time 0. */
export function sessionIn(answer: CxMessage, epoch: Micros): NafSession | undefined {
  const key = avp(answer, 'ME-Key-Material')
  const expiry = momentOf(avp(answer, 'Key-ExpiryTime'))
  if (!/^([0-9a-f]{2}){32}$/i.test(key) || expiry === undefined) return undefined
  const creation = momentOf(avp(answer, 'BootstrapInfoCreationTime'))
  return {
    password: nafPassword(hexToBytes(key)),
    privateIdentity: avp(answer, 'User-Name'),
    createdAt: (creation ?? expiry) - epoch,
    expiresAt: expiry - epoch,
    services: servicesIn(avp(answer, 'GBA-UserSecSettings')),
  }
}

function servicesIn(text: string): readonly UserSecuritySetting[] {
  const read = text === '' ? undefined : serviceSettingsFormat.parse(text)
  return read === undefined || isDocumentError(read) ? [] : read.settings
}
