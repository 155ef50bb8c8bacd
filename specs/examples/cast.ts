import { sha256 } from '../bytes/digest.ts'
import {
  type ChainId,
  type Cid,
  type CoordinatorId,
  cidOf,
  type Digest,
  digestText,
  type JobId,
  type NodeId,
  type OwnerId,
  type PublisherId,
} from '../id/id.ts'
import { ed25519, type Signer } from '../signed/ed25519.ts'

/** The seed of somebody in the examples: everybody can sign in their place, so nobody is real. */
export function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`nexapod example ${name}`))
}

/** Who appears in the examples. */
export const cast = {
  ada: ed25519.signer(seedOf('ada, a publisher')),
  ben: ed25519.signer(seedOf('ben, an owner')),
  eve: ed25519.signer(seedOf('eve, a node')),
  fay: ed25519.signer(seedOf('fay, a node')),
}

/** The coordinators of the examples, in the order of their keys. */
export const coordinators: readonly [Signer, Signer, Signer] = ['kim', 'lou', 'max']
  .map((name) => ed25519.signer(seedOf(`${name}, a coordinator`)))
  .sort((a, b) => (a.id < b.id ? -1 : 1)) as [Signer, Signer, Signer]

/** The ids of the cast in their roles. */
export const ids = {
  publisher: cast.ada.id as PublisherId,
  owner: cast.ben.id as OwnerId,
  node: cast.eve.id as NodeId,
  other: cast.fay.id as NodeId,
  coordinator: coordinators[0].id as CoordinatorId,
  witness: coordinators[1].id as CoordinatorId,
  successor: coordinators[2].id as CoordinatorId,
}

/** Every seed by the key that it gives, for implementations that want to sign the vectors. */
export const seeds: ReadonlyMap<string, Uint8Array> = new Map(
  ['ada, a publisher', 'ben, an owner', 'eve, a node', 'fay, a node']
    .concat(['kim', 'lou', 'max'].map((name) => `${name}, a coordinator`))
    .map((name) => [ed25519.signer(seedOf(name)).id, seedOf(name)]),
)

/** 2026-11-20T12:00:00Z, when the examples happen. */
export const now = 1_795_176_000_000

/** Bytes, digests and CIDs that stand for something. */
export const made = {
  nonce: (name: string) => seedOf(name).subarray(0, 16),
  salt: (name: string) => seedOf(name),
  digest: <Id extends Digest = Digest>(name: string) => digestText<Id>(seedOf(name)),
  job: (name: string) => digestText<JobId>(seedOf(name)),
  chain: (name: string) => digestText<ChainId>(seedOf(name)),
  file: (name: string): Cid => cidOf('raw', seedOf(name)),
  directory: (name: string): Cid => cidOf('dag-pb', seedOf(name)),
}
