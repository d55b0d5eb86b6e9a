import { describe, expect, it } from 'vitest'
import { unify, unifyText, unifyUri } from '../../src/flow/checker/value.ts'

/** What the holes stand for, as `name=value`; `differs` if nothing does. */
const found = (captures: { name: string; value: string }[] | undefined): string =>
  captures === undefined ? 'differs' : captures.map(({ name, value }) => `${name}=${value}`).join(' ')

describe('a header value', () => {
  const table: [expected: string, actual: string, result: string][] = [
    ['presence', 'presence', ''],
    ['presence', 'presence.winfo', 'differs'],
    ['active', 'active;expires=7200', 'differs'],
    ['active;...', 'active;expires=7200', ''],
    ['active;...', 'active', ''],
    ['active;expires=*', 'active;expires=7200', ''],
    ['active;expires=*', 'active', 'differs'],
    ['active;expires=$e', 'active;expires=7200', 'e=7200'],
    ['ipsec-3gpp; q=0.1; alg=hmac', 'ipsec-3gpp;alg=hmac;q=0.1', ''],
    ['ipsec-3gpp; Q=0.1', 'ipsec-3gpp;q=0.1', ''],
    ['ipsec-3gpp; q=0.1', 'ipsec-3gpp;q=0.2', 'differs'],
    ['ipsec-3gpp; q=0.1; q=0.1', 'ipsec-3gpp;q=0.1', 'differs'],
    ['x;lr', 'x;lr=1', 'differs'],
    ['<sip:a@b;lr;comp=sigcomp>', '<sip:a@b;comp=sigcomp;lr>', ''],
    ['<sip:a@b;lr>', '<sip:a@b>', 'differs'],
    ['<sip:a@b>;tag=1', '<sip:a@b;tag=1>', 'differs'],
    ['<sip:a@b;...>', '<sip:a@b;comp=sigcomp;lr>', ''],
    ['<sip:(...)@b;lr>', '<sip:dialog1@b;lr>', ''],
    ['<sip:(...)@b;lr>', '<sip:b;lr>', 'differs'],
    ['<sip:a@b>;tag=$tag', '<sip:a@b>;tag=31415', 'tag=31415'],
    ['"Ann" <sip:a@b>', 'Ann <sip:a@b>', ''],
    ['<sip:a@b>', '"Ann" <sip:a@b>', 'differs'],
    ['sip:a@b', '<sip:a@b>', ''],
    ['icid-value="AB="; orig-ioi=home1.net', 'orig-ioi=home1.net;icid-value="AB="', ''],
    ['icid-value="$icid"; orig-ioi=home1.net', 'icid-value="AB=";orig-ioi=home1.net', 'icid=AB='],
    ['icid-value=$icid', 'icid-value="AB="', 'icid=AB='],
    ['icid-value="a;b,c"', 'icid-value="a;b,c"', ''],
    ['icid-value="AB="', 'icid-value=AB=', 'differs'],
    ['<sip:a>, <sip:b>', '<sip:a>,<sip:b>', ''],
    ['<sip:a>, <sip:b>', '<sip:b>, <sip:a>', 'differs'],
    ['<sip:a>, <sip:b>', '<sip:a>\n<sip:b>', ''],
    ['<sip:a>', '<sip:a>, <sip:b>', 'differs'],
    ['<sip:a>, ...', '<sip:a>, <sip:b>', ''],
    ['<sip:a>, ...', '<sip:a>', ''],
    ['<sip:a>, *', '<sip:a>, <sip:b>', ''],
    ['<sip:a>, *', '<sip:a>', 'differs'],
    ['*, <sip:b>', '<sip:a>, <sip:b>', ''],
    ['$a, $b', 'x, y', 'a=x b=y'],
    ['$a-$a', 'x-x', 'a=x a=x'],
    ['$a-$a', 'x-y', 'differs'],
    ['$n SUBSCRIBE', '61 SUBSCRIBE', 'n=61'],
    ['61  SUBSCRIBE', '61 SUBSCRIBE', ''],
    ['$$5', '$5', ''],
    ['application/*', 'application/*', ''],
    ['application/*', 'application/sdp', 'differs'],
    ['a.b', 'aXb', 'differs'],
    ['SIP/2.0/(...) [5555::1]:1357;branch=(...)', 'SIP/2.0/UDP [5555::1]:1357;branch=z9hG4bK1', ''],
    ['SIP/2.0/(...) [5555::1]:1357;branch=(...)', 'SIP/2.0/UDP [5555::1];branch=z9hG4bK1', 'differs'],
  ]
  it.each(table)('%s | %s', (expected, actual, result) => {
    expect(found(unify(expected, actual))).toBe(result)
  })
})

it('a URI has parameters in any order', () => {
  expect(found(unifyUri('sip:a@b;lr;x=$x', 'sip:a@b;x=1;lr'))).toBe('x=1')
  expect(found(unifyUri('sip:a@b', 'sip:a@b;lr'))).toBe('differs')
  expect(found(unifyUri('*', 'sip:a@b;lr'))).toBe('')
})

it('a text has no structure', () => {
  expect(found(unifyText('a, b', 'a, b'))).toBe('')
  expect(found(unifyText('a, b', 'a,b'))).toBe('differs')
  expect(found(unifyText('*', 'whatever\nit is'))).toBe('')
  expect(found(unifyText('to (...) and $who', 'to A and B'))).toBe('who=B')
})
