import { headerRows } from './headers.ts'

/** Open addressing over a hash of the length and three letters of a name: 1024 places for some 130 names. */
const size = 1024
const rows = new Int16Array(size).fill(-1)
const names: string[] = new Array(size).fill('')

headerRows.forEach((row, index) => {
  insert(row.name, index)
  if (row.compact !== undefined) insert(row.compact, index)
})

function insert(name: string, row: number): void {
  let place = hash(name, 0, name.length)
  while (rows[place] !== -1) place = (place + 1) & (size - 1)
  rows[place] = row
  names[place] = name
}

/** Case does not count: bit 5 is the only difference between a letter's two forms. */
function hash(text: string, from: number, to: number): number {
  const first = text.charCodeAt(from) | 0x20
  const middle = text.charCodeAt((from + to) >> 1) | 0x20
  const last = text.charCodeAt(to - 1) | 0x20
  return (first * 31 + middle * 167 + last * 523 + (to - from) * 67) & (size - 1)
}

/** The row of the header name, or compact form, that stands between these places of a text; -1 when unknown. */
export function rowAt(text: string, from: number, to: number): number {
  if (to <= from) return -1
  for (let place = hash(text, from, to); rows[place] !== -1; place = (place + 1) & (size - 1)) {
    const name = names[place]!
    if (name.length === to - from && (text.startsWith(name, from) || sameName(name, text, from))) return rows[place]!
  }
  return -1
}

function sameName(name: string, text: string, from: number): boolean {
  for (let i = 0; i < name.length; i++) {
    const one = name.charCodeAt(i)
    const other = text.charCodeAt(from + i)
    if (one !== other && ((one | 0x20) !== (other | 0x20) || (one | 0x20) < 0x61 || (one | 0x20) > 0x7a)) return false
  }
  return true
}
