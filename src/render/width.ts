/**
 * How many terminal columns a text takes. Names, clauses and headers are ASCII and take the short way; display names
 * and notes in presence documents may hold anything. `Intl` is not used: its tables differ between machines.
 */

const ascii = /^[\x20-\x7e]*$/
const invisible = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]$/u
/** The ranges of East Asian Wide and Fullwidth (Unicode Standard Annex #11), but for those that are emoji. */
const wideRanges = [
  '\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u33ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua000-\\ua4cf\\ua960-\\ua97f',
  '\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{20000}-\\u{3fffd}',
].join('')
const wide = new RegExp(`^(?:\\p{Emoji_Presentation}|[${wideRanges}])$`, 'u')
const joiner = '\u200d'
const emojiSelector = '\ufe0f'
const modifier = /^\p{Emoji_Modifier}$/u
const flagLetter = /^\p{Regional_Indicator}$/u

/** One thing that a terminal shows as a unit, with the columns it takes: 1 or 2. */
export interface Glyph {
  readonly text: string
  readonly width: number
}

/**
 * The glyphs of a text: a character with the marks that belong to it. Control characters are shown by their pictures
 * (a tab as one blank), so that no text from a message can steer the terminal.
 */
export function glyphsOf(text: string): Glyph[] {
  const glyphs: { text: string; width: number }[] = []
  if (ascii.test(text)) {
    for (const character of text) glyphs.push({ text: character, width: 1 })
    return glyphs
  }
  let joined = false
  for (const character of text) {
    const last = glyphs.at(-1)
    if (control(character)) glyphs.push({ text: picture(character), width: 1 })
    else if (last && (joined || modifier.test(character) || secondFlagLetter(last.text, character))) {
      last.text += character
      last.width = 2
    } else if (!invisible.test(character)) glyphs.push({ text: character, width: wide.test(character) ? 2 : 1 })
    else if (last) {
      last.text += character
      if (character === emojiSelector) last.width = 2
    }
    joined = character === joiner
  }
  return glyphs
}

/** The columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  if (ascii.test(text)) return text.length
  let width = 0
  for (const glyph of glyphsOf(text)) width += glyph.width
  return width
}

/** The text cut to a width, the cut shown by `ellipsis`. */
export function clip(text: string, width: number, ellipsis = '…'): string {
  if (textWidth(text) <= width) return text
  const room = width - textWidth(ellipsis)
  if (room < 0) return ''
  let used = 0
  let kept = ''
  for (const glyph of glyphsOf(text)) {
    if (used + glyph.width > room) break
    used += glyph.width
    kept += glyph.text
  }
  return kept + ellipsis
}

/** The text filled with blanks up to a width; a longer text is left as it is. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)))
  return side === 'right' ? text + blanks : blanks + text
}

function secondFlagLetter(before: string, character: string): boolean {
  return flagLetter.test(before) && flagLetter.test(character)
}

function control(character: string): boolean {
  const code = character.codePointAt(0)!
  return code < 0x20 || (code >= 0x7f && code < 0xa0)
}

function picture(character: string): string {
  if (character === '\t') return ' '
  const code = character.codePointAt(0)!
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : code === 0x7f ? '␡' : '�'
}
