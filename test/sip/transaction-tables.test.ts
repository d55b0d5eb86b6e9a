import { describe, expect, it } from 'vitest'
import { type Arrow, clientTable, serverTable } from '../../src/sip/transaction-tables.ts'

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

/** RFC 4320 §4.2: a proxy that will have no final response ends the transaction without one. */
const withoutResponse = ['Trying | Timer J |  | Terminated', 'Proceeding | Timer J |  | Terminated']

describe('the transaction tables', () => {
  it('have the arrows of Figure 6 and no others (RFC 3261 §17.1.2.2)', () => {
    expect(rowsOf(clientTable as never).sort()).toEqual(figure6.toSorted())
  })

  it('have the arrows of Figure 8, and those without a response (RFC 3261 §17.2.2, RFC 4320 §4.2)', () => {
    expect(rowsOf(serverTable as never).sort()).toEqual([...figure8, ...withoutResponse].sort())
  })
})
