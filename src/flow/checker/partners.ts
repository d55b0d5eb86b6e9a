import type { AlignmentCosts } from './align.ts'
import type { Block } from './plan.ts'

/** A leaf by its block and its place there. */
export interface Partner {
  readonly block: number
  readonly leaf: number
}

/** More pairs of leaves and rows than these are not looked through. */
const mostPairs = 10_000_000

/** Rows and leaves that suit each other at no cost, and nothing else that is still to come; found when first asked. */
export class Partners {
  private found: ReadonlyMap<number, Partner> | undefined
  private readonly plan: readonly Block[]
  private readonly rows: number
  private readonly costs: Pick<AlignmentCosts, 'suits' | 'meet'>

  constructor(plan: readonly Block[], rows: number, costs: Pick<AlignmentCosts, 'suits' | 'meet'>) {
    this.plan = plan
    this.rows = rows
    this.costs = costs
  }

  /** The only leaf that the row suits, if the row is the last one that suits it; undefined if there is none. */
  of(row: number): Partner | undefined {
    this.found ??= this.find()
    return this.found.get(row)
  }

  private find(): ReadonlyMap<number, Partner> {
    const leavesOf = new Map<number, Partner[]>()
    const last = new Map<Partner, number>()
    const count = this.plan.reduce((sum, { leaves }) => sum + leaves.length, 0)
    if (count * this.rows > mostPairs) return new Map()
    this.plan.forEach(({ leaves }, block) => {
      leaves.forEach((one, leaf) => {
        const partner = { block, leaf }
        for (let row = 0; row < this.rows; row++) {
          if (!this.costs.suits(one, row) || this.costs.meet(one, row) !== 0) continue
          last.set(partner, row)
          leavesOf.set(row, [...(leavesOf.get(row) ?? []), partner])
        }
      })
    })
    const pairs = [...leavesOf].flatMap(([row, [partner, other]]): [number, Partner][] =>
      other === undefined && last.get(partner!) === row ? [[row, partner!]] : [],
    )
    return new Map(pairs)
  }
}
