/** Virtual time since the start of the world, in whole microseconds. */
export type Micros = number

export const millis = (n: number): Micros => n * 1_000
export const seconds = (n: number): Micros => n * 1_000_000
