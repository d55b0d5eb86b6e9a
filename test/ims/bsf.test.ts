import { hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { printAuthentication } from '../../src/http/digest-authentication.ts'
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts'
import type { CxMessage } from '../../src/ims/cx.ts'
import type { BsfSettings } from '../../src/ims/gba/bsf-state.ts'
import { credentialsFor } from '../../src/sip/digest.ts'
import { Alone } from './alone.ts'
import vectors from './material/milenage-35207.json' with { type: 'json' }

const set = vectors.sets[0]!
const settings: BsfSettings = { host: 'bsf.home1.net', hss: 'hss.home1.net', lifetime: 60, epoch: 0, nafs: [] }
const username = 'user1_private@home1.net'

const request = (headers: Record<string, string>, changes: Partial<HttpRequest> = {}): HttpRequest => ({
  protocol: 'http',
  kind: 'request',
  method: 'GET',
  target: '/',
  headers: { host: 'bsf.home1.net', ...headers },
  body: '',
  exchange: 'ue-1',
  ...changes,
})
const first = request({
  authorization: `Digest username="${username}", realm="bsf.home1.net", nonce="", uri="/", response=""`,
})

const bsf = () => new Alone('bsf', 'bsf.home1.net', settings)
const http = (sent: ReturnType<Alone['receive']>) => sent.map(({ message }) => message as HttpResponse)

/** The answer of the HSS to the last question. */
function answerOf(alone: Alone, question: CxMessage, avps: CxMessage['avps']): HttpResponse[] {
  return http(alone.receive({ ...question, kind: 'answer', command: 'MAA', avps }, 'hss.home1.net'))
}
const vector = {
  'Result-Code': 'DIAMETER_SUCCESS',
  'SIP-Authenticate': set.rand + set.autn,
  'SIP-Authorization': set.f2,
  'Confidentiality-Key': set.f3,
  'Integrity-Key': set.f4,
}

/** Credentials with an empty password and AUTS (RFC 3310 §3.4). */
const outOfStep = (auts: string): string => `${credentials('auth-int', new Uint8Array())}, auts="${auts}"`

/** Credentials, with the right password if no other one is given. */
function credentials(qop: string, password = hexToBytes(set.f2)): string {
  const challenge = {
    scheme: 'Digest',
    params: { realm: '"bsf.home1.net"', nonce: `"${set.nonce}"`, algorithm: 'AKAv1-MD5', qop: `"${qop}"` },
  }
  const part = { clientNonce: 'c', count: 1 }
  const account = { username, password }
  return printAuthentication(credentialsFor(challenge, account, { method: 'GET', uri: '/', body: '' }, part)!)
}

/** A BSF that has challenged the UE. */
function challenged(): Alone {
  const alone = bsf()
  const [question] = alone.receive(first, 'ue1')
  answerOf(alone, question!.message as CxMessage, vector)
  return alone
}

describe('TS 24.109 §4.2: what a BSF is asked', () => {
  it.each([
    ['no credentials', request({}), 400],
    ['credentials without a name', request({ authorization: 'Digest realm="bsf.home1.net", nonce="", uri="/"' }), 400],
  ])('TS 24.109 §4.2: %s', (_, message, status) => {
    expect(http(bsf().receive(message, 'ue1')).map((one) => one.status)).toEqual([status])
  })

  it('RFC 9110 §15.5.5: it has nothing but its root', () => {
    expect(http(bsf().receive({ ...first, target: '/other' }, 'ue1'))).toMatchObject([{ status: 404 }])
  })

  it('RFC 9110 §15.5.6: another method than GET is answered 405, and Allow says which one is taken', () => {
    const answers = http(bsf().receive({ ...first, method: 'POST' }, 'ue1'))
    expect(answers).toMatchObject([{ status: 405, headers: { allow: 'GET' } }])
  })

  it('it asks the HSS for a vector of the private identity, and sends it as a challenge', () => {
    const alone = bsf()
    const [question] = alone.receive(first, 'ue1')
    expect(question!.message).toMatchObject({ interface: 'Zh', command: 'MAR', avps: { 'User-Name': username } })
    const [challenge] = answerOf(alone, question!.message as CxMessage, vector)
    expect(challenge).toMatchObject({
      status: 401,
      headers: {
        'www-authenticate': `Digest realm="bsf.home1.net", nonce="${set.nonce}", algorithm=AKAv1-MD5, qop="auth-int"`,
      },
    })
  })

  /** What the UE is answered when the HSS answers with a result. */
  const refusedBy = (result: string): HttpResponse[] => {
    const alone = bsf()
    const [question] = alone.receive(first, 'ue1')
    return answerOf(alone, question!.message as CxMessage, { 'Experimental-Result-Code': result })
  }

  it('TS 24.109 §4.3: a user whom the HSS does not know is refused', () => {
    expect(refusedBy('DIAMETER_ERROR_IDENTITY_UNKNOWN')).toMatchObject([{ status: 403 }])
  })

  it('RFC 9110 §15.6.4: an HSS that can not answer', () => {
    expect(refusedBy('DIAMETER_UNABLE_TO_COMPLY')).toMatchObject([{ status: 503 }])
  })

  it('RFC 9110 §15.6.4: an HSS that is silent', () => {
    const alone = bsf()
    alone.receive(first, 'ue1')
    expect(http(alone.pass(11))).toMatchObject([{ status: 503 }])
  })
})

describe('TS 24.109 §4.2, §4.3: the response', () => {
  it('the right one: 200 with the B-TID, and the proof of the server (RFC 3310 §3.3)', () => {
    const [answer] = http(challenged().receive(request({ authorization: credentials('auth-int') }), 'ue1'))
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/vnd.3gpp.bsf+xml' } })
    expect(answer!.headers['authentication-info']).toMatch(
      /^qop=auth-int, rspauth="[0-9a-f]{32}", cnonce="c", nc=0{7}1$/,
    )
    expect(answer!.body).toContain('<lifetime>1970-01-01T00:01:00Z</lifetime>')
  })

  it('TS 24.109 §4.3: one that does not protect the body is refused, and the challenge is over', () => {
    const alone = challenged()
    const answers = http(alone.receive(request({ authorization: credentials('auth') }), 'ue1'))
    expect(answers).toMatchObject([{ status: 403 }])
    const [question] = alone.receive(request({ authorization: credentials('auth-int') }), 'ue1')
    expect(question!.message).toMatchObject({ command: 'MAR' })
  })

  it('TS 24.109 §4.5: AUTS goes to the HSS with the RAND it is about', () => {
    const [question] = challenged().receive(request({ authorization: outOfStep('AAAAAAAAAAAAAAAAAAA=') }), 'ue1')
    const avps = { 'User-Name': username, 'SIP-Authorization': `${set.rand}${'0'.repeat(28)}` }
    expect(question!.message).toMatchObject({ interface: 'Zh', command: 'MAR', avps })
  })

  it.each(['AAAA', 'no Base64!'])('TS 24.109 §4.3: AUTS that is none is refused: %s', (auts) => {
    const answers = http(challenged().receive(request({ authorization: outOfStep(auts) }), 'ue1'))
    expect(answers).toMatchObject([{ status: 403 }])
  })

  it('a second time: the challenge is over, and another one is fetched, as stale', () => {
    const alone = challenged()
    alone.receive(request({ authorization: credentials('auth-int') }), 'ue1')
    const [question] = alone.receive(request({ authorization: credentials('auth-int') }), 'ue1')
    expect(question!.message).toMatchObject({ command: 'MAR' })
    const [again] = answerOf(alone, question!.message as CxMessage, vector)
    expect(again!.headers['www-authenticate']).toContain('stale=true')
  })

  it('too late: the challenge is forgotten after four minutes', () => {
    const alone = challenged()
    alone.pass(241)
    const [question] = alone.receive(request({ authorization: credentials('auth-int') }), 'ue1')
    expect(question!.message).toMatchObject({ command: 'MAR' })
  })
})

describe('TS 29.109 §5.2: what a NAF is told', () => {
  const ask = (alone: Alone, command: string, avps: CxMessage['avps'], from = 'ap.home1.net') =>
    alone.receive({ protocol: 'cx', kind: 'request', interface: 'Zn', command, session: 's', avps }, from)[0]!
      .message as CxMessage

  it('a NAF that is not known: nothing', () => {
    const avps = { 'Transaction-Identifier': 'x', 'NAF-Id': 'xcap.home1.net%01%00%00%00%02' }
    expect(ask(bsf(), 'BIR', avps).avps).toEqual({ 'Experimental-Result-Code': 'DIAMETER_ERROR_NOT_AUTHORIZED' })
  })

  it('RFC 6733 §7.1.5: a command that it does not serve', () => {
    expect(ask(bsf(), 'XXR', {}).avps).toEqual({ 'Result-Code': 'DIAMETER_UNABLE_TO_COMPLY' })
  })
})
