/**
 * What a flow file says of presence network agents (TS 24.141 §5.3.5), and of what parts of the network tell them.
 */
import { z } from 'zod'
import { civicAddressNames } from '../../documents/index.ts'

const place = {
  placeType: z
    .string()
    .optional()
    .meta({ description: 'The type of place, a name of RFC 4589.', examples: ['train-station'] }),
  address: z
    .partialRecord(z.enum(civicAddressNames), z.string())
    .optional()
    .meta({ description: 'A civic address by the fields of RFC 5139.', examples: [{ country: 'FI', A3: 'Helsinki' }] }),
}

/** What is said of a presence network agent beside its place. */
export const networkAgentForm = {
  publicationDuration: z
    .int()
    .min(1)
    .default(3600)
    .meta({ description: 'How long its publications are to be kept, in seconds.' }),
  atLoss: z
    .enum(['closed', 'removed'])
    .default('closed')
    .meta({ description: 'What becomes of the contacts of a user who is no longer registered.' }),
  cells: z
    .record(z.string(), z.strictObject(place))
    .default({})
    .meta({ description: 'Where the cells are from which users register, by the identity of the cell.' }),
}

const urn = z.string().regex(/^urn:[A-Za-z0-9][\w-]*:\S+$/, { error: 'Not a URN; expected such as urn:uuid:…' })

/** What a part of the network tells a presence network agent in a script. */
export const networkEventDeed = {
  do: z.literal('network-event'),
  of: z.string().meta({ description: 'The identity of the user whom it is about.' }),
  bearer: z
    .strictObject({
      network: z.string().default('GPRS').meta({ description: 'The access network.' }),
      device: urn.meta({ description: 'The URN of the device.' }),
      state: z.enum(['attached', 'detached']),
    })
    .optional()
    .meta({ description: 'A device has attached to an access network, or detached from it.' }),
  location: z
    .union([
      z.literal('unknown'),
      z.strictObject({ cell: z.string().optional().meta({ description: 'One of cells:.' }), ...place }),
    ])
    .optional()
    .meta({ description: 'Where the network has located the user.' }),
  call: z.enum(['active', 'idle']).optional().meta({ description: 'Whether the user is in a call.' }),
}
