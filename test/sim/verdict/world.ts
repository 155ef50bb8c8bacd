import {
  type Accepted,
  decide,
  isInTurn,
  type JobPlatforms,
  judge,
  noPlatforms,
  platformsAfter,
  suits,
  type Terms,
  type Wanted,
} from '../../../coordinator/index.ts'
import { Chance } from '../../fuzz/chance.ts'
import { type Counts, noCounts } from './counts.ts'
import { Cast, type Kind, type Member, type Scene } from './member.ts'
import type { Options } from './options.ts'
import { Population } from './population.ts'
import { right, type Unit } from './unit.ts'

/** Units of a job: what a platform is put aside for. */
const jobUnits = 2000

/** A mesh whose units are decided one after the other. */
export class World {
  readonly counts: Counts = noCounts()
  readonly population = new Population()
  readonly #options: Options
  readonly #chance: Chance
  readonly #platforms: ReadonlySet<string>
  /** What is known of platforms in each job. */
  readonly #jobs = new Map<number, JobPlatforms>()
  readonly #units: (Unit | undefined)[] = []
  /** Units that have lost a vote since they were accepted. */
  readonly #doubtful = new Set<Unit>()
  #openFrom = 0
  #lastBan = Number.NEGATIVE_INFINITY
  #slips = 0
  readonly #steers: number

  constructor(options: Options, honest: Kind, others: readonly { kind: Kind; share: number }[]) {
    this.#options = options
    this.#steers = options.steered * 1e6
    this.#chance = new Chance(options.seed, 1)
    const { nodes, own } = options
    const many = others.map(({ share }) => Math.round(nodes * share))
    this.population.found(honest, own, true)
    this.population.found(honest, nodes - own - many.reduce((sum, one) => sum + one, 0))
    for (const [i, { kind }] of others.entries()) this.population.found(kind, many[i] as number)
    this.#platforms = new Set(this.population.members.map(({ platform }) => platform))
  }

  /** Decides the next unit, and all that has become doubtful by it. */
  step(number: number): void {
    const unit: Unit = { number, casts: [], says: undefined, verdicts: 0, agreeing: [] }
    this.#units[number] = unit
    this.counts.units++
    this.#settle(unit, this.#chance.below(1000) < this.#options.audit, false)
    for (const doubtful of this.#doubtful) {
      this.#doubtful.delete(doubtful)
      const before = this.counts.executions
      this.#settle(doubtful, false, true)
      if (this.counts.executions > before) this.counts.again++
    }
    this.#finish(number - this.#options.window)
  }

