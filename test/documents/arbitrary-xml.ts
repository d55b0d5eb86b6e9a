/** XML texts in all the ways XML can be written, and trees in all the ways presim can build them. */
import fc from 'fast-check'
import type { XmlDocument, XmlElement, XmlNode } from '../../src/documents/index.ts'
import { declaration } from '../../src/documents/index.ts'

const names = fc.constantFrom('a', 'b', 'tuple', 'é', '_x', 'a-b.c', 'constructor', '__proto__', 'toString', 'xyz')
const prefixes = fc.constantFrom('', 'p', 'q')
const uris = fc.constantFrom('urn:1', 'urn:2', 'http://example.com/?a=1&b=2')
const words = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .map((text) => text.replace(/[^\t\n\x20-\uD7FF\u{10000}-\u{10FFFF}]/gu, ''))
const layout = fc.constantFrom(' ', '\n  ', '\t')

/** Text nodes that have at least one character. */
const texts = fc.oneof(
  words.filter((text) => text !== ''),
  layout,
)
const comments = words.map((text) => ({ kind: 'comment' as const, value: text.replaceAll('-', '~') }))
const sections = words.map((text) => ({ kind: 'cdata' as const, value: text.replaceAll(']', '~') }))
const instructions = fc.record({
  kind: fc.constant('instruction' as const),
  target: fc.constantFrom('pi', 'x-y', 'q'),
  // A tree cannot say white space in front of the data.
  value: words.map((text) => text.replaceAll('?', '!').replace(/^\s+/, '')),
})

const attributes = fc.uniqueArray(fc.tuple(names, words), { selector: ([name]) => name, maxLength: 3 })

/** An element whose prefixes are all declared on it, so that it can stand anywhere. */
export const elements: fc.Arbitrary<XmlElement> = fc.letrec<{ element: XmlElement; node: XmlNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    texts,
    comments,
    sections,
    instructions,
    tie('element'),
  ),
  element: fc
    .record({
      name: names,
      prefix: prefixes,
      namespace: uris,
      plain: attributes,
      children: fc.array(tie('node'), { maxLength: 5, depthIdentifier: 'element' }),
    })
    .map(({ name, prefix, namespace, plain, children }) => ({
      kind: 'element',
      prefix,
      namespace,
      name,
      attributes: [
        declaration(prefix, namespace),
        ...plain.map(([attribute, value]) => ({ prefix: '', namespace: '', name: attribute, value })),
      ],
      children: children.filter((child, i) => typeof child !== 'string' || typeof children[i - 1] !== 'string'),
    })),
})).element

/** A document with something around the root. */
export const documents: fc.Arbitrary<XmlDocument> = fc.record({
  kind: fc.constant('document' as const),
  prolog: fc.array(fc.oneof(comments, instructions), { maxLength: 2 }),
  root: elements,
  epilog: fc.array(fc.oneof(comments, instructions), { maxLength: 2 }),
})

const character = (text: string) =>
  fc.constantFrom(
    ...[...text].flatMap((each) => [
      each === '<' || each === '&' ? `&#${each.codePointAt(0)};` : each,
      `&#x${each.codePointAt(0)!.toString(16)};`,
    ]),
  )

/** The same text written in one of the ways that XML has for it. */
const spelled = (text: string): fc.Arbitrary<string> =>
  text === ''
    ? fc.constant('')
    : fc
        .tuple(
          ...[...text].map((each) =>
            each === ']' || each === '>' ? fc.constant(`&#${each.codePointAt(0)};`) : character(each),
          ),
        )
        .map((parts) => parts.join(''))

const space = fc.constantFrom(' ', '  ', '\n', '\t', '\r\n')
const gap = fc.constantFrom('', ' ', '\n')

/** Texts of well-formed documents, with quotes of both kinds, references, line ends of all kinds and odd spacing. */
export const spelledDocuments: fc.Arbitrary<string> = fc.letrec<{ element: string; node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    words.chain(spelled),
    comments.map(({ value }) => `<!--${value}-->`),
    sections.map(({ value }) => `<![CDATA[${value}]]>`),
    fc
      .tuple(instructions, space)
      .map(([{ target, value }, white]) => (value === '' ? `<?${target}?>` : `<?${target}${white}${value}?>`)),
    fc.constant('\r\n'),
    tie('element'),
  ),
  element: fc
    .tuple(names, attributes, fc.array(tie('node'), { maxLength: 4, depthIdentifier: 'e' }), space, gap, fc.boolean())
    .chain(([name, plain, children, white, end, apostrophe]) => {
      const quote = apostrophe ? "'" : '"'
      const written = plain.map(([attribute, value]) =>
        spelled(value.replaceAll(quote, '')).map(
          (spelling) => `${white}${attribute}${end}=${end}${quote}${spelling}${quote}`,
        ),
      )
      const joined = written.length === 0 ? fc.constant('') : fc.tuple(...written).map((parts) => parts.join(''))
      return joined.map((parts) =>
        children.length === 0
          ? `<${name}${parts}${end}/>`
          : `<${name}${parts}${end}>${children.join('')}</${name}${end}>`,
      )
    }),
})).element
