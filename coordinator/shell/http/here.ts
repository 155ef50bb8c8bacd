import {
  type Answer,
  accept,
  type ChainId,
  type CoordinatorId,
  digest,
  type JobId,
  type NodeId,
  optional,
  refuse,
} from '@nexapod/specs'
import { type ChainHere, moving, type Standing } from '../chains.ts'
import type { NodeView, Status, View } from '../home/view.ts'
import type { Ground, Judge } from './ground.ts'
import type { JobFound } from './register/reader.ts'
import { waitsOf } from './words.ts'

/** Which chain is asked about; the own one, if none is named. */
export const ofChain = { chain: optional(digest<ChainId>({ about: 'Else the own one.' })) }

/** A chain that is written or followed here. */
export function chainHere({ chains, chain: own }: Judge, chain?: ChainId): Answer<ChainHere> {
  const id = chain ?? own
  const here = chains.of(id)
  if (here !== undefined) return accept(here)
  if (chains.isMoving(id)) return refuse('wire.cut', { at: 'chain', detail: moving })
  const detail = 'a chain that is written or followed here'
  return refuse('ledger.unknown', { at: 'chain', detail })
}

/** The same, with how it stands. */
export async function chainNow(
  judge: Judge,
  chain?: ChainId,
): Promise<Answer<Standing & { readonly here: ChainHere }>> {
  const here = chainHere(judge, chain)
  if (!here.ok) return here
  const standing = await here.value.standing()
  return standing.ok ? accept({ ...standing.value, here: here.value }) : standing
}

/** How the coordinator does: the own chain, and what goes on at all that are written here. */
export async function statusOf({ chains, view }: Judge): Promise<Answer<Status>> {
  const own = await view.status()
  if (!own.ok) return own
  const sum = { nodes: 0, jobs: 0, leases: 0, openUnits: 0 }
  for (const one of viewsIn(chains.all)) {
    const status = one === view ? own : await one.status()
    if (!status.ok) return status
    for (const what of ['nodes', 'jobs', 'leases', 'openUnits'] as const) {
      sum[what] += status.value[what]
    }
  }
  return accept({ ...own.value, ...sum })
}

/** Nodes that are at any chain that is written here: so many after one, in the order of ids. */
export async function nodesOf(
  { chains }: Judge,
  after: string,
  count: number,
): Promise<Answer<NodeView[]>> {
  const found = new Map<NodeId, NodeView>()
  for (const view of viewsIn(chains.all)) {
    const nodes = await view.nodes(after, count)
    if (!nodes.ok) return nodes
    for (const node of nodes.value) found.set(node.id, busier(found.get(node.id), node))
  }
  const ids = [...found.keys()].sort().slice(0, count)
  return accept(ids.flatMap((id) => found.get(id) ?? []))
}

/** One of them. */
export async function nodeOf({ chains }: Judge, id: NodeId): Promise<Answer<NodeView | undefined>> {
  let found: NodeView | undefined
  for (const view of viewsIn(chains.all)) {
    const node = await view.node(id)
    if (!node.ok) return node
    if (node.value !== undefined) found = busier(found, node.value)
  }
  return accept(found)
}

/** Why nothing of a job is leased; of one that is decided elsewhere, who knows that. */
export async function whyWaits({ judge }: Ground, found: JobFound) {
  const here = judge.chains.of(found.chain)
  if (here?.view !== undefined) {
    const job = await here.view.job(found.id as JobId)
    return job.ok ? accept(waitsOf(job.value?.waits ?? { type: 'unknown' })) : job
  }
  if (found.state !== 'open') return accept(waitsOf({ type: 'ended', as: found.state }))
  const standing = await here?.standing()
  const writer = standing?.ok ? standing.value.writer : undefined
  return accept({
    ...{ type: 'elsewhere' as const, ...(await whereIs(judge, writer)) },
    words: 'It is worked on at another coordinator.',
  })
}

/** A coordinator, and where the roster says that it can be dialled. */
export async function whereIs({ view }: Judge, coordinator: CoordinatorId | undefined) {
  if (coordinator === undefined) return { addresses: [] }
  const roster = await view.governance()
  const members = roster.ok ? roster.value.members : []
  const member = members.find((one) => one.coordinator === coordinator)
  return { coordinator, addresses: member?.addresses ?? [] }
}

function viewsIn(chains: readonly ChainHere[]): View[] {
  return chains.flatMap(({ view }) => view ?? [])
}

/** A node may be at several chains, and is shown where it has most to do. */
function busier(one: NodeView | undefined, other: NodeView): NodeView {
  return one === undefined || other.leases > one.leases ? other : one
}
