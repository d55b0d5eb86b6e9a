/**
 * What a script says of a subscription: what is asked for beside of whom (TS 24.141 §5.3.1.5, §5.3.1.6, §5.3.2).
 */
import { z } from 'zod'

/** A rate of notifications that the parameters of RFC 6446 can say. */
const rate = z.number().min(0.0001).max(99)

const ratesForm = z
  .strictObject({
    max: rate.optional().meta({ description: 'Not to be told more often.' }),
    min: rate.optional().meta({ description: 'To be told at least so often, changed or not.' }),
    adaptive: rate.optional().meta({ description: 'To be told so often on average.' }),
  })
  .meta({ description: 'How often to be told, in notifications a second (RFC 6446).', examples: [{ max: 0.05 }] })

/** What a `subscribe`, `refresh`, `fetch` or `poll` asks for. */
export const asked = {
  as: z.string().optional().meta({ description: 'At an application server: on behalf of whom, one of its actsFor:.' }),
  event: z
    .enum(['presence', 'presence.winfo', 'xcap-diff'])
    .optional()
    .meta({ description: 'The event package; presence by default.' }),
  list: z.boolean().optional().meta({ description: 'Whether it is a list that is subscribed to.' }),
  accept: z.string().optional().meta({ description: 'The value of Accept.' }),
  filter: z.string().optional().meta({ description: 'What is asked for, as application/simple-filter+xml.' }),
  rates: ratesForm.optional(),
  documents: z
    .array(z.string())
    .optional()
    .meta({ description: 'For xcap-diff: what is watched, by selectors below the XCAP root.' }),
  diffs: z
    .enum(['no-patching', 'xcap-patching', 'aggregate'])
    .optional()
    .meta({ description: 'For xcap-diff: how changes are told (RFC 5875 §4.3): not, each by itself, or all as one.' }),
}
