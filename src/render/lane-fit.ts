import type { Lane } from './chart.ts'
import type { Survey } from './survey.ts'
import { clip, textWidth } from './width.ts'

/** A lane with its place: `x` is the column of its lifeline. */
export interface PlacedLane {
  readonly name: string
  /** The name as it fits. */
  readonly text: string
  readonly x: number
  readonly textX: number
  /** 0 for the lower row of names, 1 for the upper one, used when names would touch. */
  readonly storey: 0 | 1
}

/** The span of a network over its lanes, both ends included. */
export interface PlacedBand {
  readonly network: string
  readonly from: number
  readonly to: number
}

/** The lanes in their places, and how generous the places are. */
export interface LaneFit {
  readonly lanes: readonly PlacedLane[]
  readonly bands: readonly PlacedBand[]
  /** True if there is room for the full names of messages. */
  readonly fullLabels: boolean
  /** Which of the left edges was chosen. */
  readonly choice: number
}

/** How generous a fit is: blanks between names, columns beyond a label on its arrow, which label. */
interface Comfort {
  readonly between: number
  readonly around: number | undefined
  readonly label: 'longest' | 'shortest'
  readonly bands: boolean
  /** Which left edge: 0 with all columns, 1 without the own numbers, 2 without times as well. */
  readonly choice: 0 | 1 | 2
  readonly storeys: 1 | 2
}

const comforts: readonly Comfort[] = [
  { between: 3, around: 6, label: 'longest', bands: true, choice: 0, storeys: 1 },
  { between: 2, around: 4, label: 'longest', bands: true, choice: 0, storeys: 1 },
  { between: 2, around: 6, label: 'shortest', bands: true, choice: 0, storeys: 1 },
  { between: 1, around: 4, label: 'shortest', bands: true, choice: 0, storeys: 1 },
  { between: 1, around: 3, label: 'shortest', bands: false, choice: 0, storeys: 1 },
  { between: 1, around: 3, label: 'shortest', bands: false, choice: 1, storeys: 1 },
  { between: 1, around: undefined, label: 'shortest', bands: false, choice: 0, storeys: 1 },
  { between: 1, around: undefined, label: 'shortest', bands: false, choice: 0, storeys: 2 },
  { between: 1, around: undefined, label: 'shortest', bands: false, choice: 2, storeys: 2 },
]

/** Wider gaps than this make an arrow hard to follow. */
const widestGap = 24
/** A gap of 4 still shows an arrow with a shaft. */
const narrowestGap = 4

/** Places the lanes in the most generous way that fits; `leftEdges` are where the first lane may start. */
export function fitLanes(survey: Survey, leftEdges: readonly number[], width: number): LaneFit {
  const { lanes } = survey
  for (const comfort of comforts) {
    const gaps = gapsOf(lanes, survey[comfort.label], comfort)
    const left = leftEdges[comfort.choice]! + outerHalf(lanes, comfort, 'left')
    const right = outerHalf(lanes, comfort, 'right')
    const spare = width - 1 - right - left - sum(gaps)
    if (spare >= 0) return placed(lanes, spread(gaps, spare), left, comfort)
  }
  return squeezed(lanes, leftEdges[2]!, width)
}

/** When nothing fits: equal gaps, names cut. */
function squeezed(lanes: readonly Lane[], left: number, width: number): LaneFit {
  const gap = Math.max(2, Math.floor((width - left - 2) / Math.max(1, lanes.length)))
  const comfort = comforts.at(-1)!
  const room = Math.max(1, gap * 2 - 1)
  const short = lanes.map((lane) => ({ ...lane, name: clip(lane.name, room) }))
  const fit = placed(short, new Array(Math.max(0, lanes.length - 1)).fill(gap), left + 1, comfort)
  return { ...fit, lanes: fit.lanes.map((lane, index) => ({ ...lane, name: lanes[index]!.name })) }
}

