import type { Chance } from '../../fuzz/chance.ts'
import { keyNamed } from './cast.ts'
import type { Coordinator } from './coordinator.ts'
import { damages } from './disk.ts'
import { about, between, chanceOf } from './draws.ts'
import type { NodeShell } from './node-shell.ts'
import type { FaultName, Profile } from './profile.ts'
import type { Scene } from './scene.ts'

/** All that can go wrong beside what people do, as long as it may. */
export class Faults {
  readonly #scene: Scene
  readonly #profile: Profile
  readonly #coordinators: readonly Coordinator[]
  readonly #nodes: readonly NodeShell[]
  readonly #heal = new Set<() => void>()
  #isOver = false

  constructor(
    scene: Scene,
    profile: Profile,
    coordinators: readonly Coordinator[],
    nodes: readonly NodeShell[],
  ) {
    this.#scene = scene
    this.#profile = profile
    this.#coordinators = coordinators
    this.#nodes = nodes
  }

  /** From now on things go wrong. */
  begin(): void {
    const { network } = this.#scene
    if (this.#has('loss')) network.lostPermille = 150
    if (this.#has('slow-network')) network.delayMs = 250
    for (const { disk } of this.#coordinators) disk.slowPermille = this.#has('slow-disk') ? 30 : 1
    this.#often('crash', 60_000, (chance) => this.#crash(chance))
    this.#often('partition', 100_000, (chance) => this.#part(chance))
    this.#often('cut', 15_000, () => {
      network.cutOne()
      this.#scene.watch.count('fault cut')
    })
    this.#often('node-crash', 20_000, (chance) => {
      const one = chance.any(this.#nodes)
      if (one === undefined) return
      this.#scene.watch.count('fault node-crash')
      one.effectsLeft = chance.below(40)
    })
    this.#often('owners', 30_000, (chance) => this.#order(chance))
    this.#often('sales', 30_000, (chance) => this.#sell(chance))
  }

  /** From now on nothing goes wrong, and what did is mended. */
  end(): void {
    this.#isOver = true
    const { network } = this.#scene
    network.lostPermille = 0
    network.delayMs = 20
    for (const heal of this.#heal) heal()
    for (const one of this.#coordinators) {
      one.disk.slowPermille = 0
      one.start()
    }
    for (const node of this.#nodes) {
      node.effectsLeft = Number.POSITIVE_INFINITY
      node.happen({ type: 'order', order: 'resume' })
      node.happen({ type: 'limits', limits: node.person.limits })
    }
  }

  #has(fault: FaultName): boolean {
    return this.#profile.switches.has(`fault:${fault}`)
  }

  /** Something goes wrong again and again, if it does at all in this world. */
  #often(fault: FaultName, ms: number, what: (chance: Chance) => void): void {
    if (!this.#has(fault)) return
    const chance = chanceOf(this.#scene.seed, `fault ${fault}`)
    const again = () => {
      if (this.#isOver) return
      what(chance)
      this.#scene.clock.after(about(chance, ms), again)
    }
    this.#scene.clock.after(about(chance, ms), again)
  }

  #crash(chance: Chance): void {
    const one = chance.one(this.#coordinators)
    const { watch, clock } = this.#scene
    if (!one.isUp) return
    one.crash()
    watch.count('fault crash')
    if (this.#has('damage') && chance.once(3)) {
      const kind = chance.one(damages)
      if (one.damage(kind)) watch.count(`fault ${kind}`)
    }
    clock.after(about(chance, chance.once(5) ? 40_000 : 3000), () => one.start())
  }

  #part(chance: Chance): void {
    const { network, watch, clock } = this.#scene
    const all = [...this.#coordinators.map(({ place }) => place), ...this.#names()]
    const inside = all.filter(() => chance.once(3)).map((place) => place.name)
    const heal = network.island(new Set(inside))
    this.#heal.add(heal)
    watch.count('fault partition')
    clock.after(between(chance, 2000, 60_000), () => {
      heal()
      this.#heal.delete(heal)
    })
  }

  #names() {
    return this.#nodes.map(({ person }) => person.place)
  }

  /** A machine has another owner from now on. */
  #sell(chance: Chance): void {
    const node = chance.any(this.#nodes)
    // The mesh keeps one of its own.
    if (node === undefined || node === this.#nodes[0]) return
    this.#scene.watch.count('fault sales')
    node.sell(keyNamed(`buyer ${chance.below(100)}`))
  }

  /** Owners want their machines back, and lend them again. */
  #order(chance: Chance): void {
    const node = chance.any(this.#nodes)
    if (node === undefined) return
    this.#scene.watch.count('fault owners')
    const { limits } = node.person
    const way = chance.below(4)
    if (way === 0) node.happen({ type: 'order', order: 'pause' })
    if (way === 1) node.happen({ type: 'order', order: 'resume' })
    if (way === 2) {
      node.happen({ type: 'limits', limits: { ...limits, idle: { ...limits.idle, cores: 0 } } })
    }
    if (way === 3) node.happen({ type: 'limits', limits })
  }
}
