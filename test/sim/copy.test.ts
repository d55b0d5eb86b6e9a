import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bug } from '../../src/sim/assert.ts'
import { copyOf } from '../../src/sim/copy.ts'

const nothingShared = () => false
const copy = <T>(value: T): T => copyOf(value, nothingShared)

describe('copyOf', () => {
  it('copies primitives, arrays, objects, Maps, Sets and typed arrays in depth', () => {
    const value = {
      nothing: undefined,
      none: null,
      yes: true,
      text: 'x',
      list: [1, [2, { three: 3 }]],
      map: new Map<unknown, unknown>([
        ['a', { b: 1 }],
        [{ key: 1 }, new Set([1, 2])],
      ]),
      set: new Set<unknown>([{ one: 1 }, 2]),
      floats: new Float64Array([1.5, 2 ** 50]),
      ints: new Int32Array([-1, 7]),
      bytes: new Uint8Array([0, 255]),
    }
    expect(copy(value)).toEqual(value)
  })

  it('is independent: changing the copy changes nothing in the original, and the other way round', () => {
    const value = { list: [1], map: new Map([['a', { n: 1 }]]), set: new Set([1]), floats: new Float64Array([1]) }
    const other = copy(value)
    other.list.push(2)
    other.map.get('a')!.n = 2
    other.set.add(2)
    other.floats[0] = 2
    expect(value).toEqual({
      list: [1],
      map: new Map([['a', { n: 1 }]]),
      set: new Set([1]),
      floats: new Float64Array([1]),
    })
  })

  it('keeps aliases: what two places share, the copies share', () => {
    const row = { n: 1 }
    const floats = new Float64Array(2)
    const other = copy({ one: row, list: [row], map: new Map([[row, row]]), set: new Set([row]), floats, same: floats })
    expect(other.one).not.toBe(row)
    expect(other.list[0]).toBe(other.one)
    expect(other.map.get(other.one)).toBe(other.one)
    expect(other.set.has(other.one)).toBe(true)
    expect(other.floats).not.toBe(floats)
    expect(other.same).toBe(other.floats)
  })

  it('follows circles', () => {
    const ring: { self?: unknown; list: unknown[] } = { list: [] }
    ring.self = ring
    ring.list.push(ring.list)
    const other = copy(ring)
    expect(other.self).toBe(other)
    expect(other.list[0]).toBe(other.list)
    expect(other).not.toBe(ring)
  })

  it('keeps the order of Maps, Sets and properties', () => {
    const value = { z: 1, a: new Map([['2', 0] as const, ['1', 0] as const]), b: new Set([3, 1, 2]) }
    const other = copy(value)
    expect(Object.keys(other)).toEqual(['z', 'a', 'b'])
    expect([...other.a.keys()]).toEqual(['2', '1'])
    expect([...other.b]).toEqual([3, 1, 2])
  })

  it('does not copy what is shared, nor look into it', () => {
    class Message {
      readonly act = () => 0
    }
    const message = new Message()
    const other = copyOf({ list: [message], twice: message }, (value) => value instanceof Message)
    expect(other.list[0]).toBe(message)
    expect(other.twice).toBe(message)
  })

  it('copies objects without a prototype as such', () => {
    const bare = Object.assign(Object.create(null), { n: 1 })
    expect(Object.getPrototypeOf(copy(bare))).toBe(null)
    expect(copy(bare)).toEqual(bare)
  })

  it('keeps a property named __proto__, as a peer may name a parameter', () => {
    const params = JSON.parse('{ "tag": "1", "__proto__": "x" }')
    expect(Object.entries(copy(params))).toEqual(Object.entries(params))
  })

  class Counter {
    n = 0
  }
  it.each([
    ['a function', { f: () => 0 }, /function/],
    ['a symbol', { s: Symbol('s') }, /symbol/],
    ['an instance of a class', { deep: [new Counter()] }, /Counter/],
    ['a Date', new Map([['at', new Date(0)]]), /Date/],
    ['a Promise', [Promise.resolve()], /Promise/],
    ['a regular expression', /x/, /RegExp/],
    ['a typed array that the core does not use', new Uint16Array(1), /Uint16Array/],
  ])('refuses %s, which could be neither shown nor stepped back', (_, value, message) => {
    expect(() => copy<unknown>(value)).toThrow(Bug)
    expect(() => copy<unknown>(value)).toThrow(message)
  })

  it('equals the original for any plain data', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constantFrom(null, undefined))
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
        fc.array(fc.tuple(leaf, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
        fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
      ),
    })).value
    fc.assert(
      fc.property(tree, (value) => {
        expect(copy(value)).toStrictEqual(value)
      }),
    )
  })
})
