import { readFileSync } from 'node:fs'
import { type Validation, type ValidationError, validateDocument } from '../documents/index.ts'
import { exitCode, Misuse } from './exit-code.ts'
import type { Output } from './output.ts'

/** `presim validate`: what kind of document a file is, and all that its schema does not allow, with line and column. */
export function validate(files: readonly string[], options: { readonly json?: boolean }, output: Output): number {
  let isValid = true
  for (const file of files) {
    const bytes = bytesOf(file)
    const validation = validateDocument(bytes)
    if (validation.errors.length > 0) isValid = false
    if (options.json) output.json({ type: 'validation', file, document: validation.type, errors: validation.errors })
    else write(file, validation, lineAt(bytes), output)
  }
  return isValid ? exitCode.ok : exitCode.different
}

function write(file: string, { type, errors }: Validation, line: (number: number) => string, output: Output): void {
  const { painter } = output
  if (errors.length === 0) return output.line(`${file}: ${painter('valid', 'pass')} ${type}`)
  for (const error of errors) {
    output.line(`${file}:${error.line}:${error.column}: ${error.rule}${error.path === '' ? '' : ` (${error.path})`}`)
    for (const shown of pointed(line(error.line), error)) output.line(painter(shown, 'dim'))
  }
  const count = errors.length === 1 ? 'one error' : `${errors.length} errors`
  output.line(`${file}: ${painter(count, 'fail')}${type === undefined ? '' : ` in ${type}`}`)
}

const widest = 76

/** A line of the document with a caret under the place of an error. */
function pointed(line: string, { column }: ValidationError): string[] {
  if (line.trim() === '') return []
  const start = Math.max(0, column - 1 - widest / 2)
  const shown = line.slice(start, start + widest)
  return [`  ${shown}`, `  ${' '.repeat(Math.max(0, column - 1 - start))}^`]
}

/** The lines of a document, for documents of UTF-8; what is not UTF-8 is shown as U+FFFD. */
function lineAt(bytes: Uint8Array): (number: number) => string {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/)
  return (number) => (lines[number - 1] ?? '').replaceAll('\t', ' ')
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new Misuse(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
