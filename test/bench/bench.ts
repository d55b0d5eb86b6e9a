/** `npm run bench`: one line a figure, with a floor of its own beside it so that ratios can be read on any machine. */
import { measureDocuments } from '../documents/bench.ts'
import { figures as sipFigures } from '../sip/bench.ts'
import { printFigure } from './figure.ts'
import { kernelFigures } from './kernel.ts'
import { listServerFigures } from './list-server.ts'
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
}
const chosen = process.argv.slice(2)

for (const [name, figures] of Object.entries(groups)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  for await (const figure of figures()) process.stdout.write(`${printFigure(figure)}\n`)
}
