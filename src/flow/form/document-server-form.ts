/**
 * What a flow file says of XML documents and of those who keep and use them (TS 24.141 clause 6).
 */
import { z } from 'zod'
import { allUsages } from '../../xcap/index.ts'

const auids = allUsages.map(({ auid }) => auid)

/** A document selector below the XCAP root. */
const selector = z
  .string()
  .regex(/^[^/\s]+\/(users\/[^/\s]+|global)\/\S+$/, {
    error: 'Not a document selector; expected such as resource-lists/users/sip:user1@home1.net/index',
    abort: true,
  })
  .refine((text) => auids.includes(text.split('/')[0]!), {
    error: `Not an application usage; expected ${auids.join(', ')}`,
  })
  .meta({ description: 'A document below the XCAP root.', examples: ['resource-lists/users/user1/pf.xml'] })

const rootUri = z
  .string()
  .regex(/^https?:\/\/[^/\s]+(\/\S*)?$/, { error: 'Not an XCAP root; expected such as http://xcap.home1.net/services' })
  .meta({ description: 'The XCAP root.', examples: ['http://xcap.home1.net/services'] })

const storedDocument = z.union([
  z.string().meta({ description: 'The text of the document.' }),
  z.strictObject({ type: z.string(), body: z.string().optional(), base64: z.base64().optional() }),
])

/** What is said of an application server that keeps XML documents. */
export const xcapForm = z
  .strictObject({
    root: rootUri,
    documents: z
      .record(selector, storedDocument)
      .default({})
      .meta({ description: 'The documents that there are from the beginning.' }),
  })
  .meta({ description: 'The XML documents that the server keeps (TS 24.141 §6.3.2).' })

/** What is said of the XCAP client of a UE. */
export const xcapClientForm = z
  .strictObject({
    root: rootUri,
    xui: z.string().optional().meta({ description: 'The XCAP user identifier; the identity of the UE if not said.' }),
    userAgent: z.string().default('IMS subscriber').meta({ description: 'The value of User-Agent.' }),
  })
  .meta({ description: 'The XCAP client of the UE (TS 24.141 §6.3.1).' })

const about = {
  document: selector,
  select: z
    .string()
    .optional()
    .meta({ description: 'The node selector, without escapes, such as resource-lists/list[@name="friends"].' }),
  prefixes: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'What the prefixes in the node selector stand for.' }),
  only: z
    .enum(['match', 'new'])
    .optional()
    .meta({ description: 'match: if the document is still as it is known; new: if there is none yet.' }),
}

/** What a UE is told to do with documents in a script. */
export const xcapBeginDeed = { do: z.literal('xcap-begin') }
export const xcapGetDeed = { do: z.literal('xcap-get'), ...about }
export const xcapDeleteDeed = { do: z.literal('xcap-delete'), ...about }
export const xcapPutDeed = {
  do: z.literal('xcap-put'),
  ...about,
  body: z.string().optional().meta({ description: 'The document, element or value.' }),
  base64: z.base64().optional().meta({ description: 'The bytes of an object, in the place of body.' }),
  type: z.string().optional().meta({ description: 'The media type; that of the usage or of the node if not said.' }),
}
