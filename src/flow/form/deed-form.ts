/**
 * What a flow file has users, operators and the network do, a line each.
 */
import { z } from 'zod'
import { xcapBeginDeed, xcapDeleteDeed, xcapGetDeed, xcapPutDeed } from './document-server-form.ts'
import { networkEventDeed } from './network-agent-form.ts'
import { hardStateDeed, policyDeed, terminateDeed } from './presence-server-form.ts'
import { attributesForm, objectForm } from './publication-form.ts'
import { terminationReasons } from './registration-form.ts'
import { criterionForm } from './service-form.ts'
import { asked } from './subscription-form.ts'
import { duration, linkForm } from './topology.ts'
import { sipUri } from './user-form.ts'

const at = duration.meta({ description: 'When, from the beginning of the script.' })
const node = z.string().meta({ description: 'Who does it, one of nodes:.' })
const target = z.string().meta({ description: 'One of nodes:.' })
const expires = z.int().min(0).optional().meta({ description: 'The duration to ask for, in seconds.' })

const publishedFor = sipUri
  .optional()
  .meta({ description: 'The identity of the presentity; that of the UE if not said.' })

/** One line of a script: who does what, and when. */
export const deedForm = z.discriminatedUnion('do', [
  z.strictObject({ at, node, do: z.literal('subscribe'), to: sipUri, expires, ...asked }),
  z.strictObject({ at, node, do: z.literal('refresh'), to: sipUri, ...asked }),
  z.strictObject({ at, node, do: z.literal('fetch'), to: sipUri, ...asked }),
  z.strictObject({
    at,
    node,
    do: z.literal('poll'),
    to: sipUri,
    every: duration.meta({ description: 'The time from one fetch to the next.' }),
    times: z.int().min(1).optional().meta({ description: 'How often; without it, until unsubscribe.' }),
    ...asked,
  }),
  z.strictObject({ at, node, do: z.literal('unsubscribe'), to: sipUri, as: asked.as, event: asked.event }),
  z
    .strictObject({
      at,
      node,
      do: z.literal('publish'),
      of: publishedFor,
      document: z.string().optional().meta({ description: 'The presence document.' }),
      attributes: attributesForm.optional(),
      expires,
      partial: z.boolean().optional().meta({ description: 'Whether only changes are published after the first time.' }),
      objects: z.array(objectForm).optional().meta({ description: 'What the document refers to by cid:.' }),
    })
    .refine((one) => (one.document === undefined) !== (one.attributes === undefined), {
      error: 'A publication has either a document or attributes',
    }),
  z.strictObject({ at, node, do: z.literal('bootstrap') }),
  z.strictObject({ at, node, do: z.literal('unpublish'), of: publishedFor }),
  z.strictObject({ at, node, do: z.literal('register'), expires }),
  z.strictObject({
    at,
    node,
    do: z.literal('deregister'),
    user: z.string().optional().meta({ description: 'At the HSS or an S-CSCF: whose registration ends.' }),
    reason: terminationReasons.hss.optional().meta({ description: 'At the HSS: why.' }),
    event: terminationReasons.server.optional().meta({ description: 'At an S-CSCF: what the user is told.' }),
  }),
  z.strictObject({
    at,
    node,
    do: z.literal('reauthenticate'),
    user: z.string().meta({ description: 'Who is to be authenticated again.' }),
    expires: z
      .int()
      .min(1)
      .default(60)
      .meta({ description: 'How long the registration lasts until then, in seconds.' }),
  }),
  z.strictObject({
    at,
    node,
    do: z.literal('change-profile'),
    user: z.string().meta({ description: 'Whose services change.' }),
    criteria: z.array(criterionForm),
  }),
  z.strictObject({ at, node, ...policyDeed }),
  z.strictObject({ at, node, ...hardStateDeed }),
  z.strictObject({ at, node, ...terminateDeed }),
  z
    .strictObject({ at, node, ...networkEventDeed })
    .refine(({ bearer, location, call }) => [bearer, location, call].some((one) => one !== undefined), {
      error: 'A network event tells of a bearer, a location or a call',
    }),
  z.strictObject({ at, node, ...xcapBeginDeed }),
  z.strictObject({ at, node, ...xcapGetDeed }),
  z.strictObject({ at, node, ...xcapDeleteDeed }),
  z
    .strictObject({ at, node, ...xcapPutDeed })
    .refine(({ body, base64 }) => (body === undefined) !== (base64 === undefined), {
      error: 'What is put is either a body or base64',
    }),
  z.strictObject({ at, do: z.enum(['down', 'up', 'restart']), node: target }),
  z.strictObject({ at, do: z.literal('partition'), some: z.array(target), others: z.array(target) }),
  z.strictObject({ at, do: z.literal('heal') }),
  linkForm.extend({ at, do: z.literal('link'), between: z.tuple([z.string(), z.string()]) }),
])

export const scriptForm = z.array(deedForm)

export type Script = z.infer<typeof scriptForm>
export type Deed = z.infer<typeof deedForm>
