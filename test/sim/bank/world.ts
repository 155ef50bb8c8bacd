import type { ChainId } from '../../../specs/index.ts'
import { Chance } from '../../fuzz/chance.ts'
import { chains, geneses, members as keys } from './cast.ts'
import { Deeds } from './deeds.ts'
import { Home } from './home.ts'
import { Member, sealedBy } from './member.ts'
import type { Scene } from './scene.ts'
import { Teller } from './teller.ts'

/** How long a round is: then whoever reaches each other has followed and cosigned. */
const roundMs = 500
/** Deeds of a round, at most. */
const deedsMax = 24

/** Three coordinators that lose each other, and owners who make the most of it. */
export class World implements Scene {
  readonly chance: Chance
  readonly members = keys.map((signer) => new Member(signer))
  readonly teller = new Teller()
  readonly deeds: Deeds
  /** Seals that ended an epoch so far. */
  seals = 0
  at = 0
  /** Which pairs cannot reach each other: by the one that is in neither. */
  #cut = new Set<number>()

  constructor(seed: number) {
    this.chance = new Chance(seed, 11)
    for (const [i, first] of geneses.entries()) {
      const member = this.members[i] as Member
      member.found(new Home(member.signer, first, this.at))
    }
    this.#meet()
    this.deeds = new Deeds(this)
  }

  homes(): Home[] {
    return this.members.flatMap(({ homes }) => [...homes.values()])
  }

  homeOf(chain: ChainId): Home {
    const all = this.homes().filter((home) => home.chain === chain)
    const [last] = all.sort((a, b) => b.epoch - a.epoch)
    if (last === undefined) throw new Error(`nobody writes ${chain}`)
    return last
  }

  /** Lets so many questions be asked, and then all come together again. */
  run(attempts: number): void {
    while (this.deeds.asked < attempts) this.#round()
    this.#cut.clear()
    for (let i = 0; i < 3; i++) this.#meet()
    this.deeds.claimAll()
    this.#meet()
    this.#read()
    this.teller.end()
  }

  #round(): void {
    this.at += roundMs
    if (this.chance.once(4))
      this.#cut = new Set([[], [0, 1], [0, 2], [1, 2], [0, 1, 2]][this.chance.below(5)])
    if (this.chance.once(6)) this.#seal()
    for (const home of this.homes()) if (this.chance.once(8)) home.pass(this.at)
    const deeds = 1 + this.chance.below(deedsMax)
    for (let i = 0; i < deeds; i++) this.deeds.act()
    this.#read()
    this.#meet()
    this.#read()
  }

  /** Whoever reaches each other hears of seals, follows, and cosigns. */
  #meet(): void {
    for (const [one, other] of this.#pairs()) {
      for (const seal of one.seals.values()) other.sealed(seal)
      for (const seal of other.seals.values()) one.sealed(seal)
    }
    for (const [one, other] of this.#pairs()) {
      for (const [writer, witness] of [
        [one, other],
        [other, one],
      ] as const) {
        for (const home of writer.homes.values()) witness.witness(home, writer, this.at)
      }
    }
  }

  /** Two that cannot reach the third seal what it writes, and one of them goes on with it. */
  #seal(): void {
    const away = this.members.find((member) => this.#isAway(member))
    if (away === undefined) return
    const here = this.members.filter((member) => member !== away)
    for (const [chain, home] of away.homes) {
      if (here.some(({ copies }) => !copies.has(chain)) || this.chance.once(2)) continue
      if (this.homeOf(chain) !== home) continue
      const sizes = here.map((member) => member.holds(chain))
      const size = Math.max(...sizes)
      const successor = here[sizes.indexOf(size)] as Member
      const seal = sealedBy(here, successor, home, this.at)
      for (const member of here) member.sealed(seal)
      successor.succeed(seal, this.at)
      this.seals++
    }
  }

  /** Whether a member reaches neither of the others, which reach each other. */
  #isAway(member: Member): boolean {
    const i = this.members.indexOf(member)
    return !this.#cut.has(i) && this.#cut.size === 2
  }

  /** Pairs that reach each other. */
  #pairs(): [Member, Member][] {
    const [a, b, c] = this.members as [Member, Member, Member]
    const all: [Member, Member][] = [
      [b, c],
      [a, c],
      [a, b],
    ]
    return all.filter((_, i) => !this.#cut.has(i))
  }

  #read(): void {
    this.teller.read(chains.map((chain) => this.homeOf(chain)))
    for (const home of this.homes()) this.teller.look(home.scroll.ledger)
    for (const { copies } of this.members) {
      for (const { scroll } of copies.values()) this.teller.look(scroll.ledger)
    }
  }
}
