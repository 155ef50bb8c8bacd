import {
  accounts,
  type Fact,
  type Job,
  jobDocument,
  jobId,
  metered,
  type NodeId,
  type OwnerId,
  type Purpose,
  priced,
  type Receipt,
  receiptDocument,
  receiptId,
  requestDocument,
  resultId,
  type Signer,
  sign,
} from '@nexapod/specs'
import { balanceOf } from '../fold/state.ts'
import { signers } from './chains.ts'
import type { Chance } from './chance.ts'
import { accept, isMetered, outcomeFor } from './decision.ts'
import type { Lease, Proposal, Run, Unit, Work } from './proposal.ts'
import type { Side } from './side.ts'
import { accountOf, jobFact, peer, transfer } from './world.ts'

/** Two of the roster, so that somebody has credit from the first, and one who joins it at times. */
const publishers = [signers[0] as Signer, signers[1] as Signer, peer(2)]
const nodes = [...publishers, ...publishers, peer(3), peer(10), peer(11), peer(12), peer(13)]

/** What a coordinator knows of its jobs, and the entries that it can go on with. */
export class Works {
  readonly #side: Side
  readonly #chance: Chance
  readonly #banned: Set<OwnerId>
  readonly #works: Work[] = []
  #admitted = 0
  #fence = 1
  #below = 1

  constructor(side: Side, chance: Chance, banned: Set<OwnerId>) {
    this.#side = side
    this.#chance = chance
    this.#banned = banned
  }

  /** The jobs that have not ended. */
  get open(): Work[] {
    return this.#works.filter((work) => !work.ended)
  }

  /** Fences for the next leases. */
  reserve(): Proposal {
    const below = this.#below + 1 + this.#chance.pick(20)
    return {
      facts: [{ type: 'fences', below }],
      taken: () => {
        this.#below = below
      },
    }
  }

