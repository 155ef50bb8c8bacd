import type { Ledger } from '../../../ledger/index.ts'
import {
  accounts,
  type ChainId,
  type CoordinatorId,
  chainId,
  ed25519,
  type Fact,
  meshDocument,
  type OwnerId,
  type Signer,
  sha256,
  sign,
} from '../../../specs/index.ts'

/** When worlds begin. */
export const noon = 1_795_176_000_000

const seeds = new Map<string, Uint8Array>()

function keyNamed(name: string): Signer {
  const seed = sha256(new TextEncoder().encode(`nexapod bank ${name}`))
  const signer = ed25519.signer(seed)
  seeds.set(signer.id, seed)
  return signer
}

/** The secret seed of a key, for whoever has to have it in a file. */
export function seedOf({ id }: Signer): Uint8Array {
  return seeds.get(id) as Uint8Array
}

/** The coordinators, in the order of their keys. */
export const members: readonly Signer[] = ['one', 'two', 'three']
  .map(keyNamed)
  .sort((a, b) => (a.id < b.id ? -1 : 1))

/** How many of them are a quorum: the least that three may have. */
const quorum = 2

/** Who has credit, and wants more of it. */
export const owners: readonly Signer[] = ['ada', 'ben', 'eve', 'kim', 'ora', 'zoe'].map(keyNamed)

/** Who is of no roster. */
export const strangers: readonly Signer[] = ['mal', 'ned'].map(keyNamed)

const mesh = sign(
  meshDocument,
  {
    ...{ v: 1, name: 'bank', founded: noon, nonce: new Uint8Array(16), bootstrap: [], quorum },
    members: members.map(({ id }) => ({ coordinator: id as CoordinatorId, addresses: [] })),
    rates: {
      ...{ microPerGigafuel: 1000, microPerCoreSecond: 10, microPerGpuSecond: 10 },
      ...{ bondMicro: 0, auditPermille: 0, settleMs: 60_000, apart: 'owners' as const },
    },
  },
  ...members,
)

/** The beginning of each chain, in the order of who founded it. */
export const geneses: readonly (Fact & { readonly type: 'genesis' })[] = members.map(({ id }) => ({
  type: 'genesis',
  mesh,
  coordinator: id as CoordinatorId,
  nonce: new Uint8Array(16),
}))

/** The chains, in that order. */
export const chains: readonly ChainId[] = geneses.map(({ type: _, ...named }) => chainId(named))

/** What each owner has on each chain at the beginning. */
const endowedMicro = 1_000_000

/** All that there is. */
export const allMicro = endowedMicro * owners.length * members.length

/**
 * Gives owners what they begin with, as if verdicts had said so: whoever folds a chain here begins
 * with this.
 */
export function endow({ state }: Ledger): void {
  const { balances, tables } = state
  for (const { id } of owners) {
    balances.set(accounts.owner(id as string as OwnerId), { micro: endowedMicro })
  }
  balances.set(accounts.mint, { micro: -endowedMicro * owners.length })
  tables.keep()
}
