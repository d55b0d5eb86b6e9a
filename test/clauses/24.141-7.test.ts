import { describe, expect, it } from 'vitest'
import { parsePresence, printPresence } from '../../src/documents/index.ts'
import { attributesOf, documentOf } from '../../src/presence/publisher/presence-attributes.ts'

const entity = 'sip:user1_public1@home1.net'
const attributes = {
  activities: ['away'],
  displayName: 'One',
  location: { country: 'FI' },
  means: [{ id: 'im', status: 'online' as const, media: ['message' as const] }],
}

describe('TS 24.141 clause 7: the presence information model', () => {
  it('R7.1-a the model is that of the IETF: each attribute is in the namespace of its RFC', () => {
    const text = printPresence(documentOf(entity, attributes))
    const names = [...text.matchAll(/xmlns(?::\w+)?="([^"]+)"/g)].map(([, name]) => name!.replace(/^.*:pidf/, 'pidf'))
    expect(names.toSorted()).toEqual([
      'pidf',
      'pidf:caps',
      'pidf:cipid',
      'pidf:data-model',
      'pidf:geopriv10',
      'pidf:geopriv10:civicAddr',
      'pidf:rpid',
    ])
  })

  it('R7.1-a what is in another namespace is passed over, never refused', () => {
    const text = printPresence(documentOf(entity, attributes))
    const foreign = text.replace('</status>', '</status><x:y xmlns:x="urn:example:vendor" x:z="1"/>')
    const document = parsePresence(foreign)
    if (document.kind !== 'presence') throw new Error(document.reason)
    const own = parsePresence(text)
    if (own.kind !== 'presence') throw new Error(own.reason)
    expect(attributesOf(document)).toEqual(attributesOf(own))
    expect(foreign).not.toBe(text)
  })

  it('R7.2-a no namespace of 3GPP is made up', () => {
    expect(printPresence(documentOf(entity, attributes))).not.toMatch(/urn:3gpp/i)
  })
})