  /** Admits a job, with a budget if its publisher has credit. */
  admit(): Proposal | undefined {
    if (this.open.length > 3) return undefined
    const { governance, id: home } = this.#side
    const chance = this.#chance
    const publisher = publishers[chance.pick(3)] as Signer
    const kind = chance.likely(50) ? 'docker' : 'wasm'
    const purse = accountOf(publisher.id)
    const credit = balanceOf(this.#side.state, purse)
    const budgetMicro = credit > 0 && chance.likely(70) ? 1 + chance.pick(credit) : undefined
    const exact = chance.likely(80)
    const made = jobFact(publisher, this.#admitted, 1 + chance.pick(3), kind, budgetMicro)
    const compare: Job['compare'] = exact
      ? [{ type: 'ignore', path: '/out/a' }]
      : [{ type: 'tolerance', path: '/out/a', format: 'csv', absolute: '0.1', relative: '0' }]
    const job: Job = { ...made.job, home, compare }
    const signed = sign(jobDocument, job, publisher)
    const id = jobId(signed)
    const price = priced(job.resources, governance.rates)
    const terms = kind === 'docker' ? { priceMicro: price } : {}
    const facts: Fact[] = [{ type: 'job', job: signed, ...terms }]
    if (budgetMicro !== undefined) {
      facts.push(transfer({ type: 'fund', job: id }, purse, accounts.escrow(id), budgetMicro))
    }
    const { microPerGigafuel } = governance.rates
    const count = job.sweep?.[0]?.type === 'range' ? job.sweep[0].count : 1
    const units = Array.from({ length: count }, (_, number) => {
      return { number, runs: [], votes: [], metered: [] }
    })
    const work = { id, job, publisher, kind, exact, microPerGigafuel, price, units } as const
    this.#admitted++
    const rest = { unsettled: [], cancelled: false, ended: false }
    return { facts, taken: () => void this.#works.push({ ...work, ...rest }) }
  }

  /** Seals receipts of a unit. */
  seal(): Proposal | undefined {
    const chance = this.#chance
    const found = this.#openUnit((work) => !work.cancelled)
    if (found === undefined) return undefined
    const { work, unit } = found
    if (this.#fence + 5 > this.#below) return this.reserve()
    const runs: Run[] = []
    for (let i = 0; i <= chance.pick(5); i++) {
      const slot = chance.pick(8)
      if ([...unit.runs, ...unit.votes, ...runs].some((run) => run.slot === slot)) continue
      const metered = unit.metered.find((one) => one.slot === slot)
      const lease = metered ?? { slot, epoch: this.#side.epoch, fence: this.#fence++ }
      runs.push(this.#run(work, unit, lease, nodes[chance.pick(nodes.length)] as Signer))
    }
    const facts = runs.map(({ slot, epoch, fence, signed }): Fact => {
      const execution = { job: work.id, unit: unit.number, slot, epoch, fence }
      return { type: 'receipt', ...execution, sealed: receiptId(signed) }
    })
    if (facts.length === 0) return undefined
    return { facts, taken: () => void unit.runs.push(...runs) }
  }

  /** Takes the next part of a price out of an escrow, while a unit runs. */
  meter(): Proposal | undefined {
    const found = this.#openUnit(isMetered)
    if (found === undefined) return undefined
    const { work, unit } = found
    const chance = this.#chance
    const slot = chance.pick(3)
    const last = unit.metered.find((one) => one.slot === slot)
    const again = last === undefined || chance.likely(25)
    const run = [...unit.runs, ...unit.votes].find((one) => one.slot === slot)
    const lease: Lease = run ?? { slot, epoch: this.#side.epoch, fence: this.#fence }
    const { epoch, fence } = again ? lease : last
    if (last !== undefined && (epoch < last.epoch || fence < last.fence)) return undefined
    const same = last?.epoch === epoch && last.fence === fence
    const interval = same ? last.next + chance.pick(2) : 0
    const micro = metered(work.price, work.job.resources.unitMs, interval)
    const escrow = accounts.escrow(work.id)
    if (micro === 0 || micro > balanceOf(this.#side.state, escrow)) return undefined
    const execution = { job: work.id, unit: unit.number, slot, epoch, fence }
    const purpose: Purpose = { type: 'meter', ...execution, interval }
    const hold = accounts.hold(work.id, unit.number, slot)
    return {
      facts: [transfer(purpose, escrow, hold, micro)],
      taken: () => {
        this.#fence = Math.max(this.#fence, fence + 1)
        if (last !== undefined) unit.metered.splice(unit.metered.indexOf(last), 1)
        unit.metered.push({ slot, epoch, fence, next: interval + 1 })
        work.unsettled.push({ purpose, lease: { slot, epoch, fence }, unit, slot, micro })
      },
    }
  }

  /** Decides a unit. */
  decide(): Proposal | undefined {
    const found = this.#openUnit(() => true)
    if (found === undefined) return undefined
    const { work, unit } = found
    const chance = this.#chance
    const few = unit.runs.length + unit.votes.length < 4
    if (few && !work.cancelled && chance.likely(75)) return this.seal()
    if (isMetered(work) && chance.likely(50)) return this.meter()
    const shown = unit.runs.filter((run) => run.epoch === this.#side.epoch || chance.likely(50))
    const court = { side: this.#side, chance, banned: this.#banned }
    const accepted = chance.likely(80) ? accept(court, work, unit, shown) : undefined
    if (accepted !== undefined) {
      const { facts, votes, held, banned } = accepted
      const taken = () => {
        this.#decided(unit, votes)
        work.unsettled.push(...held)
        for (const owner of banned) this.#banned.add(owner)
      }
      return { facts, taken, free: !work.exact }
    }
    const ways = ['poisoned', 'expired', 'split', 'cancelled'] as const
    const how = chance.one(ways) ?? 'expired'
    const verdict: Fact = {
      type: 'verdict',
      job: work.id,
      unit: unit.number,
      decided: { type: how },
      receipts: shown.map((run) => run.signed),
    }
    return { facts: [verdict], taken: () => this.#decided(unit, []) }
  }

  /** Opens an accepted unit again of which nothing was settled. */
  reopen(): Proposal | undefined {
    const work = this.#chance.one(this.open)
    const unit = this.#chance.one(work?.units.filter((one) => mayReopen(work, one)) ?? [])
    if (work === undefined || unit === undefined) return undefined
    return {
      facts: [{ type: 'reopen', job: work.id, unit: unit.number }],
      taken: () => {
        delete unit.decided
      },
    }
  }

  /** Opens a unit again that may not be. */
  reopenWrongly(): Fact | undefined {
    const work = this.#chance.one(this.#works)
    const unit = this.#chance.one(work?.units.filter((one) => !mayReopen(work, one)) ?? [])
    return work && unit && { type: 'reopen', job: work.id, unit: unit.number }
  }

  /** Carries out the wish of a publisher to cancel. */
  cancel(counter: number): Proposal | undefined {
    const work = this.#chance.one(this.open.filter((one) => !one.cancelled))
    if (work === undefined) return undefined
    const { id: to, epoch, time: issued } = this.#side
    const act = { type: 'cancel' as const, job: work.id }
    const times = { counter, issued, expires: issued + 60_000 }
    const value = { v: 1 as const, from: work.publisher.id, to, epoch, ...times, act }
    const request = sign(requestDocument, value, work.publisher)
    return {
      facts: [{ type: 'cancel', request }],
      taken: () => {
        work.cancelled = true
      },
    }
  }

  /** Ends a job, with what is left of its escrow given back. */
  end(): Proposal | undefined {
    const work = this.#works.find((one) => {
      const done = one.cancelled || one.units.every((unit) => unit.decided !== undefined)
      return !one.ended && done && one.unsettled.length === 0
    })
    if (work === undefined) return undefined
    const accepted = work.units.some(({ decided, votes }) => {
      return decided !== undefined && votes.some(({ wins }) => wins)
    })
    const as = work.cancelled ? 'cancelled' : accepted ? 'final' : 'dead'
    const escrow = accounts.escrow(work.id)
    const left = balanceOf(this.#side.state, escrow)
    const purse = accountOf(work.publisher.id)
    const refund = transfer({ type: 'refund', job: work.id }, escrow, purse, left)
    const end: Fact = { type: 'end', job: work.id, as }
    const taken = () => {
      work.ended = true
    }
    return { facts: left > 0 ? [refund, end] : [end], taken }
  }

  #openUnit(of: (work: Work) => boolean): { work: Work; unit: Unit } | undefined {
    const work = this.#chance.one(this.open.filter(of))
    const units = work?.units.filter((one) => one.decided === undefined) ?? []
    // What was opened again is rare, and goes on before it is all settled.
    const again = units.filter((one) => one.votes.length > 0)
    const unit = this.#chance.one(again.length > 0 ? again : units)
    return work === undefined || unit === undefined ? undefined : { work, unit }
  }

  #run(work: Work, unit: Unit, { slot, epoch, fence }: Lease, node: Signer): Run {
    const flavour = this.#chance.likely(60) ? 0 : 1
    const receipt: Receipt = {
      v: 1,
      chain: this.#side.id,
      ...{ job: work.id, unit: unit.number, slot, epoch, fence },
      node: node.id as NodeId,
      result: resultId(outcomeFor(work, unit, flavour)),
      salt: new Uint8Array(32).fill(slot),
      issued: 1,
    }
    return { node, slot, epoch, fence, flavour, signed: sign(receiptDocument, receipt, node) }
  }

  #decided(unit: Unit, votes: Unit['votes']): void {
    unit.decided = { at: this.#side.time, closing: false }
    unit.votes = votes
    unit.runs = []
  }
}

/** Whether a unit was accepted, and nothing of it was settled since. */
function mayReopen(work: Work, unit: Unit): boolean {
  if (work.ended || work.cancelled || unit.decided?.closing !== false) return false
  const held = work.unsettled.some((one) => one.unit === unit)
  return held && unit.votes.some(({ wins }) => wins)
}
