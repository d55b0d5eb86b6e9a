/** Writes the JSON Schema of flow files beside them: `npm run schema`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flowSchema } from '../flow/schema.ts'
import { flowsFolder } from './flow-files.ts'

writeFileSync(join(flowsFolder, 'flow.schema.json'), `${JSON.stringify(flowSchema(), null, 2)}\n`)
