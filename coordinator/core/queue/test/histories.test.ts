import { isDeepStrictEqual } from 'node:util'
import type { JobId } from '@nexapod/specs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kindBits, type Needs } from '../../match/needs.ts'
import type { Reason } from '../../match/reasons.ts'
import type { Wanted } from '../../verdict/vote.ts'
import { type Policy, usualPolicy } from '../policy.ts'
import { Queue } from '../queue.ts'
import type { Asker } from '../search.ts'
import { chance, jobBy, nodeOf, said, wants } from './cast.ts'
import { Model } from './model.ts'

const policy: Policy = {
  ...usualPolicy,
  weightOf: (publisher, project) => (project === 'b' || publisher === 'p2' ? 3 : 1),
  windowMs: 400,
  patienceMs: 50,
  tailPermille: 250,
  tailUnitsMax: 3,
  visitsMax: 1_000_000,
}

interface Held {
  readonly job: JobId
  readonly unit: number
  readonly apart: readonly string[]
}

type Step = readonly [kind: number, ...numbers: [number, number, number, number]]

const number = fc.nat(999)
const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(19), number, number, number, number)
const steps = fc.array(step, { minLength: 20, maxLength: 250, size: 'max' })
const platforms = ['linux/arm64', 'macos/arm64', 'windows/x86_64']

/** The queue and its model, told the same. */
class Both {
  readonly queue: Queue
  readonly model: Model
  readonly #draw = chance(1)
  #now = 1_000_000
  #jobs: { readonly id: JobId; readonly units: number }[] = []
  #leased: Held[] = []

  constructor(openMin: number) {
    this.queue = new Queue({ ...policy, openMin })
    this.model = new Model({ ...policy, openMin })
  }

