import { Ledger, stateRoot, type Taken } from '@nexapod/ledger'
import { openStore, type Store } from '@nexapod/ledger/store'
import {
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Fact,
  type Job,
  type JobId,
  type Mesh,
  type MeshId,
  meshDocument,
  meshId,
  reopen,
  requestDocument,
  type Signed,
  type Signer,
  sign,
  type ToFollower,
} from '@nexapod/specs'
import { Feed } from '../shell/home/feed.ts'
import { keyNamed, noon, usualRates } from './cast.ts'
import { valued } from './scripted-mesh.ts'

/** Who is of the mesh of a scripted chain; the first writes it, where nobody else is named. */
const names = ['kim', 'lea', 'mia']

/** A chain as its coordinator writes it; with a branch, it has two histories. */
export class ScriptedChain {
  readonly mesh: MeshId
  /** The mesh as its three members have signed it. */
  readonly founded: Signed<Mesh>
  readonly signer: Signer
  readonly taken: Taken[] = []
  readonly #ledger = new Ledger(reopen)

  constructor(branched: readonly Taken[] = [], writer = 'kim') {
    this.signer = keyNamed(writer)
    const members = names.map((name) => keyNamed(name)).sort((a, b) => (a.id < b.id ? -1 : 1))
    const signed = sign(
      meshDocument,
      {
        ...{ v: 1, name: 'scripted', founded: noon, nonce: new Uint8Array(16) },
        members: members.map(({ id }) => ({ coordinator: id as CoordinatorId, addresses: [] })),
        ...{ quorum: 2, rates: usualRates, bootstrap: [] },
      },
      ...members,
    )
    this.mesh = meshId(signed)
    this.founded = signed
    for (const { bytes } of branched) this.taken.push(valued(this.#ledger.take(bytes)))
    const coordinator = this.signer.id as CoordinatorId
    const nonce = new Uint8Array(16)
    if (branched.length === 0) this.#write({ type: 'genesis', mesh: signed, coordinator, nonce })
  }

  get chain(): ChainId {
    return this.#ledger.chain.tip?.chain as ChainId
  }

  get size(): number {
    return this.taken.length
  }

  /** Writes so many entries more, which say something else in each branch. */
  grow(entries: number, branch = 0): this {
    for (let i = 0; i < entries; i++) {
      this.#write({ type: 'fences', below: 1000 * this.size + branch + 1 })
    }
    return this
  }

  /** Admits these jobs, all in one entry. */
  admit(...jobs: readonly Signed<Job>[]): this {
    this.#write(...jobs.map((job) => ({ type: 'job' as const, job })))
    return this
  }

  /** Ends a job, since its publisher cancels it. */
  cancel(job: JobId, publisher: Signer): this {
    const times = { counter: this.size, issued: noon, expires: noon + 60_000 }
    const act = { type: 'cancel' as const, job }
    const says = { v: 1 as const, from: publisher.id, to: this.chain, epoch: 0, ...times, act }
    const request = sign(requestDocument, says, publisher)
    this.#write({ type: 'cancel', request }, { type: 'end', job, as: 'cancelled' })
    return this
  }

  /** The same so far, to go on in another way. */
  branch(): ScriptedChain {
    return new ScriptedChain(this.taken)
  }

  /** What its coordinator signs where it stands. */
  checkpoint(change: Partial<Checkpoint> = {}): Signed<Checkpoint> {
    const { tip } = this.#ledger.chain
    if (tip === undefined) throw new Error('a chain begins with its genesis')
    const { chain, epoch, size, head, coordinator } = tip
    const state = stateRoot(this.#ledger.state)
    const root = this.#ledger.chain.root()
    const says = { v: 1 as const, chain, epoch, size, coordinator, root, head, state }
    return sign(checkpointDocument, { ...says, time: noon + size, ...change }, this.signer)
  }

  /** Its last entries, and the checkpoint over them, as a follower is sent them. */
  messages(from = 0, checkpoint = this.checkpoint()): ToFollower[] {
    const entries = this.taken.slice(from).map(({ bytes }, i) => {
      return { type: 'entry' as const, seq: from + i, entry: bytes }
    })
    return [...entries, { type: 'checkpoint', checkpoint, cosignatures: [] }]
  }

  /** What a witness says of its checkpoint. */
  cosigned(name: string, checkpoint = this.checkpoint()) {
    const { chain, size } = this
    const witness = keyNamed(name)
    return sign(
      cosignatureDocument,
      {
        ...{ v: 1 as const, chain, epoch: 0, size, checkpoint: checkpointId(checkpoint) },
        ...{ witness: witness.id as CoordinatorId, time: noon },
      },
      witness,
    )
  }

  /** It on a disk, with its checkpoint. */
  async feed(directory: string): Promise<Feed<Store> & AsyncDisposable> {
    const store = valued(await openStore({ directory }))
    valued(await store.append(this.taken))
    const feed = new Feed(store)
    feed.stand({ size: this.size, checkpoint: this.checkpoint(), cosignatures: [] })
    return Object.assign(feed, { [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() })
  }

  #write(...facts: readonly Fact[]): void {
    this.taken.push(valued(this.#ledger.write(facts, noon + this.size)))
  }
}
