import { describe, expect, it } from 'vitest'
import { isWildcarded, ofWildcard, standsFor } from '../../src/ims/wildcard.ts'

describe('TS 23.003 §13.4A: wildcarded identities', () => {
  it.each([
    ['sip:list!.*!@home1.net', 'sip:list1@home1.net', true],
    ['sip:list!.*!@home1.net', 'sip:list@HOME1.net;user=phone', true],
    ['sip:list!.+!@home1.net', 'sip:list@home1.net', false],
    ['sip:list!.*!@home1.net', 'sip:other@home1.net', false],
    ['sip:list!.*!@home1.net', 'sip:list1@home1xnet', false],
    ['sip:list!.*!@home1.net', 'sip:my-list1@home1.net', false],
    ['sip:list!a|b!@home1.net', 'sip:listb@home1.net', true],
    ['sip:list!a|b!@home1.net', 'sip:lista', false],
    ['tel:+4930!\\d{4}!', 'tel:+49-30-1234', true],
    ['tel:+4930!\\d{4}!', 'tel:+49301', false],
    ['tel:+4930![[:digit:]]{4}!', 'tel:+49301234', true],
    ['tel:+4930![[:digit:]]{4}!', 'tel:+493012345', false],
    ['sip:list!(!@home1.net', 'sip:list(@home1.net', false],
    ['sip:list@home1.net', 'sip:list@home1.net', false],
  ])('%s and %s: %s', (wildcarded, identity, expected) => {
    expect(standsFor(wildcarded, identity)).toBe(expected)
  })
  it('are told by their exclamation marks', () => {
    expect([isWildcarded('sip:list!.*!@home1.net'), isWildcarded('sip:wow!@home1.net')]).toEqual([true, false])
  })
  it('the first that stands for an identity has it', () => {
    const known = new Map([
      ['sip:a!.*!@home1.net', 1],
      ['sip:!.*!@home1.net', 2],
    ])
    expect(ofWildcard(known, 'sip:ab@home1.net')).toBe(1)
    expect(ofWildcard(known, 'sip:b@home1.net')).toBe(2)
    expect(ofWildcard(known, 'sip:b@home2.net')).toBeUndefined()
  })
})
