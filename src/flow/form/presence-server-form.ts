/**
 * What a flow file says of presence servers, of presentities and of what a presence server is told in a run.
 */
import { z } from 'zod'
import { isDocumentError, parsePresence, parseRuleset } from '../../documents/index.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import { durationForm, readDuration } from '../duration.ts'

const duration = z
  .string()
  .refine((text) => readDuration(text) !== undefined, { error: `Not a duration; expected ${durationForm}` })

/** A text that has to be a document of a format. */
const documentOf = (parse: (text: string) => object) =>
  z.string().superRefine((text, context) => {
    const read = parse(text)
    if (isDocumentError(read))
      context.addIssue({ code: 'custom', message: `Line ${read.line}, column ${read.column}: ${read.reason}` })
  })

const handling = z.enum(['block', 'confirm', 'polite-block', 'allow'])
const rules = documentOf(parseRuleset).meta({
  description: 'Presence rules (RFC 4745, RFC 5025) as application/auth-policy+xml.',
})
const presenceText = documentOf(parsePresence)

/** The short form of presence rules. */
const policy = z.strictObject({
  watchers: z.record(z.string(), handling).default({}),
  otherwise: handling.default('allow'),
})

/** What is said of a user as a presentity. */
export const presentityForm = {
  policy: policy
    .default({ watchers: {}, otherwise: 'allow' })
    .meta({ description: 'How the presence server handles those who watch the user.' }),
  rules: rules.optional().meta({ description: 'Presence rules (RFC 5025) as XML, in the place of policy.' }),
  publishers: z
    .array(z.string())
    .default([])
    .meta({ description: 'Identities of others who may publish for the user.' }),
  watcherInfo: z
    .array(z.string())
    .default([])
    .meta({ description: 'Identities of others who may see who watches the user.' }),
  hardState: presenceText.optional().meta({ description: 'A presence document that is always there (RFC 4827).' }),
}

const resolution = z.enum(['union', 'newest', 'priority'])

/** What is said of a presence server beside its place. */
export const presenceServerForm = {
  notifyAfter: duration
    .default('0 s')
    .meta({ description: 'How long it takes to compose the first document for a watcher.' }),
  shortestDuration: z.int().min(0).default(60).meta({ description: 'The shortest Expires it grants, in seconds.' }),
  longestDuration: z.int().min(1).default(7200).meta({ description: 'The longest Expires it grants, in seconds.' }),
  composition: z
    .strictObject({
      tuples: resolution.default('union'),
      persons: resolution.default('union'),
      devices: resolution.default('union'),
      ranking: z.array(z.string()).default(['hard-state', 'network', 'publication']).meta({
        description: 'Sources from the weakest: hard-state, network, publication, or the identity of a publisher.',
      }),
    })
    .default({ tuples: 'union', persons: 'union', devices: 'union', ranking: ['hard-state', 'network', 'publication'] })
    .meta({ description: 'What stands of what several sources say of the same thing.' }),
  objects: z
    .record(z.string(), z.strictObject({ contentType: z.string(), body: z.string() }))
    .default({})
    .meta({ description: 'What it can fetch for publications whose content is elsewhere, by URL.' }),
  giveUpAfter: duration
    .optional()
    .meta({ description: 'How long a watcher waits for a decision before its subscription is given up.' }),
  rememberFor: duration
    .default('72 h')
    .meta({ description: 'How long a watcher who came while there was no decision is remembered.' }),
}

/** The wall clock at time 0. */
export const dateForm = z
  .string()
  .refine((text) => momentOf(text) !== undefined, { error: 'Not a date; expected such as 2016-03-01T08:00:00Z' })
  .default('2016-03-01T00:00:00Z')
  .meta({ description: 'The date and time at time 0, for rules that hold at certain times.' })

const of = z.string().meta({ description: 'The identity of the presentity.' })
const reason = z.enum(['deactivated', 'probation', 'rejected', 'timeout', 'giveup', 'noresource', 'invariant'])

/** What a presence server is told in a script. */
export const policyDeed = {
  do: z.literal('policy'),
  of,
  rules: rules.optional(),
  policy: policy.optional(),
}
export const hardStateDeed = { do: z.literal('hard-state'), of, document: presenceText.optional() }
export const terminateDeed = {
  do: z.literal('terminate'),
  of,
  watcher: z.string().optional().meta({ description: 'Whose subscriptions are ended; those of all if not said.' }),
  reason,
  retryAfter: z.int().min(0).optional().meta({ description: 'When the watcher may come again, in seconds.' }),
}
