import { setImmediate } from 'node:timers/promises'
import {
  type Governance,
  isAtRest,
  isChange,
  type Ledger,
  openCosigned,
  stateRoot,
  type Taken,
} from '@nexapod/ledger'
import { cut, keepSnapshot, type Store, type Tip } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  decode,
  encode,
  entrySchema,
  type Fact,
  factSchema,
  jobId,
  type NodeId,
  type OwnerId,
  type Refusal,
  refusalOf,
  refuse,
  type ToFollower,
} from '@nexapod/specs'
import type { Elsewhere } from '../../core/event.ts'
import { saidOf } from './abroad.ts'
import { type CopyPlace, keepStood, learnt, soundStore, stoodIn } from './copy-store.ts'
import { governanceAt } from './governed.ts'
import { type Packed, unpacked } from './packed.ts'

/** How long entries are learnt before other chains have a turn: each holds dozens of signatures. */
const turnMs = 5

/** How far a chain was learnt. */
export interface Learnt {
  readonly tip: Tip
  /** Where the reading stands: the epoch, who writes it, and who governs. */
  readonly stand: Ledger['chain']['tip']
  /** Why nothing is written any more, if so. */
  readonly stopped: Refusal | undefined
  /** Owners whom it has banned since this was said before. */
  readonly banned: readonly OwnerId[]
}

/** A checkpoint that says what the entries come to: which message it was, and what it says. */
export interface Found {
  readonly at: number
  readonly epoch: number
  readonly size: number
  /** Whether a quorum has cosigned it. */
  readonly isCosigned: boolean
}

/** What came of messages: in their order up to the first that was refused. */
export interface Came extends Learnt {
  readonly refusal: Refusal | undefined
  readonly found: readonly Found[]
  /** The facts that others have to hear of, in their bytes: a view would bring all around it. */
  readonly facts: readonly Uint8Array[]
}

/**
 * Learns the chain of another coordinator onto a disk: every entry with every signature looked at.
 * It is in a thread, so that this takes nothing from the core that judges.
 */
export class Learner {
  #at: { readonly ground: CopyPlace; store: Store; ledger: Ledger } | undefined
  #taken: Taken[] = []
  /** Owners whose ban was said, and whether there may be another. */
  readonly #banned = new Set<OwnerId>()
  #mayBan = true

