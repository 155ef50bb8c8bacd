import type { Reader } from '../bytes/reader.ts'
import type { Writer } from '../bytes/writer.ts'
import type { Place } from './place.ts'

/** What JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** A JSON Schema of the 2020-12 dialect, as plain data. */
export type JsonSchema = { readonly [key: string]: Json }

/** What people write: its JSON Schema, and the check that gives the typed value. */
export interface Form<T> {
  readonly json: JsonSchema
  /** The value of this JSON, or undefined with the faults noted at their place. */
  parse(input: unknown, place: Place): T | undefined
}

/** What documents are made of: a form that also has one canonical encoding. */
export interface Schema<T> extends Form<T> {
  /** The length of the longest canonical encoding. */
  readonly bytesMax: number
  /** How many levels of lists and maps are inside, itself included. */
  readonly depth: number
  read(from: Reader): T
  write(value: T, to: Writer): void
  print(value: T): Json
}

/** The type that a form or schema describes. */
export type Infer<F> = F extends Form<infer T> ? T : never

/** What a constructor may be told for people: it ends in the JSON Schema, and in editors. */
export interface Notes {
  readonly about?: string
  readonly examples?: readonly Json[]
}

/** The notes as JSON Schema keywords. */
export function noted(notes: Notes): JsonSchema {
  return {
    ...(notes.about === undefined ? {} : { description: notes.about }),
    ...(notes.examples === undefined ? {} : { examples: notes.examples }),
  }
}

/** How many bytes the head of an item with this argument takes. */
export function headBytes(argument: number): number {
  if (argument < 24) return 1
  if (argument < 0x100) return 2
  if (argument < 0x10000) return 3
  return argument < 2 ** 32 ? 5 : 9
}
