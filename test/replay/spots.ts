import {
  checkpointDocument,
  cosignatureDocument,
  type Document,
  decode,
  delegationDocument,
  jobDocument,
  meshDocument,
  type PeerId,
  rateCardDocument,
  receiptDocument,
  requestDocument,
  revocationDocument,
  rosterDocument,
  type Signed,
  sealDocument,
  sign,
} from '../../specs/index.ts'
import type { Chance } from '../fuzz/chance.ts'
import { everybody, signerOf } from './cast.ts'

/** A place in a value, down into signed documents, and the whole with something else there. */
export interface Spot {
  readonly path: string
  readonly value: unknown
  readonly put: (other: unknown) => unknown
}

/** All places in a value that something else may be put at. */
export function spotsOf(value: unknown, path = ''): Spot[] {
  const here: Spot = { path, value, put: (other) => other }
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return [here]
  if (Array.isArray(value)) {
    const items = value.flatMap((item, i) => {
      return below(item, `${path}[]`, (other) => value.with(i, other))
    })
    return value.length === 0 ? [] : [here, ...items]
  }
  const { body, ...rest } = value as Readonly<Record<string, unknown>>
  const fields = Object.entries(rest).flatMap(([key, field]) => {
    return key === 'v' ? [] : below(field, `${path}.${key}`, (other) => withKey(value, key, other))
  })
  return body instanceof Uint8Array ? [...fields, ...signedSpots(value as Said, path)] : fields
}

/** Something else than a value, such as stands in its place elsewhere. */
export function otherThan(chance: Chance, pool: Pool, value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') {
    const others = [value + 1, value - 1, value + 1, value - 1, 0, 1, value * 2, value + 60_000]
    return Math.max(0, chance.one(others))
  }
  if (typeof value === 'string') return otherText(chance, pool, value)
  if (value instanceof Uint8Array) {
    const at = chance.below(value.length)
    return value.with(at, (value[at] ?? 0) ^ (1 << chance.below(8)))
  }
  if (!Array.isArray(value)) return undefined
  const at = chance.below(value.length)
  return chance.one([
    value.toSpliced(at, 1),
    value.toSpliced(at, 0, value[at]),
    value.toReversed(),
    [],
  ])
}

/** Texts that are known in a history. */
export interface Pool {
  readonly digests: readonly string[]
  readonly accounts: readonly string[]
}

/** What can be made, or nothing where a schema or a signer forbids it. */
export function possible<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof Error) return undefined
    throw cause
  }
}

type Said = Signed<unknown>

const documents: readonly Document<unknown>[] = [
  checkpointDocument,
  cosignatureDocument,
  delegationDocument,
  jobDocument,
  meshDocument,
  rateCardDocument,
  receiptDocument,
  requestDocument,
  revocationDocument,
  rosterDocument,
  sealDocument,
] as readonly unknown[] as readonly Document<unknown>[]

/** Of a signed document, the places of what it says: it is signed again by whoever must then. */
function signedSpots(signed: Said, path: string): Spot[] {
  for (const document of documents) {
    const answer = decode(document.schema, signed.body)
    if (!answer.ok) continue
    return below(answer.value, `${path}!`, (other) => {
      return sign(document, other, ...document.signers(other).map(signerOf))
    })
  }
  throw new Error('signed bytes of no document')
}

function below(value: unknown, path: string, put: Spot['put']): Spot[] {
  return spotsOf(value, path).map((spot) => ({ ...spot, put: (other) => put(spot.put(other)) }))
}

function withKey(value: object, key: string, other: unknown): object {
  const { [key]: _, ...rest } = value as Readonly<Record<string, unknown>>
  return other === undefined ? rest : { ...rest, [key]: other }
}

const words: readonly (readonly string[])[] = [
  ['final', 'dead', 'cancelled'],
  ['poisoned', 'expired', 'split', 'cancelled'],
  ['cpu', 'gpu', 'hpc'],
  ['owner', 'node'],
]

function otherText(chance: Chance, { digests, accounts }: Pool, text: string): unknown {
  if (chance.once(25)) return undefined
  if (everybody.has(text as PeerId)) return chance.one([...everybody.keys()])
  if (/^[0-9a-f]{64}$/.test(text)) return chance.any(digests) ?? text
  if (/^(mint|slash|(owner|bond|escrow|hold|bridge)\/.*)$/.test(text)) {
    const kind = text.split('/')[0]
    const same = accounts.filter((account) => account.split('/')[0] === kind)
    return chance.any(chance.once(3) ? accounts : same) ?? text
  }
  const others = words.find((of) => of.includes(text))
  return others === undefined ? `${text}a` : chance.one(others)
}
