import type { Reader } from '../bytes/reader.ts'
import { Writer } from '../bytes/writer.ts'
import { limits } from '../limits.ts'
import { nearest } from './nearest.ts'
import { found, type Place } from './place.ts'
import {
  type Form,
  headBytes,
  type Infer,
  type Json,
  type Notes,
  noted,
  type Schema,
} from './schema.ts'

/** A key that may be left out. */
export interface Optional<F> {
  readonly optional: F
}

/** The keys of a map, each with what its value must be. */
export type Fields<F> = { readonly [key: string]: F | Optional<F> }

/** The value that a map with these fields holds. */
export type Struct<F> = Simplify<
  { readonly [K in keyof F as F[K] extends Optional<unknown> ? never : K]: Infer<F[K]> } & {
    readonly [K in keyof F as F[K] extends Optional<unknown> ? K : never]?: F[K] extends Optional<
      infer O
    >
      ? Infer<O>
      : never
  }
>

type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** Marks a field whose key may be left out. */
export function optional<F>(form: F): Optional<F> {
  return { optional: form }
}

/** A map with just these keys, as people write it. */
export function structForm<F extends Fields<Form<unknown>>>(
  fields: F,
  notes: Notes = {},
): Form<Struct<F>> {
  const forms = new Map(
    Object.entries(fields).map(([key, field]) =>
      'optional' in field ? [key, field.optional] : [key, field],
    ) as [string, Form<unknown>][],
  )
  const required = Object.keys(fields).filter((key) => !('optional' in (fields[key] as object)))
  return {
    json: {
      type: 'object',
      properties: Object.fromEntries([...forms].map(([key, form]) => [key, form.json])),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
      ...noted(notes),
    },
    parse(input, place) {
      if (!isMap(input)) {
        return place.fault('document.type', `expected a map, found ${found(input)}`)
      }
      const faultsBefore = place.faults.length
      refuseUnknown(Object.keys(input), forms, place)
      for (const key of required) {
        if (!Object.hasOwn(input, key)) place.below(key).fault('document.missing-key', 'required')
      }
      const value: Record<string, unknown> = {}
      for (const [key, form] of forms) {
        if (place.full) break
        if (Object.hasOwn(input, key)) value[key] = form.parse(input[key], place.below(key))
      }
      return place.faults.length === faultsBefore ? (value as Struct<F>) : undefined
    },
  }
}

/** A map with just these keys. */
export function struct<const F extends Fields<Schema<unknown>>>(
  fields: F,
  notes: Notes = {},
): Schema<Struct<F>> {
  const asWritten = fieldsOf(fields)
  const known = asWritten.toSorted((a, b) => byKey(a.keyBytes, b.keyBytes))
  const least = known.filter((field) => !field.optional).length
  return {
    ...structForm(fields, notes),
    bytesMax: known.reduce(
      (sum, field) => sum + field.keyBytes.length + field.schema.bytesMax,
      headBytes(known.length),
    ),
    depth: 1 + Math.max(0, ...known.map((field) => field.schema.depth)),
    print(value) {
      const parts = value as Record<string, unknown>
      const printed: Record<string, Json> = {}
      for (const { key, schema } of asWritten) {
        const part = parts[key]
        if (part !== undefined) printed[key] = schema.print(part)
      }
      return printed
    },
    read(from) {
      const count = from.head(5)
      const value: Record<string, unknown> = {}
      let next = 0
      for (let i = 0; i < count; i++) {
        let field = known[next]
        while (field === undefined || !from.skipIf(field.keyBytes)) {
          if (field === undefined || !field.optional) {
            return misplaced(from, known, next, count - i)
          }
          field = known[++next]
        }
        from.key = field.key
        value[field.key] = field.schema.read(from)
        next++
      }
      if (count < least || next < known.length) lacking(from, known, next)
      return value as Struct<F>
    },
    write(value, to) {
      const parts = value as Record<string, unknown>
      let count = least
      for (const field of known) if (field.optional && parts[field.key] !== undefined) count++
      to.head(5, count)
      for (const { key, keyBytes, schema, optional } of known) {
        const part = parts[key]
        if (part === undefined && optional) continue
        to.raw(keyBytes)
        schema.write(part, to)
      }
    },
  }
}

/** Whether a value is a map of JSON or YAML. */
export function isMap(input: unknown): input is Record<string, unknown> {
  return (
    typeof input === 'object' &&
    input !== null &&
    !Array.isArray(input) &&
    !ArrayBuffer.isView(input)
  )
}

/** The encoding of a key. */
export function keyBytes(key: string): Uint8Array {
  const writer = new Writer()
  writer.text(key)
  return writer.copy()
}

/** Canonical order of encoded keys: the shorter first, then by their bytes. */
export function byKey(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

interface Field {
  readonly key: string
  readonly keyBytes: Uint8Array
  readonly optional: boolean
  readonly schema: Schema<unknown>
}

function fieldsOf(fields: Fields<Schema<unknown>>): readonly Field[] {
  return Object.entries(fields).map(([key, field]) => ({
    key,
    keyBytes: keyBytes(key),
    optional: 'optional' in field,
    schema: 'optional' in field ? field.optional : field,
  }))
}

function refuseUnknown(keys: string[], known: ReadonlyMap<string, unknown>, place: Place): void {
  for (const key of keys) {
    if (known.has(key) || place.full) continue
    place.below(key).fault('document.unknown-key', suggestion(key, known.keys()))
  }
}

function suggestion(key: string, known: Iterable<string>): string {
  const names = [...known]
  const meant = nearest(key, names)
  return meant === undefined ? `known are ${names.join(', ')}` : `did you mean ${meant}?`
}

/** Names what is wrong where the next expected key was not found, with so many entries to come. */
function misplaced(from: Reader, known: readonly Field[], next: number, left: number): never {
  const start = from.at
  const key = from.text(128)
  const index = known.findIndex((field) => field.key === key)
  if (index === -1) {
    const names = known.map((field) => field.key)
    from.refuse('document.unknown-key', `${JSON.stringify(key)}: ${suggestion(key, names)}`, start)
  }
  if (index < next) from.refuse('bytes.order', `the key ${key} is out of order or twice`, start)
  const missing = known.slice(next, index).find((field) => !field.optional) as Field
  from.skip(limits.documentDepthMax)
  for (let i = 1; i < left; i++) {
    if (from.skipIf(missing.keyBytes)) {
      from.refuse('bytes.order', `the key ${key} stands before ${missing.key}`, start)
    }
    from.skip(0)
    from.skip(limits.documentDepthMax)
  }
  return from.refuse('document.missing-key', `${missing.key} is required`, start)
}

function lacking(from: Reader, known: readonly Field[], next: number): void {
  for (const field of known.slice(next)) {
    if (!field.optional) from.refuse('document.missing-key', `${field.key} is required`)
  }
}
