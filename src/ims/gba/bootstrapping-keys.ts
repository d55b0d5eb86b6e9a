/**
 * Zn at the BSF (TS 29.109 §5.2, TS 33.220 §4.5.3): a NAF that knows a B-TID is given the key for it, and what the
 * operator of the subscriber allows her at its services.
 */
import { bytesToHex } from '@noble/hashes/utils.js'
import { serviceSettingsFormat, type UserSecuritySetting } from '../../documents/user-security-settings.ts'
import { dateTimeOf } from '../../presence/wall-clock.ts'
import type { Address, Turn } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Avps, avp, avpList, type CxMessage, cxAnswer, failed } from '../cx.ts'
import type { BootstrappingSession, Bsf, KnownNaf } from './bsf-state.ts'
import { nafKey, nafOf, readNafId } from './gba-keys.ts'

const unknown = rule('TS 29.109 §5.2', 'a B-TID that does not exist or has expired is an error: the UE bootstraps anew')
const foreign = rule('TS 29.109 §5.2', 'a NAF gets keys for the names alone that are its own')
const give = rule('TS 29.109 §5.2', 'the BSF gives a NAF its key, how long it holds, and the settings for its services')
const badCommand = rule('RFC 6733 §7.1.5', 'a command that the BSF does not serve is an error')

/** TS 29.109 §5.2: the answer to a command of a NAF. */
export function answerNaf<M>(bsf: Bsf, request: CxMessage, from: Address, turn: Turn<M | CxMessage>): void {
  const [avps, why] = keysFor(bsf, request, from, turn.now)
  turn.send(from, cxAnswer(request, avps, why, turn), 'stream')
}

function keysFor({ settings, sessions }: Bsf, request: CxMessage, from: Address, now: number): [Avps, Rule] {
  if (request.interface !== 'Zn' || request.command !== 'BIR')
    return [{ 'Result-Code': 'DIAMETER_UNABLE_TO_COMPLY' }, badCommand]
  const id = readNafId(avp(request, 'NAF-Id'))
  const name = id && nafOf(id)?.name.toLowerCase()
  const naf = settings.nafs.find((one) => one.address === from && one.names.some((own) => own.toLowerCase() === name))
  if (id === undefined || naf === undefined) return [failed('DIAMETER_ERROR_NOT_AUTHORIZED'), foreign]
  const session = sessions.get(avp(request, 'Transaction-Identifier'))
  if (session === undefined || session.expiresAt <= now)
    return [failed('DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID'), unknown]
  const moment = (at: number): string => dateTimeOf(settings.epoch + at)
  const avps: Avps = {
    'Result-Code': 'DIAMETER_SUCCESS',
    'User-Name': session.privateIdentity,
    'ME-Key-Material': bytesToHex(nafKey({ ...session, naf: id })),
    'Key-ExpiryTime': moment(session.expiresAt),
    BootstrapInfoCreationTime: moment(session.createdAt),
    ...settingsAvps(session, naf, avpList(request, 'GAA-Service-Identifier')),
  }
  return [avps, give]
}

/** TS 29.109 §6.3.1.1: the settings for the services that the NAF has named, those of other groups of NAFs left out. */
function settingsAvps({ services }: BootstrappingSession, { group }: KnownNaf, wanted: readonly string[]): Avps {
  const isFor = ({ service, nafGroup }: UserSecuritySetting): boolean =>
    wanted.includes(service) && (nafGroup === undefined || nafGroup === group)
  const settings = services.filter(isFor)
  if (settings.length === 0) return {}
  return { 'GBA-UserSecSettings': serviceSettingsFormat.print({ kind: 'uss-list', settings }) }
}