  run([kind, a, b, c, d]: Step): void {
    if (kind < 2) this.#admit(a, b, c, d)
    else if (kind < 12) this.#ask(a, b, c, d)
    else if (kind < 15) this.#return(a, b)
    else if (kind === 15) this.#want(a, b)
    else if (kind === 16) this.#claim(a, b, c)
    else if (kind === 17) this.#now += [1, 10, 60, 500, 2000][a % 5] as number
    else if (kind === 18) this.#decide(a)
    else if (b % 4 > 1) this.#settle(a, b)
    else if (b % 4 === 1) this.#exclude(a, c)
    else this.#end(a)
    for (const { id } of this.#jobs) expect(this.queue.open(id)).toEqual(this.model.open(id))
  }

  #admit(a: number, b: number, c: number, d: number): void {
    const units = 1 + (b % 24)
    const needs = {
      kinds: a % 3 === 0 ? kindBits.docker : kindBits.wasm,
      ramBytes: 1000 * (1 + (c % 3)),
      cores: 1 + (d % 2),
      project: ['', 'a', 'b'][d % 3] as string,
    }
    const admission = jobBy(`p${c % 4}`, `job ${this.#jobs.length}`, {
      needs,
      units,
      priority: [0, 5, 5, 9][b % 4] as number,
      ...(d % 4 === 0 ? { deadline: this.#now + 1 + (d % 7) * 100 } : {}),
      ...(a % 11 === 0 ? { from: units >> 1 } : {}),
    })
    this.#jobs.push({ id: admission.id, units })
    this.queue.admit(admission, this.#now)
    this.model.admit(admission, this.#now)
  }

  #ask(a: number, b: number, c: number, d: number): void {
    const near = this.#jobs.filter((_, i) => d % 5 === 0 && i % 3 === d % 3).map(({ id }) => id)
    const asker = nodeOf(`owner ${a % 5}`, {
      apart: b % 4 === 0 ? [`owner ${a % 5}`, `net ${b % 2}`] : [`owner ${a % 5}`],
      swift: c % 3 > 0,
      projects: d % 6 === 0 ? ['a', 'b'].slice(d % 2) : [],
      near,
      fits: fitting(d % 6 === 0 ? ['a', 'b'].slice(d % 2) : [], b, c),
    })
    const given = this.queue.ask(asker, this.#now, this.#draw)
    const choices = this.model.ask(asker, this.#now)
    if (given.type === 'nothing') {
      expect(choices).toEqual([])
      expect(given.reasons.size).toBeGreaterThan(0)
      expect(said(given)).not.toContain('turn')
      return
    }
    const { job, unit, fresh, wanted } = given
    const chosen = choices.find((one) => {
      if (one.job.id !== job || (one.wait === undefined) !== fresh) return false
      if (one.wait === undefined) return Math.min(...one.job.fresh) === unit
      return one.wait.begun.unit === unit && isDeepStrictEqual(one.wait.wanted[0], wanted)
    })
    expect(chosen, `${said(given)} is no choice`).toBeDefined()
    if (chosen === undefined) return
    this.model.give(chosen, asker, this.#now)
    this.#leased.push({ job, unit, apart: asker.apart })
    if (fresh) this.#need(job, unit, wantedBy(c, d), asker.apart)
  }

  /** A lease ends without a result; at times who had it may not have the unit again. */
  #return(a: number, b: number): void {
    const [ended] = this.#leased.splice(a % (this.#leased.length || 1), 1)
    if (ended === undefined) return
    const { job, unit, apart } = ended
    const barred = b % 3 === 0 ? apart : []
    const { wanted } = this.model.begun(job, unit)
    this.#need(job, unit, [...wanted, ...wants(1)], [...this.#holders(job, unit), ...barred])
  }

  #want(a: number, b: number): void {
    const leased = this.#leased[a % (this.#leased.length || 1)]
    if (leased === undefined) return
    const { wanted, held } = this.model.begun(leased.job, leased.unit)
    const more = [...wanted.slice(b % 3), ...wantedBy(a, b), ...wants(1)]
    const holders = this.#holders(leased.job, leased.unit)
    this.#need(leased.job, leased.unit, more, wanted.length > 0 ? held : holders)
  }

  #decide(a: number): void {
    const leased = this.#leased[a % (this.#leased.length || 1)]
    if (leased === undefined) return
    this.#leased = this.#leased.filter((one) => one.job !== leased.job || one.unit !== leased.unit)
    this.#need(leased.job, leased.unit, [], [])
  }

  /** After a restart a node shows a lease that nobody knows of. */
  #claim(a: number, b: number, c: number): void {
    const job = this.#jobs[a % (this.#jobs.length || 1)]
    if (job !== undefined) this.#need(job.id, b % job.units, wants(c % 2), [`owner ${c % 5}`])
  }

  #settle(a: number, b: number): void {
    const job = this.#jobs[a % (this.#jobs.length || 1)]
    if (job === undefined) return
    this.queue.settle(job.id, 10 * b)
    this.model.settle(job.id, 10 * b)
  }

  #end(a: number): void {
    const job = this.#jobs[a % (this.#jobs.length || 1)]
    if (job === undefined) return
    this.queue.end(job.id, this.#now)
    this.model.end(job.id, this.#now)
  }

  #exclude(a: number, c: number): void {
    const job = this.#jobs[a % (this.#jobs.length || 1)]
    if (job === undefined) return
    const platform = platforms[c % 3] as string
    this.queue.exclude(job.id, platform, this.#now)
    this.model.exclude(job.id, platform, this.#now)
  }

  #need(job: JobId, unit: number, wanted: readonly Wanted[], held: readonly string[]): void {
    this.queue.need(job, unit, wanted, held, this.#now)
    this.model.need(job, unit, wanted, held, this.#now)
  }

  #holders(job: JobId, unit: number): string[] {
    return this.#leased
      .filter((one) => one.job === job && one.unit === unit)
      .flatMap(({ apart }) => apart)
  }
}

/** Some executions, mostly for anybody. */
function wantedBy(c: number, d: number): Wanted[] {
  const anchor: Wanted = { from: 'anchor', referee: d % 2 === 0 }
  const other: Wanted = { from: 'any', platform: platforms[d % 3] as string, referee: false }
  const own: Wanted = { from: 'own', referee: true }
  const all = [[], wants(1), wants(2), [anchor], [anchor, ...wants(1)], [anchor, own], [other]]
  return all[c % all.length] ?? []
}

/** What a node of some size says, that computes for some projects alone. */
function fitting(projects: readonly string[], b: number, c: number): Asker['fits'] {
  const own = platforms[c % 3] as string
  return (needs: Needs): Reason | undefined => {
    const { kinds, ramBytes, cores, project, trust = 0, platform = own, without = [] } = needs
    if (trust > b % 5 || platform !== own || without.includes(own)) return 'trust'
    if ((kinds & (1 + (b % 3))) === 0) return 'executor'
    if (projects.length > 0 && project !== undefined && !projects.includes(project)) {
      return 'project'
    }
    if (ramBytes > 1000 * (1 + (c % 4))) return 'memory'
    return cores > 1 + (c % 5) ? 'cores' : undefined
  }
}

test('the queue gives what its model may give, whatever happens', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 3), (history, openMin) => {
      const both = new Both(openMin)
      for (const one of history) both.run(one)
    }),
    { seed: -144568615, numRuns: 300 },
  )
})
