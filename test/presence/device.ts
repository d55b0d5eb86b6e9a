import { nameAddr, radioLeg } from '../../src/ims/ue.ts'
import type { PresenceUserAgent } from '../../src/presence/pua.ts'
import type { Watcher, Watching } from '../../src/presence/watcher.ts'
import { headerValue } from '../../src/sip/message.ts'
import { Alone } from '../ims/alone.ts'

export const address = '[5555::aaa:bbb:ccc:ddd]'
export const proxy = 'pcscf1.home1.net'
export const user = 'sip:user1_public1@home1.net'
export const target = 'sip:user2_public1@home2.net'

/** A registered UE alone, with a PUA and a watcher; nobody answers it. */
export function device(): Alone {
  return new Alone('ue', address, {
    identity: user,
    leg: radioLeg(1357, {}),
    route: [nameAddr('sip:pcscf1.home1.net:7531;lr'), nameAddr('sip:orig@scscf1.home1.net;lr')],
    contact: nameAddr(`sip:${address}:1357`),
    accessNetwork: headerValue('pAccessNetworkInfo', '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11')!,
    privacy: ['none'],
    security: [],
    callIds: [],
    tags: [],
    firstSequence: 1,
  })
}

interface Roles {
  readonly roles: { readonly watcher: Watcher; readonly pua: PresenceUserAgent }
}

/** What the watcher of a UE knows of its only subscription. */
export function watchingOf(ue: Alone): Watching {
  const { watching } = ue.state<Roles>().roles.watcher
  if (watching.length !== 1) throw new Error(`${watching.length} subscriptions, not one`)
  return watching[0]!
}
