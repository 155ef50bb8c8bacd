import { balanceOf, type Vote, type Work } from '@nexapod/ledger'
import { type Account, accounts, type NodeId, type OwnerId, transferId } from '@nexapod/specs'
import { type Ballot, type Kind, kinds, type Unit } from './book.ts'
import { rowOf } from './jobs.ts'
import { isBanned, isTrusted } from './people.ts'
import { outcomeRow } from './row.ts'
import type { State } from './state.ts'
import { transfer } from './transfers.ts'
import type { Turn } from './turn.ts'
import { forgetUnit } from './units.ts'

/** Units that are settled in one step, at most: a busy hour must not come due in one moment. */
const settledMax = 256

/** Ends what is held: paid where it was right and audits are over, and else given back. */
export function settleCredit(turn: Turn): void {
  const { state, time } = turn
  const { settling, clearing } = state
  const settleMs = state.ledger.chain.tip?.governance.rates.settleMs ?? 0
  const units = new Set<Unit>()
  for (const unit of clearing) {
    if (units.size >= settledMax) break
    clearing.delete(unit)
    if (isHere(unit)) units.add(unit)
  }
  for (let { first } = settling; first; { first } = settling) {
    if (units.size >= settledMax || first.at + settleMs > time) break
    settling.shift()
    // What was decided anew stands there again, with the time of that verdict.
    if (isHere(first.unit) && first.unit.decidedAt === first.at) units.add(first.unit)
  }
  for (const unit of units) settleUnit(turn, unit)
  for (const unit of units) finish(turn, unit)
  const { first } = settling
  if (clearing.size > 0) turn.wake(turn.at)
  else if (first !== undefined) turn.wake(turn.at + Math.max(0, first.at + settleMs - time))
}

/** Looks whether bonds are due: their node has shown itself, or its owner was banned. */
export function settleBonds(turn: Turn, node: NodeId): void {
  const { state } = turn
  const bonds = state.bonds.get(node)
  if (bonds === undefined) return
  const from = accounts.bond(node)
  const facts: Work[] = []
  for (const [of, { owner, micro, kind }] of bonds) {
    const banned = isBanned(state, owner)
    const shown = kinds.filter((one) => isTrusted(state, node, owner, one))
    if (!banned && (kind === undefined ? shown.length === 0 : !shown.includes(kind))) continue
    const to = banned ? accounts.slash : accounts.owner(owner)
    facts.push(transfer({ type: 'settle', of }, from, to, micro))
    bonds.delete(of)
  }
  if (bonds.size === 0) state.bonds.delete(node)
  for (const fact of facts) turn.note([fact])
}

function isHere(unit: Unit): boolean {
  return unit.stage === 'decided' && unit.job.units.get(unit.number) === unit
}

function settleUnit(turn: Turn, unit: Unit): void {
  const { state } = turn
  const { job, number, ballots, meters } = unit
  const { funded } = rowOf(state, job)
  const votes = state.ledger.state.units.get(job.id, number)?.votes ?? []
  const source = funded ? accounts.escrow(job.id) : accounts.mint
  for (const { id, slot, epoch, fence, micro } of meters) {
    const ballot = winnerAt(state, unit, votes, slot)
    const isOwn = ballot?.epoch === epoch && ballot.fence === fence
    const from = accounts.hold(job.id, number, slot)
    settle(turn, unit, { of: id, from, source, micro }, isOwn ? ballot : undefined)
  }
  if (meters.length > 0) return
  for (const { slot } of ballots) {
    const from = accounts.hold(job.id, number, slot)
    const micro = balanceOf(state.ledger.state, from)
    if (micro === 0) continue
    const of = transferId({ type: 'earn', job: job.id, unit: number, slot })
    settle(turn, unit, { of, from, source, micro }, winnerAt(state, unit, votes, slot))
  }
}

/** Who won by a slot, and is not banned since. */
function winnerAt(
  state: State,
  { ballots }: Unit,
  votes: readonly Vote[],
  slot: number,
): Ballot | undefined {
  const vote = votes.find((one) => one.slot === slot)
  if (vote?.wins !== true || isBanned(state, vote.owner)) return undefined
  return ballots.find((ballot) => ballot.slot === slot)
}

interface Held {
  readonly of: ReturnType<typeof transferId>
  readonly from: Account
  readonly source: Account
  readonly micro: number
}

function settle(
  turn: Turn,
  { job }: Unit,
  { of, from, source, micro }: Held,
  winner: Ballot | undefined,
): void {
  const purpose = { type: 'settle' as const, of }
  const move = (to: Account) => turn.note([transfer(purpose, from, to, micro)])
  if (winner === undefined) {
    move(source)
    return
  }
  const { node, owner } = winner
  if (isTrusted(turn.state, node, owner, job.kind)) move(accounts.owner(owner))
  else {
    noteBond(turn.state, node, owner, { id: transferId(purpose), micro, kind: job.kind })
    move(accounts.bond(node))
  }
}

/** Remembers what is kept until a node has shown itself. */
export function noteBond(
  state: State,
  node: NodeId,
  owner: OwnerId,
  {
    id,
    micro,
    kind,
  }: Pick<Held, 'micro'> & {
    readonly id: Held['of']
    readonly kind: Kind | undefined
  },
): void {
  const bonds = state.bonds.get(node) ?? new Map()
  bonds.set(id, { owner, micro, kind })
  state.bonds.set(node, bonds)
}

function finish(turn: Turn, unit: Unit): void {
  const { state } = turn
  turn.keep(outcomeRow(unit.job.id, unit.number))
  forgetUnit(state, unit)
  state.ending.add(unit.job)
}
