import {
  type Account,
  accounts,
  type ChainId,
  decode,
  digestBytes,
  earned,
  entrySchema,
  type Fact,
  leafHash,
  limits,
  metered,
  type OwnerId,
  type Purpose,
  requestDocument,
  transferId,
  unitText,
} from '@nexapod/specs'
import { openCosigned } from '../chain/witness.ts'
import { includes, same } from '../tree/proof.ts'
import { asked } from './people.ts'
import { given, type Learning, must, needed, opened } from './rule.ts'
import { balanceOf, type Held, type JobRow } from './state.ts'
import { openJob, unitOf } from './work.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }
type Moved = Of<'transfer'>
type For<T extends Purpose['type']> = Purpose & { readonly type: T }

type Check<T extends Purpose['type']> = (learning: Learning, fact: Moved, purpose: For<T>) => void

/** What must be so for a transfer of each purpose. */
const checks: { readonly [T in Purpose['type']]: Check<T> } = {
  earn,
  meter,
  settle,
  fund,
  refund,
  bond: post,
  depart,
  arrive,
}

/** Credit moved: for something that is so, by as much as it is worth, and once. */
export function learnTransfer(learning: Learning, fact: Moved): void {
  const check = checks[fact.purpose.type] as Check<Purpose['type']>
  check(learning, fact, fact.purpose)
  move(learning, fact)
}

/** Credit left another chain of the mesh: it may arrive here, once. */
export function learnClaim({ state, chain, governance }: Learning, fact: Of<'claim'>): void {
  const checkpoint = given(openCosigned(governance, fact.checkpoint, fact.cosignatures))
  must(checkpoint.chain !== chain, 'a claim is of another chain')
  const leaf = leafHash(fact.entry)
  const { size, root } = checkpoint
  must(includes(digestBytes(root), size, fact.seq, leaf, fact.path), 'a claim is proven')
  const { facts, chain: from, seq } = given(decode(entrySchema, fact.entry))
  must(from === checkpoint.chain && seq === fact.seq, 'a claim is of the entry that it proves')
  for (const departed of facts) {
    if (departed.type !== 'transfer' || departed.purpose.type !== 'depart') continue
    const { owner, to } = departed.purpose
    if (to !== chain) continue
    checkDeparture(departed, departed.purpose, from)
    const id = transferId(departed.purpose)
    must(state.arrivals.get(id) === undefined, 'a departure is claimed once')
    state.arrivals.set(id, { owner, from, micro: departed.micro, done: false })
  }
}

/** The owner's own word for a departure, as the chain that it left had to have it. */
function checkDeparture({ request, micro }: Moved, purpose: For<'depart'>, from: ChainId): void {
  const {
    act,
    to,
    from: owner,
  } = opened(requestDocument, needed(request, 'a departure is asked for'))
  must(owner === (purpose.owner as string) && to === from, 'an owner asks for it, of that chain')
  must(act.type === 'depart' && act.to === purpose.to, 'a departure is asked for')
  must(act.micro === micro && same(act.nonce, purpose.nonce), 'it is as it was asked for')
}

function earn(learning: Learning, { micro, from }: Moved, purpose: For<'earn'>): void {
  const { state, governance } = learning
  const job = openJob(state, purpose.job)
  const row = unitOf(state, purpose.job, purpose.unit)
  const decided = needed(row.decided, 'what is earned was decided')
  must(!decided.wrong, 'what was found wrong earns nothing')
  const winner = needed(
    decided.winners.find((one) => one.slot === purpose.slot),
    'who earns agreed',
  )
  must(!winner.earned, 'a slot earns once')
  const pays = job.kind === 'wasm' || !job.funded
  must(pays, 'a funded container is metered, and earns nothing more')
  const due = decided.fuel === undefined ? job.priceMicro : earned(decided.fuel, governance.rates)
  must(micro === due, 'what is earned is the price')
  must((from === accounts.mint) === !job.funded, 'a funded job pays from its escrow')
  const winners = decided.winners.map((one) => (one === winner ? { ...one, earned: true } : one))
  state.units.set(unitText(purpose.job, purpose.unit), { ...row, decided: { ...decided, winners } })
  hold(learning, job, purpose, micro)
}

function meter(learning: Learning, { micro }: Moved, purpose: For<'meter'>): void {
  const { state } = learning
  const { job: id, unit, slot, interval } = purpose
  const job = openJob(state, id)
  must(job.funded && job.kind === 'docker', 'what is metered is a funded container')
  const row = unitOf(state, id, unit)
  must(unit < job.units && row.decided === undefined, 'a unit is metered until it is decided')
  const before = row.metered.find((one) => one.slot === slot)?.intervals ?? 0
  must(interval >= before, 'an interval is metered once')
  must(micro === metered(job.priceMicro ?? 0, job.unitMs, interval), 'an interval costs its part')
  const others = row.metered.filter((one) => one.slot !== slot)
  const now = [...others, { slot, intervals: interval + 1 }].sort((a, b) => a.slot - b.slot)
  state.units.set(unitText(id, unit), { ...row, metered: now })
  hold(learning, job, purpose, micro)
}

