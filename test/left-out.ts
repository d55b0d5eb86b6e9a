/** The ids of rules that the nodes under test leave out: `npm run left-out` sees by it which tests fail without a rule. */
export const leftOut: readonly string[] = process.env.PRESIM_WITHOUT === undefined ? [] : [process.env.PRESIM_WITHOUT]
