import { describe, expect, it } from 'vitest'
import {
  type Arrow,
  clientTable,
  inviteClientTable,
  inviteServerTable,
  serverTable,
} from '../../src/sip/transaction/transaction-tables.ts'

const rowsOf = (table: Readonly<Record<string, Readonly<Record<string, Arrow<string>>>>>): string[] =>
  Object.entries(table).flatMap(([state, arrows]) =>
    Object.entries(arrows).map(([event, { next, actions }]) => `${state} | ${event} | ${actions.join(', ')} | ${next}`),
  )

/** As drawn: an arrow that is not there means that the event changes nothing. */
const figure6 = [
  'Trying | Timer E | send request, Timer E doubles up to T2 | Trying',
  'Trying | Timer F | inform TU | Terminated',
  'Trying | Transport Err. | inform TU | Terminated',
  'Trying | 1xx | response to TU | Proceeding',
  'Trying | 200-699 | response to TU, start Timer K | Completed',
  'Proceeding | Timer E | send request, Timer E = T2 | Proceeding',
  'Proceeding | Timer F | inform TU | Terminated',
  'Proceeding | Transport Err. | inform TU | Terminated',
  'Proceeding | 1xx | response to TU | Proceeding',
  'Proceeding | 200-699 | response to TU, start Timer K | Completed',
  'Completed | Timer K |  | Terminated',
]

const figure8 = [
  'Trying | 1xx from TU | send response | Proceeding',
  'Trying | 200-699 from TU | send response, start Timer J | Completed',
  'Proceeding | Request | send response | Proceeding',
  'Proceeding | 1xx from TU | send response | Proceeding',
  'Proceeding | 200-699 from TU | send response, start Timer J | Completed',
  'Proceeding | Transport Err. | inform TU | Terminated',
  'Completed | Request | send response | Completed',
  'Completed | Transport Err. | inform TU | Terminated',
  'Completed | Timer J |  | Terminated',
]

/** RFC 4320 §4.1: 100 in time. §4.2: whoever lets the time of the client pass ends the transaction without a response. */
const rfc4320 = [
  'Trying | Timer 100 | send 100, start expiry | Proceeding',
  'Proceeding | Timer 100 | start expiry | Proceeding',
  'Proceeding | transaction expiry | start Timer J | Completed',
]

/** With the state Accepted of RFC 6026 §7.2. */
const figure5 = [
  'Calling | Timer A | send request, Timer A doubles | Calling',
  'Calling | Timer B | inform TU | Terminated',
  'Calling | Transport Err. | inform TU | Terminated',
  'Calling | 1xx | response to TU | Proceeding',
  'Calling | 2xx | response to TU, start Timer M | Accepted',
  'Calling | 300-699 | send ACK, response to TU, start Timer D | Completed',
  'Proceeding | 1xx | response to TU | Proceeding',
  'Proceeding | 2xx | response to TU, start Timer M | Accepted',
  'Proceeding | 300-699 | send ACK, response to TU, start Timer D | Completed',
  'Accepted | 2xx | response to TU | Accepted',
  'Accepted | Timer M |  | Terminated',
  'Completed | 300-699 | send ACK | Completed',
  'Completed | Transport Err. | inform TU | Terminated',
  'Completed | Timer D |  | Terminated',
]

/** With the state Accepted of RFC 6026 §7.1. */
const figure7 = [
  'Proceeding | Request | send response | Proceeding',
  'Proceeding | Timer 100 | send 100 | Proceeding',
  'Proceeding | 1xx from TU | send response | Proceeding',
  'Proceeding | 2xx from TU | send response, start Timer L | Accepted',
  'Proceeding | 300-699 from TU | send response, start Timer G, start Timer H | Completed',
  'Proceeding | Transport Err. | inform TU | Proceeding',
  'Accepted | ACK | ACK to TU | Accepted',
  'Accepted | 2xx from TU | send response | Accepted',
  'Accepted | Transport Err. | inform TU | Accepted',
  'Accepted | Timer L |  | Terminated',
  'Completed | Request | send response | Completed',
  'Completed | ACK | start Timer I | Confirmed',
  'Completed | Timer G | send response, Timer G doubles up to T2 | Completed',
  'Completed | Timer H | inform TU | Terminated',
  'Completed | Transport Err. | inform TU | Completed',
  'Confirmed | Timer I |  | Terminated',
]

describe('the transaction tables', () => {
  it('have the arrows of Figure 6 and no others (RFC 3261 §17.1.2.2)', () => {
    expect(rowsOf(clientTable as never).sort()).toEqual(figure6.toSorted())
  })

  it('have the arrows of Figure 8, and those of RFC 4320 (RFC 3261 §17.2.2, RFC 4320 §4)', () => {
    expect(rowsOf(serverTable as never).sort()).toEqual([...figure8, ...rfc4320].sort())
  })

  it('have the arrows of Figure 5 with those of RFC 6026 (RFC 3261 §17.1.1.2, RFC 6026 §7.2)', () => {
    expect(rowsOf(inviteClientTable as never).sort()).toEqual(figure5.toSorted())
  })

  it('have the arrows of Figure 7 with those of RFC 6026 (RFC 3261 §17.2.1, RFC 6026 §7.1)', () => {
    expect(rowsOf(inviteServerTable as never).sort()).toEqual(figure7.toSorted())
  })
})
