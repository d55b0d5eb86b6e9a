import { z } from 'zod'
import { flowFile } from './flow.ts'

/** The JSON Schema of flow files, for editors: what a file may say, as it is written. */
export function flowSchema(): object {
  return z.toJSONSchema(flowFile, { io: 'input', target: 'draft-7', unrepresentable: 'any' })
}
