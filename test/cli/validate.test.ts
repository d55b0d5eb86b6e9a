import { describe, expect, it } from 'vitest'
import { objects, presim, temporary } from './presim.ts'

const open = '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:a@home1.net">'
const tuple = '<tuple id="t1"><status><basic>open</basic></status></tuple>'

describe('presim validate', () => {
  it('names the type of a valid document and exits 0', () => {
    const file = temporary('good.xml', `${open}${tuple}</presence>`)
    const { status, out } = presim(['validate', file])
    expect({ status, out }).toEqual({ status: 0, out: `${file}: valid application/pidf+xml\n` })
  })
  it('says line, column and rule of what RFC 3863 does not allow, and exits 1', () => {
    const file = temporary('bad.xml', `${open}\n  <note>hello</note>\n  ${tuple}\n</presence>`)
    const { status, out } = presim(['validate', file])
    expect(status).toBe(1)
    expect(out).toContain(`${file}:3:3: RFC 3863`)
    expect(out).toContain(`    ${tuple}\n    ^`)
  })
  it('reads standard input, and says where a document is not well-formed', () => {
    const { status, out } = presim(['validate', '-'], { input: '<a>\n  <b></a>\n' })
    expect(status).toBe(1)
    expect(out).toMatch(/^-:2:\d+: /)
  })
  it('--json prints an object a file', () => {
    const good = temporary('good.xml', `${open}${tuple}</presence>`)
    const bad = temporary('bad.xml', `${open}<tuple/></presence>`)
    const [first, second] = objects(presim(['validate', '--json', good, bad]).out)
    expect(first).toEqual({
      schemaVersion: 1,
      type: 'validation',
      file: good,
      document: 'application/pidf+xml',
      errors: [],
    })
    expect(second).toMatchObject({ file: bad, errors: [{ line: 1, path: expect.stringContaining('tuple') }, {}] })
  })
  it('exits 2 for a file that is not there', () => {
    expect(presim(['validate', 'nothing.xml']).status).toBe(2)
  })
})
