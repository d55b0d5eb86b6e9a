/**
 * User security settings (TS 29.109 Annex A): what the operator of a subscriber allows her to do with bootstrapped
 * keys, and as whom. On Zh the HSS tells the BSF all of them (GUSS), on Zn the BSF tells a NAF those of its services.
 */
import { anyElements, leaf, many, maybe, one } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Shape, Vocabulary } from './shape/shape.ts'
import { kind, optional, required, shape, wrapper } from './shape/shape.ts'
import { count, text } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlElement } from './xml/tree.ts'

/** TS 29.109 Annex A: the settings of a subscriber for one service. */
export interface UserSecuritySetting {
  /** The GAA service identifier (TS 29.109 §6.3.1.4). */
  readonly service: string
  /** The GAA service type code (TS 29.109 Annex B). */
  readonly type: number
  /** The group of NAFs that the settings are for; undefined for all. */
  readonly nafGroup?: string
  /** The identities under which the subscriber may use the service. */
  readonly identities: readonly string[]
  /** What she is permitted to do there, as codes of the service (TS 29.109 Annex C). */
  readonly flags?: readonly string[]
  readonly others: readonly XmlElement[]
}

/** TS 29.109 Annex A: the settings that are for one NAF. */
export interface ServiceSettings {
  readonly kind: 'uss-list'
  readonly settings: readonly UserSecuritySetting[]
}

/** TS 29.109 Annex A: all settings of a subscriber. */
export interface GbaUserSecuritySettings {
  readonly kind: 'guss'
  /** The private identity of the subscriber. */
  readonly id?: string
  readonly bsf?: BsfInfo
  readonly services: readonly UserSecuritySetting[]
  readonly others: readonly XmlElement[]
}

/** TS 29.109 Annex A: what is for the BSF itself. */
export interface BsfInfo {
  /** How long the keys of this subscriber hold, in seconds. */
  readonly lifetime?: number
  readonly others: readonly XmlElement[]
}

const guss: Vocabulary = { prefix: '', namespace: namespaces.guss, clause: 'TS 29.109 Annex A' }

const settingShape: Shape<UserSecuritySetting> = shape<UserSecuritySetting>(guss, 'uss', {
  service: required('id', text),
  type: required('type', count),
  nafGroup: optional('nafGroup', text),
  identities: one(wrapper<readonly string[]>(guss, 'uids', many(leaf(guss, 'uid', text)))),
  flags: maybe(wrapper<readonly string[]>(guss, 'flags', many(leaf(guss, 'flag', text)))),
  others: anyElements,
})

/** The settings of a subscriber on Zh. */
export const gussFormat: Format<GbaUserSecuritySettings> = format(
  'application/xml',
  shape<GbaUserSecuritySettings>(guss, 'guss', {
    kind: kind('guss'),
    id: optional('id', text),
    bsf: maybe(
      shape<BsfInfo>(guss, 'bsfInfo', {
        lifetime: maybe(leaf(guss, 'lifeTime', count)),
        others: anyElements,
      }),
    ),
    services: one(wrapper<readonly UserSecuritySetting[]>(guss, 'ussList', many(settingShape))),
    others: anyElements,
  }),
)

/** The settings of a subscriber on Zn. */
export const serviceSettingsFormat: Format<ServiceSettings> = format(
  'application/xml',
  shape<ServiceSettings>(guss, 'ussList', { kind: kind('uss-list'), settings: many(settingShape) }),
)
