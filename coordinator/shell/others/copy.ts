import { rm } from 'node:fs/promises'
import { isChange, Ledger, openCosigned, stateRoot, type Taken } from '@nexapod/ledger'
import { cut, keepSnapshot, openStore, recover, repair, type Store } from '@nexapod/ledger/store'
import type { Clock } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type ChainId,
  type Change,
  type Checkpoint,
  checkpointDocument,
  checkpointId,
  decode,
  encode,
  entryHash,
  entrySchema,
  explain,
  type Fact,
  type Job,
  type JobId,
  jobId,
  type MeshId,
  open,
  type Refusal,
  refusalOf,
  refuse,
  type Seal,
  type Signed,
  signedSchema,
  type ToFollower,
} from '@nexapod/specs'
import { Feed, type Stood } from '../home/feed.ts'

/** How long entries are learnt before others have a turn: each may hold dozens of signatures. */
const turnMs = 5

const signedCheckpoint = signedSchema(checkpointDocument)
/** The row of the last checkpoint that was found true. */
const stoodKey = new TextEncoder().encode('stood')

/** Which chain is copied, and where to. */
export interface CopyGround {
  readonly directory: string
  readonly chain: ChainId
  readonly mesh: MeshId
  readonly time: Clock
  /** Whether an epoch of it is frozen: then only what a quorum has cosigned is found true. */
  isFrozen(epoch: number): boolean
  /** A change of the roster or the rates stands on it. */
  amended(change: Change): void
  /** A verdict on it banned somebody. */
  banned(): void
  /** An epoch of it was ended by this seal. */
  sealed(seal: Signed<Seal>): void
  /** A job is open on it, and has ended. */
  admitted(job: Signed<Job>): void
  ended(job: JobId): void
}

/**
 * The chain of another coordinator as it is followed: every entry is learnt with every signature
 * looked at, and nothing is shown of it beyond a checkpoint that says what its entries come to.
 */
export class Copy implements AsyncDisposable {
  readonly chain: ChainId
  readonly feed: Feed
  readonly #ground: CopyGround
  #ledger: Ledger
  #taken: Taken[] = []

  private constructor(ground: CopyGround, store: Store, ledger: Ledger) {
    this.chain = ground.chain
    this.feed = new Feed(store)
    this.#ground = ground
    this.#ledger = ledger
  }

  /** Opens what was followed before, or begins anew. */
  static async open(ground: CopyGround): Promise<Answer<Copy>> {
    const opened = await soundStore(ground)
    if (!opened.ok) return opened
    const store = opened.value
    const ledger = await learnt(store)
    if (!ledger.ok) {
      await store[Symbol.asyncDispose]()
      return ledger
    }
    const copy = new Copy(ground, store, ledger.value)
    const row = await store.given(stoodKey)
    const stood = row.ok && row.value ? decode(signedCheckpoint, row.value) : undefined
    if (stood?.ok) await copy.#stoodBefore(stood.value)
    return accept(copy)
  }

  /** What its entries come to so far: also those that no checkpoint covers yet. */
  get ledger(): Ledger {
    return this.#ledger
  }

  /** How many entries it has on its disk. */
  get size(): number {
    return this.feed.store.tip.size
  }

  /** How many of them are below a checkpoint that was found true. */
  get trueSize(): number {
    return this.feed.stood?.size ?? 0
  }

  /** Where the reading stands: the epoch, and who writes it. */
  get tip(): Ledger['chain']['tip'] {
    return this.#ledger.chain.tip
  }

  /** Whether a checkpoint was found true here. */
  found(checkpoint: Signed<Checkpoint>): boolean {
    const opened = open(checkpointDocument, checkpoint)
    const known = opened.ok ? this.feed.signedAt(opened.value.size) : undefined
    return known !== undefined && checkpointId(known) === checkpointId(checkpoint)
  }

  /** Takes what is sent of it: in order, and on the disk when this resolves. */
  async take(messages: readonly ToFollower[]): Promise<Refusal | undefined> {
    const { time } = this.#ground
    let from = time.now()
    for (const message of messages) {
      if (message.type === 'entry') {
        const taken = this.#ledger.take(message.entry)
        if (!taken.ok) return taken.refusal
        this.#taken.push(taken.value)
        for (const fact of taken.value.entry.facts) this.#tell(fact)
      } else if (message.type === 'checkpoint') {
        const refusal = await this.#checked(message)
        if (refusal !== undefined) return refusal
      }
      if (time.now() - from < turnMs) continue
      await new Promise<void>((resolve) => time.after(0, resolve))
      from = time.now()
    }
    return await this.#write()
  }

