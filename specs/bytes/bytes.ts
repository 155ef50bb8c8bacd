import { type Answer, accept, refuse } from '../refusal/refusal.ts'
import { Place } from '../schema/place.ts'
import type { Form, Json, Schema } from '../schema/schema.ts'
import { sha256, sha256Hex } from './digest.ts'
import { Reader, Unreadable } from './reader.ts'
import { Writer } from './writer.ts'

/** The canonical bytes of a value. A value outside its schema is a bug of ours, and thrown. */
export function encode<T>(schema: Schema<T>, value: T): Uint8Array {
  return written(schema, value, (writer) => {
    if (writer.length <= schema.bytesMax) return writer.copy()
    throw new RangeError(`at most ${schema.bytesMax} bytes, got ${writer.length}`)
  })
}

/** Puts the canonical bytes of a value in their place; gives where they end. */
export function encodeInto<T>(schema: Schema<T>, value: T, into: Uint8Array, at: number): number {
  return written(schema, value, (writer) => writer.copyInto(into, at))
}

/**
 * The value of these bytes, if they are the canonical encoding of one. The reader takes nothing
 * else already; encoding again and comparing makes sure of it, for every schema to come.
 */
export function decode<T>(schema: Schema<T>, bytes: Uint8Array): Answer<T> {
  if (bytes.length > schema.bytesMax) {
    const detail = `at most ${schema.bytesMax} bytes, found ${bytes.length}`
    return refuse('bytes.too-large', { detail })
  }
  const reader = new Reader(bytes)
  try {
    const value = schema.read(reader)
    reader.end()
    const same = written(schema, value, (writer) => writer.equals(bytes))
    return same ? accept(value) : refuse('bytes.not-canonical')
  } catch (cause) {
    return unreadable(cause)
  }
}

/**
 * The value that stands between two places of longer bytes. It is read as strictly and not encoded
 * again: for bytes that are held against a hash of what was encoded, and so cannot be others.
 */
export function decodeBetween<T>(
  schema: Schema<T>,
  bytes: Uint8Array,
  start: number,
  end: number,
): Answer<T> {
  const reader = new Reader(bytes)
  reader.at = start
  try {
    const value = schema.read(reader)
    if (reader.at === end) return accept(value)
    return refuse(reader.at < end ? 'bytes.trailing' : 'bytes.truncated')
  } catch (cause) {
    return unreadable(cause)
  }
}

/** The value of this JSON, or every fault in it (up to 20). */
export function fromJson<T>(form: Form<T>, input: unknown): Answer<T> {
  const place = new Place()
  const value = form.parse(input, place)
  const [first, ...others] = place.faults.map((fault) => refuse(fault.code, fault).refusal)
  if (first !== undefined) return { ok: false, refusal: first, others }
  if (value === undefined) throw new Error('a form refused its input without a fault')
  return accept(value)
}

/** The JSON of a value. */
export function toJson<T>(schema: Schema<T>, value: T): Json {
  return schema.print(value)
}

/** SHA-256 over `domain length || domain || bytes`: what a document is called by. */
export function digestOf(domain: string, bytes: Uint8Array): Uint8Array {
  return sha256(inDomain(domain, bytes))
}

/** The same, in lower-case hexadecimal. */
export function digestHexOf(domain: string, bytes: Uint8Array): string {
  const prefix = prefixOf(domain)
  const length = prefix.length + bytes.length
  if (length > message.length) return sha256Hex(inDomain(domain, bytes))
  message.set(prefix)
  message.set(bytes, prefix.length)
  return sha256Hex(message.subarray(0, length))
}

/** The bytes with their domain in front, so that no document passes for one of another kind. */
export function inDomain(domain: string, bytes: Uint8Array): Uint8Array {
  const prefix = prefixOf(domain)
  const whole = new Uint8Array(prefix.length + bytes.length)
  whole.set(prefix)
  whole.set(bytes, prefix.length)
  return whole
}

function prefixOf(domain: string): Uint8Array {
  const known = prefixes.get(domain)
  if (known !== undefined) return known
  const name = new TextEncoder().encode(domain)
  if (name.length > 255) throw new RangeError(`the domain ${domain} is longer than 255 bytes`)
  const prefix = Uint8Array.of(name.length, ...name)
  prefixes.set(domain, prefix)
  return prefix
}

/** The refusal of what ended a read. */
function unreadable(cause: unknown): Answer<never> {
  if (!(cause instanceof Unreadable)) throw cause
  const at = cause.key === '' ? `byte ${cause.at}` : `${cause.key}, byte ${cause.at}`
  return refuse(cause.code, { at, detail: cause.detail })
}

/** Uses what a schema writes, in a buffer of its own: a rule of the schema may encode meanwhile. */
function written<T, R>(schema: Schema<T>, value: T, use: (writer: Writer) => R): R {
  const writer = idle ?? new Writer()
  idle = undefined
  writer.clear()
  schema.write(value, writer)
  const used = use(writer)
  idle = writer
  return used
}

/** The writer that is kept with its room for the next document. */
let idle: Writer | undefined

/** The domains are those of our documents: a dozen, written in code. */
const prefixes = new Map<string, Uint8Array>()

/** Room for what is hashed in its domain: all but the largest documents. */
const message = new Uint8Array(4096)
