import { type Micros, millis, seconds } from '../../sim/time.ts'

/** The three values from which all transaction timers are made (RFC 3261 §17.1.1.1 and Table 4). */
export interface TimerValues {
  /** The estimated round-trip time. */
  readonly t1: Micros
  /** The longest time between retransmissions of a non-INVITE request. */
  readonly t2: Micros
  /** The longest time that a message may remain in the network. */
  readonly t4: Micros
}

/** RFC 3261 Table 4: between elements of the network. */
export const networkTimers: TimerValues = { t1: millis(500), t2: seconds(4), t4: seconds(5) }

/** TS 24.229 §7.7: at the UE, and at the P-CSCF towards the UE, where the radio link takes its time. */
export const radioTimers: TimerValues = { t1: seconds(2), t2: seconds(16), t4: seconds(17) }
