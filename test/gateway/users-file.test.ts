import { describe, expect, it } from 'vitest'
import { readUsers } from '../../src/gateway/users-file.ts'

const good = `realm: home1.net
users:
  - name: user1
    password: secret
    identities: ["sip:user1@home1.net", "tel:+12125551111"]
  - name: user2
    ha1: { MD5: 2C3EBBC016697DFB4FEEB181D11C243A }
`

describe('a file of users', () => {
  it('says names, passwords or their hashes, and identities', () => {
    const { realm, algorithms, byName } = readUsers(good, 'users.yaml')
    expect(realm).toBe('home1.net')
    // Of user2 only that hash is known.
    expect(algorithms).toEqual(['MD5'])
    expect([...byName.values()]).toEqual([
      {
        account: { username: 'user1', realm, password: 'secret' },
        identities: ['sip:user1@home1.net', 'tel:+12125551111'],
      },
      {
        account: { username: 'user2', realm, password: { hashed: { MD5: '2c3ebbc016697dfb4feeb181d11c243a' } } },
        identities: ['user2'],
      },
    ])
  })

  it('may be JSON; the realm goes without saying', () => {
    const users = readUsers('{"users": [{"name": "user1", "password": "secret"}]}', 'users.json')
    expect([users.realm, users.algorithms, users.byName.size]).toEqual(['xcap', ['MD5', 'SHA-256'], 1])
  })

  it.each([
    ['', '', 'users.yaml:1:1: this is no file of users\n  expected the key users: with a list'],
    ['realm: home1.net\n', 'realm: [\n', 'YAML: '],
    ['users:', 'user:', 'users.yaml:2:1: the file of users has no key "user"\n  did you mean users?'],
    [
      '    password: secret\n',
      '    password: 1234\n',
      'users.yaml:4:15: users[0].password is a number\n  expected a text',
    ],
    ['    password: secret\n', '', 'users.yaml:3:5: "user1" has no password\n  expected the key password or ha1'],
    ['password: secret', 'pasword: secret', 'users.yaml:4:5: users[0] has no key "pasword"\n  did you mean password?'],
    ['name: user2', 'name: user1', 'users.yaml:6:11: there are two users "user1"'],
    ['tel:+12125551111', 'user2', 'users.yaml:6:5: "user2" is an identity of "user1" already'],
    ['2C3E', 'XYZ', 'users.yaml:7:17: users[1].ha1.MD5: not as it should be\n  expected 32 hexadecimal digits'],
    ['    ha1:', '    password: a\n    ha1:', 'users.yaml:8:10: "user2" has a password and its hash'],
    ['MD5', 'SHA-1', 'users.yaml:7:12: users[1].ha1 has no key "SHA-1"'],
    ['["sip:user1@home1.net", "tel:+12125551111"]', '[]', 'users.yaml:5:17: users[0].identities: empty'],
  ])('with %j as %j is refused with line and column', (from, to, said) => {
    expect(good).toContain(from)
    const text = from === '' ? to : good.replace(from, to)
    expect(() => readUsers(text, 'users.yaml')).toThrow(said)
  })

  it('whose hashes have no algorithm in common is refused', () => {
    const more = `  - { name: user3, ha1: { SHA-256: ${'a'.repeat(64)} } }\n`
    expect(() => readUsers(good + more, 'users.yaml')).toThrow('hashed by different algorithms')
  })
})
