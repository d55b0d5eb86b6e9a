/** Writes the sequence of `writings.ts` from a number on into a folder, and prints each number when it is written. */
import { writeSync } from 'node:fs'
import { fileStore } from '../../src/gateway/file-store.ts'
import { writingOf } from './writings.ts'

const [folder, first] = process.argv.slice(2)
const store = fileStore(folder!)
// Long before that it is killed.
const last = Number(first) + 10_000

for (let number = Number(first); number < last; number++) {
  const { path, document } = writingOf(number)
  if (document === undefined) store.remove(path)
  else store.write(path, document)
  writeSync(1, `${number}\n`)
}
