/** `npm run swarm [-- first [count]]`: a thousand histories, or as many as are said, from the first seed on, of each kind. */
import { listSwarm } from './list-swarm.ts'
import { swarm } from './swarm.ts'

const [first = 1, count = 1000] = process.argv.slice(2).map(Number)
const kinds = { presentity: (seed: number) => swarm(seed, { checked: true }), list: listSwarm }
for (const [kind, history] of Object.entries(kinds)) {
  let compared = 0
  let failed = 0
  for (let seed = first; seed < first + count; seed++) {
    const result = history(seed)
    compared += result.compared
    if (result.violations.length === 0) continue
    failed++
    console.log(`seed ${seed} of a ${kind} (npm run swarm -- ${seed} 1):`)
    for (const violation of result.violations) console.log(`  ${violation}`)
  }
  console.log(`${count} histories of a ${kind}, ${compared} comparisons, ${failed} with violations`)
  if (failed > 0) process.exitCode = 1
}
