/**
 * TS 24.141 §5.3.5.1, TS 23.141: what parts of the network other than the S-CSCF tell a presence network agent of a
 * user. A run has it told by a command, as these reference points are not SIP.
 */
import { rule } from '../../sim/rule.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { CivicFields } from '../publisher/presence-attributes.ts'
import { type NetworkInformation, type NetworkPlace, withBearer } from './network-information.ts'

/** What the command `network-event` brings: one event or several of one user. */
export interface NetworkEvent {
  readonly do: 'network-event'
  /** The public identity of the user. */
  readonly of: string
  /** From the SGSN or another access node: a device, by its URN, has attached to a network or detached from it. */
  readonly bearer?: { readonly network: string; readonly device: string; readonly state: 'attached' | 'detached' }
  /** From the MSC or the GMLC: the cell that she is in, or the place itself; `unknown` if she can not be located. */
  readonly location?:
    | 'unknown'
    | { readonly cell?: string; readonly placeType?: string; readonly address?: CivicFields }
  /** From the MSC: whether she is in a call. */
  readonly call?: 'active' | 'idle'
}

/** The places that the cells of the network are in, by the identity of the cell. */
export type Cells = Readonly<Record<string, NetworkPlace>>

const learn = rule(
  'TS 24.141 §5.3.5.1',
  'a presence network agent learns from other parts of the network of bearers, places and calls',
  ['R5.3.5.1-a'],
  'learn of a network event',
)

/** What is known after a network event. */
export function takeNetworkEvent(
  before: NetworkInformation,
  { of, bearer, location, call }: NetworkEvent,
  cells: Cells,
  turn: SipTurn,
): NetworkInformation {
  if (turn.without(learn)) return before
  let after = before
  if (bearer !== undefined) {
    const { network, device, state } = bearer
    turn.decide(learn, `bearer ${state}`, { user: of, network, device })
    after = withBearer(after, { network, device, isAttached: state === 'attached' })
  }
  if (location !== undefined) {
    const place = placeOf(location, cells)
    turn.decide(learn, place === undefined ? 'location unknown' : 'location known', { user: of, ...factsOf(location) })
    after = { ...after, place }
  }
  if (call !== undefined) {
    turn.decide(learn, `call ${call}`, { user: of })
    after = { ...after, isCalling: call === 'active' }
  }
  return after
}

function factsOf(location: NonNullable<NetworkEvent['location']>): { readonly cell?: string } {
  return location === 'unknown' || location.cell === undefined ? {} : { cell: location.cell }
}

/** Where a user is: as it is told, or where her cell is. Which cell that is, is nobody else's business. */
function placeOf(location: NonNullable<NetworkEvent['location']>, cells: Cells): NetworkPlace | undefined {
  if (location === 'unknown') return undefined
  const { cell, placeType, address } = location
  const found = { ...(cell === undefined ? undefined : placeOfCell(cell, cells)) }
  const place = {
    ...found,
    ...(placeType !== undefined && { placeType }),
    ...(address !== undefined && { address }),
  }
  return Object.keys(place).length === 0 ? undefined : place
}

/** Where a cell is; undefined if that is not known. */
export const placeOfCell = (cell: string, cells: Cells): NetworkPlace | undefined =>
  Object.hasOwn(cells, cell) ? cells[cell] : undefined

/** The parameters of P-Access-Network-Info that name a cell (TS 24.229 §7.2A.4). */
const cellParameters = ['utran-cell-id-3gpp', 'cgi-3gpp'] as const

/** The cell from which a user has registered; undefined if the REGISTER does not tell. */
export function cellOf({ headers }: SipRequest): string | undefined {
  const params = headers.pAccessNetworkInfo?.params
  for (const name of cellParameters) {
    const value = params?.[name]
    if (typeof value === 'string') return value.replace(/^"(.*)"$/, '$1')
  }
  return undefined
}
