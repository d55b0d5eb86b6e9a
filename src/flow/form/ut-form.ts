/**
 * What a flow file says of access to Ut (TS 24.141 §6.2): how UEs prove who they are, who finds it out, and what the
 * operator allows subscribers with bootstrapped keys.
 */
import { z } from 'zod'
import { durationForm, readDuration } from '../duration.ts'

const duration = z
  .string()
  .refine((text) => readDuration(text) !== undefined, { error: `Not a duration; expected ${durationForm}` })
  .meta({ description: 'A duration such as 5 s, 200 ms or 1.5 h.' })

const hostName = z
  .string()
  .regex(/^[A-Za-z0-9.-]+$/, { error: 'Not a host name; expected such as xcap.home1.net' })
  .meta({ description: 'A host name.' })

const identity = z.string().regex(/^(sips?:[^@\s]+@[^@\s]+|tel:\S+)$/, {
  error: 'Not a public user identity; expected such as sip:user@home1.net',
})

/** The service identifier of presence (TS 29.109 Annex B). */
export const presenceService = '3'

const service = z
  .string()
  .default(presenceService)
  .meta({ description: 'The GAA service identifier (TS 29.109 §6.3.1.4) that the settings of subscribers are for.' })

const requires = z
  .string()
  .optional()
  .meta({ description: 'The flag that the settings of a subscriber must have; without it, settings are enough.' })

/** How a UE proves who it is to servers of Ut. */
export const ueUtForm = z
  .strictObject({
    authentication: z
      .enum(['gba', 'digest', 'none'])
      .default('none')
      .meta({ description: 'With bootstrapped keys, with a name and a password, or not.' }),
    identity: identity.optional().meta({ description: 'The identity to ask in the name of; that in use by default.' }),
    bsf: z.string().optional().meta({ description: 'The BSF, one of nodes:; that of the home network by default.' }),
    username: z.string().optional().meta({ description: 'The name, if it is not that of the user.' }),
    password: z.string().optional().meta({ description: 'The password, if it is not that of the user.' }),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/, { error: 'Not the name of a header field' }), z.string())
      .default({})
      .meta({ description: 'Header fields that it adds of its own, be it allowed to or not.' }),
  })
  .meta({ description: 'How the UE proves who it is to servers of Ut (TS 24.141 §6.2.1).' })

/** How a server finds out who asks. */
const finding = {
  algorithms: z
    .array(z.enum(['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256', 'SHA-512-256-sess']))
    .min(1)
    .default(['MD5', 'SHA-256'])
    .meta({ description: 'The hash functions for passwords, in the order in which they are offered (RFC 7616).' }),
  nonceLife: duration.default('5 min').meta({ description: 'How long a nonce is good.' }),
  keyLife: duration
    .optional()
    .meta({ description: 'How long bootstrapped keys are good here, if that is shorter than for the BSF.' }),
  limit: z
    .strictObject({ requests: z.int().min(1), within: duration })
    .default({ requests: 30, within: '1 min' })
    .meta({
      description: 'How many requests that prove nothing a peer may send in how long; then it is told to wait.',
    }),
}

const authentication = z
  .array(z.enum(['gba', 'digest']))
  .min(1)
  .meta({ description: 'Whether it takes bootstrapped keys, names and passwords, or both.' })

/** An authentication proxy. */
export const authenticationProxyForm = {
  servers: z
    .array(
      z.strictObject({
        name: hostName.meta({ description: 'The name by which UEs call the server; the proxy stands there.' }),
        node: z.string().meta({ description: 'The server, one of nodes:.' }),
        service,
        requires,
      }),
    )
    .min(1)
    .meta({ description: 'The application servers behind it.' }),
  authentication: authentication.default(['gba']),
  ...finding,
}

/** A bootstrapping server function. */
export const bsfForm = {
  lifetime: duration.default('24 h').meta({ description: 'How long keys hold, unless the subscriber has her own.' }),
}

/** How an application server knows who asks over Ut. */
export const utServiceForm = z
  .strictObject({
    proxies: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: 'The authentication proxies that it relies on, of nodes:.' }),
    authentication: authentication.optional(),
    service,
    requires,
    ...finding,
  })
  .refine((one) => (one.proxies === undefined) !== (one.authentication === undefined), {
    error: 'A server either relies on proxies or has an authentication of its own',
  })
  .meta({ description: 'How the server knows who asks over Ut (TS 24.141 §6.2.2); without it, it does not ask.' })

/** What is laid down for a user. */
export const subscriberForm = {
  digest: z
    .strictObject({ username: z.string().min(1), password: z.string() })
    .optional()
    .meta({ description: 'The name and the password of the user for HTTP Digest.' }),
  gba: z
    .strictObject({
      lifetime: duration.optional().meta({ description: 'How long her keys hold.' }),
      services: z
        .array(
          z.strictObject({
            id: service,
            type: z.int().min(0).default(3).meta({ description: 'The GAA service type code (TS 29.109 Annex B).' }),
            group: z.string().optional().meta({ description: 'The group of NAFs that the settings are for.' }),
            identities: z
              .array(identity)
              .optional()
              .meta({ description: 'Under which identities; all that are not barred by default.' }),
            flags: z.array(z.string()).default([]).meta({ description: 'What she is permitted to do.' }),
          }),
        )
        .default([]),
    })
    .optional()
    .meta({ description: 'Her security settings (GUSS, TS 29.109 Annex A); by default, those for presence.' }),
}
