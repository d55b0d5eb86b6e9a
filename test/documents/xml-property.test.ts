/** What holds of every document. */
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import {
  canonical,
  isDocumentError,
  parseXml,
  printXml,
  sameXml,
  type XmlDocument,
  type XmlNode,
} from '../../src/documents/index.ts'
import { documents, spelledDocuments } from './arbitrary-xml.ts'

/** More runs with PRESIM_FUZZ=20, say. */
const runs = 300 * Number(process.env.PRESIM_FUZZ ?? 1)

function parsed(text: string): XmlDocument {
  const document = parseXml(text)
  if (isDocumentError(document)) throw new Error(`${document.line}:${document.column} ${document.reason} in ${text}`)
  return document
}

/** The content as saxes reports it, which builds no tree of its own. */
function eventsOf(text: string): string[] {
  const events: string[] = []
  let run = ''
  const flush = () => {
    if (run !== '') events.push(`text ${JSON.stringify(run)}`)
    run = ''
  }
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    throw error
  })
  parser.on('text', (given) => {
    run += given
  })
  parser.on('opentag', (tag) => {
    flush()
    const attributes = Object.values(tag.attributes).map(({ name, value }) => `${name}=${JSON.stringify(value)}`)
    events.push(`open ${tag.name} ${attributes.join(' ')}`)
  })
  parser.on('closetag', () => {
    flush()
    events.push('close')
  })
  parser.on('cdata', (value) => {
    flush()
    events.push(`cdata ${JSON.stringify(value)}`)
  })
  parser.on('comment', (value) => {
    flush()
    events.push(`comment ${JSON.stringify(value)}`)
  })
  parser.on('processinginstruction', ({ target, body }) => {
    flush()
    events.push(`instruction ${target} ${JSON.stringify(body)}`)
  })
  parser.write(text).close()
  return events
}

function eventsIn(node: XmlNode): string[] {
  if (typeof node === 'string') return [`text ${JSON.stringify(node)}`]
  if (node.kind === 'instruction') return [`instruction ${node.target} ${JSON.stringify(node.value)}`]
  if (node.kind !== 'element') return [`${node.kind} ${JSON.stringify(node.value)}`]
  const qualified = (each: { prefix: string; name: string }) =>
    each.prefix ? `${each.prefix}:${each.name}` : each.name
  const attributes = node.attributes.map((each) => `${qualified(each)}=${JSON.stringify(each.value)}`)
  return [`open ${qualified(node)} ${attributes.join(' ')}`, ...node.children.flatMap(eventsIn), 'close']
}

describe('every document', () => {
  it('that is built is printed and read back as the same', () => {
    fc.assert(
      fc.property(documents, (document) => {
        expect(parsed(printXml(document))).toEqual(document)
      }),
      { numRuns: runs },
    )
  })

  it('however it is spelled, is the tree that a second parser reports', () => {
    fc.assert(
      fc.property(spelledDocuments, (text) => {
        expect(eventsIn(parsed(text).root)).toEqual(eventsOf(text))
      }),
      { numRuns: runs },
    )
  })

  it('however it is spelled, has one canonical form, which is its own canonical form', () => {
    fc.assert(
      fc.property(spelledDocuments, (text) => {
        const document = parsed(text)
        const form = canonical(document)
        expect(canonical(parsed(printXml(document)))).toBe(form)
        expect(canonical(parsed(form))).toBe(form)
        expect(sameXml(parsed(form).root, document.root)).toBe(true)
      }),
      { numRuns: runs },
    )
  })
})
