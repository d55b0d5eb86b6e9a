/** `npm run swarm [-- first [count]]`: a thousand histories, or as many as are said, from the first seed on. */
import { swarm } from './swarm.ts'

const [first = 1, count = 1000] = process.argv.slice(2).map(Number)
let compared = 0
let failed = 0
for (let seed = first; seed < first + count; seed++) {
  const result = swarm(seed)
  compared += result.compared
  if (result.violations.length === 0) continue
  failed++
  console.log(`seed ${seed} (npm run swarm -- ${seed} 1):`)
  for (const violation of result.violations) console.log(`  ${violation}`)
}
console.log(`${count} histories, ${compared} comparisons, ${failed} with violations`)
process.exitCode = failed === 0 ? 0 : 1