/** An earning ends: paid to who agreed, when audits are over; or back, if it was not right. */
function settle(learning: Learning, { from, to, micro }: Moved, { of }: For<'settle'>): void {
  const { state, entry, governance } = learning
  const bond = state.bonds.get(of)
  if (bond !== undefined) {
    must(from === accounts.bond(bond.node) && micro === bond.micro, 'a bond is settled whole')
    must(to === accounts.slash || to === accounts.owner(bond.owner), 'a bond goes to its owner')
    state.bonds.delete(of)
    return
  }
  const held = needed(state.held.get(of), 'what is settled was held, and is settled once')
  must(from === accounts.hold(held.job, held.unit, held.slot), 'what is settled was held there')
  must(micro === held.micro, 'what is held is settled whole')
  const job = needed(state.jobs.get(held.job), 'a job was admitted')
  const decided = unitOf(state, held.job, held.unit).decided
  const winner = decided?.winners.find((one) => one.slot === held.slot)
  const right = winner !== undefined && decided?.wrong === false
  if (right) {
    must(to === accounts.owner(winner.owner), 'what is right goes to its owner')
    const from = (decided?.at ?? 0) + governance.rates.settleMs
    must(entry.time >= from, 'what is earned settles when audits are over')
  } else {
    must(decided !== undefined || job.state === 'cancelled', 'what is open is not settled')
    must(to === source(held), 'what is not right goes back')
  }
  state.held.delete(of)
  state.jobs.set(held.job, { ...job, held: job.held - 1 })
}

function fund(learning: Learning, { from, micro }: Moved, { job: id }: For<'fund'>): void {
  const { state } = learning
  const job = openJob(state, id)
  must(micro === job.budgetMicro && !job.funded, 'a job is funded once, by its budget')
  must(from === publisherOf(job), 'a publisher funds its own jobs')
  state.jobs.set(id, { ...job, funded: true })
}

function refund(learning: Learning, { to, micro }: Moved, { job: id }: For<'refund'>): void {
  const { state } = learning
  const job = openJob(state, id)
  must(job.funded && !job.refunded, 'what was funded is refunded once')
  must(job.held === 0, 'what is held is settled first')
  must(job.state === 'cancelled' || job.undecided === 0, 'a refund is at the end')
  must(micro === balanceOf(state, accounts.escrow(id)), 'all that is left is refunded')
  must(to === publisherOf(job), 'a refund goes to the publisher')
  state.jobs.set(id, { ...job, refunded: true })
}

function post(learning: Learning, fact: Moved, purpose: For<'bond'>): void {
  const { state } = learning
  const { act, from } = asked(learning, needed(fact.request, 'a bond is asked for'))
  must(act.type === 'bond' && act.node === purpose.node, 'a bond is asked for')
  must(act.micro === fact.micro, 'a bond is as large as asked')
  must(fact.from === accounts.owner(from as string as OwnerId), 'who asks for a bond leaves it')
  const last = state.bondCounts.get(purpose.node)?.count ?? 0
  must(purpose.count === last + 1, 'bonds of a node are counted')
  state.bondCounts.set(purpose.node, { count: purpose.count })
  const owner = from as string as OwnerId
  state.bonds.set(transferId(purpose), { node: purpose.node, owner, micro: fact.micro })
}

function depart(learning: Learning, fact: Moved, purpose: For<'depart'>): void {
  asked(learning, needed(fact.request, 'a departure is asked for'))
  checkDeparture(fact, purpose, learning.chain)
  must(fact.to === accounts.bridge(learning.chain, purpose.to), 'it departs from here')
}

function arrive(learning: Learning, fact: Moved, purpose: For<'arrive'>): void {
  const { state, chain } = learning
  const claim = needed(state.arrivals.get(purpose.departed), 'what arrives was claimed')
  must(!claim.done, 'what was claimed arrives once')
  must(claim.from === purpose.from && claim.micro === fact.micro, 'it arrives as it departed')
  must(fact.from === accounts.bridge(purpose.from, chain), 'it arrives over its bridge')
  must(fact.to === accounts.owner(claim.owner), 'it arrives at its owner')
  state.arrivals.set(purpose.departed, { ...claim, done: true })
}

function hold(
  learning: Learning,
  job: JobRow,
  purpose: For<'earn' | 'meter'>,
  micro: number,
): void {
  const { state } = learning
  const id = transferId(purpose)
  const { job: of, unit, slot } = purpose
  state.held.set(id, { job: of, unit, slot, micro, escrow: job.funded })
  state.jobs.set(of, { ...job, held: job.held + 1 })
}

/** Moves the credit: no account is below 0 but the mint, and the far side of a bridge. */
function move({ state, chain }: Learning, { from, to, micro }: Moved): void {
  const left = balanceOf(state, from) - micro
  const farSide = from.startsWith('bridge/') && from.endsWith(`/${chain}`)
  must(left >= 0 || from === accounts.mint || farSide, `${from} holds less than that`)
  must(left >= -limits.microMax, `${from} is at its limit`)
  set(state, from, left)
  const raised = balanceOf(state, to) + micro
  must(raised <= limits.microMax, `${to} is at its limit`)
  set(state, to, raised)
}

function set(state: Learning['state'], account: Account, micro: number): void {
  if (micro === 0) state.balances.delete(account)
  else state.balances.set(account, { micro })
}

function source({ job, escrow }: Held): Account {
  return escrow ? accounts.escrow(job) : accounts.mint
}

function publisherOf(job: JobRow): Account {
  return accounts.owner(job.publisher as string as OwnerId)
}
