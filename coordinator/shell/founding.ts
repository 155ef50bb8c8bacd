import { randomBytes } from 'node:crypto'
import type { Store } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type ChainId,
  type CoordinatorId,
  chainId,
  decode,
  entrySchema,
  type Fact,
  fromJson,
  type Invitation,
  leastQuorum,
  type Mesh,
  meshDocument,
  open,
  type Rates,
  ratesSchema,
  refuse,
  type Signed,
  type Signer,
  sign,
} from '@nexapod/specs'

/** A mesh of one that is founded where there is none yet. */
export interface Founding {
  readonly name: string
  readonly rates: Rates
}

/** What a chain begins with. */
export type Genesis = Fact & { readonly type: 'genesis' }

/** What holds where the founder of a mesh has decided nothing. */
export const usualRates: Rates = {
  // A credit for 10^12 fuel: about a quarter of an hour of one core.
  microPerGigafuel: 1000,
  microPerCoreSecond: 1000,
  microPerGpuSecond: 10_000,
  bondMicro: 0,
  auditPermille: 50,
  settleMs: 24 * 3_600_000,
  apart: 'networks',
}

/** Where a coordinator's mesh comes from: it was signed, it is founded, or it is there already. */
export type Source = Signed<Mesh> | Founding | Invitation

/** The genesis of the chain in a store, if one has begun. */
export async function genesisIn(store: Store): Promise<Answer<Genesis | undefined>> {
  if (store.tip.size === 0) return accept(undefined)
  const bytes = await store.entry(0)
  if (!bytes.ok) return bytes
  const entry = decode(entrySchema, bytes.value)
  const genesis = entry.ok ? entry.value.facts[0] : undefined
  if (genesis?.type !== 'genesis') throw new Error('a chain begins with its genesis')
  return accept(genesis)
}

/** A new one of a mesh whose founding roster names its coordinator. */
export function newGenesis(
  signer: Signer,
  mesh: Signed<Mesh> | Founding,
  left: ReadonlySet<ChainId>,
  wall: number,
): Answer<Genesis> {
  const coordinator = signer.id as CoordinatorId
  const signed = 'body' in mesh ? accept(mesh) : foundMesh(mesh, [{ signer, addresses: [] }], wall)
  if (!signed.ok) return signed
  const opened = open(meshDocument, signed.value)
  if (!opened.ok) return opened
  if (opened.value.members.some((member) => member.coordinator === coordinator)) {
    return accept(genesisBy(coordinator, signed.value, left))
  }
  const detail = `${coordinator} is not of the founding roster; who comes later joins by invitation`
  return refuse('chain.roster', { detail })
}

/**
 * A new one of whoever a roster names. Its nonce is the number of the chain, beginning at 0 and
 * without those that were left: so who has lost its disk, and nothing but its key is there, comes
 * to the very chain that the others know, and hears from them that it has begun.
 */
export function genesisBy(
  coordinator: CoordinatorId,
  mesh: Signed<Mesh>,
  left: ReadonlySet<ChainId>,
): Genesis {
  for (let number = 0; ; number++) {
    const nonce = new Uint8Array(16)
    new DataView(nonce.buffer).setUint32(12, number)
    const named = { mesh, coordinator, nonce }
    if (!left.has(chainId(named))) return { type: 'genesis', ...named }
  }
}

/** The rate card that differs from another, the usual one, in what this JSON says. */
export function ratesFrom(json: string, from: Rates = usualRates): Answer<Rates> {
  try {
    return fromJson(ratesSchema, { ...from, ...JSON.parse(json) })
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    return refuse('document.form', { detail: cause.message })
  }
}

/** Founds a mesh of these coordinators, each of whom signs; there may be no such mesh. */
export function foundMesh(
  { name, rates }: Founding,
  members: readonly { readonly signer: Signer; readonly addresses: readonly string[] }[],
  wall: number,
  quorum = leastQuorum(members.length),
): Answer<Signed<Mesh>> {
  const all = members.toSorted((a, b) => (a.signer.id < b.signer.id ? -1 : 1))
  const mesh = fromJson(meshDocument.schema, {
    ...{ v: 1, name, founded: wall, nonce: randomBytes(16).toString('base64url') },
    members: all.map(({ signer, addresses }) => ({ coordinator: signer.id, addresses })),
    ...{ quorum, rates, bootstrap: [] },
  })
  if (!mesh.ok) return mesh
  return accept(sign(meshDocument, mesh.value, ...all.map(({ signer }) => signer)))
}
