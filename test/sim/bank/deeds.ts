import type { Deed } from '../../../coordinator/index.ts'
import { balanceOf } from '../../../ledger/index.ts'
import {
  type AnswerMessage,
  accounts,
  type ChainId,
  type JobId,
  jobId,
  limits,
  type OwnerId,
  type Request,
  type Signed,
  type Signer,
} from '../../../specs/index.ts'
import { chains, owners } from './cast.ts'
import { type Claim, claimOf, destinations, frauds } from './frauds.ts'
import type { Home } from './home.ts'
import type { Scene } from './scene.ts'
import { bytesOf, jobOf, requestOf } from './words.ts'

/** A departure that somebody was promised, where and in which entry. */
interface Departed {
  readonly home: Home
  readonly to: ChainId
  readonly seq: number
}

/** A departure as it was asked for. */
interface Asked {
  readonly owner: Signer
  readonly from: ChainId
  readonly act: Request['act'] & { readonly type: 'depart' }
  readonly signed: Signed<Request>
}

/** What owners do to spend one balance more than once. They know all that anybody was told. */
export class Deeds {
  /** Questions that were asked. */
  asked = 0
  /** How often each was answered how. */
  readonly outcomes = new Map<string, number>()
  readonly #scene: Scene
  readonly #requests: Asked[] = []
  readonly #departed: Departed[] = []
  readonly #claims: Claim[] = []
  readonly #jobs: { readonly owner: Signer; readonly chain: ChainId; readonly id: JobId }[] = []
  #counter = 0

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Somebody does something. */
  act(): void {
    const { chance } = this.#scene
    const [, , deed] = chance.one(weighted)
    deed.call(this)
  }

  /** Whatever has departed arrives, if it ever can. */
  claimAll(): void {
    for (const chain of chains) {
      const home = this.#scene.homeOf(chain)
      for (const [seq, bytes] of home.scroll.entries.entries()) {
        const claim = claimOf(home, seq, bytes)
        if (claim === undefined) continue
        for (const to of destinations(bytes)) this.#ask('claim', this.#scene.homeOf(to), claim)
      }
    }
  }

