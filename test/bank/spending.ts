import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Asker, machineClock, openStockedMesh, type StockedMesh } from '../../mesh/index.ts'
import {
  type AnswerMessage,
  type ChainId,
  checkpointDocument,
  open,
  type Question,
  type Request,
  type Signed,
  type Signer,
} from '../../specs/index.ts'
import type { Chance } from '../fuzz/chance.ts'
import { members } from '../sim/bank/cast.ts'
import { type Claim, destinations, frauds } from '../sim/bank/frauds.ts'
import { bytesOf, requestOf } from '../sim/bank/words.ts'
import type { One, Three } from './three.ts'

/** A departure that was promised, in which entry of which chain. */
interface Departed {
  readonly from: One
  readonly seq: number
}

/** Owners who try to spend what they have more than once, over real streams. */
export class Spending implements AsyncDisposable {
  /** Questions that were asked. */
  asked = 0
  readonly outcomes = new Map<string, number>()
  readonly #three: Three
  readonly #chance: Chance
  readonly #mesh: StockedMesh
  readonly #directory: string
  readonly #askers = new Map<One, Asker>()
  readonly #requests: {
    readonly at: One
    readonly owner: Signer
    readonly act: Depart
    readonly signed: Signed<Request>
  }[] = []
  readonly #departed: Departed[] = []
  readonly #claims: Claim[] = []
  /** The last entry of each chain that somebody was told. */
  readonly #last = new Map<One, number>()
  #counter = Date.now()
  #nonces = 0

  private constructor(three: Three, chance: Chance, mesh: StockedMesh, directory: string) {
    this.#three = three
    this.#chance = chance
    this.#mesh = mesh
    this.#directory = directory
  }

  static async open(three: Three, chance: Chance): Promise<Spending> {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-spending-'))
    const [{ said }] = three.all as [One]
    const mesh = await openStockedMesh({
      data: { directory, bytesMax: 1024 * 1024, mayServe: () => false },
      ...{ mesh: said.mesh, seed: new Uint8Array(32).fill(9), listen: [], now: Date.now },
      known: three.all.flatMap((one) => one.said.addresses),
      roster: three.all.map((one) => {
        return { coordinator: one.said.coordinator, addresses: one.said.addresses }
      }),
      openFork: () => {
        throw new Error('nobody forks here')
      },
    })
    return new Spending(three, chance, mesh, directory)
  }

  /** Some owners do something, all at once. */
  async act(): Promise<void> {
    const doings = [
      ...[this.#spend, this.#spendTwice, this.#spendTwice, this.#replay, this.#again],
      ...[this.#claim, this.#claim, this.#claim, this.#forge, this.#forge, this.#early],
    ]
    await Promise.all(Array.from({ length: 16 }, () => this.#chance.one(doings).call(this)))
  }

  /** Whatever departed arrives, once a quorum has cosigned it: all that stands in the chains. */
  async claimAll(departures: readonly { readonly chain: ChainId; readonly seq: number }[]) {
    for (const { chain, seq } of departures) {
      const from = this.#writerOf(chain)
      for (let said: AnswerMessage | undefined; said?.type !== 'done'; ) {
        const claim = await this.#proof({ from, seq })
        const [to] = claim === undefined ? [] : destinations(claim.entry)
        if (claim !== undefined && to !== undefined) {
          said = await this.#ask('claim', this.#writerOf(to), claim)
        }
      }
    }
  }

  /** Resolves when checkpoints are beyond all that anybody was told. */
  async covered(): Promise<void> {
    for (const [one, seq] of this.#last) {
      for (let size = 0; size <= seq; ) size = (await this.#stood(one))?.says.size ?? 0
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const asker of this.#askers.values()) await asker[Symbol.asyncDispose]()
    await this.#mesh[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #spend(): Promise<void> {
    await this.#depart('depart', this.#one(), this.#owner(), 1 + this.#chance.below(30_000))
  }

  /** Much of a balance leaves for two chains, in one moment. */
  async #spendTwice(): Promise<void> {
    const [at, owner, micro] = [this.#one(), this.#owner(), 20_000 + this.#chance.below(80_000)]
    await Promise.all([0, 1, 2].map(() => this.#depart('spent twice', at, owner, micro)))
  }

  async #replay(): Promise<void> {
    const known = this.#chance.any(this.#requests)
    if (known === undefined) return await this.#spend()
    const question = { type: 'act', request: known.signed } as const
    await Promise.all(this.#three.all.map((one) => this.#ask('request again', one, question)))
  }

  async #again(): Promise<void> {
    const known = this.#chance.any(this.#requests)
    if (known === undefined) return await this.#spend()
    const micro = 1 + this.#chance.below(50_000)
    const { at, owner, act } = known
    await this.#asking('departure again', at, owner, { ...act, micro })
  }

  /** What departed is claimed by two at once, where it leads and elsewhere. */
  async #claim(): Promise<void> {
    const known = this.#chance.any(this.#departed.slice(-40))
    const claim = known && (await this.#proof(known))
    if (claim === undefined) return await this.#spend()
    this.#claims.push(claim)
    const old = this.#chance.one(this.#claims)
    await Promise.all(
      [claim, claim, old].flatMap((one) => {
        return this.#three.all.map((to) => this.#ask('claim', to, one))
      }),
    )
  }

  async #forge(): Promise<void> {
    const claim = this.#chance.any(this.#claims)
    const scene = { chance: this.#chance, at: 0, homes: () => [], homeOf: neverAsked }
    const forged = claim && this.#chance.one(frauds)(claim, scene)
    if (forged === undefined) return await this.#spend()
    await Promise.all(this.#three.all.map((one) => this.#ask('forged', one, forged)))
  }

  /** What only its coordinator has signed. */
  async #early(): Promise<void> {
    const known = this.#chance.any(this.#departed.slice(-8))
    const claim = known && (await this.#proof(known))
    if (claim === undefined) return await this.#spend()
    const [to] = destinations(claim.entry)
    if (to === undefined) return
    await this.#ask('claimed early', this.#writerOf(to), { ...claim, cosignatures: [] })
  }

  async #depart(what: string, at: One, owner: Signer, micro: number): Promise<void> {
    const others = this.#three.chains.filter((chain) => chain !== at.said.chain)
    const to = this.#chance.one(others)
    await this.#asking(what, at, owner, {
      type: 'depart',
      to,
      micro,
      nonce: bytesOf(++this.#nonces),
    })
  }

  async #asking(what: string, at: One, owner: Signer, act: Depart): Promise<void> {
    const when = { at: Date.now() - noon, counter: ++this.#counter }
    const signed = requestOf(owner, { chain: at.said.chain, epoch: 0 }, act, when)
    this.#requests.push({ at, owner, act, signed })
    const said = await this.#ask(what, at, { type: 'act', request: signed })
    if (said?.type === 'done' && said.seq !== undefined) {
      this.#departed.push({ from: at, seq: said.seq })
    }
  }

  /** The proof of a departure as its chain stands now, if it is beyond it. */
  async #proof({ from, seq }: Departed): Promise<Claim | undefined> {
    const stood = await this.#stood(from)
    if (stood === undefined || stood.says.size <= seq) return undefined
    const { checkpoint, cosignatures, says } = stood
    const { chain, epoch, size } = says
    const proof = await this.#asker(from).ask({ type: 'prove', chain, epoch, size, seq }, never)
    if (!proof.ok) return undefined
    const { entry, path } = proof.value
    return { type: 'claim', to: chain, seq, entry, path, checkpoint, cosignatures }
  }

  /** Where a chain stands; asked of who writes it, after a while where that one is away. */
  async #stood(one: One) {
    const { chain } = one.said
    const stood = await this.#asker(one).ask({ type: 'stand', chain }, never)
    const says = stood.ok ? open(checkpointDocument, stood.value.checkpoint) : stood
    return stood.ok && says.ok ? { ...stood.value, says: says.value } : undefined
  }

  async #ask(what: string, at: One, question: Deed): Promise<AnswerMessage | undefined> {
    this.asked++
    const { chain } = at.said
    const meant = question.type === 'claim' ? { ...question, to: chain } : question
    const said = await this.#asker(at).ask(meant, never)
    const code = said.ok ? said.value.type : said.refusal.code
    const line = `${what}: ${code}`
    this.outcomes.set(line, (this.outcomes.get(line) ?? 0) + 1)
    if (said.ok && said.value.seq !== undefined) {
      this.#last.set(at, Math.max(this.#last.get(at) ?? 0, said.value.seq))
    }
    return said.ok ? said.value : undefined
  }

  #asker(one: One): Asker {
    let asker = this.#askers.get(one)
    if (asker === undefined) {
      const { coordinator, addresses } = one.said
      const dial = async () => {
        const reached = await this.#mesh.dial(coordinator, addresses, never)
        return reached.ok ? await this.#mesh.streams.open('call', coordinator, never) : reached
      }
      asker = new Asker({ clock: machineClock, dial })
      this.#askers.set(one, asker)
    }
    return asker
  }

  #writerOf(chain: ChainId): One {
    return this.#three.all.find(({ said }) => said.chain === chain) as One
  }

  #one(): One {
    return this.#chance.one(this.#three.all)
  }

  #owner(): Signer {
    return this.#chance.one(members)
  }
}

type Depart = Request['act'] & { readonly type: 'depart' }
type Deed = Question & { readonly type: 'act' | 'claim' }

/** What times of requests are counted from. */
const noon = 1_795_176_000_000
/** Nothing here is given up. */
const never = new AbortController().signal

function neverAsked(): never {
  throw new Error('no fraud asks for that')
}
