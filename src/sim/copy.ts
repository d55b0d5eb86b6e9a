import { Bug } from './assert.ts'

/**
 * A deep copy of plain data: primitives, arrays, Maps, Sets, typed arrays and plain objects; what two places share, the
 * copies share. Values for which `isShared` holds (messages, which nobody changes) are not copied. Throws a Bug on
 * anything else, since such state could be neither shown nor stepped back.
 */
export function copyOf<T>(value: T, isShared: (value: object) => boolean): T {
  return copy(value, isShared, new Map()) as T
}

function copy(value: unknown, isShared: (value: object) => boolean, done: Map<object, object>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new Bug(`state holds a ${typeof value}`)
  if (typeof value !== 'object' || value === null) return value
  if (isShared(value)) return value
  const before = done.get(value)
  if (before !== undefined) return before
  return copyObject(
    value,
    (inner) => copy(inner, isShared, done),
    (to) => done.set(value, to),
  )
}

function copyObject(value: object, copyInner: (inner: unknown) => unknown, keep: (copy: object) => void): object {
  if (Array.isArray(value)) {
    const to: unknown[] = new Array(value.length)
    keep(to)
    for (let i = 0; i < value.length; i++) to[i] = copyInner(value[i])
    return to
  }
  if (value instanceof Map) {
    const to = new Map()
    keep(to)
    for (const [key, inner] of value) to.set(copyInner(key), copyInner(inner))
    return to
  }
  if (value instanceof Set) {
    const to = new Set()
    keep(to)
    for (const inner of value) to.add(copyInner(inner))
    return to
  }
  if (value instanceof Float64Array || value instanceof Int32Array || value instanceof Uint8Array) {
    const to = value.slice()
    keep(to)
    return to
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new Bug(`state holds a ${prototype.constructor?.name ?? 'strange object'}, which is not plain data`)
  const to: Record<string, unknown> = Object.create(prototype)
  keep(to)
  for (const key of Object.keys(value)) {
    const inner = copyInner((value as Record<string, unknown>)[key])
    // A peer may name a parameter so; assigned, it would become the prototype.
    if (key === '__proto__') Object.defineProperty(to, key, { value: inner, ...ordinary })
    else to[key] = inner
  }
  return to
}

const ordinary = { configurable: true, enumerable: true, writable: true }
