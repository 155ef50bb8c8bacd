import { createHash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import type { Fields, Shape } from './shape.ts'

/**
 * Documents as any IPLD library holds them: ids are bytes, links are CID objects. This is written
 * from what the shapes mean, with nothing of ours, so that it can judge what is ours.
 */
export type Plain = unknown

interface Link {
  readonly bytes: Uint8Array
  toString(): string
}

/** Plain data of a shape. */
export function plainOf(shape: Shape): fc.Arbitrary<Plain> {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  switch (shape.kind) {
    case 'int':
      return fc.oneof(fc.constantFrom(shape.min, shape.max), fc.integer(shape))
    case 'bool':
      return fc.boolean()
    case 'digest':
    case 'peer':
      return key
    case 'cid':
      return fc
        .tuple(fc.constantFrom(0x55, 0x70, 0x71), key)
        .map(([codec, hash]) => linkOf(codec, hash))
    case 'constant':
      return fc.constant(shape.only)
    case 'choice':
      return fc.constantFrom(...shape.words)
    case 'bytes':
      return fc.uint8Array({ minLength: shape.size, maxLength: shape.size })
    case 'blob':
      return fc.uint8Array({ maxLength: shape.max })
    case 'line':
    case 'raw':
      return fc
        .string({ unit: 'grapheme', maxLength: shape.max >> 2 })
        .filter((one) => fits(shape, one))
    case 'list':
      return fc.array(plainOf(shape.of), {
        minLength: shape.min,
        maxLength: Math.min(shape.max, shape.min + 3),
      })
    case 'dict': {
      const name = fc.string({ unit: 'grapheme', maxLength: 8 }).filter(isName)
      return fc.dictionary(name, plainOf(shape.of), { maxKeys: shape.max, noNullPrototype: true })
    }
    case 'map':
      return plainFields(shape.fields)
    case 'variants':
      return fc.oneof(
        ...Object.entries(shape.variants).map(([type, fields]) =>
          plainFields(fields).map((map) => ({ ...map, type })),
        ),
      )
  }
}

/** Whether plain data has a shape. */
export function fits(shape: Shape, plain: Plain): boolean {
  switch (shape.kind) {
    case 'int':
      return Number.isSafeInteger(plain) && Number(plain) >= shape.min && Number(plain) <= shape.max
    case 'bool':
      return typeof plain === 'boolean'
    case 'digest':
      return plain instanceof Uint8Array && plain.length === 32
    case 'peer':
      return plain instanceof Uint8Array && plain.length === 32 && isSafeKey(plain)
    case 'cid':
      return (
        isLink(plain) && /^01(55|70|71)1220.{64}$/.test(Buffer.from(plain.bytes).toString('hex'))
      )
    case 'constant':
      return plain === shape.only
    case 'choice':
      return typeof plain === 'string' && shape.words.includes(plain)
    case 'bytes':
      return plain instanceof Uint8Array && plain.length === shape.size
    case 'blob':
      return plain instanceof Uint8Array && plain.length <= shape.max
    case 'line':
      return isLine(plain, shape.max)
    case 'raw':
      return (
        typeof plain === 'string' && Buffer.byteLength(plain) <= shape.max && !plain.includes('\0')
      )
    case 'list': {
      if (!Array.isArray(plain) || plain.length < shape.min) return false
      return plain.length <= shape.max && plain.every((one) => fits(shape.of, one))
    }
    case 'dict': {
      const { max, of } = shape
      if (!isMap(plain) || Object.keys(plain).length > max) return false
      return Object.entries(plain).every(([name, one]) => isName(name) && fits(of, one))
    }
    case 'map':
      return isMap(plain) && fitsFields(shape.fields, plain)
    case 'variants': {
      if (!isMap(plain) || typeof plain.type !== 'string') return false
      const { type, ...rest } = plain
      if (!Object.hasOwn(shape.variants, type)) return false
      return fitsFields(shape.variants[type] as Fields, rest)
    }
  }
}

/** What plain data is in our memory: bytes of ids and links are their texts. */
export function memoryOf(shape: Shape, plain: Plain): unknown {
  switch (shape.kind) {
    case 'digest':
      return Buffer.from(plain as Uint8Array).toString('hex')
    case 'peer':
      return base58(Buffer.concat([Buffer.from('002408011220', 'hex'), plain as Uint8Array]))
    case 'cid':
      return String(plain)
    case 'list':
      return (plain as Plain[]).map((one) => memoryOf(shape.of, one))
    case 'dict':
      return mapped(plain, () => shape.of)
    case 'map':
      return mapped(plain, (key) => shape.fields[key]?.of)
    case 'variants': {
      const fields = shape.variants[(plain as { type: string }).type]
      return mapped(plain, (key) => fields?.[key]?.of)
    }
    default:
      return plain
  }
}

function mapped(plain: Plain, shapeAt: (key: string) => Shape | undefined): unknown {
  const entries = Object.entries(plain as Record<string, Plain>).map(([key, one]) => {
    const shape = shapeAt(key)
    return [key, shape === undefined ? one : memoryOf(shape, one)] as const
  })
  return Object.fromEntries(entries)
}

function plainFields(fields: Fields): fc.Arbitrary<Record<string, Plain>> {
  const all = Object.entries(fields)
  const requiredKeys = all.filter(([, { optional }]) => !optional).map(([key]) => key)
  const arbitraries = Object.fromEntries(all.map(([key, { of }]) => [key, plainOf(of)]))
  return fc.record(arbitraries, { requiredKeys, noNullPrototype: true })
}

function fitsFields(fields: Fields, plain: Readonly<Record<string, Plain>>): boolean {
  const known = Object.keys(plain).every((key) => Object.hasOwn(fields, key))
  const whole = Object.entries(fields).every(([key, { of, optional }]) =>
    Object.hasOwn(plain, key) ? fits(of, plain[key]) : optional,
  )
  return known && whole
}

function isMap(plain: Plain): plain is Record<string, Plain> {
  const isObject = typeof plain === 'object' && plain !== null
  return isObject && !Array.isArray(plain) && !(plain instanceof Uint8Array) && !isLink(plain)
}

function isLink(plain: Plain): plain is Link {
  return typeof plain === 'object' && plain !== null && 'asCID' in plain && plain.asCID === plain
}

function isName(plain: Plain): boolean {
  return isLine(plain, 40) && plain !== '__proto__'
}

function isLine(plain: Plain, max: number): boolean {
  if (typeof plain !== 'string' || Buffer.byteLength(plain) > max) return false
  return !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/u.test(plain)
}

/** The points of small order by their y; dag-cbor's own decoder makes the link of the bytes. */
const prime = 2n ** 255n - 19n
const order8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
const smallOrder = [0n, 1n, prime - 1n, order8, prime - order8]

function isSafeKey(key: Uint8Array): boolean {
  const y = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) % 2n ** 255n
  return y < prime && !smallOrder.includes(y)
}

function linkOf(codec: number, hash: Uint8Array): Plain {
  const digest = createHash('sha256').update(hash).digest()
  return dagCbor.decode(
    Buffer.concat([Buffer.from([0xd8, 0x2a, 0x58, 0x25, 0, 1, codec, 0x12, 0x20]), digest]),
  )
}

function base58(bytes: Uint8Array): string {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let text = ''
  for (let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`); rest > 0n; rest /= 58n) {
    text = alphabet[Number(rest % 58n)] + text
  }
  return `1${text}`
}
