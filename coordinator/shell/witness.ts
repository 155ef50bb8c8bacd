import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { extendsTree, forkProof } from '@nexapod/ledger'
import type { Seen, Store } from '@nexapod/ledger/store'
import { follow, type Gossip, type Mesh, throwing } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type Change,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  digestBytes,
  limits,
  open,
  type Question,
  refuse,
  type Signer,
  sign,
} from '@nexapod/specs'
import { Copy } from './copy.ts'
import type { Feed } from './feed.ts'
import type { Log } from './log.ts'
import type { Others } from './others.ts'
import type { Cosigner } from './readings.ts'
import type { Time } from './time.ts'

/** How long a witness waits for the entries below a checkpoint that it is to cosign. */
const behindMs = limits.answerMs / 3

/** What a witness stands on. */
export interface WitnessGround {
  /** Where the copies are. */
  readonly directory: string
  readonly mesh: Pick<Mesh, 'id' | 'on' | 'publish'>
  readonly others: Pick<Others, 'keys' | 'open'>
  /** The coordinator's own store: what was seen is kept there before it is said. */
  readonly store: Store
  readonly signer: Signer
  readonly time: Time
  readonly log: Log
  /** A change of the roster or the rates stands on a chain that is followed. */
  amended(change: Change, chain: ChainId): void
}

/** Follows the chains of the other coordinators, and signs what it has found true of them. */
export class Witness implements Cosigner, AsyncDisposable {
  readonly #ground: WitnessGround
  readonly #gone: AbortSignal
  readonly #copies = new Map<ChainId, Copy>()
  /** Whose chain is followed already: one of each. */
  readonly #opening = new Map<CoordinatorId, Promise<void>>()
  readonly #frozen = new Set<ChainId>()
  readonly #following: Promise<void>[] = []

  constructor(ground: WitnessGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
    const { mesh } = ground
    mesh.on('beacon', ({ says }) => throwing(this.#meet(says)))
    mesh.on('checkpoint', (heard) => throwing(this.#compare(heard)))
    mesh.on('fork', ({ says }) => this.#freeze(says))
  }

  /** A chain that is followed here. */
  feedOf(chain: ChainId): Feed | undefined {
    return this.#copies.get(chain)?.feed
  }

  /** Cosigns what was found true, once it is on the disk that it was seen. */
  async cosign(
    { checkpoint, from, path }: Question & { readonly type: 'witness' },
    signal: AbortSignal,
  ): Promise<Answer<AnswerMessage>> {
    const opened = open(checkpointDocument, checkpoint)
    if (!opened.ok) return opened
    const { chain, epoch, size, root, head, coordinator } = opened.value
    if (!this.#isMember(coordinator)) return refuse('chain.roster')
    if (this.#frozen.has(chain)) return refuse('ledger.forked')
    // Nobody waits for gossip: who asks is followed from then on.
    await this.#meet(opened.value)
    const copy = this.#copies.get(chain)
    if (copy === undefined) return refuse('ledger.unknown', { detail: `the chain ${chain}` })
    const { gate } = this.#ground.store
    const seen = await gate.seen(chain)
    if (!seen.ok) return seen
    const before = seen.value?.size ?? 0
    if (from !== before) return accept({ type: 'behind', size: before })
    const extended = seen.value === undefined || isExtended(seen.value, opened.value, path)
    if (!extended) return refuse('proof.false', { detail: `it does not extend ${before}` })
    const until = AbortSignal.any([signal, this.#gone, AbortSignal.timeout(behindMs)])
    while (!copy.found(checkpoint)) {
      // Who is busy signs the next one before this one was sent: then that is asked about.
      if (copy.passed(size)) return refuse('wire.deadline', { detail: `beyond ${size} entries` })
      if (until.aborted) return refuse('wire.deadline', { detail: `no ${size} entries are here` })
      await copy.feed.news(until)
    }
    const kept = await gate.see(chain, { epoch, size, head, root })
    if (!kept.ok) return kept
    const { signer, time } = this.#ground
    const says = {
      ...{ v: 1 as const, chain, epoch, size },
      checkpoint: checkpointId(checkpoint),
      witness: signer.id as CoordinatorId,
      time: time.wall(),
    }
    return accept({ type: 'cosignature', cosignature: sign(cosignatureDocument, says, signer) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opening.values())
    await Promise.all(this.#following)
    for (const copy of this.#copies.values()) await copy[Symbol.asyncDispose]()
  }

  /** Whether it is one of the others, by the roster of now. */
  #isMember(key: CoordinatorId): boolean {
    return this.#ground.others.keys.includes(key)
  }

  /** Follows the chain of a member from now on, once its copy is open; one of each member. */
  async #meet({ coordinator, chain }: Pick<Checkpoint, 'coordinator' | 'chain'>): Promise<void> {
    if (!this.#isMember(coordinator) || this.#gone.aborted) return
    let opening = this.#opening.get(coordinator)
    if (opening === undefined) {
      opening = this.#open(coordinator, chain)
      this.#opening.set(coordinator, opening)
    }
    await opening
  }

  async #open(coordinator: CoordinatorId, chain: ChainId): Promise<void> {
    const { directory, mesh, log, amended } = this.#ground
    const hear = (change: Change) => amended(change, chain)
    const opened = await Copy.open(join(directory, chain), chain, mesh.id, hear)
    if (!opened.ok) {
      log.error({ chain, refusal: opened.refusal }, 'not followed')
      return
    }
    this.#copies.set(chain, opened.value)
    log.info({ chain, coordinator, size: opened.value.size }, 'following')
    this.#following.push(this.#follow(coordinator, chain, opened.value))
  }

  async #follow(coordinator: CoordinatorId, chain: ChainId, copy: Copy): Promise<void> {
    const { others, time, log } = this.#ground
    const ended = await follow(
      chain,
      copy.size,
      {
        clock: time,
        draw: () => randomInt(2 ** 32),
        dial: (signal) => others.open('follow', coordinator, signal),
        take: (messages) => copy.take(messages),
      },
      this.#gone,
    )
    if (ended !== undefined) log.error({ chain, refusal: ended }, 'followed no more')
  }

  /** Two checkpoints of one size that say different things prove a fork. */
  async #compare({ document, says }: Gossip['checkpoint']): Promise<void> {
    const known = this.#copies.get(says.chain)?.foundAt(says.size)
    const fork = known && forkProof(document, known)
    if (fork === undefined) return
    this.#freeze(says)
    await this.#ground.mesh.publish('fork', fork)
  }

  #freeze({ chain, coordinator, epoch }: Checkpoint): void {
    if (this.#frozen.has(chain)) return
    this.#frozen.add(chain)
    this.#ground.log.error({ chain, coordinator, epoch }, 'forked')
  }
}

function isExtended(seen: Seen, next: Checkpoint, path: readonly Uint8Array[]): boolean {
  const [from, to] = [seen, next].map(({ size, root }) => ({ size, root: digestBytes(root) }))
  return from !== undefined && to !== undefined && extendsTree(from, to, path)
}
