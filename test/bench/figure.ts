/** One measured figure: printed as `name value unit`. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** A figure as a line; as many digits as a person would compare. */
export function printFigure({ name, value, unit }: Figure): string {
  const text = value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2)
  return `${name.padEnd(58)} ${text.padStart(10)} ${unit}`
}

/** Wall time of some work in milliseconds: the shortest of several goes, since others use the machine too. */
export function shortest(goes: number, work: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let go = 0; go < goes; go++) {
    const start = performance.now()
    work()
    least = Math.min(least, performance.now() - start)
  }
  return least
}
