import { type Governance, isChange } from '@nexapod/ledger'
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
  type Fact,
  factSchema,
  type Job,
  type JobId,
  type NodeId,
  type OwnerId,
  open,
  type Place,
  type Refusal,
  refusalOf,
  refuse,
  reopen,
  type Seal,
  type Signed,
  signedSchema,
  type ToFollower,
} from '@nexapod/specs'
import type { Elsewhere } from '../../core/event.ts'
import { Feed, type Reads, type Stood } from '../home/feed.ts'
import type { PortAsker } from '../threads/port.ts'
import type { Placed, Threads } from '../threads/threads.ts'
import type { CopyPlace } from './copy-store.ts'
import type { Found, Learner, Learnt } from './learner.ts'
import { packed } from './packed.ts'

const signedCheckpoint = signedSchema(checkpointDocument)

/** Which chain is copied, and where to. */
export interface CopyGround extends CopyPlace {
  /** Where it is learnt. */
  readonly threads: Pick<Threads, 'place'>
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
 * The chain of another coordinator as it is followed: a thread learns every entry with every
 * signature looked at, and nothing is shown of it beyond a checkpoint that says what its entries
 * come to. What is true, and who hears of what, is decided here.
 */
export class Copy implements AsyncDisposable {
  readonly chain: ChainId
  readonly feed: Feed
  readonly #ground: CopyGround
  readonly #placed: Placed<Learner>
  readonly #asker: PortAsker<Learner>
  #learnt: Learnt
  #bans: OwnerId[] = []
  /** How far a quorum has cosigned what was found true last, if it has. */
  #cosigned = 0
  #isClosed = false
  #sought: Place | undefined

  private constructor(ground: CopyGround, placed: Placed<Learner>, learnt: Learnt) {
    this.chain = ground.chain
    this.#ground = ground
    this.#placed = placed
    this.#asker = placed.asker
    this.#learnt = learnt
    this.feed = new Feed(this.#reads())
    this.#know(learnt)
  }

  /** Opens what was followed before, or begins anew. */
  static async open(ground: CopyGround): Promise<Answer<Copy>> {
    const { threads, directory, chain, mesh } = ground
    const placed = threads.place<Learner>()
    const opened = await placed.asker.ask('open', [{ directory, chain, mesh }])
    if (!opened.ok) {
      placed[Symbol.dispose]()
      return opened
    }
    const { stood, ...learnt } = opened.value
    const copy = new Copy(ground, placed, learnt)
    const checkpoint = stood && decode(signedCheckpoint, stood)
    const says = checkpoint?.ok ? open(checkpointDocument, checkpoint.value) : undefined
    if (checkpoint?.ok && says?.ok) {
      const { size } = says.value
      copy.feed.stand({ checkpoint: checkpoint.value, cosignatures: [], size })
    }
    return accept(copy)
  }

  /** Owners who are banned on it: another list, once it was cut. */
  get bans(): readonly OwnerId[] {
    return this.#bans
  }

  /** How many entries it has on its disk. */
  get size(): number {
    return this.#learnt.tip.size
  }

  /** How many of them are below a checkpoint that was found true. */
  get trueSize(): number {
    return this.feed.stood?.size ?? 0
  }

  /** The same if a quorum has cosigned that checkpoint, else nothing. */
  get cosigned(): number {
    return this.#cosigned
  }

  /** Where the reading stands: the epoch, and who writes it. */
  get tip(): Learnt['stand'] {
    return this.#learnt.stand
  }

  /** Why nothing more is written to its disk, if so. */
  get stopped(): Refusal | undefined {
    return this.#learnt.stopped
  }

  /** Whether a checkpoint was found true here. */
  found(checkpoint: Signed<Checkpoint>): boolean {
    const opened = open(checkpointDocument, checkpoint)
    const known = opened.ok ? this.feed.signedAt(opened.value.size) : undefined
    return known !== undefined && checkpointId(known) === checkpointId(checkpoint)
  }

  /** The history that counts where it was forked: of that, the checkpoint there is found true. */
  seek(place: Place | undefined): void {
    this.#sought = place
  }

  /** Takes what is sent of it: in order, and on the disk when this resolves. */
  async take(messages: readonly ToFollower[]): Promise<Refusal | undefined> {
    const all = packed(messages)
    const came = await this.#asker.ask('take', [all], [all.bytes.buffer])
    this.#know(came)
    for (const fact of factsIn(came.facts)) this.#tell(fact)
    if (came.banned.length > 0) this.#ground.banned()
    for (const found of came.found) {
      const message = messages[found.at]
      if (message?.type !== 'checkpoint') throw new Error('what was found is what was sent')
      const refusal = await this.#stand(found, message)
      if (refusal !== undefined) return refusal
    }
    return came.refusal
  }

  /**
   * Goes back to the last checkpoint that was found true, or further: what was sent since is not
   * what is signed. So does a copy whose disk holds other bytes, as far as it is sound.
   */
  async cutBack(size = this.trueSize): Promise<Answer<unknown>> {
    const cut = await this.feed.aside(async () => {
      const isCut = await this.#asker.ask('cutBack', [size])
      if (!isCut.ok) return isCut
      this.#bans = []
      this.#know(isCut.value)
      if (this.trueSize <= this.size) return accept(undefined)
      this.feed.fall(this.size)
      this.#cosigned = 0
      const { stood } = this.feed
      return stood === undefined ? accept(undefined) : await this.#keep(stood.checkpoint)
    })
    // What has ended further on is open again.
    for (const job of await this.openJobs()) this.#ground.admitted(job)
    return cut
  }

  /** The jobs that are open. */
  async openJobs(): Promise<readonly Signed<Job>[]> {
    const facts = await this.feed.read(async () => {
      return this.#isClosed ? [] : await this.#asker.ask('openJobs', [])
    })
    return factsIn(facts).flatMap((fact) => (fact.type === 'job' ? [fact.job] : []))
  }

  /** Whether nothing is open on it. */
  async isAtRest(): Promise<boolean> {
    return await this.feed.read(async () => {
      return this.#isClosed || (await this.#asker.ask('isAtRest', []))
    })
  }

  /** Who governed it at a size. */
  async governanceAt(size: number): Promise<Answer<Governance>> {
    return await this.feed.read(async () => {
      return this.#isClosed ? refuse('wire.closing') : await this.#asker.ask('governance', [size])
    })
  }

  /** What verdicts on it made of a node, if there were any. */
  async said(node: NodeId): Promise<Elsewhere | undefined> {
    return this.#isClosed ? undefined : await this.#asker.ask('said', [node])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    // Who waits for more of it, or reads on, would do so for ever.
    this.feed.close()
    await this.feed.idle()
    await this.#asker.ask('close', [])
    this.#placed[Symbol.dispose]()
  }

  /** What is read of it, a page at a time; nothing once it is closed. */
  #reads(): Reads {
    const copy = this
    const asker = this.#asker
    const read = async <T>(ask: () => Promise<Answer<T>>) => {
      return copy.#isClosed ? refuse('wire.closing') : await ask()
    }
    return {
      get tip() {
        return copy.#learnt.tip
      },
      entry: (seq) => read(() => asker.ask('entry', [seq])),
      inclusion: (seq, size) => read(() => asker.ask('inclusion', [seq, size])),
      consistency: (from, size) => read(() => asker.ask('consistency', [from, size])),
      async *pages(from = 0, to = copy.size, signal) {
        const end = Math.min(to, copy.size)
        for (let at = from; at < end; ) {
          signal?.throwIfAborted()
          const page = await read(() => asker.ask('page', [at, end]))
          const isCut = page.ok && page.value.length === 0
          yield isCut ? refuse('ledger.unknown', { detail: `it was cut below ${end}` }) : page
          if (!page.ok || isCut) return
          at += page.value.length
        }
      },
    }
  }