  /** Opens what was learnt before, or begins anew; gives the checkpoint that was found true. */
  async open(ground: CopyPlace): Promise<Answer<Learnt & { readonly stood?: Uint8Array }>> {
    const opened = await soundStore(ground)
    if (!opened.ok) return opened
    const store = opened.value
    const ledger = await learnt(store)
    if (!ledger.ok) {
      await store[Symbol.asyncDispose]()
      return ledger
    }
    this.#at = { ground, store, ledger: ledger.value }
    const stood = await stoodIn(store)
    return accept({ ...this.#learnt(), ...(stood === undefined ? {} : { stood }) })
  }

  /** Takes what is sent of it: in order, and on the disk when this resolves. */
  async take(packed: Packed): Promise<Came> {
    const facts: Uint8Array[] = []
    const found: Found[] = []
    const refused = await this.#take(unpacked(packed), facts, found)
    const unwritten = await this.#write()
    const refusal = refused ?? unwritten
    if (refusal !== undefined) await this.#unlearn()
    return { ...this.#learnt(), refusal, facts, found }
  }

  /** Keeps a checkpoint: what it covers is true, whatever comes. */
  async keep(checkpoint: Uint8Array): Promise<Answer<unknown>> {
    return await keepStood(this.#open.store, checkpoint)
  }

  /** Goes back to so many entries, or as many as are sound on the disk. */
  async cutBack(size: number): Promise<Answer<Learnt>> {
    const at = this.#open
    const { directory } = at.ground
    await at.store[Symbol.asyncDispose]()
    const isCut = await cut(directory, Math.min(size, at.store.tip.size))
    const isLost = !isCut.ok && isCut.refusal.code !== 'ledger.damaged'
    const store = isLost ? isCut : await soundStore(at.ground)
    if (!store.ok) throw new Error(`a copy is lost: ${JSON.stringify(store.refusal)}`)
    at.store = store.value
    const ledger = await learnt(at.store)
    if (!ledger.ok) return ledger
    at.ledger = ledger.value
    this.#taken = []
    this.#banned.clear()
    this.#mayBan = true
    return accept(this.#learnt())
  }

  /** The jobs that are open: the facts that admitted them. */
  async openJobs(): Promise<readonly Uint8Array[]> {
    const { store, ledger } = this.#open
    const open: Uint8Array[] = []
    const { jobs } = ledger.state
    // Many may stand in one entry: it is read once.
    const seqs = new Set<number>()
    for (const [, { seq, ended }] of jobs.entries()) if (ended === undefined) seqs.add(seq)
    for (const seq of [...seqs].sort((a, b) => a - b)) {
      const bytes = await store.entry(seq)
      const entry = bytes.ok ? decode(entrySchema, bytes.value) : bytes
      if (!entry.ok) continue
      for (const fact of entry.value.facts) {
        const isOpen = fact.type === 'job' && jobs.get(jobId(fact.job))?.ended === undefined
        if (isOpen) open.push(encode(factSchema, fact))
      }
    }
    return open
  }

  /** Whether nothing is open on it. */
  async isAtRest(): Promise<boolean> {
    return isAtRest(this.#open.ledger.state)
  }

  /** What verdicts made of a node, if there were any about it. */
  async said(node: NodeId): Promise<Elsewhere | undefined> {
    return saidOf(this.#open.ledger.state, node)
  }

  /** Who governed it at a size. */
  async governance(size: number): Promise<Answer<Governance>> {
    const { store, ledger } = this.#open
    return await governanceAt(store, ledger, size)
  }

  /** An entry, as it was written. */
  async entry(seq: number): Promise<Answer<Uint8Array>> {
    return await this.#open.store.entry(seq)
  }

  /** Some of the entries from one up to another, as far as one answer holds them. */
  async page(from: number, to: number): Promise<Answer<readonly Uint8Array[]>> {
    for await (const page of this.#open.store.pages(from, to)) return page
    return accept([])
  }

  /** The path from an entry to the root of the chain at a size. */
  async inclusion(seq: number, size?: number): Promise<Answer<Uint8Array[]>> {
    return await this.#open.store.inclusion(seq, size)
  }

  /** The proof that the chain at a size extends the chain at a smaller one. */
  async consistency(from: number, size?: number): Promise<Answer<Uint8Array[]>> {
    return await this.#open.store.consistency(from, size)
  }

  /** Keeps a snapshot for the next time, and closes. */
  async close(): Promise<void> {
    const { store, ledger } = this.#open
    if (store.stopped === undefined) await keepSnapshot(store, ledger)
    await store[Symbol.asyncDispose]()
  }

  get #open() {
    if (this.#at === undefined) throw new Error('a chain is opened before it is learnt')
    return this.#at
  }

  #learnt(): Learnt {
    const { store, ledger } = this.#open
    const banned: OwnerId[] = []
    const bans = this.#mayBan ? ledger.state.bans.entries() : []
    for (const [key] of bans) {
      const owner = key as OwnerId
      if (!this.#banned.has(owner)) banned.push(owner)
      this.#banned.add(owner)
    }
    this.#mayBan = false
    return { tip: store.tip, stand: ledger.chain.tip, stopped: store.stopped, banned }
  }

  async #take(
    messages: readonly ToFollower[],
    facts: Uint8Array[],
    found: Found[],
  ): Promise<Refusal | undefined> {
    let from = performance.now()
    for (const [at, message] of messages.entries()) {
      if (message.type === 'entry') {
        const taken = this.#open.ledger.take(message.entry)
        if (!taken.ok) return taken.refusal
        this.#taken.push(taken.value)
        for (const fact of taken.value.entry.facts) {
          if (isTold(fact)) facts.push(encode(factSchema, fact))
          if (isBan(fact)) this.#mayBan = true
        }
      } else if (message.type === 'checkpoint') {
        const checked = await this.#checked(message)
        if (!checked.ok) return checked.refusal
        found.push({ at, ...checked.value })
      }
      if (performance.now() - from < turnMs) continue
      await setImmediate()
      from = performance.now()
    }
    return undefined
  }

  async #write(): Promise<Refusal | undefined> {
    const taken = this.#taken
    this.#taken = []
    if (taken.length === 0) return undefined
    const { ground, store } = this.#open
    const { chain } = (taken[0] as Taken).entry
    if (chain !== ground.chain) return refusalOf('chain.link', { detail: `the chain ${chain}` })
    const written = await store.append(taken)
    return written.ok ? undefined : written.refusal
  }

  /** What was learnt and is not on the disk is forgotten: it was of another chain. */
  async #unlearn(): Promise<void> {
    const at = this.#open
    if (at.store.stopped !== undefined) return
    if ((at.ledger.chain.tip?.size ?? 0) === at.store.tip.size) return
    const ledger = await learnt(at.store)
    if (ledger.ok) at.ledger = ledger.value
  }

  /** What a checkpoint says, if that is what the entries so far come to. */
  async #checked({
    checkpoint,
    cosignatures,
  }: ToFollower & { readonly type: 'checkpoint' }): Promise<Answer<Omit<Found, 'at'>>> {
    const refusal = await this.#write()
    if (refusal !== undefined) return { ok: false, refusal }
    const { chain, state } = this.#open.ledger
    const checked = chain.check(checkpoint)
    if (!checked.ok) return checked
    const { epoch, size } = checked.value
    if (checked.value.state !== stateRoot(state)) {
      return refuse('chain.checkpoint', { detail: 'another state' })
    }
    const { tip } = chain
    const isCosigned = !!tip && openCosigned(tip.governance, checkpoint, cosignatures).ok
    return accept({ epoch, size, isCosigned })
  }
}

/** What is said of a chain outside, whoever reads it. */
function isTold(fact: Fact): boolean {
  return isChange(fact) || fact.type === 'seal' || fact.type === 'job' || fact.type === 'end'
}

function isBan(fact: Fact): boolean {
  return (
    fact.type === 'verdict' && fact.decided.type === 'accepted' && fact.decided.banned.length > 0
  )
}
