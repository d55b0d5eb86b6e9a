import { describe, expect, it } from 'vitest'
import { isDocumentError } from '../../src/documents/index.ts'
import { printUserData, readUserData, type UserData } from '../../src/ims/hss/user-data.ts'
import type { InitialFilterCriterion } from '../../src/ims/s-cscf/filter-criteria.ts'

const criterion: InitialFilterCriterion = {
  priority: 7,
  conditionType: 'DNF',
  groups: [
    [
      { kind: 'method', method: 'REGISTER', registrations: ['initial', 'de-registration'], negated: false },
      { kind: 'requestUri', pattern: '^sip:.*<&>', negated: true },
    ],
    [
      { kind: 'sipHeader', header: 'Event', content: '^presence(;|$)', negated: false },
      { kind: 'sipHeader', header: 'Accept', content: undefined, negated: false },
      { kind: 'sessionCase', sessionCase: 'originating-unregistered', negated: false },
      { kind: 'sessionDescription', line: 'm', content: 'audio', negated: false },
      { kind: 'sessionCase', sessionCase: 'originating-cdiv', negated: false },
    ],
  ],
  serverName: 'sip:ps.home1.net',
  defaultHandling: 'terminate',
  serviceInfo: 'a & b',
  includes: ['request', 'response'],
  profilePart: 'registered',
}

const data: UserData = {
  privateIdentity: 'user1_private@home1.net',
  profiles: [
    {
      identities: [
        { identity: 'sip:user1_public1@home1.net', isBarred: false },
        { identity: 'tel:+12125551111', isBarred: true },
        { identity: 'sip:list!.*!@home1.net', isBarred: false },
      ],
      criteria: [
        criterion,
        { ...criterion, priority: 8, conditionType: 'CNF', groups: [], defaultHandling: 'continue' },
      ],
    },
    { identities: [{ identity: 'sip:user1_public2@home1.net', isBarred: false }], criteria: [] },
  ],
}

describe('TS 29.228 Annex E: the user profile as XML', () => {
  it('printed and read it is the same', () => {
    expect(readUserData(printUserData(data))).toEqual(data)
  })

  it('has the elements of the schema in their order', () => {
    const elements = [...printUserData(data).matchAll(/<(\w+)[ >/]/g)].map(([, name]) => name)
    expect(elements.slice(0, 24)).toEqual([
      ...['IMSSubscription', 'PrivateID', 'ServiceProfile', 'PublicIdentity', 'Identity'],
      ...['PublicIdentity', 'BarringIndication', 'Identity'],
      ...['PublicIdentity', 'Identity', 'Extension', 'IdentityType'],
      ...['InitialFilterCriteria', 'Priority', 'TriggerPoint', 'ConditionTypeCNF'],
      ...['SPT', 'ConditionNegated', 'Group', 'Method', 'Extension', 'RegistrationType', 'RegistrationType', 'SPT'],
    ])
    expect(printUserData(data)).toContain(
      '<ApplicationServer><ServerName>sip:ps.home1.net</ServerName><DefaultHandling>1</DefaultHandling>' +
        '<ServiceInfo>a &amp; b</ServiceInfo><Extension><IncludeRegisterRequest/><IncludeRegisterResponse/></Extension>' +
        '</ApplicationServer><ProfilePartIndicator>0</ProfilePartIndicator>',
    )
  })

  const profile = (criteria: string) => `<?xml version="1.0" encoding="UTF-8"?>
    <IMSSubscription>
      <PrivateID>p@home1.net</PrivateID>
      <ServiceProfile>
        <PublicIdentity><Identity>sip:u@home1.net</Identity></PublicIdentity>
        ${criteria}
      </ServiceProfile>
    </IMSSubscription>`
  const criteriaOf = (criteria: string) => {
    const read = readUserData(profile(criteria))
    if (isDocumentError(read)) throw new Error(read.reason)
    return read.profiles[0]!.criteria
  }

  it('Annex F: a trigger may stand in several groups, groups may have any numbers, and blanks do not count', () => {
    const [read] = criteriaOf(`<InitialFilterCriteria>
      <Priority> 0 </Priority>
      <TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF>
        <SPT><ConditionNegated>0</ConditionNegated><Group>5</Group><Group>2</Group><Method>INVITE</Method></SPT>
        <SPT><Group>5</Group><SessionCase>2</SessionCase></SPT>
      </TriggerPoint>
      <ApplicationServer><ServerName>sip:as@home1.net</ServerName></ApplicationServer>
    </InitialFilterCriteria>`)
    const invite = { kind: 'method', method: 'INVITE', negated: false }
    const unregistered = { kind: 'sessionCase', sessionCase: 'terminating-unregistered', negated: false }
    expect(read).toEqual({
      priority: 0,
      conditionType: 'CNF',
      groups: [[invite], [invite, unregistered]],
      serverName: 'sip:as@home1.net',
      defaultHandling: 'continue',
    })
  })

  it('a trigger of a kind that is not known never holds', () => {
    const [read] = criteriaOf(`<InitialFilterCriteria><Priority>0</Priority>
      <TriggerPoint><ConditionTypeCNF>0</ConditionTypeCNF><SPT><Group>0</Group></SPT></TriggerPoint>
      <ApplicationServer><ServerName>sip:as@home1.net</ServerName></ApplicationServer></InitialFilterCriteria>`)
    expect(read!.groups).toEqual([[{ kind: 'method', method: '', negated: false }]])
  })

  it.each([
    ['no XML', 'IMSSubscription'],
    ['another root', '<IMSProfile/>'],
    ['no private identity', '<IMSSubscription><ServiceProfile/></IMSSubscription>'],
    ['no public identity', profile('').replace(/<PublicIdentity>.*<\/PublicIdentity>/, '')],
    [
      'a priority that is no number',
      profile('<InitialFilterCriteria><Priority>high</Priority></InitialFilterCriteria>'),
    ],
    ['a criterion without a server', profile('<InitialFilterCriteria><Priority>1</Priority></InitialFilterCriteria>')],
  ])('with %s it is refused', (_what, xml) => {
    expect(isDocumentError(readUserData(xml))).toBe(true)
  })
})
