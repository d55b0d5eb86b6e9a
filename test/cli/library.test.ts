import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { checkFlow, loadFlow, simulate, trace$ } from '../../src/index.ts'
import { xcapServer } from '../../src/xcap/index.ts'
import { root } from './presim.ts'

describe('the library', () => {
  it('does what the README shows', async () => {
    const flow = loadFlow('A.3.2.1')
    const run = simulate(flow, { seed: 7 })
    expect(run.digest).toMatch(/^[0-9a-f]{16}$/)
    expect(run.rows.length).toBe(21)
    expect(checkFlow(flow).outcome).toBe('pass')
    const turns = await lastValueFrom(trace$(run).pipe(toArray()))
    expect(turns).toEqual(run.trace)
  })
  it('has the XCAP server that the README shows', () => {
    const heard: string[] = []
    const server = xcapServer({ root: '/xcap-root', onChange: ([change]) => heard.push(change!.path) })
    const target = '/xcap-root/resource-lists/users/sip:a@home1.net/index'
    const headers = { 'Content-Type': 'application/resource-lists+xml', 'If-None-Match': '*' }
    const body = '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="friends"/></resource-lists>'
    expect(server.handle({ method: 'PUT', target, headers, body }, 'sip:a@home1.net').status).toBe(201)
    const node = `${target}/~~/*/list[@name="friends"]`
    expect(server.handle({ method: 'GET', target: node }, 'sip:b@home1.net').status).toBe(403)
    expect(heard).toEqual(['resource-lists/users/sip:a@home1.net/index'])
  })
  it('exports what package.json promises', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      exports: Record<string, { default: string }>
    }
    for (const { default: file } of Object.values(exports)) expect(() => readFileSync(join(root, file))).not.toThrow()
  })
})
