/**
 * What a flow file says of resource list servers (TS 24.141 §5.3.4), and of public service identities, as lists are.
 */
import { z } from 'zod'
import { durationForm, readDuration } from '../duration.ts'

const duration = z
  .string()
  .refine((text) => readDuration(text) !== undefined, { error: `Not a duration; expected ${durationForm}` })

const uri = z.string().regex(/^sips?:[^@\s]+@[^@\s]+$/, { error: 'Not a URI of a list; expected sip:list@home1.net' })

const seconds = (what: string) =>
  z
    .int()
    .min(0)
    .meta({ description: `${what}, in seconds.` })

/** What is said of a resource list server, alone or beside a presence server; the lists are among its documents. */
export const listServerForm = {
  window: duration
    .default('500 ms')
    .meta({ description: 'How long changes of members are collected after the first, to be told together.' }),
  gap: duration.default('5 s').meta({ description: 'The shortest time between two notifications of a subscription.' }),
  retryAfter: duration
    .default('60 s')
    .meta({ description: 'After how long a member is subscribed to again, if nobody says when.' }),
  subscribers: z
    .record(uri, z.union([z.literal('anybody'), z.array(z.string())]))
    .default({})
    .meta({ description: 'Who may subscribe to a list besides its owner, by the URI of the list.' }),
}

/** How long subscriptions to lists may last. */
export const listDurations = {
  shortestDuration: seconds('The shortest duration of a subscription that is granted').default(60),
  longestDuration: seconds('The longest duration of a subscription that is granted').default(7200),
}

/** Public service identities (TS 23.228 §5.4.12), which the HSS knows with the server to which they lead. */
export const servicesForm = z
  .record(uri, z.strictObject({ server: z.string().meta({ description: 'An application server, one of nodes:.' }) }))
  .default({})
  .meta({ description: 'Public service identities, to which the I-CSCF routes without an S-CSCF.' })
