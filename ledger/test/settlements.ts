import {
  type Account,
  accounts,
  type Fact,
  type NodeId,
  type OwnerId,
  type Purpose,
  transferId,
} from '@nexapod/specs'
import type { Chance } from './chance.ts'
import { isTrusted, sourceOf } from './decision.ts'
import type { Kept, Proposal, Unsettled, Work } from './proposal.ts'
import type { Side } from './side.ts'
import type { Works } from './work.ts'
import { settleOf } from './world.ts'

/** Where something that is held goes: to wait for an owner, if there is one here. */
interface End {
  readonly to: Account
  readonly time: number
  readonly owner?: OwnerId
}

/** Where the credit goes that a coordinator holds for its jobs. */
export class Settlements {
  readonly #side: Side
  readonly #chance: Chance
  readonly #banned: ReadonlySet<OwnerId>
  readonly #works: Works
  readonly #kept: Kept[] = []

  constructor(side: Side, chance: Chance, banned: ReadonlySet<OwnerId>, works: Works) {
    this.#side = side
    this.#chance = chance
    this.#banned = banned
    this.#works = works
  }

  /** Ends what is held, each where it belongs, as soon as it may. */
  settle(): Proposal | undefined {
    const held = this.#works.open.filter((one) => one.unsettled.length > 0)
    const work = this.#chance.one(held)
    if (work === undefined) return undefined
    let { time } = this.#side
    const settled: Unsettled[] = []
    const kept: Kept[] = []
    const facts: Fact[] = []
    for (const one of work.unsettled.slice(0, 1 + this.#chance.pick(3))) {
      const end = this.#endOf(work, one)
      if (end === undefined) continue
      time = Math.max(time, end.time)
      settled.push(one)
      const hold = accounts.hold(work.id, one.unit.number, one.slot)
      facts.push(settleOf(one.purpose, hold, end.to, one.micro))
      if (end.owner === undefined) continue
      const purpose: Purpose = { type: 'settle', of: transferId(one.purpose) }
      kept.push({ purpose, from: end.to, owner: end.owner, micro: one.micro })
    }
    if (facts.length === 0) return undefined
    const taken = () => {
      work.unsettled = work.unsettled.filter((one) => !settled.includes(one))
      for (const { unit } of settled) if (unit.decided) unit.decided.closing = true
      this.#kept.push(...kept)
    }
    return { facts, time, taken }
  }

  /** Gives a node what waited for it, or nobody what waited for who was banned. */
  release(): Proposal | undefined {
    const ripe = this.#kept.filter(({ owner }) => {
      return this.#banned.has(owner) || isTrusted(this.#side, owner)
    })
    const one = this.#chance.one(ripe)
    if (one === undefined) return undefined
    const to = this.#banned.has(one.owner) ? accounts.slash : accounts.owner(one.owner)
    return {
      facts: [settleOf(one.purpose, one.from, to, one.micro)],
      taken: () => void this.#kept.splice(this.#kept.indexOf(one), 1),
    }
  }

  /** Where something that is held goes, and from when on; undefined while it has to stay. */
  #endOf(work: Work, { unit, slot, lease }: Unsettled): End | undefined {
    const { decided, votes } = unit
    const { settleMs } = this.#side.governance.rates
    const back = { to: sourceOf(work), time: this.#side.time }
    if (decided === undefined) return lease !== undefined && work.cancelled ? back : undefined
    const vote = votes.find((one) => {
      const same = lease === undefined || (one.epoch === lease.epoch && one.fence === lease.fence)
      return one.slot === slot && same && one.wins && !this.#banned.has(one.owner)
    })
    if (vote === undefined) return back
    const time = decided.at + settleMs
    const { owner, node } = vote
    if (isTrusted(this.#side, owner)) return { to: accounts.owner(owner), time }
    return { to: accounts.bond(node.id as NodeId), time, owner }
  }
}
