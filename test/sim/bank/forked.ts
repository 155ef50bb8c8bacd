import type { ChainId } from '../../../specs/index.ts'
import { Chance } from '../../fuzz/chance.ts'
import { chains, geneses, members as keys } from './cast.ts'
import { Deeds } from './deeds.ts'
import { Home } from './home.ts'
import { Member, sealedBy } from './member.ts'
import type { Scene } from './scene.ts'
import { Teller } from './teller.ts'

const roundMs = 500
/** Deeds of a round, at most. */
const deedsMax = 24

/**
 * One of three coordinators writes two histories, and each of the other two, who cannot reach each
 * other, cosigns one of them: there are departures in both, a quorum behind each. Then all hear of
 * it, and owners bring whatever they were promised. In the end the other two seal the chain where
 * one of them has it.
 */
export class ForkedWorld implements Scene {
  readonly chance: Chance
  readonly members: readonly Member[]
  readonly teller = new Teller()
  readonly deeds: Deeds
  seals = 0
  at = 0
  readonly #forked: ChainId
  /** The other history, as long as it is written. */
  #other: Home | undefined
  /** What its coordinator wrote, when nobody listens to it any more. */
  #frozen: Home | undefined

  constructor(seed: number) {
    this.chance = new Chance(seed, 17)
    // Whoever is the last of them forks.
    this.members = [...keys]
      .map((signer) => ({ signer, at: this.chance.bits() }))
      .sort((a, b) => a.at - b.at)
      .map(({ signer }) => new Member(signer))
    for (const member of this.members) {
      const genesis = geneses.find(({ coordinator }) => coordinator === member.signer.id)
      member.found(new Home(member.signer, genesis, this.at))
    }
    const forker = this.members.at(-1) as Member
    this.#forked = [...forker.homes.keys()][0] as ChainId
    this.#meet()
    this.deeds = new Deeds(this)
  }

  homes(): Home[] {
    const all = this.members.flatMap(({ homes }) => [...homes.values()])
    return [...all, ...(this.#other === undefined ? [] : [this.#other])]
  }

  homeOf(chain: ChainId): Home {
    const home = this.homes().find((one) => one.chain === chain)
    if (home === undefined && chain === this.#forked) return this.#frozen as Home
    if (home === undefined) throw new Error(`nobody writes ${chain}`)
    return home
  }

  /** Lets so many questions be asked, and then all come together again. */
  run(attempts: number): void {
    const all = () => this.deeds.act()
    this.#until(attempts / 4, all)
    this.#fork()
    this.#until(attempts / 2, () => this.#spend())
    this.#learn()
    this.#until((attempts * 3) / 4, all)
    this.#seal()
    this.#until(attempts, all)
    for (let i = 0; i < 3; i++) this.#meet()
    this.deeds.claimAll()
    this.#meet()
    this.#read()
    this.teller.end()
  }

  #until(attempts: number, act: () => void): void {
    while (this.deeds.asked < attempts) {
      this.at += roundMs
      const deeds = 1 + this.chance.below(deedsMax)
      for (let i = 0; i < deeds; i++) act()
      this.#read()
      this.#meet()
      this.#read()
    }
  }

  /** Whatever makes credit leave. */
  #spend(): void {
    const { deeds } = this
    const doings = [deeds.spend, deeds.spendTwice, deeds.spendAtBoth, deeds.again, deeds.replay]
    this.chance.one(doings).call(deeds)
  }

  #fork(): void {
    this.#other = this.homeOf(this.#forked).twin(this.at)
  }

  /** All know that there are two histories: nobody listens to who wrote them. */
  #learn(): void {
    const forker = this.members.at(-1) as Member
    this.#frozen = this.homeOf(this.#forked)
    this.#other = undefined
    forker.homes.delete(this.#forked)
    for (const member of this.members) member.forked(this.#forked, 0)
  }

  /** One of the others goes on with what it has. */
  #seal(): void {
    const others = this.members.slice(0, -1)
    const successor = this.chance.one(others)
    const seal = sealedBy(others, successor, { chain: this.#forked, epoch: 0 }, this.at)
    for (const member of this.members) member.sealed(seal)
    successor.succeed(seal, this.at)
    this.seals++
  }

  /** Whoever reaches each other follows and cosigns: of two histories each sees one. */
  #meet(): void {
    const isParted = this.#other !== undefined
    for (const [i, writer] of this.members.entries()) {
      for (const [j, witness] of this.members.entries()) {
        if (i === j || (isParted && i + j === 1)) continue
        for (const home of writer.homes.values()) {
          const seen = isParted && j === 1 && home.chain === this.#forked ? this.#other : home
          if (seen !== undefined) witness.witness(seen, writer, this.at)
        }
      }
    }
  }

  #read(): void {
    this.teller.read(chains.map((chain) => this.homeOf(chain)))
    for (const home of this.homes()) this.teller.look(home.scroll.ledger)
    for (const { copies } of this.members) {
      for (const { scroll } of copies.values()) this.teller.look(scroll.ledger)
    }
  }
}
