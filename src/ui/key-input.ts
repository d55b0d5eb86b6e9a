import type { Key } from 'ink'

const named = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  // Many terminals send DEL for the backspace key.
  ['delete', 'backspace'],
] as const

const spaces: Readonly<Record<string, string>> = { ' ': 'space', '\r': 'enter', '\n': 'enter', '\t': 'tab' }

/** The keys of one report of the terminal by their names in the table of keys; several when they came at once. */
export function keysOf(input: string, key: Key): string[] {
  for (const [flag, name] of named) if (key[flag]) return [key.shift && name !== 'tab' ? `shift-${name}` : name]
  if (key.ctrl && input !== '') return [`ctrl-${input}`]
  if (key.meta) return []
  return [...input].map((character) => spaces[character] ?? character)
}