/** The least gaps that leave room for the names and, if asked for, for the labels on the arrows. */
function gapsOf(lanes: readonly Lane[], needs: ReadonlyMap<number, number>, comfort: Comfort): number[] {
  const apart = comfort.storeys
  const gaps = new Array<number>(Math.max(0, lanes.length - 1)).fill(narrowestGap)
  for (let i = 0; i + apart < lanes.length; i++) {
    const need = half(lanes, i, comfort, 'right') + half(lanes, i + apart, comfort, 'left') + 1 + comfort.between
    widen(gaps, i, i + apart, need)
  }
  if (comfort.around === undefined) return gaps
  const bySpan = [...needs].sort(([a], [b]) => spanOf(a, lanes.length) - spanOf(b, lanes.length))
  for (const [key, need] of bySpan) {
    const from = Math.floor(key / lanes.length)
    widen(gaps, from, key % lanes.length, need + comfort.around)
  }
  return gaps
}

function spanOf(key: number, count: number): number {
  return (key % count) - Math.floor(key / count)
}

/** Makes the gaps from lane `from` to lane `to` add up to at least `need`, the smallest first. */
function widen(gaps: number[], from: number, to: number, need: number): void {
  let total = 0
  for (let i = from; i < to; i++) total += gaps[i]!
  for (; total < need; total++) {
    let smallest = from
    for (let i = from; i < to; i++) if (gaps[i]! < gaps[smallest]!) smallest = i
    gaps[smallest]!++
  }
}

/** Gives spare columns to the smallest gaps, as long as none becomes too wide. */
function spread(gaps: readonly number[], spare: number): number[] {
  const wide = [...gaps]
  for (let left = spare; left > 0 && wide.length > 0; left--) {
    let smallest = 0
    for (let i = 1; i < wide.length; i++) if (wide[i]! < wide[smallest]!) smallest = i
    if (wide[smallest]! >= widestGap) break
    wide[smallest]!++
  }
  return wide
}

/** The columns that a lane takes to one side of its lifeline. */
function half(lanes: readonly Lane[], index: number, comfort: Comfort, side: 'left' | 'right'): number {
  const { name, network } = lanes[index]!
  const alone = network !== undefined && lanes[index - 1]?.network !== network && lanes[index + 1]?.network !== network
  const width = Math.max(textWidth(name), comfort.bands && alone ? textWidth(network) + 2 : 0)
  return side === 'left' ? Math.floor(width / 2) : Math.ceil(width / 2) - 1
}

function outerHalf(lanes: readonly Lane[], comfort: Comfort, side: 'left' | 'right'): number {
  if (lanes.length === 0) return 0
  return half(lanes, side === 'left' ? 0 : lanes.length - 1, comfort, side)
}

function placed(lanes: readonly Lane[], gaps: readonly number[], left: number, comfort: Comfort): LaneFit {
  let x = left
  const places = lanes.map(({ name }, index): PlacedLane => {
    if (index > 0) x += gaps[index - 1]!
    const storey = comfort.storeys === 2 && index % 2 === 1 ? 1 : 0
    return { name, text: name, x, textX: Math.max(0, x - Math.floor(textWidth(name) / 2)), storey }
  })
  const bands = bandsOf(lanes, places, comfort)
  return { lanes: places, bands, fullLabels: comfort.label === 'longest', choice: comfort.choice }
}

/** Lanes of the same network side by side stand under one band. */
function bandsOf(lanes: readonly Lane[], places: readonly PlacedLane[], comfort: Comfort): PlacedBand[] {
  const bands: PlacedBand[] = []
  lanes.forEach(({ network }, index) => {
    if (network === undefined) return
    const place = places[index]!
    const from = Math.max(0, place.x - half(lanes, index, comfort, 'left'))
    const to = place.x + half(lanes, index, comfort, 'right')
    const last = bands.at(-1)
    if (last && lanes[index - 1]?.network === network) bands[bands.length - 1] = { ...last, to }
    else bands.push({ network, from, to })
  })
  return bands
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
