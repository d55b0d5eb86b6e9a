import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { FlowErrors } from '../../src/flow/flow-error.ts'
import { runFlow } from '../../src/flow/run.ts'
import { userProfile } from '../../src/flow/user-profile.ts'
import { textOf } from './catalogue.ts'

const spt = (group: number, what: string) =>
  `<SPT><ConditionNegated>0</ConditionNegated><Group>${group}</Group>${what}</SPT>`
const presence = '<SIPHeader><Header>Event</Header><Content>^presence(;|$)</Content></SIPHeader>'
const criterion = (priority: number, points: string) =>
  `<InitialFilterCriteria><Priority>${priority}</Priority>` +
  `<TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF>${points}</TriggerPoint>` +
  '<ApplicationServer><ServerName>sip:ps.home2.net</ServerName><DefaultHandling>0</DefaultHandling></ApplicationServer>' +
  '</InitialFilterCriteria>'

/** What the schema of TS 29.228 Annex E makes of the criteria of user 2 in the flow of A.3.2.1. */
const xml =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<IMSSubscription><PrivateID>user2_private@home2.net</PrivateID><ServiceProfile>' +
  '<PublicIdentity><Identity>sip:user2_public1@home2.net</Identity></PublicIdentity>' +
  criterion(
    0,
    spt(0, '<Method>SUBSCRIBE</Method>') +
      spt(1, presence) +
      spt(2, '<SessionCase>1</SessionCase>') +
      spt(2, '<SessionCase>2</SessionCase>'),
  ) +
  criterion(1, spt(0, '<Method>PUBLISH</Method>') + spt(1, presence) + spt(2, '<SessionCase>0</SessionCase>')) +
  '</ServiceProfile></IMSSubscription>'

const written = textOf('A.3.2.1')
const from = written.indexOf("      identities: ['sip:user2_public1@home2.net']")
const to = written.indexOf('  links:', from)

/** The flow of A.3.2.1 with something else said of user 2. */
const flowWith = (user: string) => readFlow(written.slice(0, from) + user + written.slice(to), 'x.flow.yaml')
const imported = (text: string, more = '') =>
  flowWith(`      sCscf: S-CSCF#2\n${more}      profile: |\n        ${text.replaceAll('\n', '\n        ')}\n`)

function errorOf(make: () => unknown): string {
  try {
    make()
    return ''
  } catch (error) {
    if (error instanceof FlowErrors) return error.message
    throw error
  }
}

describe('TS 29.228 Annex E: the profile of a user goes out of a flow and into one', () => {
  it('goes out as the XML of the schema', () => {
    expect(userProfile(readFlow(written, 'x'), 'user2')).toBe(xml)
    expect(userProfile(readFlow(written, 'x'), 'user9')).toBeUndefined()
  })

  it('comes in, and the flow is the same by it', () => {
    const flow = imported(xml)
    const as = readFlow(written, 'x.flow.yaml')
    expect(flow.topology.users.user2).toEqual({
      ...as.topology.users.user2,
      subscription: { ...as.topology.users.user2!.subscription, private: 'user2_private@home2.net' },
    })
    const run = runFlow(flow)
    expect(run.verdict.outcome).toBe('pass')
    expect(run.digest).toBe(runFlow(as).digest)
    expect(userProfile(flow, 'user2')).toBe(xml)
  })

  it('each service profile is an implicit registration set, with criteria of its own and barred identities', () => {
    const two = xml.replace(
      '</IMSSubscription>',
      '<ServiceProfile><PublicIdentity><BarringIndication>1</BarringIndication>' +
        '<Identity>tel:+12125551111</Identity></PublicIdentity></ServiceProfile></IMSSubscription>',
    )
    const { user2 } = imported(two).topology.users
    expect(user2!.identities).toEqual(['sip:user2_public1@home2.net', 'tel:+12125551111'])
    expect(user2!.profiles.map(({ criteria }) => criteria.length)).toEqual([2, 0])
    expect(user2!.profiles[1]!.identities).toEqual([{ identity: 'tel:+12125551111', isBarred: true }])
  })

  it.each([
    ['text that is no XML', 'IMSSubscription', /users\.user2\.profile: line \d+, column \d+: /],
    ['another document', '<presence/>', /line 1, column 1: TS 29\.228 Annex E.*IMSSubscription/],
    ['an identity that is no URI', xml.replace('sip:user2_public1@home2.net', 'user2'), /user2 is no public user/],
    [
      'an identity twice',
      xml.replace(
        '</ServiceProfile>',
        '</ServiceProfile><ServiceProfile><PublicIdentity><Identity>sip:user2_public1@home2.net</Identity></PublicIdentity></ServiceProfile>',
      ),
      /user2_public1@home2\.net is in the profile twice/,
    ],
    ['a server that is no SIP URI', xml.replace('sip:ps.home2.net', 'ps.home2.net'), /ps\.home2\.net is no SIP URI/],
    ['an expression that is none', xml.replace('(;|$)', '(;'), /\^presence\(; is no regular expression/],
  ])('%s is refused with its place', (_what, text, expected) => {
    const error = errorOf(() => imported(text))
    expect(error).toMatch(expected)
    expect(error).toContain('x.flow.yaml:')
  })

  it.each([
    ['identities', "      identities: ['sip:user2_public1@home2.net']\n"],
    ['criteria', "      criteria: [{ priority: 0, groups: [], server: 'sip:as.home2.net' }]\n"],
    ['subscription.private', '      subscription: { private: user2@home2.net }\n'],
    ['subscription.sets', "      subscription: { sets: [['sip:user2_public1@home2.net']] }\n"],
    ['subscription.barred', "      subscription: { barred: ['sip:user2_public1@home2.net'] }\n"],
  ])('%s beside a profile is refused', (key, more) => {
    expect(errorOf(() => imported(xml, more))).toContain(`topology.users.user2.${key}: the profile says so already`)
  })

  it('a user with neither identities nor a profile is refused', () => {
    expect(errorOf(() => flowWith('      sCscf: S-CSCF#2\n'))).toContain('user2 lacks the key "identities"')
  })

  it('a key that no user has is refused, with what was meant', () => {
    expect(errorOf(() => imported(xml, '      xui: [user2]\n'))).toMatch(/has no key "xui".*xuis/s)
  })
})
