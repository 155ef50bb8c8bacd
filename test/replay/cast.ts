import { signers } from '../../ledger/test/chains.ts'
import { peer } from '../../ledger/test/world.ts'
import {
  type CoordinatorId,
  limits,
  type Mesh,
  meshDocument,
  type PeerId,
  type Rates,
  type Signed,
  type Signer,
  sign,
} from '../../specs/index.ts'
import type { Chance } from '../fuzz/chance.ts'

/** Keys that own, publish, or both. */
export const owners: readonly Signer[] = [1, 2, 3, 4].map(peer)

/** Keys of nodes. */
export const nodes: readonly Signer[] = [10, 11, 12, 13, 14, 15, 16, 17].map(peer)

/** Keys that are in no roster, own nothing and have nothing to say. */
export const strangers: readonly Signer[] = [90, 91].map(peer)

/** Everybody of whom there is a key. */
export const everybody: ReadonlyMap<PeerId, Signer> = new Map(
  [...owners, ...nodes, ...strangers, ...signers].map((signer) => [signer.id, signer]),
)

/** The signer behind a key. */
export function signerOf(id: PeerId): Signer {
  const signer = everybody.get(id)
  if (signer === undefined) throw new Error(`nobody has the key ${id}`)
  return signer
}

/** A rate card of chance, its bounds included. */
export function anyRates(chance: Chance): Rates {
  return {
    microPerGigafuel: chance.one([1, 3, 1000, 999_999, 10 ** 6]),
    microPerCoreSecond: chance.one([1, 1, 7, 7, 1000, 10 ** 6]),
    microPerGpuSecond: chance.one([1, 11, 20_000, 10 ** 8]),
    bondMicro: chance.one([0, 50]),
    auditPermille: 50,
    settleMs: chance.one([0, 1, 50, 400, 1500]),
    apart: chance.one(['owners', 'networks'] as const),
  }
}

/** The least quorum of so many members. */
export function leastQuorum(members: number): number {
  const liars = Math.floor((members - 1) / 3)
  return Math.floor((members + liars) / 2) + 1
}

/** Members of a roster, by the numbers of their keys. */
export function membersOf(numbers: readonly number[]): Mesh['members'] {
  const ids = numbers.map((number) => signers[number]?.id as CoordinatorId)
  return ids.sort().map((coordinator) => ({ coordinator, addresses: [] }))
}

/** A mesh of the first so many coordinators. */
export function anyMesh(chance: Chance, count: number, nonce: number): Signed<Mesh> {
  const members = membersOf(Array.from({ length: count }, (_, i) => i))
  const least = leastQuorum(count)
  const mesh: Mesh = {
    v: 1,
    name: 'replayed',
    founded: 1000,
    nonce: new Uint8Array(16).fill(nonce),
    members,
    quorum: Math.min(count, least + (chance.once(4) ? 1 : 0)),
    rates: anyRates(chance),
    bootstrap: [],
  }
  return sign(meshDocument, mesh, ...members.map((member) => signerOf(member.coordinator)))
}

/** An instant about another: as far from it as clocks may be, or a little to either side. */
export function around(chance: Chance, time: number): number {
  const skew = chance.one([0, 0, limits.clockSkewMs, -limits.clockSkewMs])
  return Math.max(0, time + skew + chance.below(3) - 1)
}
