import { describe, expect, it } from 'vitest'
import { type Presence, parsePresence, printPresence } from '../../src/documents/index.ts'
import { attributesOf, documentOf, type PresenceAttributes } from '../../src/presence/publisher/presence-attributes.ts'

const entity = 'sip:user1@home1.net'

const textOf = (attributes: PresenceAttributes): string => printPresence(documentOf(entity, attributes))

/** The document read back from its text: what is not valid throws. */
function readBack(attributes: PresenceAttributes): Presence {
  const document = parsePresence(textOf(attributes))
  if (document.kind === 'document-error') throw new Error(document.reason)
  return document
}

const everything: PresenceAttributes = {
  willingness: 'willing with limitations',
  activities: ['meeting', 'juggling'],
  mood: ['happy'],
  placeType: 'train-station',
  sphere: 'work',
  privacy: ['audio', 'video'],
  timeOffset: 120,
  class: 'forOthers',
  location: { country: 'FI', A3: 'Helsinki', RD: 'Mannerheimintie' },
  card: 'http://home1.net/card.vcf',
  displayName: 'User One',
  homepage: 'http://home1.net/',
  icon: 'cid:icon@home1.net',
  map: 'http://home1.net/map.png',
  sound: 'http://home1.net/horn.wav',
  text: 'Back at four & "ready"',
  means: [
    {
      id: 'im',
      status: 'online',
      contact: entity,
      priority: 0.8,
      text: 'preferred',
      class: 'forFriends',
      media: ['audio', 'message'],
      methods: ['INVITE', 'MESSAGE'],
      device: 'urn:uuid:48662e19-5fbf-43fc-a2fd-d23002787599',
    },
    { id: 'office', status: 'offline', contact: 'tel:+358555', relationship: 'assistant' },
  ],
}

describe('TS 24.141 §5.3.1.3: attributes of stage 2 in a presence document', () => {
  it('all of them make a valid document, from which they can all be read again', () => {
    expect(attributesOf(readBack(everything))).toEqual(everything)
  })

  it.each(Object.keys(everything).filter((name) => !['willingness', 'means'].includes(name)))(
    '%s alone: in the person and nowhere else, and nothing else there',
    (name) => {
      const attribute = name as keyof PresenceAttributes
      const document = readBack({ [attribute]: everything[attribute] })
      expect(document).toMatchObject({ tuples: [], notes: [], extensions: [{ kind: 'person' }] })
      const [person] = document.extensions
      if (person?.kind !== 'person') throw new Error('no person')
      expect(person.extensions.length + person.notes.length).toBe(1)
      const { willingness, ...read } = attributesOf(document)
      expect(read).toEqual({ [attribute]: everything[attribute] })
      expect(willingness).toBe('not disclosed')
    },
  )

  it.each(everything.means!.flatMap((means) => Object.keys(means).filter((key) => key !== 'id')))(
    'of one means, %s alone: in its tuple and nowhere else',
    (name) => {
      const value = everything.means!.map((means) => means[name as 'contact']).find((one) => one !== undefined)
      const alone = { id: 'one', ...(name === 'priority' && { contact: entity }), [name]: value }
      const document = readBack({ means: [alone] })
      expect(document.extensions).toEqual([])
      expect(attributesOf(document).means).toEqual([alone])
    },
  )

  it('R5.3.1.3-h: willing is open, not willing is closed, limits are told, what is not disclosed is not there', () => {
    const basics = (attributes: PresenceAttributes) => readBack(attributes).tuples.map(({ status }) => status.basic)
    const means = [{ id: 'a' }, { id: 'b', status: 'offline' as const }]
    expect(basics({ willingness: 'willing', means })).toEqual(['open', 'closed'])
    expect(basics({ willingness: 'not willing', means })).toEqual(['closed', 'closed'])
    expect(basics({ willingness: 'not disclosed', means })).toEqual([undefined, 'closed'])
    expect(basics({ willingness: 'willing' }), 'at her own address').toEqual(['open'])
    expect(readBack({ willingness: 'not disclosed' })).toMatchObject({ tuples: [], extensions: [] })
    expect(textOf({ willingness: 'willing with limitations' })).toContain('<rpid:busy/>')
    for (const willingness of ['willing', 'willing with limitations', 'not willing'] as const)
      expect(attributesOf(readBack({ willingness })).willingness).toBe(willingness)
  })

  it('words that RFC 4480 has no name for are kept as words', () => {
    expect(textOf({ activities: ['juggling'] })).toContain('<rpid:other>juggling</rpid:other>')
  })

  it('an address is written in the order of the schema, however it is given', () => {
    const given = { RD: 'Street', country: 'FI', A3: 'City' }
    expect(textOf({ location: given })).toMatch(/<ca:country>FI.*<ca:A3>City.*<ca:RD>Street/s)
    expect(attributesOf(readBack({ location: given })).location).toEqual(given)
  })

  it('a document of others: what is not known is passed over, several persons are views of one', () => {
    const document = parsePresence(`<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${entity}"
        xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid">
      <tuple id="t"><status/><x xmlns="urn:example:v"/></tuple>
      <dm:person id="p1"><r:activities><r:away/></r:activities></dm:person>
      <dm:person id="p2"><r:sphere><r:home/></r:sphere><y xmlns="urn:example:v"/></dm:person>
    </presence>`)
    if (document.kind === 'document-error') throw new Error(document.reason)
    expect(attributesOf(document)).toEqual({
      willingness: 'not disclosed',
      activities: ['away'],
      sphere: 'home',
      means: [{ id: 't' }],
    })
  })
})
