/**
 * The transactions of RFC 3261 as tables, one row an arrow: Figures 5 and 7 for INVITE, with the state Accepted of
 * RFC 6026, Figures 6 and 8 for all other methods, with what RFC 4320 asks of their servers.
 */
export type TransactionState =
  | 'Calling'
  | 'Trying'
  | 'Proceeding'
  | 'Accepted'
  | 'Completed'
  | 'Confirmed'
  | 'Terminated'

export type ClientEvent = '1xx' | '200-699' | 'Timer E' | 'Timer F' | 'Timer K' | 'Transport Err.'

export type InviteClientEvent =
  | '1xx'
  | '2xx'
  | '300-699'
  | 'Timer A'
  | 'Timer B'
  | 'Timer D'
  | 'Timer M'
  | 'Transport Err.'

export type ServerEvent =
  | 'Request'
  | '1xx from TU'
  | '200-699 from TU'
  | 'Timer 100'
  | 'transaction expiry'
  | 'Timer J'
  | 'Transport Err.'

export type InviteServerEvent =
  | 'Request'
  | 'ACK'
  | '1xx from TU'
  | '2xx from TU'
  | '300-699 from TU'
  | 'Timer 100'
  | 'Timer G'
  | 'Timer H'
  | 'Timer I'
  | 'Timer L'
  | 'Transport Err.'

export type ClientAction =
  | 'send request'
  | 'send ACK'
  | 'Timer A doubles'
  | 'Timer E doubles up to T2'
  | 'Timer E = T2'
  | 'start Timer D'
  | 'start Timer K'
  | 'start Timer M'
  | 'response to TU'
  | 'inform TU'

export type ServerAction =
  | 'send response'
  | 'send 100'
  | 'ACK to TU'
  | 'Timer G doubles up to T2'
  | 'start Timer G'
  | 'start Timer H'
  | 'start Timer I'
  | 'start Timer J'
  | 'start Timer L'
  | 'start expiry'
  | 'inform TU'

export interface Arrow<Action> {
  readonly actions: readonly Action[]
  readonly next: TransactionState
}

export type Table<Event extends string, Action> = Readonly<
  Partial<Record<TransactionState, Readonly<Partial<Record<Event, Arrow<Action>>>>>>
>

const go = <Action>(next: TransactionState, ...actions: Action[]): Arrow<Action> => ({ actions, next })

/** §17.1.2.2, Figure 6: the non-INVITE client transaction. */
export const clientTable: Table<ClientEvent, ClientAction> = {
  Trying: {
    'Timer E': go('Trying', 'send request', 'Timer E doubles up to T2'),
    'Timer F': go('Terminated', 'inform TU'),
    'Transport Err.': go('Terminated', 'inform TU'),
    '1xx': go('Proceeding', 'response to TU'),
    '200-699': go('Completed', 'response to TU', 'start Timer K'),
  },
  Proceeding: {
    'Timer E': go('Proceeding', 'send request', 'Timer E = T2'),
    'Timer F': go('Terminated', 'inform TU'),
    'Transport Err.': go('Terminated', 'inform TU'),
    '1xx': go('Proceeding', 'response to TU'),
    '200-699': go('Completed', 'response to TU', 'start Timer K'),
  },
  Completed: {
    'Timer K': go('Terminated'),
  },
}

/**
 * §17.2.2, Figure 8: the non-INVITE server transaction. Not in the figure, but in RFC 4320: whoever has not answered
 * when the client's Timer E has come to T2 says 100 (§4.1); whoever has not by the client's Timer F stays silent
 * (§4.2).
 */
export const serverTable: Table<ServerEvent, ServerAction> = {
  Trying: {
    '1xx from TU': go('Proceeding', 'send response'),
    '200-699 from TU': go('Completed', 'send response', 'start Timer J'),
    'Timer 100': go('Proceeding', 'send 100', 'start expiry'),
  },
  Proceeding: {
    Request: go('Proceeding', 'send response'),
    '1xx from TU': go('Proceeding', 'send response'),
    '200-699 from TU': go('Completed', 'send response', 'start Timer J'),
    'Transport Err.': go('Terminated', 'inform TU'),
    'Timer 100': go('Proceeding', 'start expiry'),
    'transaction expiry': go('Completed', 'start Timer J'),
  },
  Completed: {
    Request: go('Completed', 'send response'),
    'Transport Err.': go('Terminated', 'inform TU'),
    'Timer J': go('Terminated'),
  },
}

/** §17.1.1.2, Figure 5, with RFC 6026 §7.2: the INVITE client transaction. */
export const inviteClientTable: Table<InviteClientEvent, ClientAction> = {
  Calling: {
    'Timer A': go('Calling', 'send request', 'Timer A doubles'),
    'Timer B': go('Terminated', 'inform TU'),
    'Transport Err.': go('Terminated', 'inform TU'),
    '1xx': go('Proceeding', 'response to TU'),
    '2xx': go('Accepted', 'response to TU', 'start Timer M'),
    '300-699': go('Completed', 'send ACK', 'response to TU', 'start Timer D'),
  },
  Proceeding: {
    '1xx': go('Proceeding', 'response to TU'),
    '2xx': go('Accepted', 'response to TU', 'start Timer M'),
    '300-699': go('Completed', 'send ACK', 'response to TU', 'start Timer D'),
  },
  Accepted: {
    '2xx': go('Accepted', 'response to TU'),
    'Timer M': go('Terminated'),
  },
  Completed: {
    '300-699': go('Completed', 'send ACK'),
    'Transport Err.': go('Terminated', 'inform TU'),
    'Timer D': go('Terminated'),
  },
}

/**
 * §17.2.1, Figure 7, with RFC 6026 §7.1: the INVITE server transaction, which a transport error no longer ends.
 */
export const inviteServerTable: Table<InviteServerEvent, ServerAction> = {
  Proceeding: {
    Request: go('Proceeding', 'send response'),
    'Timer 100': go('Proceeding', 'send 100'),
    '1xx from TU': go('Proceeding', 'send response'),
    '2xx from TU': go('Accepted', 'send response', 'start Timer L'),
    '300-699 from TU': go('Completed', 'send response', 'start Timer G', 'start Timer H'),
    'Transport Err.': go('Proceeding', 'inform TU'),
  },
  Accepted: {
    ACK: go('Accepted', 'ACK to TU'),
    '2xx from TU': go('Accepted', 'send response'),
    'Transport Err.': go('Accepted', 'inform TU'),
    'Timer L': go('Terminated'),
  },
  Completed: {
    Request: go('Completed', 'send response'),
    ACK: go('Confirmed', 'start Timer I'),
    'Timer G': go('Completed', 'send response', 'Timer G doubles up to T2'),
    'Timer H': go('Terminated', 'inform TU'),
    'Transport Err.': go('Completed', 'inform TU'),
  },
  Confirmed: {
    'Timer I': go('Terminated'),
  },
}
