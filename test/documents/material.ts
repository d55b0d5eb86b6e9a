/** The documents of the folder `material`. */
import { readFileSync } from 'node:fs'

/** An example or counter-example of an RFC. */
export interface Example {
  readonly file: string
  readonly schema: string
  /** What libxml2 says with that schema. */
  readonly valid: boolean
  readonly note: string | null
}

/** The text of a file of `material`. */
export function material(file: string): string {
  return readFileSync(new URL(`material/${file}`, import.meta.url), 'utf8')
}

/** All examples. */
export const examples: readonly Example[] = JSON.parse(material('index.json'))
