import {
  type Account,
  accounts,
  type JobId,
  limits,
  metered,
  type NodeId,
  type OwnerId,
  type Purpose,
  type TransferId,
} from '../../specs/index.ts'
import { balanceOf, heldOf, type KnownJob, type Moved, undecidedOf, unitOf } from './book.ts'
import { nodes, owners } from './cast.ts'
import { rightVote } from './credit.ts'
import { isAnchor } from './reputations.ts'
import type { Deed, Deeds, Scene } from './scene.ts'
import { anyUnit } from './work-deeds.ts'

const settle: Deed = (scene) => {
  const { book, chance } = scene
  const dated = [...book.units.values()].flatMap(({ decided }) => decided?.at ?? [])
  const at = chance.once(2) ? chance.any(dated) : undefined
  if (at !== undefined) scene.wait(at + scene.governance.rates.settleMs)
  const settled = new Set<TransferId>()
  for (const { purpose } of book.transfers.values()) {
    if (purpose.type === 'settle') settled.add(purpose.of)
  }
  const due = [...book.transfers].flatMap(([of, moved]) => {
    const ends = settled.has(of) ? undefined : endOf(scene, of, moved)
    if (ends === undefined || (ends.from > scene.now && !chance.once(6))) return []
    const purpose: Purpose = { type: 'settle', of }
    const { to: from, micro } = moved
    const somebody = accounts.owner(chance.one(owners).id as OwnerId)
    const bond = accounts.bond(chance.one(nodes).id as NodeId)
    const to = scene.slip(ends.to, moved.from, somebody, bond, accounts.slash)
    return [{ type: 'transfer' as const, purpose, from, to, micro }]
  })
  if (due.length === 0) return undefined
  // What does not go to whom it was for is rare.
  const rare = due.filter(({ to }) => !to.startsWith('owner/') && !to.startsWith('bond/'))
  const some = rare.length > 0 && chance.once(2) ? rare : due
  return scene.shuffled(some).slice(0, 1 + chance.below(6))
}

/** Where what is held goes, and from when on; nothing for what is not held. */
function endOf({ book, chance, governance }: Scene, of: TransferId, { purpose, from }: Moved) {
  const bond = book.bonds.get(of)
  if (bond !== undefined) {
    const banned = book.bans.has(bond.owner)
    const waits = bond.executor !== undefined && !banned
    const early = waits && !isAnchor(book, governance, bond, bond.executor)
    const to = banned && !chance.once(3) ? accounts.slash : accounts.owner(bond.owner)
    return banned || chance.once(early ? 20 : 4) ? { to, from: 0 } : undefined
  }
  if (purpose.type !== 'earn' && purpose.type !== 'meter') return undefined
  const job = book.jobs.get(purpose.job)
  const unit = unitOf(book, purpose.job, purpose.unit)
  const vote = rightVote(book, unit, purpose)
  const hasty = unit.decided === undefined && chance.once(2)
  if ((hasty || unit.decided !== undefined) && vote !== undefined && job !== undefined) {
    const shown = isAnchor(book, governance, vote, job.executor.type)
    const to = shown ? accounts.owner(vote.owner) : accounts.bond(vote.node)
    return { to, from: (unit.decided?.at ?? Number.POSITIVE_INFINITY) + governance.rates.settleMs }
  }
  const free = unit.decided !== undefined || (purpose.type === 'meter' && job?.cancelled === true)
  return { to: from, from: free ? 0 : Number.POSITIVE_INFINITY }
}

