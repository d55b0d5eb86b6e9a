import { type Span, type Style, span } from './span.ts'

/** The pieces of a header field's value, each in the style of what it is. */
export function valueSpans(text: string): Span[] {
  const spans: Span[] = []
  let inQuotedUri = false
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|<|>|[;,]\s*[\w.!%*+`'~-]*|=|[^"<>;,=]+/g)) {
    if (token === '<' || token === '>') {
      inQuotedUri = token === '<'
      spans.push(span(token, 'punctuation'))
    } else if (inQuotedUri) spans.push(span(token, 'uri'))
    else if (token === '=') spans.push(span(token, 'punctuation'))
    else if (token.startsWith(';')) spans.push(...parameter(token))
    else if (token.startsWith(',')) spans.push(span(',', 'punctuation'), span(token.slice(1), 'value'))
    else spans.push(span(token, /^\s*(?:sips?|tel|pres|im|https?|urn):\S*$/i.test(token) ? 'uri' : 'value'))
  }
  return spans
}

function parameter(token: string): Span[] {
  const blanks = /^;\s*/.exec(token)![0]
  return [span(blanks, 'punctuation'), span(token.slice(blanks.length), 'parameter')]
}

/** The elements of a comma-separated list; commas in quotes and angle brackets do not separate. */
export function listItems(text: string): string[] {
  const items: string[] = []
  let item = ''
  let [quoted, bracketed] = [false, false]
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (sign === '\\' && quoted) item += sign + (text[++at] ?? '')
    else if (sign === ',' && !quoted && !bracketed) {
      items.push(item.trim())
      item = ''
    } else {
      if (sign === '"') quoted = !quoted
      else if (!quoted && (sign === '<' || sign === '>')) bracketed = sign === '<'
      item += sign
    }
  }
  items.push(item.trim())
  return items
}

const xmlToken = /<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<[^>]*>?|[^<]+/g

/** A text of XML as lines, each piece in the style of what it is; nothing is added and nothing left out. */
export function xmlLines(text: string): Span[][] {
  const spans: Span[] = []
  for (const [token] of text.matchAll(xmlToken)) spans.push(...xmlSpans(token))
  return splitLines(spans)
}

function xmlSpans(token: string): Span[] {
  if (token.startsWith('<!') || token.startsWith('<?')) return [span(token, 'comment')]
  if (!token.startsWith('<')) return [span(token, 'text')]
  const spans: Span[] = []
  const parts = token.matchAll(/^<\/?|\/?>$|"[^"]*"?|'[^']*'?|=|[^\s"'=<>/]+|\s+|./gs)
  let named = false
  for (const [part] of parts) {
    let style: Style = 'punctuation'
    if (/^["']/.test(part)) style = 'value'
    else if (/^[^\s=<>/]/.test(part)) {
      style = named ? 'attribute' : 'element'
      named = true
    }
    spans.push(span(part, style))
  }
  return spans
}

/** XML with a line for each element and its depth as indentation; text and mixed content stay as they are. */
export function indentXml(text: string): string {
  const tokens = [...text.matchAll(xmlToken)].map(([token]) => token)
  const lines: string[] = []
  let depth = 0
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    if (!token.startsWith('<')) {
      if (token.trim() !== '') lines.push('  '.repeat(depth) + token.trim())
    } else if (token.startsWith('</')) {
      depth = Math.max(0, depth - 1)
      lines.push('  '.repeat(depth) + token)
    } else {
      const [content = '', end = ''] = tokens.slice(at + 1, at + 3)
      const leaf = opens(token) && !content.startsWith('<') && end.startsWith('</')
      const empty = opens(token) && content.startsWith('</')
      if (leaf) lines.push('  '.repeat(depth) + token + content.trim() + end)
      else if (empty) lines.push('  '.repeat(depth) + token + content)
      else lines.push('  '.repeat(depth) + token)
      if (leaf) at += 2
      else if (empty) at += 1
      else if (opens(token)) depth++
    }
  }
  return lines.join('\n')
}

function opens(token: string): boolean {
  return /^<[^!?/]/.test(token) && !token.endsWith('/>')
}

/** Spans split at the ends of lines. */
export function splitLines(spans: readonly Span[]): Span[][] {
  const lines: Span[][] = [[]]
  for (const { text, style } of spans) {
    const [first, ...rest] = text.split(/\r?\n/)
    if (first !== '') lines.at(-1)!.push(span(first!, style))
    for (const line of rest) lines.push(line === '' ? [] : [span(line, style)])
  }
  return lines
}
