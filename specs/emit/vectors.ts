import { decode, digestOf, encode, fromJson, toJson } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../bytes/text.ts'
import { ids, made, now, seeds } from '../examples/cast.ts'
import { descriptors, wrongDescriptors } from '../examples/descriptors.ts'
import { type Spoiled, spoiled } from '../examples/faults.ts'
import { home } from '../examples/jobs.ts'
import type { Kind } from '../examples/registry.ts'
import { parseDescriptor } from '../job/descriptor.ts'
import { jobSchema } from '../job/job.ts'
import { jobOf } from '../job/resolve.ts'
import type { Source } from '../job/source.ts'
import type { Json } from '../schema/schema.ts'
import { ed25519 } from '../signed/ed25519.ts'
import { type Document, sign } from '../signed/signed.ts'
import { malformed } from './malformed.ts'

/** The vectors of one kind of document: values that every implementation takes, and refuses. */
export function vectorsOf(kind: Kind): Json {
  const { schema, document, examples, name } = kind
  const valid = Object.entries(examples).map(([title, value]) => ({
    name: title,
    json: toJson(schema, value),
    bytes: toHex(encode(schema, value)),
    ...(document === undefined ? {} : signedVector(document, value)),
    ...kind.derived?.(value, title),
  }))
  const [plainest] = valid
  if (plainest === undefined) throw new Error(`${name} has no example`)
  const invalidJson = (spoiled[name] ?? []).map((fault) => spoiledVector(kind, fault))
  const invalidBytes = malformed(plainest.bytes, schema.json).map(({ name: title, bytes }) => {
    const answer = decode(schema, fromHex(bytes) as Uint8Array)
    if (answer.ok) throw new Error(`${name} is taken with ${title}`)
    return { name: title, bytes, code: answer.refusal.code }
  })
  const domain = document === undefined ? {} : { domain: document.domain }
  return { ...domain, bytesMax: schema.bytesMax, valid, invalidJson, invalidBytes }
}

function signedVector(document: Document<unknown>, value: unknown) {
  const signers = document.signers(value).map((id) => {
    const seed = seeds.get(id)
    if (seed === undefined) throw new Error(`nobody in the cast has the key ${id}`)
    return ed25519.signer(seed)
  })
  const signed = sign(document, value, ...signers)
  return {
    digest: toHex(digestOf(document.domain, signed.body)),
    signers: signers.map((signer) => signer.id),
    signatures: signed.signatures.map(toHex),
  }
}

function spoiledVector({ schema, examples, name }: Kind, fault: Spoiled): Json {
  const value = fault.of === undefined ? Object.values(examples)[0] : examples[fault.of]
  if (value === undefined) throw new Error(`${name} has no example ${fault.of}`)
  const json = changed(toJson(schema, value), fault.at, fault.to)
  const answer = fromJson(schema, json)
  if (answer.ok || answer.refusal.code !== fault.code) {
    const got = answer.ok ? 'taken' : answer.refusal.code
    throw new Error(`${name}: ${fault.name} is ${got}, not ${fault.code}`)
  }
  return { name: fault.name, json, code: fault.code, at: answer.refusal.at ?? '' }
}

/** The same JSON with another value at one place. */
export function changed(json: Json, at: Spoiled['at'], to: Json): Json {
  const [key, ...below] = at
  if (key === undefined) return to
  if (Array.isArray(json)) {
    return json.map((part, i) => (i === key ? changed(part, below, to) : part))
  }
  const map = json as Readonly<Record<string, Json>>
  return { ...map, [key]: changed(map[key] ?? null, below, to) }
}

/** Descriptors as people write them, each with the job that it becomes or why it is refused. */
export function descriptorVectors(): Json {
  const terms = {
    home,
    publisher: ids.publisher,
    nonce: made.nonce('descriptor'),
    issued: now,
    expires: now + 86_400_000,
  }
  const valid = Object.entries(descriptors).map(([name, descriptor]) => {
    const draft = parseDescriptor(descriptor)
    const job = draft.ok ? jobOf(draft.value, terms, cidOf) : draft
    if (!job.ok) throw new Error(`${name}: ${JSON.stringify(job)}`)
    return { name, descriptor, job: toJson(jobSchema, job.value) }
  })
  const invalid = wrongDescriptors.map(({ name, descriptor, code, at }) => {
    const answer = parseDescriptor(descriptor)
    const known = !answer.ok && answer.refusal.code === code && (answer.refusal.at ?? '') === at
    if (!known) throw new Error(`${name}: expected ${code} at ${at}, got ${JSON.stringify(answer)}`)
    return { name, descriptor, code, at }
  })
  return { valid, invalid }
}

/** In the vectors, what a path or an address leads to is a file made from its name. */
function cidOf(source: Source) {
  if (source.type === 'path') return made.file(source.path)
  return source.type === 'https' ? made.file(source.url) : undefined
}
