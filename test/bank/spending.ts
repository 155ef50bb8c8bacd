import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Callers, type Home } from '../../cli/sdk/callers.ts'
import { openStockedMesh } from '../../mesh/index.ts'
import {
  type AnswerMessage,
  type ChainId,
  checkpointDocument,
  limits,
  type OwnerId,
  open,
  type Question,
  type Request,
  type Signed,
  type Signer,
  transferId,
} from '../../specs/index.ts'
import type { Chance } from '../fuzz/chance.ts'
import { members } from '../sim/bank/cast.ts'
import { type Claim, destinations, frauds } from '../sim/bank/frauds.ts'
import { bytesOf, requestOf } from '../sim/bank/words.ts'
import { Promises } from './promises.ts'
import type { One, Three } from './three.ts'

/** A departure that was promised, in which entry of which chain. */
interface Departed {
  readonly chain: ChainId
  readonly seq: number
}

/** Owners who try to spend what they have more than once, over real streams. */
export class Spending implements AsyncDisposable {
  /** Questions that somebody answered. */
  asked = 0
  readonly outcomes = new Map<string, number>()
  readonly promises = new Promises()
  readonly #chance: Chance
  readonly #callers: Callers
  readonly #release: AsyncDisposable
  /** The chains that are written, and by whom, as those say who are there. */
  #homes: readonly Home[] = []
  readonly #requests: {
    readonly from: ChainId
    readonly owner: Signer
    readonly act: Depart
    readonly signed: Signed<Request>
  }[] = []
  readonly #departed: Departed[] = []
  readonly #claims: Claim[] = []
  #counter = Date.now()
  #nonces = 0

  private constructor(chance: Chance, callers: Callers, release: AsyncDisposable) {
    this.#chance = chance
    this.#callers = callers
    this.#release = release
  }

  static async open(three: Three, chance: Chance): Promise<Spending> {
    await using release = new AsyncDisposableStack()
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-spending-'))
    release.defer(() => rm(directory, { recursive: true, force: true }))
    const [{ said }] = three.all as [One]
    const roster = three.all.map((one) => {
      return { coordinator: one.said.coordinator, addresses: one.said.addresses }
    })
    const mesh = await openStockedMesh({
      data: { directory, bytesMax: 1024 * 1024, mayServe: () => false },
      ...{ mesh: said.mesh, seed: new Uint8Array(32).fill(9), listen: [], now: Date.now },
      known: three.all.flatMap((one) => one.said.addresses),
      roster,
      openFork: () => {
        throw new Error('nobody forks here')
      },
    })
    release.use(mesh)
    const callers = release.use(new Callers(mesh, roster, async () => false))
    const spending = new Spending(chance, callers, release.move())
    await spending.#look()
    return spending
  }

  /** Some owners do something, all at once. */
  async act(): Promise<void> {
    await this.#look()
    const doings = [
      ...[this.#spend, this.#spendTwice, this.#spendTwice, this.#replay, this.#again],
      ...[this.#claim, this.#claim, this.#claim, this.#forge, this.#forge, this.#early],
    ]
    await Promise.all(Array.from({ length: 16 }, () => this.#chance.one(doings).call(this)))
  }

  /** Whatever departed arrives, once a quorum has cosigned it: all that stands in the chains. */
  async claimAll(departures: readonly Departed[]): Promise<void> {
    for (const departed of departures) {
      for (let said: AnswerMessage | undefined; said?.type !== 'done'; ) {
        await this.#look()
        const claim = await this.#proof(departed)
        const [to] = claim === undefined ? [] : destinations(claim.entry)
        if (claim !== undefined && to !== undefined) said = await this.#ask('claim', to, claim)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release[Symbol.asyncDispose]()
  }

  /** Who writes which chain now; whoever is there. */
  async #look(): Promise<void> {
    for (;;) {
      const homes = await this.#callers.homes(never)
      if (homes.ok) this.#homes = homes.value
      // Two are never away at once: whoever went on with a chain is soon there.
      if (homes.ok && homes.value.length > 1) return
      await new Promise((resolve) => setTimeout(resolve, limits.pauseMs / 10))
    }
  }

  async #spend(): Promise<void> {
    await this.#depart('depart', this.#chain(), this.#owner(), 1 + this.#chance.below(30_000))
  }

  /** Much of a balance leaves for two chains, in one moment. */
  async #spendTwice(): Promise<void> {
    const [from, owner, micro] = [this.#chain(), this.#owner(), 20_000 + this.#chance.below(80_000)]
    await Promise.all([0, 1, 2].map(() => this.#depart('spent twice', from, owner, micro)))
  }

  async #replay(): Promise<void> {
    const known = this.#chance.any(this.#requests)
    if (known === undefined) return await this.#spend()
    await this.#everywhere('request again', { type: 'act', request: known.signed })
  }

  async #again(): Promise<void> {
    const known = this.#chance.any(this.#requests)
    if (known === undefined) return await this.#spend()
    const micro = 1 + this.#chance.below(50_000)
    const { from, owner, act } = known
    await this.#asking('departure again', from, owner, { ...act, micro })
  }

  /** What departed is claimed by two at once, where it leads and elsewhere. */
  async #claim(): Promise<void> {
    const known = this.#chance.any(this.#departed.slice(-40))
    const claim = known && (await this.#proof(known))
    if (claim === undefined) return await this.#spend()
    this.#claims.push(claim)
    const old = this.#chance.one(this.#claims)
    await Promise.all([claim, claim, old].map((one) => this.#everywhere('claim', one)))
  }

  async #forge(): Promise<void> {
    const claim = this.#chance.any(this.#claims)
    const scene = { chance: this.#chance, at: 0, homes: () => [], homeOf: neverAsked }
    const forged = claim && this.#chance.one(frauds)(claim, scene)
    if (forged === undefined || isFork(claim as Claim, forged)) return await this.#spend()
    await this.#everywhere('forged', forged)
  }

  /** What only its coordinator has signed. */
  async #early(): Promise<void> {
    const known = this.#chance.any(this.#departed.slice(-8))
    const claim = known && (await this.#proof(known))
    if (claim === undefined) return await this.#spend()
    const [to] = destinations(claim.entry)
    if (to === undefined) return
    await this.#ask('claimed early', to, { ...claim, cosignatures: [] })
  }

  async #depart(what: string, from: ChainId, owner: Signer, micro: number): Promise<void> {
    const others = this.#homes.map(({ beacon }) => beacon.chain).filter((chain) => chain !== from)
    const nonce = bytesOf(++this.#nonces)
    await this.#asking(what, from, owner, {
      ...{ type: 'depart', to: this.#chance.one(others), micro, nonce },
    })
  }

  async #asking(what: string, from: ChainId, owner: Signer, act: Depart): Promise<void> {
    const when = { at: Date.now() - noon, counter: ++this.#counter }
    const epoch = this.#homeOf(from)?.beacon.epoch ?? 0
    const signed = requestOf(owner, { chain: from, epoch }, act, when)
    this.#requests.push({ from, owner, act, signed })
    const said = await this.#ask(what, from, { type: 'act', request: signed })
    if (said?.type !== 'done' || said.seq === undefined) return
    this.#departed.push({ chain: from, seq: said.seq })
    const { type, to, nonce } = act
    const departure = transferId({ type, to, nonce, owner: owner.id as OwnerId })
    this.promises.departed(from, departure, said.seq)
  }

  /** The proof of a departure as its chain stands now, if it is beyond it. */
  async #proof({ chain, seq }: Departed): Promise<Claim | undefined> {
    const coordinator = this.#homeOf(chain)?.coordinator
    if (coordinator === undefined) return undefined
    const stood = await this.#callers.askSoon(coordinator, { type: 'stand', chain }, never)
    if (!stood.ok) return undefined
    const { checkpoint, cosignatures } = stood.value
    const says = open(checkpointDocument, checkpoint)
    if (!says.ok || says.value.size <= seq) return undefined
    const { epoch, size } = says.value
    const question = { type: 'prove', chain, epoch, size, seq } as const
    const proof = await this.#callers.askSoon(coordinator, question, never)
    if (!proof.ok) return undefined
    const { entry, path } = proof.value
    return { type: 'claim', to: chain, seq, entry, path, checkpoint, cosignatures }
  }

  /** Asks this of every chain that somebody writes. */
  async #everywhere(what: string, question: Deed): Promise<void> {
    await Promise.all(this.#homes.map(({ beacon }) => this.#ask(what, beacon.chain, question)))
  }

  async #ask(what: string, at: ChainId, question: Deed): Promise<AnswerMessage | undefined> {
    const coordinator = this.#homeOf(at)?.coordinator
    if (coordinator === undefined) return undefined
    const meant = question.type === 'claim' ? { ...question, to: at } : question
    const said = await this.#callers.ask(coordinator, meant, never)
    const code = said.ok ? said.value.type : said.refusal.code
    const line = `${what}: ${code}`
    this.outcomes.set(line, (this.outcomes.get(line) ?? 0) + 1)
    // Whom nobody heard has attempted nothing.
    if (!code.startsWith('wire.')) this.asked++
    if (!said.ok) return undefined
    if (question.type === 'claim' && said.value.seq !== undefined) {
      this.promises.arrived(at, question.entry, said.value.seq)
    }
    return said.value
  }

  #homeOf(chain: ChainId): Home | undefined {
    return this.#homes.find(({ beacon }) => beacon.chain === chain)
  }

  #chain(): ChainId {
    return this.#chance.one(this.#homes).beacon.chain
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

/** Whether who writes a chain has signed another history of it: that would end it. */
function isFork(one: Claim, other: Claim): boolean {
  const [says, also] = [one, other].map(({ checkpoint }) => open(checkpointDocument, checkpoint))
  if (says?.ok !== true || also?.ok !== true) return false
  const { root, coordinator } = also.value
  return coordinator === says.value.coordinator && root !== says.value.root
}

function neverAsked(): never {
  throw new Error('no fraud asks for that')
}