  #settle(unit: Unit, audit: boolean, again: boolean): void {
    const terms = this.#termsOf(unit, audit, again)
    let decision = decide(unit.casts, terms)
    while (decision.type === 'want' && this.#ask(unit, decision.wanted, terms)) {
      decision = decide(unit.casts, terms)
    }
    if (decision.type === 'accepted') {
      this.#accept(unit, decision)
      return
    }
    if (decision.type === 'split') this.counts.splits++
    this.counts.dead++
    unit.says = undefined
    unit.agreeing = []
  }

  #termsOf({ number }: Unit, audit: boolean, again: boolean): Terms {
    const { turns, audit: permille, owners, replicas } = this.#options
    const { aside } = this.#platformsIn(number)
    const sinceBan = number - this.#lastBan
    return {
      owners,
      apart: 'networks',
      ...(replicas === undefined ? {} : { replicas }),
      audit,
      again,
      unjudged: false,
      inTurn: turns === 'always' || (turns === 'after-bans' && isInTurn(sinceBan, permille)),
      anchors: this.population.anchors,
      own: this.population.own.length,
      platforms: aside.size === 0 ? this.#platforms : without(this.#platforms, aside),
    }
  }

  /** Asks some nodes at once; false if there are none to be asked. */
  #ask(unit: Unit, wanted: readonly Wanted[], terms: Terms): boolean {
    const batch: Member[] = []
    for (const one of wanted) {
      const member = this.#draw(unit, batch, one)
      if (member === undefined) return false
      batch.push(member)
    }
    const referee = wanted.some((one) => one.referee)
    const scene: Scene = {
      chance: this.#chance,
      unit: unit.number,
      job: jobOf(unit.number),
      batch,
      casts: [...unit.casts],
      accepted: unit.says,
      referee,
      terms: { ...terms, audit: false },
      sealed: this.#options.sealed,
      slip: () => `slip-${this.#slips++}`,
    }
    for (const member of batch) {
      const says = member.kind.behaviour(member, scene)
      if (says === undefined) {
        this.counts.aborts++
        continue
      }
      this.counts.executions++
      member.executions++
      member.units.push(unit.number)
      unit.casts.push(new Cast(member, unit.casts.length, says, referee, unit.verdicts))
    }
    return true
  }

  #draw(unit: Unit, batch: readonly Member[], wanted: Wanted): Member | undefined {
    const { aside } = this.#platformsIn(unit.number)
    for (let tries = 0; tries < 1000; tries++) {
      const member = this.#pick(unit, batch, wanted)
      if (member === undefined) return undefined
      if (!suits(wanted, member.known) || aside.has(member.platform)) continue
      if (batch.some((one) => one.network === member.network)) continue
      if (!unit.casts.some((cast) => cast.network === member.network)) return member
    }
    return undefined
  }

  /** Somebody by chance; or, if a ring can steer it, one more of those who were asked last. */
  #pick(unit: Unit, batch: readonly Member[], { from }: Wanted): Member | undefined {
    const last = batch.at(-1) ?? unit.casts.at(-1)?.member
    const steers = last?.kind.honest === false && this.#chance.below(1e6) < this.#steers
    const friend = steers ? this.population.drawOf(last.ring, this.#chance) : undefined
    return friend ?? this.population.draw(from, this.#chance)
  }

  #accept(unit: Unit, accepted: Accepted): void {
    if (accepted.audited) this.counts.audits++
    if (unit.says !== undefined && unit.says !== accepted.says) this.counts.corrected++
    unit.says = accepted.says
    unit.verdicts++
    const platforms = this.#platformsIn(unit.number)
    const judgement = judge(unit.casts, accepted, platforms.proven)
    const { passed, struck, banned, again } = judgement
    const cast = (slot: number) => unit.casts[slot] as Cast
    unit.agreeing = passed.map(({ slot }) => slot)
    for (const { slot, vouched } of passed) {
      if (!cast(slot).hasPassed) this.population.pass(cast(slot).member, vouched)
      cast(slot).hasPassed = true
    }
    for (const slot of struck) {
      if (!cast(slot).wasStruck) this.#strike(cast(slot).member)
      cast(slot).wasStruck = true
    }
    for (const slot of banned) this.#ban(cast(slot).member, unit.number)
    if (this.#options.reverify) for (const slot of again) this.#doubt(cast(slot).member)
    this.#learnPlatforms(unit.number, platforms, platformsAfter(platforms, unit.casts, judgement))
  }

  #strike(member: Member): void {
    if (!member.works) return
    this.population.strike(member)
    if (!member.isSuspended) return
    this.counts.suspensions++
    if (member.kind.honest) this.counts.honestSuspensions++
    this.#leave(member)
  }

  #ban(member: Member, number: number): void {
    if (member.banned) return
    const worked = member.works
    this.population.ban(member)
    this.#lastBan = Math.max(this.#lastBan, number)
    this.counts.bans++
    if (member.kind.honest) this.counts.honestBans++
    if (worked) this.#leave(member)
  }

  #leave(member: Member): void {
    if (this.#options.reenter && !member.kind.honest) this.population.reenter(member)
  }

  /** What somebody helped to win is decided again without him. */
  #doubt(member: Member): void {
    for (const number of member.units) this.#void(number, (cast) => cast.member === member)
    member.units = []
  }

  #platformsIn(number: number): JobPlatforms {
    return this.#jobs.get(jobOf(number)) ?? noPlatforms
  }

  /** What a job was decided by on a platform that it goes on without is decided again. */
  #learnPlatforms(number: number, before: JobPlatforms, now: JobPlatforms): void {
    const job = jobOf(number)
    this.#jobs.set(job, now)
    for (const platform of without(now.aside, before.aside)) {
      this.counts.asides++
      if (!this.#options.reverify) continue
      for (let unit = job * jobUnits; unit < (job + 1) * jobUnits; unit++) {
        this.#void(unit, (cast) => cast.platform === platform)
      }
    }
  }

  #void(number: number, whose: (cast: Cast) => boolean): void {
    if (number < this.#openFrom) return
    const unit = this.#units[number]
    if (unit?.says === undefined) return
    for (const cast of unit.casts) if (whose(cast)) cast.isVoid = true
    this.#doubtful.add(unit)
  }

  #finish(number: number): void {
    if (number < 0) return
    this.#openFrom = number + 1
    const unit = this.#units[number]
    this.#units[number] = undefined
    if (unit?.says === undefined) return
    this.counts.final++
    if (unit.says !== right) this.counts.wrong++
    for (const slot of unit.agreeing) unit.casts[slot]?.member.earn()
  }
}

function jobOf(unit: number): number {
  return Math.floor(unit / jobUnits)
}

function without(all: ReadonlySet<string>, some: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...all].filter((one) => !some.has(one)))
}