  /** A part of what an owner has leaves for another chain. */
  spend(): void {
    const [owner, home] = [this.#owner(), this.#home()]
    const has = this.#balance(owner, home)
    const micro = 1 + this.#scene.chance.below(Math.max(1, has))
    this.#ask('depart', home, this.#depart(owner, home, this.#other(home.chain), micro))
  }

  /** All that an owner has leaves for two chains and into a job, in one moment. */
  spendTwice(): void {
    const { chance } = this.#scene
    const [owner, home] = [this.#owner(), this.#home()]
    // All of it; or so much that it is enough for one of them, and not for two.
    const all = Math.max(1, this.#balance(owner, home))
    const has = chance.once(2) ? all : Math.floor(all / 2) + 1
    const deeds: Deed[] = []
    for (let i = 0; i < 2 + chance.below(3); i++) {
      if (chance.once(4)) deeds.push(this.#publish(owner, home, has))
      else deeds.push(this.#depart(owner, home, this.#other(home.chain), has))
    }
    this.#ask('spent twice', home, ...deeds)
  }

  /** The same balance leaves both homes of one chain, where there are two, or two chains. */
  spendAtBoth(): void {
    const { chance } = this.#scene
    const owner = this.#owner()
    const chain = chance.one(chains)
    const to = this.#other(chain)
    for (const home of this.#scene.homes()) {
      if (home.chain !== chain) continue
      const has = Math.floor(this.#balance(owner, home) / (1 + chance.below(3))) + chance.below(2)
      if (has > 0) this.#ask('spent at both homes', home, this.#depart(owner, home, to, has))
    }
  }

  /** A request comes again, here or elsewhere. */
  replay(): void {
    const { chance } = this.#scene
    const one = chance.any(this.#requests)
    if (one === undefined) {
      this.spend()
      return
    }
    const deed = { type: 'act' as const, request: one.signed }
    this.#ask('request again', chance.one(this.#scene.homes()), deed, deed)
  }

  /** A departure is asked for anew, of another amount or for another chain. */
  again(): void {
    const { chance } = this.#scene
    const one = chance.any(this.#requests)
    if (one === undefined) {
      this.spend()
      return
    }
    const home = this.#scene.homes().find(({ chain }) => chain === one.from)
    if (home === undefined) return
    const to = chance.once(4) ? this.#other(home.chain) : one.act.to
    const micro = chance.once(2) ? one.act.micro : 1 + chance.below(1_000_000)
    this.#ask('departure again', home, this.#depart(one.owner, home, to, micro, one.act.nonce))
  }

  /** A publisher wants back what a job did not cost. */
  cancel(): void {
    const { chance } = this.#scene
    const one = chance.any(this.#jobs)
    const home = this.#scene.homes().find(({ chain }) => chain === one?.chain)
    if (one === undefined || home === undefined) {
      this.spend()
      return
    }
    const act = { type: 'cancel' as const, job: one.id }
    this.#ask('cancel', home, { type: 'act', request: this.#request(one.owner, home, act) })
  }

  /** What departed is claimed where it leads: once, twice in one moment, or of old. */
  claim(): void {
    const { chance } = this.#scene
    const claim = this.#proof()
    if (claim === undefined) {
      this.spend()
      return
    }
    this.#claims.push(claim)
    const deeds = [
      claim,
      ...(chance.once(2) ? [claim] : []),
      ...(chance.once(3) ? this.#old() : []),
    ]
    const leads = chance.once(4) ? chains : destinations(claim.entry)
    for (const home of this.#scene.homes()) {
      if (leads.includes(home.chain)) this.#ask('claim', home, ...deeds)
    }
  }

  /** A proof that is none. */
  forge(): void {
    const { chance } = this.#scene
    const claim = this.#proof() ?? chance.any(this.#claims)
    const forged = claim && chance.one(frauds)(claim, this.#scene)
    if (forged === undefined) {
      this.spend()
      return
    }
    for (const home of this.#scene.homes()) this.#ask('forged', home, forged)
  }

  /** A departure that only its coordinator has signed so far. */
  claimEarly(): void {
    const { chance } = this.#scene
    const one = chance.any(this.#departed.slice(-20))
    if (one === undefined) {
      this.spend()
      return
    }
    const { home, seq } = one
    const claim = claimOf(home, seq, home.scroll.entries[seq] as Uint8Array, home.stand())
    if (claim !== undefined) {
      for (const to of this.#scene.homes()) {
        if (to.chain === one.to) this.#ask('claimed early', to, { ...claim, cosignatures: [] })
      }
    }
  }

  #old(): Claim[] {
    const old = this.#scene.chance.any(this.#claims)
    return old === undefined ? [] : [old]
  }

  /** The proof of some departure that a quorum has cosigned. */
  #proof(): Claim | undefined {
    const { chance } = this.#scene
    const one = chance.any(chance.once(2) ? this.#departed : this.#departed.slice(-12))
    return one && claimOf(one.home, one.seq, one.home.scroll.entries[one.seq] as Uint8Array)
  }

  #ask(what: string, home: Home, ...all: Deed[]): void {
    // Whoever brings a claim elsewhere says that it is meant for there.
    const deeds = all.map((one) => (one.type === 'claim' ? { ...one, to: home.chain } : one))
    const answers = home.ask(deeds, this.#scene.at)
    this.asked += deeds.length
    for (const [i, answer] of answers.entries()) {
      const said = `${what}: ${codeOf(answer)}`
      this.outcomes.set(said, (this.outcomes.get(said) ?? 0) + 1)
      this.#note(home, deeds[i] as Deed, answer)
    }
  }

  #note(home: Home, deed: Deed, answer: AnswerMessage): void {
    if (answer.type !== 'done' || answer.seq === undefined) return
    if (deed.type === 'publish') {
      const job = this.#pending.get(jobId(deed.job))
      if (job !== undefined) this.#jobs.push({ ...job, chain: home.chain, id: jobId(deed.job) })
    }
    const asked = this.#requests.find(
      ({ signed }) => deed.type === 'act' && signed === deed.request,
    )
    if (asked !== undefined) this.#departed.push({ home, to: asked.act.to, seq: answer.seq })
  }

  readonly #pending = new Map<JobId, { readonly owner: Signer }>()

  #depart(
    owner: Signer,
    home: Home,
    to: ChainId,
    micro: number,
    nonce = bytesOf(++this.#counter),
  ): Deed {
    const act = { type: 'depart' as const, to, micro: Math.min(micro, limits.microMax), nonce }
    const signed = this.#request(owner, home, act)
    this.#requests.push({ owner, from: home.chain, act, signed })
    return { type: 'act', request: signed }
  }

  #request(owner: Signer, home: Home, act: Request['act']): Signed<Request> {
    return requestOf(owner, home, act, { at: this.#scene.at, counter: ++this.#counter })
  }

  #publish(owner: Signer, { chain }: Home, budgetMicro: number): Deed {
    const job = jobOf(owner, chain, budgetMicro, ++this.#counter)
    this.#pending.set(jobId(job), { owner })
    return { type: 'publish', job }
  }

  #owner(): Signer {
    return this.#scene.chance.one(owners)
  }

  #home(): Home {
    return this.#scene.chance.one(this.#scene.homes())
  }

  #other(chain: ChainId): ChainId {
    return this.#scene.chance.one(chains.filter((one) => one !== chain))
  }

  #balance({ id }: Signer, { scroll }: Home): number {
    return balanceOf(scroll.ledger.state, accounts.owner(id as string as OwnerId))
  }
}

type Doing = (this: Deeds) => void

const kinds: readonly (readonly [name: string, weight: number, deed: Doing])[] = [
  ['spend', 3, Deeds.prototype.spend],
  ['spend twice', 4, Deeds.prototype.spendTwice],
  ['spend at both', 3, Deeds.prototype.spendAtBoth],
  ['replay', 3, Deeds.prototype.replay],
  ['again', 2, Deeds.prototype.again],
  ['cancel', 2, Deeds.prototype.cancel],
  ['claim', 10, Deeds.prototype.claim],
  ['forge', 4, Deeds.prototype.forge],
  ['claim early', 3, Deeds.prototype.claimEarly],
]

const weighted = kinds.flatMap((kind) => Array.from({ length: kind[1] }, () => kind))

function codeOf(answer: AnswerMessage): string {
  return answer.type === 'refuse' ? answer.refusal.code : answer.type
}
