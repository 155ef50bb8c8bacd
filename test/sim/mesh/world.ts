import type { NodeId } from '../../../specs/index.ts'
import { type KindName, kinds } from './behaviours.ts'
import { type Founded, foundMesh, keyNamed } from './cast.ts'
import { Clock } from './clock.ts'
import { Company } from './company.ts'
import { Coordinator } from './coordinator.ts'
import { between, chanceOf } from './draws.ts'
import { checkEnd, type Inhabitant, whyNot } from './ending.ts'
import { Faults } from './faults.ts'
import { Network } from './network.ts'
import { NodeShell } from './node-shell.ts'
import { rememberedOpening } from './opening.ts'
import { personOf } from './person.ts'
import type { Profile } from './profile.ts'
import { type Manner, Publisher, type Wanted } from './publisher.ts'
import { type JobKind, jobKinds, Results } from './results.ts'
import type { Scene } from './scene.ts'
import { Trace } from './trace.ts'
import { trialsOf } from './trials.ts'
import { type Known, Truth } from './truth.ts'
import { checkAccepted } from './verdict-rules.ts'
import { violated } from './violation.ts'
import { Watch } from './watch.ts'

const minute = 60_000

/** How long everything may take to come to its end, once nothing goes wrong any more. */
const endingMsMax = 26 * 60 * minute

/** How often it is looked whether everything has. */
const lookMs = 5000

/** A whole mesh in one process: a function of its profile. */
export class World {
  readonly profile: Profile
  readonly trace: Trace
  readonly coordinators: readonly Coordinator[]
  readonly inhabitants: Inhabitant[] = []
  readonly publishers: Publisher[] = []
  readonly scene: Scene
  readonly truth: Truth
  /** From the admission of a job to the first verdict on each of its units. */
  readonly latencies: number[] = []
  readonly #company: Company
  readonly #known = new Map<NodeId, Known>()
  readonly #founded: Founded
  readonly #nodes: NodeShell[] = []
  readonly #trials: Wanted[] = []