  #know(learnt: Learnt): void {
    this.#learnt = learnt
    for (const owner of learnt.banned) this.#bans.push(owner)
  }

  #tell(fact: Fact): void {
    const { amended, sealed, admitted, ended } = this.#ground
    if (isChange(fact)) amended(fact)
    if (fact.type === 'seal') sealed(fact.seal)
    if (fact.type === 'job') admitted(fact.job)
    if (fact.type === 'end') ended(fact.job)
  }

  /** Shows what was found true, once that is kept: of a frozen epoch what a quorum has cosigned. */
  async #stand(
    { epoch, size, isCosigned }: Found,
    { checkpoint, cosignatures }: Omit<Stood, 'size'>,
  ): Promise<Refusal | undefined> {
    // Two that follow each other would tell each other the same for ever.
    if (!this.#isNews({ checkpoint, cosignatures })) return undefined
    const mayStand = isCosigned || !this.#ground.isFrozen(epoch) || this.#isSought(checkpoint)
    if (!mayStand) return refusalOf('ledger.forked')
    const kept = await this.#keep(checkpoint)
    if (!kept.ok) return kept.refusal
    this.feed.stand({ checkpoint, cosignatures, size })
    this.#cosigned = isCosigned ? size : 0
    return undefined
  }

  #isSought(checkpoint: Signed<Checkpoint>): boolean {
    const says = reopen(checkpointDocument, checkpoint)
    const { size, head } = this.#sought ?? {}
    return says.ok && says.value.size === size && says.value.head === head
  }

  async #keep(checkpoint: Signed<Checkpoint>): Promise<Answer<unknown>> {
    return await this.#asker.ask('keep', [encode(signedCheckpoint, checkpoint)])
  }

  #isNews({ checkpoint, cosignatures }: Omit<Stood, 'size'>): boolean {
    const { stood } = this.feed
    if (stood === undefined || checkpointId(stood.checkpoint) !== checkpointId(checkpoint)) {
      return true
    }
    return stood.cosignatures.length < cosignatures.length
  }
}

function factsIn(all: readonly Uint8Array[]): Fact[] {
  return all.map((bytes) => {
    const fact = decode(factSchema, bytes)
    if (!fact.ok) throw new Error('a fact that was learnt is none')
    return fact.value
  })
}
