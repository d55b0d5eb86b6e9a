/** The non-INVITE transactions of RFC 3261 as tables: one row an arrow of Figures 6 and 8. */
export type TransactionState = 'Trying' | 'Proceeding' | 'Completed' | 'Terminated'

export type ClientEvent = '1xx' | '200-699' | 'Timer E' | 'Timer F' | 'Timer K' | 'Transport Err.'

export type ServerEvent = 'Request' | '1xx from TU' | '200-699 from TU' | 'Timer J' | 'Transport Err.'

export type ClientAction =
  | 'send request'
  | 'Timer E doubles up to T2'
  | 'Timer E = T2'
  | 'start Timer K'
  | 'response to TU'
  | 'inform TU'

export type ServerAction = 'send response' | 'start Timer J' | 'inform TU'

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
 * §17.2.2, Figure 8: the non-INVITE server transaction. Not in the figure: Timer J before a final response, which a
 * proxy starts that will never have one (RFC 4320 §4.2).
 */
export const serverTable: Table<ServerEvent, ServerAction> = {
  Trying: {
    '1xx from TU': go('Proceeding', 'send response'),
    '200-699 from TU': go('Completed', 'send response', 'start Timer J'),
    'Timer J': go('Terminated'),
  },
  Proceeding: {
    Request: go('Proceeding', 'send response'),
    '1xx from TU': go('Proceeding', 'send response'),
    '200-699 from TU': go('Completed', 'send response', 'start Timer J'),
    'Transport Err.': go('Terminated', 'inform TU'),
    'Timer J': go('Terminated'),
  },
  Completed: {
    Request: go('Completed', 'send response'),
    'Transport Err.': go('Terminated', 'inform TU'),
    'Timer J': go('Terminated'),
  },
}
