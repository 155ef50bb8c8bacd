import { decode, encode } from '@ipld/dag-cbor'
import { fromHex, toHex } from '../bytes/text.ts'
import type { Json, JsonSchema } from '../schema/schema.ts'

interface Malformed {
  readonly name: string
  readonly bytes: string
}

/** A map of CBOR, taken apart: its entries in canonical order, each key and value as bytes. */
type Entries = readonly { readonly key: string; readonly bytes: Uint8Array }[]

/**
 * What can be wrong with the bytes of any document, made from a valid one by another encoder than
 * ours: keys that lack, are too many, or out of order; numbers and lengths in another form.
 */
export function malformed(validHex: string, schema: JsonSchema): Malformed[] {
  const valid = fromHex(validHex) as Uint8Array
  const value: unknown = decode(valid)
  const general = [
    { name: 'nothing', bytes: '' },
    { name: 'cut short by a byte', bytes: toHex(valid.subarray(0, -1)) },
    { name: 'with a byte behind', bytes: `${validHex}00` },
    { name: 'null', bytes: 'f6' },
    { name: 'undefined', bytes: 'f7' },
    { name: 'in a tag', bytes: `c1${validHex}` },
    { name: 'in a list', bytes: `81${validHex}` },
    { name: 'of indefinite length', bytes: indefinite(valid) },
    { name: 'with its length in two bytes', bytes: longer(valid) },
  ]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return general
  const map = value as Readonly<Record<string, unknown>>
  return [...general, ...ofMap(map, requiredKeys(map, schema))]
}

function requiredKeys(value: Readonly<Record<string, unknown>>, schema: JsonSchema): Json {
  const variants = (schema.oneOf ?? [schema]) as readonly JsonSchema[]
  const chosen = variants.find((variant) => {
    const type = (variant.properties as Readonly<Record<string, JsonSchema>>).type?.const
    return type === undefined || type === value.type
  })
  return chosen?.required ?? []
}

function ofMap(value: Readonly<Record<string, unknown>>, required: Json): Malformed[] {
  const entries = entriesOf(value)
  const faults = (required as readonly string[]).map((key) => ({
    name: `without ${key}`,
    bytes: joined(entries.filter((entry) => entry.key !== key)),
  }))
  const added = entriesOf({ ...value, 'no such key': 1 })
  faults.push({ name: 'with an unknown key', bytes: joined(added) })
  for (const [i, entry] of entries.entries()) {
    const nulled = entries.with(i, { ...entry, bytes: pair(entry.key, Uint8Array.of(0xf6)) })
    faults.push({ name: `with null at ${entry.key}`, bytes: joined(nulled) })
    const number = value[entry.key]
    if (typeof number !== 'number') continue
    const float = entries.with(i, { ...entry, bytes: pair(entry.key, doubleOf(number)) })
    faults.push({ name: `with a float at ${entry.key}`, bytes: joined(float) })
  }
  const [first, second] = entries
  if (first !== undefined) {
    faults.push({ name: 'with a key twice', bytes: joined([first, ...entries]) })
  }
  if (first !== undefined && second !== undefined) {
    const swapped = [second, first, ...entries.slice(2)]
    faults.push({ name: 'with keys out of order', bytes: joined(swapped) })
  }
  return faults
}

function entriesOf(value: Readonly<Record<string, unknown>>): Entries {
  const order = Object.keys(decode(encode(value)) as object)
  return order.map((key) => ({ key, bytes: pair(key, encode(value[key])) }))
}

function pair(key: string, value: Uint8Array): Uint8Array {
  return Uint8Array.of(...encode(key), ...value)
}

function joined(entries: Entries): string {
  const size = entries.length < 24 ? [0xa0 | entries.length] : [0xb8, entries.length]
  return toHex(Uint8Array.of(...size)) + entries.map((entry) => toHex(entry.bytes)).join('')
}

function doubleOf(value: number): Uint8Array {
  const bytes = new Uint8Array(9)
  bytes[0] = 0xfb
  new DataView(bytes.buffer).setFloat64(1, value)
  return bytes
}

function indefinite(valid: Uint8Array): string {
  return `${toHex(Uint8Array.of((valid[0] as number) | 31))}${toHex(valid.subarray(1))}ff`
}

/** Our documents have fewer than 24 keys or items at the top, so that one byte is the head. */
function longer(valid: Uint8Array): string {
  const first = valid[0] as number
  return toHex(Uint8Array.of((first & 0xe0) | 24, first & 31, ...valid.subarray(1)))
}