const meter: Deed = (scene) => {
  const { book, chance, epoch: now } = scene
  const at = anyUnit(scene, ({ executor, funded }) => executor.type === 'docker' && funded)
  if (at === undefined || at.job.executor.type !== 'docker') return undefined
  const { id: job, unit } = at
  const { priceMicro, unitMs } = at.job.executor
  const before = [...book.transfers.values()].flatMap(({ purpose }) => {
    return purpose.type === 'meter' && purpose.job === job && purpose.unit === unit ? [purpose] : []
  })
  // Mostly the lease of a receipt or of a metering, so that it may be right, or one beside it.
  const { sealed, votes } = unitOf(book, job, unit)
  const like = chance.any([...sealed, ...votes, ...before])
  const slot = like === undefined || chance.once(5) ? chance.below(4) : like.slot
  const epoch = chance.once(4) ? chance.below(3) : (like?.epoch ?? now)
  const fence = Math.max(1, (like?.fence ?? 3) + (chance.once(4) ? chance.below(3) - 1 : 0))
  const same = before.filter((one) => {
    return one.slot === slot && one.epoch === epoch && one.fence === fence
  })
  const next = Math.max(0, ...same.map((one) => one.interval + 1))
  const interval = Math.max(0, next + (chance.once(5) ? chance.below(3) - 1 : 0))
  const micro = scene.slip(metered(priceMicro, unitMs, interval), 1)
  if (micro < 1) return undefined
  const purpose: Purpose = { type: 'meter', job, unit, slot, epoch, fence, interval }
  const [from, to] = [accounts.escrow(job), accounts.hold(job, unit, slot)]
  return [{ type: 'transfer', purpose, from, to, micro }]
}

const refund: Deed = (scene) => {
  const { book } = scene
  const due = (job: KnownJob, id: JobId) => {
    const open = undecidedOf(book, id) > 0 && !job.cancelled
    const early = heldOf(book, id).length > 0 && !scene.chance.once(4)
    const held = balanceOf(book, accounts.escrow(id)) > 0
    return scene.slip(held, true) && scene.slip(!early && !open, true)
  }
  const [id, job] = scene.anyJob(due) ?? []
  if (id === undefined || job === undefined) return undefined
  const from = accounts.escrow(id)
  const all = balanceOf(book, from)
  const micro = scene.slip(all, all - 1, 1)
  if (micro < 1) return undefined
  const purpose: Purpose = { type: 'refund', job: id }
  const to = accounts.owner(scene.slip(job.publisher, scene.chance.one(owners).id as OwnerId))
  return [{ type: 'transfer', purpose, from, to, micro }]
}

/** Somebody who has credit, and how much of it they part with. */
function anyRich({ book, chance }: Scene): [OwnerId, Account, number] | undefined {
  const rich = [...book.balances].filter(([account, micro]) => {
    return account.startsWith('owner/') && micro > 0
  })
  const [account, holds] = chance.any(rich) ?? []
  if (account === undefined || holds === undefined) return undefined
  const most = chance.once(12) ? Math.min(holds + 1, limits.microMax) : Math.min(holds, 3000)
  const micro = chance.once(6) ? most : 1 + chance.below(most)
  return [account.slice('owner/'.length) as OwnerId, account, micro]
}

const bond: Deed = (scene) => {
  const [owner, from, micro] = anyRich(scene) ?? []
  if (owner === undefined || from === undefined || micro === undefined) return undefined
  const node = scene.chance.one(nodes.slice(0, 3)).id as NodeId
  let count = 1
  for (const { purpose } of scene.book.transfers.values()) {
    if (purpose.type === 'bond' && purpose.node === node) count = Math.max(count, purpose.count + 1)
  }
  const request = scene.request(owner, { type: 'bond', node, micro })
  const purpose: Purpose = { type: 'bond', node, count: scene.slip(count, count + 1, 1) }
  return [{ type: 'transfer', purpose, from, to: accounts.bond(node), micro, request }]
}

const depart: Deed = (scene) => {
  const [owner, from, micro] = anyRich(scene) ?? []
  if (owner === undefined || from === undefined || micro === undefined) return undefined
  const { chance, chain, elsewhere } = scene
  const to = chance.once(12) ? chain : chance.one(elsewhere).chain
  const nonce = new Uint8Array(16).fill(chance.below(5))
  const request = scene.request(owner, { type: 'depart', to, micro, nonce })
  const purpose: Purpose = { type: 'depart', owner, to, nonce }
  const bridge = scene.slip(accounts.bridge(chain, to), accounts.bridge(to, to))
  return [{ type: 'transfer', purpose, from, to: bridge, micro, request }]
}

/** Deeds that move credit on this chain, and off it. */
export const creditDeeds: Deeds = {
  settle: [settle, 10],
  meter: [meter, 9],
  refund: [refund, 3],
  bond: [bond, 2],
  depart: [depart, 2],
}
