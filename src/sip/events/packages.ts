import type { SipRequest } from '../message.ts'

/** An event package (RFC 6665 §5): one row each. */
export interface EventPackage {
  readonly name: string
  /** The duration of a subscription that asks for none, in seconds. */
  readonly defaultDuration: number
  /** The media type of a NOTIFY to a subscriber that sends no Accept. */
  readonly mediaType: string
  /** The shortest time between two NOTIFYs of one subscription, in seconds. */
  readonly shortestGap: number
  readonly clause: string
}

/** The event packages that the presence service uses. */
export const packages: Readonly<Record<string, EventPackage>> = {
  presence: {
    name: 'presence',
    defaultDuration: 3600,
    mediaType: 'application/pidf+xml',
    shortestGap: 5,
    clause: 'RFC 3856 §6',
  },
  'presence.winfo': {
    name: 'presence.winfo',
    defaultDuration: 3600,
    mediaType: 'application/watcherinfo+xml',
    shortestGap: 5,
    clause: 'RFC 3857 §4',
  },
  reg: {
    name: 'reg',
    defaultDuration: 3761,
    mediaType: 'application/reginfo+xml',
    shortestGap: 5,
    clause: 'RFC 3680 §4',
  },
  'xcap-diff': {
    name: 'xcap-diff',
    defaultDuration: 3600,
    mediaType: 'application/xcap-diff+xml',
    shortestGap: 5,
    clause: 'RFC 5875 §4',
  },
}

/** The event package that a request names; undefined for one that presim does not know. */
export function packageOf(request: SipRequest): EventPackage | undefined {
  const name = request.headers.event?.value
  return name !== undefined && Object.hasOwn(packages, name) ? packages[name] : undefined
}
