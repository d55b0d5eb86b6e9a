/**
 * What a script says of a publication: the attributes of the presentity (TS 24.141 §5.3.1.3) and objects beside it.
 */
import { z } from 'zod'
import { activityNames, civicAddressNames } from '../../documents/index.ts'

const text = z.string().optional()
const uri = z
  .string()
  .regex(/^[A-Za-z][\w+.-]*:\S+$/, { error: 'Not a URI' })
  .optional()
const identifier = z.string().regex(/^[A-Za-z_][\w.-]*$/, { error: 'Not a name that can be an XML identifier' })

const means = z
  .strictObject({
    id: identifier.meta({ description: 'A name that is unique in the document.' }),
    status: z.enum(['online', 'offline']).optional(),
    contact: uri,
    priority: z.number().min(0).max(1).optional().meta({ description: 'From 0 to 1 with at most three decimals.' }),
    text,
    class: text,
    media: z
      .array(z.enum(['application', 'audio', 'control', 'data', 'message', 'text', 'video']))
      .optional()
      .meta({ description: 'What the service can carry (RFC 5196).' }),
    methods: z.array(z.string()).optional().meta({ description: 'The methods it takes (RFC 5196).' }),
    relationship: z
      .enum(['assistant', 'associate', 'family', 'friend', 'self', 'supervisor', 'unknown'])
      .optional()
      .meta({ description: 'For an alternate contact: what that one is to the presentity.' }),
    device: uri,
  })
  .meta({ description: 'One way to reach the presentity: a tuple.' })

/** The attributes that stage 2 gives a presentity. */
export const attributesForm = z
  .strictObject({
    willingness: z.enum(['willing', 'willing with limitations', 'not willing', 'not disclosed']).optional(),
    activities: z
      .array(z.string())
      .optional()
      .meta({ description: 'Names of RFC 4480, or other words.', examples: [activityNames.slice(0, 2)] }),
    mood: z.array(z.string()).min(1).optional(),
    placeType: text.meta({ description: 'A name of RFC 4589.', examples: ['train-station'] }),
    sphere: z.enum(['home', 'work', 'unknown']).optional(),
    privacy: z.array(z.enum(['audio', 'text', 'video'])).optional(),
    timeOffset: z.int().optional().meta({ description: 'Minutes east of UTC.' }),
    class: text,
    location: z
      .partialRecord(z.enum(civicAddressNames), z.string())
      .optional()
      .meta({
        description: 'A civic address by the fields of RFC 5139.',
        examples: [{ country: 'FI', A3: 'Helsinki' }],
      }),
    card: uri,
    displayName: text,
    homepage: uri,
    icon: uri,
    map: uri,
    sound: uri,
    text: text.meta({ description: 'A text for people.' }),
    means: z.array(means).optional(),
  })
  .meta({ description: 'The attributes of the presentity, of which the UE makes a document (TS 24.141 §5.3.1.3).' })

/** What a document refers to by `cid:`. */
export const objectForm = z
  .strictObject({
    id: z.string().meta({ description: 'The Content-ID, without angle brackets.', examples: ['icon@home1.net'] }),
    type: z.string().regex(/^[\w.+-]+\/[\w.+-]+$/, { error: 'Not a media type' }),
    body: text.meta({ description: 'The object itself (direct content); beside url, what is stored there.' }),
    base64: z.base64().optional().meta({ description: 'The bytes of the object, in the place of body.' }),
    url: uri.meta({ description: 'Where it is stored (content indirection, RFC 4483).' }),
    size: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Its size in bytes; that of body or base64 if it is not said.' }),
    hash: z
      .string()
      .regex(/^[0-9A-Fa-f]{40}$/, { error: 'Not a SHA-1 digest in hexadecimal' })
      .optional()
      .meta({ description: 'Its SHA-1 digest; that of body or base64 if it is not said.' }),
    expiration: text,
  })
  .refine(
    ({ body, base64, url }) => (body === undefined || base64 === undefined) && (body ?? base64 ?? url) !== undefined,
    {
      error: 'An object has a body or base64, or a url, or a url and one of them',
    },
  )