  /**
   * Goes back to the last checkpoint that was found true, or further: what was sent since is not
   * what is signed. So does a copy whose disk holds other bytes, as far as it is sound.
   */
  async cutBack(size = this.trueSize): Promise<Answer<unknown>> {
    const { directory } = this.#ground
    const replaced = await this.feed.replace(async (before) => {
      await before[Symbol.asyncDispose]()
      const isCut = await cut(directory, Math.min(size, before.tip.size))
      if (!isCut.ok && isCut.refusal.code !== 'ledger.damaged') return isCut
      return await soundStore(this.#ground)
    })
    if (!replaced.ok) throw new Error(`a copy is lost: ${explain(replaced.refusal)}`)
    const ledger = await learnt(replaced.value)
    if (!ledger.ok) return ledger
    this.#taken = []
    this.#ledger = ledger.value
    if (this.trueSize <= this.size) return accept(undefined)
    this.feed.fall(this.size)
    const { stood } = this.feed
    return stood === undefined ? accept(undefined) : await this.#keep(stood.checkpoint)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed.idle()
    const { store } = this.feed
    if (store.stopped === undefined) await keepSnapshot(store, this.#ledger)
    await store[Symbol.asyncDispose]()
  }

  /** The jobs that are open. */
  async openJobs(): Promise<readonly Signed<Job>[]> {
    const open: Signed<Job>[] = []
    const { jobs } = this.#ledger.state
    for (const [, { seq, ended }] of jobs.entries()) {
      if (ended !== undefined) continue
      const bytes = await this.feed.read(() => this.feed.store.entry(seq))
      const entry = bytes.ok ? decode(entrySchema, bytes.value) : bytes
      if (!entry.ok) continue
      for (const fact of entry.value.facts) {
        if (fact.type === 'job' && jobs.get(jobId(fact.job))?.ended === undefined) {
          open.push(fact.job)
        }
      }
    }
    return open
  }

  #tell(fact: Fact): void {
    const { amended, banned, sealed, admitted, ended } = this.#ground
    if (isChange(fact)) amended(fact)
    if (fact.type === 'seal') sealed(fact.seal)
    if (isBan(fact)) banned()
    if (fact.type === 'job') admitted(fact.job)
    if (fact.type === 'end') ended(fact.job)
  }

  async #write(): Promise<Refusal | undefined> {
    const taken = this.#taken
    this.#taken = []
    if (taken.length === 0) return undefined
    const { chain } = (taken[0] as Taken).entry
    if (chain !== this.chain) return refusalOf('chain.link', { detail: `the chain ${chain}` })
    const written = await this.feed.store.append(taken)
    return written.ok ? undefined : written.refusal
  }

  /** Whether a checkpoint says what the entries so far come to. */
  async #checked(stood: Omit<Stood, 'size'>): Promise<Refusal | undefined> {
    const written = await this.#write()
    if (written !== undefined) return written
    const checked = this.#ledger.chain.check(stood.checkpoint)
    if (!checked.ok) return checked.refusal
    const { state, epoch } = checked.value
    if (state !== stateRoot(this.#ledger.state)) {
      return refuse('chain.checkpoint', { detail: 'another state' }).refusal
    }
    // Two that follow each other would tell each other the same for ever.
    if (!this.#isNews(stood)) return undefined
    if (this.#ground.isFrozen(epoch) && !this.#isCosigned(stood)) return refusalOf('ledger.forked')
    const kept = await this.#keep(stood.checkpoint)
    if (!kept.ok) return kept.refusal
    this.feed.stand({ ...stood, size: checked.value.size })
    return undefined
  }

  async #keep(checkpoint: Signed<Checkpoint>): Promise<Answer<unknown>> {
    const value = encode(signedCheckpoint, checkpoint)
    return await this.feed.store.give([{ key: stoodKey, value }])
  }

  #isNews({ checkpoint, cosignatures }: Omit<Stood, 'size'>): boolean {
    const { stood } = this.feed
    if (stood === undefined || checkpointId(stood.checkpoint) !== checkpointId(checkpoint)) {
      return true
    }
    return stood.cosignatures.length < cosignatures.length
  }

  #isCosigned({ checkpoint, cosignatures }: Omit<Stood, 'size'>): boolean {
    const { tip } = this.#ledger.chain
    return tip !== undefined && openCosigned(tip.governance, checkpoint, cosignatures).ok
  }

  /** The last checkpoint that was found true, if what is on the disk still is what it says. */
  async #stoodBefore(checkpoint: Signed<Checkpoint>): Promise<void> {
    const opened = open(checkpointDocument, checkpoint)
    if (!opened.ok || opened.value.size > this.size) return
    const { size, head } = opened.value
    const last = await this.feed.store.entry(size - 1)
    if (!last.ok || entryHash(last.value) !== head) return
    this.feed.stand({ checkpoint, cosignatures: [], size })
  }
}

/** What the entries of a store add up to. What comes after them is another's, and looked at. */
async function learnt(store: Store): Promise<Answer<Ledger>> {
  const known = await recover(store)
  if (!known.ok) return known
  const { chain, state } = known.value
  const { stand } = chain
  return accept(new Ledger(open, stand && { stand, state }))
}

/** Opens a store of which others have copies: what of it is damaged goes, and comes again. */
async function soundStore({ directory, chain, mesh }: CopyGround): Promise<Answer<Store>> {
  const opened = await openStore({ directory, chain, mesh })
  if (opened.ok || opened.refusal.code !== 'ledger.damaged') return opened
  const repaired = await repair(directory, [])
  if (repaired.ok && repaired.value.quarantine !== undefined) {
    await rm(repaired.value.quarantine, { recursive: true })
  }
  const again = await openStore({ directory, chain, mesh })
  if (again.ok || again.refusal.code !== 'ledger.damaged') return again
  await rm(directory, { recursive: true })
  return await openStore({ directory, chain, mesh })
}

function isBan(fact: Fact): boolean {
  return (
    fact.type === 'verdict' && fact.decided.type === 'accepted' && fact.decided.banned.length > 0
  )
}
