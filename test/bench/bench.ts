/**
 * `npm run bench [-- group …]`: one line a figure, with a floor of its own beside it so that ratios can be read on any
 * machine. Groups that take minutes are measured only if they are named.
 */
import { measureDocuments } from '../documents/bench.ts'
import { figures as sipFigures } from '../sip/bench.ts'
import { printFigure } from './figure.ts'
import { kernelFigures } from './kernel.ts'
import { listHourFigures } from './list-hour.ts'
import { listServerFigures } from './list-server.ts'
import { loopbackFigures } from './loopback.ts'
import { presenceServerFigures } from './presence-server.ts'
import { registrationFigures } from './registrations.ts'
import { replayFigures } from './replay.ts'
import { subscriptionFigures } from './subscriptions.ts'
import { xcapFigures } from './xcap.ts'

const groups = {
  kernel: kernelFigures,
  sip: sipFigures,
  documents: measureDocuments,
  replay: replayFigures,
  registrations: registrationFigures,
  subscriptions: subscriptionFigures,
  'presence-server': presenceServerFigures,
  'list-server': listServerFigures,
  xcap: xcapFigures,
  loopback: loopbackFigures,
  'rls-hour': listHourFigures,
}
/** Minutes each. */
const long = ['rls-hour']
const chosen = process.argv.slice(2)

for (const [name, figures] of Object.entries(groups)) {
  if (chosen.length > 0 ? !chosen.includes(name) : long.includes(name)) continue
  for await (const figure of figures()) process.stdout.write(`${printFigure(figure)}\n`)
}
