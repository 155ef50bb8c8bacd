import * as dagCbor from '@ipld/dag-cbor'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { decode, encode, fromJson, toJson } from '../../specs/bytes/bytes.ts'
import {
  fromBase32,
  fromBase64url,
  fromHex,
  toBase32,
  toBase64url,
  toHex,
} from '../../specs/bytes/text.ts'
import { fromPeerText, toPeerText } from '../../specs/id/base58.ts'
import { cidBytes, keyOf } from '../../specs/id/id.ts'
import { type Answer, type Refusal, refusalSchema } from '../../specs/refusal/refusal.ts'
import type { JsonSchema } from '../../specs/schema/schema.ts'
import type { FormTarget, Target } from './target.ts'

/** Tries a decoder on an input: whether it took it, or what is wrong with what it did. */
export type Check<I> = (input: I) => boolean | string

const faultsMax = 20

/** Decoding bytes: never throws, and takes only what every encoder encodes to the same bytes. */
export function bytesCheck({ schema, use }: Target, accepts: ValidateFunction): Check<Uint8Array> {
  return (input) => {
    const answer = decode(schema, input)
    if (!answer.ok) return refused(answer)
    use?.(answer.value)
    if (!same(encode(schema, answer.value), input)) return 'our encoder gives other bytes'
    if (!same(dagCbor.encode(dagCbor.decode(input)), input)) return 'dag-cbor gives other bytes'
    const json = toJson(schema, answer.value)
    if (!accepts(json)) return `the JSON Schema refuses ${JSON.stringify(accepts.errors)}`
    const parsed = fromJson(schema, json)
    if (!parsed.ok) return `its own JSON is refused: ${JSON.stringify(parsed.refusal)}`
    return same(encode(schema, parsed.value), input) || 'its JSON gives other bytes'
  }
}

/** Parsing JSON: never throws, names no more than 20 faults, and takes only what can be written. */
export function jsonCheck({ schema, use }: Target, accepts: ValidateFunction): Check<unknown> {
  return (input) => {
    const answer = fromJson(schema, input)
    if (!answer.ok) return refused(answer)
    use?.(answer.value)
    if (!accepts(input)) return `the JSON Schema refuses ${JSON.stringify(accepts.errors)}`
    const bytes = encode(schema, answer.value)
    const decoded = decode(schema, bytes)
    if (!decoded.ok) return `what it encodes to is refused: ${JSON.stringify(decoded.refusal)}`
    return same(encode(schema, decoded.value), bytes) || 'it is decoded to another value'
  }
}

/** Parsing JSON of a form, which has no bytes: never throws, names no more than 20 faults. */
export function formCheck({ parse, use }: FormTarget, accepts: ValidateFunction): Check<unknown> {
  return (input) => {
    const answer = parse(input)
    if (!answer.ok) return refused(answer)
    use?.(answer.value)
    return accepts(input) || `the JSON Schema refuses ${JSON.stringify(accepts.errors)}`
  }
}

/** Reading texts that spell bytes: never throws, and reads no text but the one that is written. */
export const textCheck: Check<string> = (input) => {
  const spellings = [
    ['a PeerId', fromPeerText, toPeerText],
    ['a key', keyOf, toPeerText],
    ['a CID', cidBytes, (bytes: Uint8Array) => `b${toBase32(bytes)}`],
    ['hexadecimal', fromHex, toHex],
    ['base 32', fromBase32, toBase32],
    ['base64url', fromBase64url, toBase64url],
  ] as const
  let taken = false
  for (const [name, read, write] of spellings) {
    const bytes = read(input)
    if (bytes === undefined) continue
    if (write(bytes) !== input) return `${name} that is spelled otherwise`
    taken = true
  }
  return taken
}

/** The check of a JSON Schema, by an independent implementation. */
export function validatorOf(json: JsonSchema): ValidateFunction {
  const options = {
    strict: true,
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
  }
  return new Ajv2020(options).compile(json)
}

function refused(answer: Answer<unknown> & { ok: false }): false | string {
  const refusals: readonly Refusal[] = [answer.refusal, ...(answer.others ?? [])]
  if (refusals.length > faultsMax) return `${refusals.length} faults are named`
  // A refusal that does not fit on the wire could not be sent: encode throws if so.
  for (const refusal of refusals) encode(refusalSchema, refusal)
  return false
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