  constructor(profile: Profile, linesKept = 0) {
    this.profile = profile
    this.trace = new Trace(linesKept)
    const { seed, rates } = profile
    const clock = new Clock()
    const open = rememberedOpening()
    const results = new Results()
    this.#founded = foundMesh(profile.coordinators, rates)
    this.#company = new Company(open)
    this.truth = new Truth(results, this.#company, this.#known)
    const watch = new Watch({
      open,
      rates: this.#founded.rates,
      speaksTrue: (node) => this.#known.get(node)?.speaks ?? false,
      networkOf: (node) => this.#known.get(node)?.network,
      judged: (said) => {
        checkAccepted(said, this.#founded.rates)
        this.truth.judged(said)
        this.latencies.push(said.tally.decidedAt - said.job.admittedAt)
      },
    })
    const network = new Network(clock, chanceOf(seed, 'network'))
    const founded = this.#founded
    const trials = profile.switches.has('job:probe')
      ? trialsOf(seed, founded.writers, results)
      : new Map<never, never>()
    this.scene = { seed, clock, network, trace: this.trace, founded, open, results, watch, trials }
    this.coordinators = founded.writers.map((writer) => new Coordinator(this.scene, writer))
    for (const one of this.coordinators) {
      one.meet(this.coordinators.filter((other) => other !== one))
      network.host(one.writer.id, one)
    }
    this.#populate()
    this.#publish()
  }

  /** First anything may happen, then everything has to come to its end. */
  run(): void {
    const { clock } = this.scene
    const faults = new Faults(this.scene, this.profile, this.coordinators, this.#nodes)
    for (const one of this.coordinators) one.start()
    for (const { shell } of this.inhabitants) {
      clock.after(shell.chance.below(20_000), () => shell.start())
    }
    faults.begin()
    const until = this.profile.minutes * minute
    while (clock.next(until)) {}
    faults.end()
    this.#calm()
    const end = clock.at + endingMsMax
    while (clock.at < end) {
      const until = clock.at + lookMs
      while (clock.next(until)) {}
      const isLast = clock.at >= end
      const why = isLast || this.#mayBeOver() ? whyNot(this) : ['something is open']
      if (why.length === 0) {
        checkEnd(this)
        return
      }
      if (isLast) violated(`it does not come to its end:\n${why.join('\n')}`)
    }
  }

  #mayBeOver(): boolean {
    return this.publishers.every((one) => one.isContent)
  }

  /** Who is not honest goes, or behaves from now on. */
  #calm(): void {
    for (const one of this.publishers) one.rest()
    // Nobody is tried any more: whose trials they are wants no more of them.
    for (const trial of this.#trials) trial.wantsEnd = true
    for (const { kind, shell } of this.inhabitants) {
      if (kind === 'own' || kind === 'honest' || shell.isGone) continue
      const leaves = !kinds[kind].honest && shell.chance.once(2)
      if (leaves) shell.leave()
      else shell.behaviour = kinds.honest.behave(shell)
      // What it holds was begun by whom it was before.
      if (!leaves) shell.crash()
    }
  }

  #populate(): void {
    const { honest, own, switches } = this.profile
    for (const { name, signer } of this.#founded.writers.slice(0, own)) {
      this.#settle('own', `own ${name}`, { owner: signer })
    }
    for (let i = 0; i < honest; i++) this.#settle('honest', `honest ${i}`)
    for (const kind of Object.keys(kinds) as KindName[]) {
      if (!switches.has(`node:${kind}`)) continue
      const count = { ring: 3, pair: 2, alike: 4, thief: 2 }[kind as string] ?? 1
      for (let i = 0; i < count; i++) this.#settle(kind, `${kind} ${i}`)
    }
  }

  #settle(
    kind: KindName | 'own',
    name: string,
    more: { readonly owner?: ReturnType<typeof keyNamed> } = {},
  ): Inhabitant {
    const chance = chanceOf(this.profile.seed, `born ${name}`)
    // Some have an owner with another key; two neighbours share a network.
    const owner = more.owner ?? (chance.once(3) ? keyNamed(`owner of ${name}`) : undefined)
    const person = personOf(chance, {
      name,
      ...(owner === undefined ? {} : { owner }),
      network: /^honest [01]$/.test(name) ? 'the same street' : name,
      cores: kind === 'hoarder' ? 64 : between(chance, 1, 4),
      broken: kind === 'honest' && chance.once(4),
    })
    const made = kind === 'own' ? kinds.honest : kinds[kind]
    this.#known.set(person.id, {
      name,
      honest: made.honest,
      network: person.place.network,
      errs: kind === 'faulty',
      speaks: made.honest && kind !== 'silent',
    })
    const shell = new NodeShell(this.scene, person, (shell) => {
      return made.behave(shell, this.#company, () => this.#comeBack(shell, kind, `${name}'`))
    })
    const inhabitant = { kind, shell }
    this.inhabitants.push(inhabitant)
    if (made.honest) this.#nodes.push(shell)
    return inhabitant
  }

  /** Who was thrown out is back under another key. */
  #comeBack(shell: NodeShell, kind: KindName | 'own', name: string): void {
    if (shell.isGone) return
    this.scene.watch.count('came back')
    const { clock } = this.scene
    clock.after(0, () => {
      shell.leave()
      this.#settle(kind, name).shell.start()
    })
  }

  #publish(): void {
    const { seed, switches, jobs, minutes, own } = this.profile
    const chance = chanceOf(seed, 'jobs')
    const manners = (['patient', 'impatient', 'cheating'] as const).filter((manner) => {
      return switches.has(`publisher:${manner}`)
    })
    const all: readonly Manner[] = manners.length === 0 ? ['patient'] : manners
    const people = all.map((manner) => this.#publisher(manner, `publisher ${manner}`, manner))
    const rich = this.#founded.writers.map(({ name, signer }) => {
      return this.#publisher(`rich ${name}`, name, 'patient', signer)
    })
    for (const { writer, published } of this.scene.trials.values()) {
      const own = rich[this.#founded.writers.indexOf(writer)]
      if (own !== undefined) this.#trials.push(own.publish(writer, published))
    }
    const wanted = jobKinds.filter((kind) => kind !== 'probe' && switches.has(`job:${kind}`))
    for (let i = 0; i < jobs; i++) {
      const kind: JobKind = wanted[i % Math.max(1, wanted.length)] ?? 'plain'
      const units = chance.once(4) ? between(chance, 10, 25) : between(chance, 1, 8)
      const writer = chance.one(this.#founded.writers)
      const at = chance.below(minutes * minute * 0.7)
      if (chance.once(2)) chance.one(rich.slice(0, own)).invest(at, kind, units)
      else chance.one(people).want(at, writer, kind, Math.min(units, kind === 'image' ? 3 : 25))
    }
  }

  #publisher(name: string, key: string, manner: Manner, signer = keyNamed(key)): Publisher {
    const publisher = new Publisher(this.scene, name, signer, manner)
    this.publishers.push(publisher)
    return publisher
  }
}
