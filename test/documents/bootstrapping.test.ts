import { describe, expect, it } from 'vitest'
import {
  gussFormat,
  isDocumentError,
  parseBootstrappingInfo,
  printBootstrappingInfo,
  serviceSettingsFormat,
  validateDocument,
} from '../../src/documents/index.ts'

/** As BSFs in the field write it. */
const info = `<?xml version="1.0" encoding="UTF-8"?>
<BootstrappingInfo xmlns="uri:3gpp-gba">
<btid>fve4iTWb1rTb297CzVSrpw==@bsf.ims.mnc045.mcc123.pub.3gppnetwork.org</btid>
<lifetime>2020-10-28T23:36:26Z</lifetime>
</BootstrappingInfo>
`

describe('TS 24.109 Annex C: the outcome of bootstrapping', () => {
  it('is read', () => {
    expect(parseBootstrappingInfo(info)).toEqual({
      kind: 'bootstrapping-info',
      transaction: 'fve4iTWb1rTb297CzVSrpw==@bsf.ims.mnc045.mcc123.pub.3gppnetwork.org',
      lifetime: '2020-10-28T23:36:26Z',
      others: [],
    })
    expect(validateDocument(info)).toEqual({ type: 'application/vnd.3gpp.bsf+xml', errors: [] })
  })

  it('comes back as it was written', () => {
    const read = parseBootstrappingInfo(info)
    if (isDocumentError(read)) throw new Error(read.reason)
    expect(parseBootstrappingInfo(printBootstrappingInfo(read))).toEqual(read)
  })

  it.each([
    ['no identifier', info.replace(/<btid>.*<\/btid>/, '')],
    ['no lifetime', info.replace(/<lifetime>.*<\/lifetime>/, '')],
    ['a lifetime that is no date', info.replace('2020-10-28T23:36:26Z', '3600')],
    ['another namespace', info.replace('uri:3gpp-gba', 'urn:3gpp-gba')],
    ['another root', info.replaceAll('BootstrappingInfo', 'bootstrappinginfo')],
  ])('%s: an error', (_, text) => expect(parseBootstrappingInfo(text)).toMatchObject({ kind: 'document-error' }))
})

const guss = `<?xml version="1.0" encoding="UTF-8"?>
<guss xmlns="urn:3gpp:gba:GBAGUSSSchema-R9:2010-02" id="user1_private@home1.net">
  <bsfInfo><lifeTime>3600</lifeTime></bsfInfo>
  <ussList>
    <uss id="3" type="3" nafGroup="presence">
      <uids><uid>sip:user1_public1@home1.net</uid><uid>tel:+12125551111</uid></uids>
      <flags><flag>1</flag></flags>
    </uss>
    <uss id="1" type="1"><uids/></uss>
  </ussList>
</guss>`

describe('TS 29.109 Annex A: user security settings', () => {
  const read = gussFormat.parse(guss)

  it('of a subscriber, on Zh', () => {
    expect(read).toEqual({
      kind: 'guss',
      id: 'user1_private@home1.net',
      bsf: { lifetime: 3600, others: [] },
      services: [
        {
          service: '3',
          type: 3,
          nafGroup: 'presence',
          identities: ['sip:user1_public1@home1.net', 'tel:+12125551111'],
          flags: ['1'],
          others: [],
        },
        { service: '1', type: 1, identities: [], others: [] },
      ],
      others: [],
    })
    if (isDocumentError(read)) throw new Error(read.reason)
    expect(gussFormat.parse(gussFormat.print(read))).toEqual(read)
  })

  it('of the services of a NAF, on Zn', () => {
    if (isDocumentError(read)) throw new Error(read.reason)
    const text = serviceSettingsFormat.print({ kind: 'uss-list', settings: read.services })
    expect(text).toContain('<ussList xmlns="urn:3gpp:gba:GBAGUSSSchema-R9:2010-02">')
    expect(serviceSettingsFormat.parse(text)).toEqual({ kind: 'uss-list', settings: read.services })
  })

  it.each([
    ['a service without its identifier', guss.replace('id="3" ', '')],
    ['a type that is no number', guss.replace('type="3"', 'type="presence"')],
    ['no list', guss.replace(/<ussList>[\s\S]*<\/ussList>/, '')],
    ['a lifetime that is no number', guss.replace('3600', 'PT1H')],
  ])('%s: an error', (_, text) => expect(gussFormat.parse(text)).toMatchObject({ kind: 'document-error' }))
})
