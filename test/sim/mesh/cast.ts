import type { Electorate } from '../../../ledger/index.ts'
import {
  type ChainId,
  type CoordinatorId,
  chainId,
  ed25519,
  type Fact,
  type MeshId,
  meshDocument,
  meshId,
  type Rates,
  type Signer,
  sha256,
  sign,
} from '../../../specs/index.ts'

import { rememberedSigner } from './opening.ts'

/** 2026-11-26T12:00:00Z, when every world begins. */
export const noon = 1_795_694_400_000

const keys = new Map<string, Signer>()

/** The key of somebody by name: made once, for all worlds. */
export function keyNamed(name: string): Signer {
  const known = keys.get(name)
  if (known !== undefined) return known
  const made = rememberedSigner(ed25519.signer(digestNamed(name)))
  keys.set(name, made)
  return made
}

/** 32 bytes that stand for something. */
export function digestNamed(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`nexapod mesh simulation: ${name}`))
}

/** Somebody who writes a chain. */
export interface Writer {
  readonly name: string
  readonly signer: Signer
  readonly id: CoordinatorId
  readonly chain: ChainId
  readonly genesis: Fact & { readonly type: 'genesis' }
}

/** A mesh as it was founded. */
export interface Founded {
  readonly id: MeshId
  readonly writers: readonly Writer[]
  readonly roster: Electorate
  readonly rates: Rates
}

/** What work earns in every world. */
const usualRates = {
  microPerGigafuel: 1000,
  microPerCoreSecond: 20,
  microPerGpuSecond: 20_000,
  bondMicro: 0,
}

/** Founds a mesh of so many coordinators. */
export function foundMesh(
  count: number,
  rates: Pick<Rates, 'apart' | 'auditPermille' | 'settleMs'>,
): Founded {
  const names = new Map(['kim', 'lou', 'max', 'ned'].map((name) => [keyNamed(name).id, name]))
  const ids = [...names.keys()].slice(0, count).sort() as string[] as CoordinatorId[]
  const signers = ids.map((id) => keyNamed(names.get(id) as string))
  const members = ids.map((coordinator) => ({ coordinator, addresses: [] }))
  const liars = Math.floor((count - 1) / 3)
  const quorum = Math.floor((count + liars) / 2) + 1
  const allRates = { ...usualRates, ...rates }
  const mesh = sign(
    meshDocument,
    {
      v: 1,
      name: 'simulated',
      founded: noon - 1000,
      nonce: digestNamed('mesh').subarray(0, 16),
      members,
      quorum,
      rates: allRates,
      bootstrap: [],
    },
    ...signers,
  )
  const writers = signers.map((signer): Writer => {
    const id = signer.id as CoordinatorId
    const genesis = { mesh, coordinator: id, nonce: digestNamed('chain').subarray(0, 16) }
    return {
      name: names.get(signer.id) as string,
      signer,
      id,
      chain: chainId(genesis),
      genesis: { type: 'genesis', ...genesis },
    }
  })
  return { id: meshId(mesh), writers, roster: { members, quorum }, rates: allRates }
}
