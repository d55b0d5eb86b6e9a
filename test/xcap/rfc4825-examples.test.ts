import { describe, expect, it } from 'vitest'
import { canonical, parseXml, type XmlDocument } from '../../src/documents/index.ts'
import type { DocumentUsage } from '../../src/xcap/index.ts'
import { Client, element, errorOf, rfc4825 } from './client.ts'

const free = (auid: string, defaultNamespace: string): DocumentUsage => ({
  kind: 'documents',
  auid,
  clause: 'test',
  contentType: 'application/xml',
  defaultNamespace,
  schemas: [],
})

const form = (text: string): string => canonical(parseXml(text) as XmlDocument)

describe('RFC 4825 §8.2.3: the worked examples of insertion', () => {
  it.each(rfc4825.insertion.cases)('$node_selector', ({ node_selector, body, result }) => {
    const client = new Client({ usages: [free('test', '')] })
    expect(client.put('test/global/index', rfc4825.insertion.document, 'application/xml').status).toBe(201)
    const path = `test/global/index/~~/${node_selector}`
    expect(client.put(path, body, element).status).toBe(201)
    expect(client.text('test/global/index')).toBe(result)
    expect(client.get(path).body).toBe(body)
  })
})

describe('RFC 4825 §6.3, §6.4, §10: the worked examples of node selection', () => {
  const [plain, bound] = rfc4825.node_selection

  it('selects by an attribute', () => {
    const client = new Client({ usages: [free('test', plain.default_namespace)] })
    client.put('test/global/index', plain.document, 'application/xml')
    expect(client.get(`test/global/index/~~/${plain.selector}`).body).toMatch(/^<watcher .*>sip:userA@example.net</)
  })

  it.each(bound.uris)('$uri', ({ uri, body, body_infoset, content_type }) => {
    const client = new Client({ root: '/', usages: [free('test', bound.default_namespace)] })
    const get = (target: string, method = 'GET', content = '') =>
      client.server.handle({ method, target, headers: { 'content-type': 'application/xml' }, body: content })
    expect(get('/test/users/sip:joe@example.com/index', 'PUT', bound.document).status).toBe(201)
    const response = get(uri)
    expect(response.headers['content-type']).toBe(content_type ?? element)
    if (body !== undefined) expect(response.body).toBe(body)
    if (body_infoset !== undefined) {
      expect(form(String(response.body))).toBe(form(body_infoset))
    }
  })
})

describe('RFC 4825 §13: the worked example', () => {
  it('gives each answer that the RFC shows', () => {
    const client = new Client({ root: 'http://xcap.example.com' }, rfc4825.flow.user)
    for (const { method, path, content_type = '', body = '', expect: expected } of rfc4825.flow.steps) {
      const headers = content_type === '' ? {} : { 'Content-Type': content_type }
      const response = client.server.handle({ method, target: path, headers, body }, rfc4825.flow.user)
      expect(expected.status, path).toContain(response.status)
      if (expected.etag) expect(response.headers.etag).toMatch(/^"[^"]+"$/)
      if (expected.content_type !== undefined) expect(response.headers['content-type']).toBe(expected.content_type)
      // The RFC shows the value of an attribute in quotes; servers in use show it without.
      if (expected.body_exact !== undefined) expect(response.body).toBe(expected.body_exact.replace(/^"|"$/g, ''))
    }
  })

  it.each(rfc4825.non_idempotent)(
    '§$section refuses what a GET would not find',
    ({ path, body, content_type, expect: expected }) => {
      const client = new Client({ root: 'http://xcap.example.com' })
      const put = (target: string, content: string, type: string) =>
        client.server.handle({ method: 'PUT', target, headers: { 'content-type': type }, body: content })
      const service = '<service uri="sip:good-friends@example.com"><list/></service>'
      const document = `<rls-services xmlns="urn:ietf:params:xml:ns:rls-services">${service}</rls-services>`
      put('/rls-services/users/sip:bill@example.com/index', document, 'application/rls-services+xml')
      const response = put(path, body!, content_type!)
      expect(response.status).toBe(409)
      expect(errorOf(response).kind).toBe(expected.xcap_error)
    },
  )
})
