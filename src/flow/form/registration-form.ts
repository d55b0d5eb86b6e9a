/**
 * What a flow file says of registration: of the subscription in the HSS, of the ISIM, and of each node that takes part.
 */
import { z } from 'zod'

const octets = (count: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * count}}$`), { error: `Not ${count} octets as small hexadecimal digits` })

const sqn = octets(6).meta({ description: 'A sequence number of 48 bits, as hexadecimal digits.' })
const seconds = z.int().min(0)
const port = z.int().min(1).max(65535)
const spis = z
  .array(z.int().min(256).max(4294967295))
  .default([])
  .meta({ description: 'Security parameter indexes to use before any are made up, client and server in turn.' })
const algorithms = z
  .array(z.enum(['hmac-sha-1-96', 'hmac-md5-96']))
  .min(1)
  .default(['hmac-sha-1-96'])
  .meta({ description: 'The integrity algorithms of the security agreement, the most preferred first.' })
const subscribes = z
  .boolean()
  .default(true)
  .meta({ description: 'Whether it subscribes to the registration state (RFC 3680).' })

/** How a UE that is not registered from the beginning registers. */
export const ueRegistrationForm = z
  .strictObject({
    registrar: z.string().optional().meta({ description: 'The domain to register with; the home network by default.' }),
    duration: seconds.default(600000).meta({ description: 'The duration to ask for, in seconds.' }),
    clientPort: port.default(2468).meta({ description: 'The protected client port of the first associations.' }),
    spis,
    algorithms,
    subscribes,
    callIds: z
      .array(z.string())
      .default([])
      .meta({ description: 'Call-IDs of REGISTERs to use before any are made up.' }),
    tags: z.array(z.string()).default([]).meta({ description: 'Tags of REGISTERs to use before any are made up.' }),
    isim: z
      .strictObject({
        key: octets(16).optional().meta({ description: 'K, if it is not that of the user.' }),
        opc: octets(16).optional().meta({ description: 'OPc, if it is not that of the user.' }),
        sqn: sqn.optional().meta({ description: 'The highest number accepted, if it is not that of the user.' }),
        faulty: z.boolean().default(false).meta({ description: 'An ISIM that makes a wrong RES.' }),
      })
      .prefault({})
      .meta({ description: 'The ISIM, where it differs from what the HSS has.' }),
  })
  .meta({ description: 'How a UE registers (TS 24.229 §5.1.1).' })

/** What a P-CSCF needs to register UEs. */
export const proxyRegistrationForm = z
  .strictObject({
    visitedNetwork: z
      .string()
      .optional()
      .meta({ description: 'The text of P-Visited-Network-ID; the network by default.' }),
    clientPort: port.default(8642).meta({ description: 'The protected client port.' }),
    spis,
    algorithms,
    subscribes,
  })
  .meta({ description: 'How a P-CSCF registers UEs (TS 24.229 §5.2.2).' })

/** What an S-CSCF is as registrar. */
export const registrarForm = z
  .strictObject({
    shortest: seconds.default(60).meta({ description: 'The shortest registration it grants, in seconds.' }),
    longest: seconds.default(600000).meta({ description: 'The longest registration it grants, in seconds.' }),
    authenticates: z
      .enum(['first', 'every'])
      .default('first')
      .meta({ description: 'Whether only a first REGISTER is challenged, or every one.' }),
    callIds: z
      .array(z.string())
      .default([])
      .meta({ description: 'Call-IDs of third-party REGISTERs to use before any are made up.' }),
    firstSequence: z
      .int()
      .min(1)
      .default(1)
      .meta({ description: 'The number in CSeq of a first third-party REGISTER.' }),
  })
  .meta({ description: 'How an S-CSCF registers users (TS 24.229 §5.4.1).' })

export const capabilitiesForm = z
  .array(z.int().min(0))
  .default([])
  .meta({ description: 'What the S-CSCF is able to do, as the numbers that the operator has given (TS 29.228 §6.7).' })

export const challengesForm = z
  .array(octets(16))
  .default([])
  .meta({ description: 'Random challenges (RAND) to use before any are made up.' })

/** The IMS subscription of a user. */
export const subscriptionForm = z
  .strictObject({
    private: z.string().optional().meta({ description: 'The private user identity; made of the name by default.' }),
    key: octets(16).optional().meta({ description: 'K; made of the name by default.' }),
    op: octets(16).optional().meta({ description: 'OP of the operator, if OPc is not given.' }),
    opc: octets(16).optional().meta({ description: 'OPc; made of the name by default.' }),
    sqn: sqn.optional().meta({ description: 'The last sequence number that was given out.' }),
    amf: octets(2).default('8000').meta({ description: 'The authentication management field.' }),
    barred: z.array(z.string()).default([]).meta({ description: 'Identities that may only register.' }),
    sets: z
      .array(z.array(z.string()).min(1))
      .optional()
      .meta({ description: 'Implicit registration sets; all identities are one by default.' }),
    mandatory: capabilitiesForm.meta({ description: 'What the S-CSCF must be able to do.' }),
    optional: capabilitiesForm.meta({ description: 'What the S-CSCF should be able to do.' }),
    roams: z
      .array(z.string())
      .optional()
      .meta({ description: 'The visited networks in which the user may register; any by default.' }),
    charging: z.array(z.string()).default([]).meta({ description: 'The charging collection functions.' }),
  })
  .meta({ description: 'The IMS subscription of the user (TS 29.228).' })

/** Why the HSS, or the S-CSCF, ends a registration. */
export const terminationReasons = {
  hss: z.enum(['PERMANENT_TERMINATION', 'NEW_SERVER_ASSIGNED', 'SERVER_CHANGE', 'REMOVE_S-CSCF']),
  server: z.enum(['deactivated', 'rejected', 'probation']),
}
