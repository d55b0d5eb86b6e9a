import { describe, expect, it } from 'vitest'
import { objects, presim, temporary } from './presim.ts'

describe('presim profile', () => {
  it('says who there is', () => {
    const { status, out } = presim(['profile', 'A.3.2.1'])
    expect({ status, out }).toEqual({
      status: 0,
      out: 'user1  sip:user1_public1@home1.net\nuser2  sip:user2_public1@home2.net\n',
    })
  })
  it('prints the profile of a user, which presim validate takes (TS 29.228 Annex E)', () => {
    const { status, out } = presim(['profile', 'A.3.2.1', 'user2'])
    expect(status).toBe(0)
    expect(out).toContain('\n  <PrivateID>user2_private@home2.net</PrivateID>\n')
    const file = temporary('user2.xml', out)
    expect(presim(['validate', file]).out).toBe(`${file}: valid application/xml\n`)
    const wrong = temporary('user2.xml', out.replace('<Priority>0<', '<Priority>high<'))
    expect(presim(['validate', wrong]).out).toMatch(/:\d+:\d+: TS 29\.228 Annex E/)
  })
  it('--json prints an object a user', () => {
    const [first, second] = objects(presim(['profile', 'A.3.2.1', '--json']).out)
    expect(first).toMatchObject({ type: 'profile', flow: 'A.3.2.1', user: 'user1' })
    expect(second!.xml).toContain('<ServerName>sip:ps.home2.net</ServerName>')
  })
  it('exits 2 for a user who is not there, and says who was meant', () => {
    const { status, error } = presim(['profile', 'A.3.2.1', 'user3'])
    expect(status).toBe(2)
    expect(error).toContain('there is no user "user3" in A.3.2.1; did you mean user1?')
  })
})
