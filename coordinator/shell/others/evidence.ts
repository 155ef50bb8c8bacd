import { forkProof, includes } from '@nexapod/ledger'
import { type Gossip, type Mesh, type TopicName, throwing, waited } from '@nexapod/mesh'
import {
  type Answer,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  checkpointId,
  digestBytes,
  digestText,
  type Fork,
  leafHash,
  limits,
  open,
  refusals,
  type Signed,
} from '@nexapod/specs'
import type { Feed, Stood } from '../home/feed.ts'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'
import type { Forks, Stand } from './forks.ts'
import type { Others } from './others.ts'

/** How long a copy has to come to a checkpoint by itself, before others are asked to prove it. */
const aloneMs = 1000
/** How often a checkpoint that is to be cosigned is passed on: its author says more of them. */
const passMs = 2000
/** Checkpoints of one chain that wait for what they are compared with: seconds of a busy one. */
const waitingMax = 16

/** What evidence is looked for in. */
export interface EvidenceGround {
  readonly own: CoordinatorId
  readonly forks: Forks
  readonly others: Pick<Others, 'keys' | 'ask'>
  readonly mesh: Pick<Mesh, 'publish'>
  /** A chain that is written or followed here, frozen or not. */
  feedOf(chain: ChainId): Feed | undefined
  readonly time: Time
  readonly log: Log
}

/** A checkpoint that says more than is here. */
interface Waiting {
  readonly document: Signed<Checkpoint>
  readonly says: Checkpoint
  /** When others are asked to prove it. */
  due: number
  pauseMs: number
}

/**
 * Holds every checkpoint that is heard of against the chain as it is known here. Two that say what
 * cannot both be so, in whatever sizes, become the proof of a fork: it is kept, and told to all.
 */
export class Evidence {
  readonly #ground: EvidenceGround
  readonly #gone: AbortSignal
  readonly #waiting = new Map<ChainId, Map<string, Waiting>>()
  /** When a checkpoint of a chain was last passed on. */
  readonly #passed = new Map<ChainId, number>()
  /** Who is being asked whether it knows of a fork of which chain. */
  readonly #inquiries = new Map<string, Promise<void>>()
  readonly #running = new Set<Promise<void>>()

  constructor(ground: EvidenceGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
    ground.forks.on(({ fork }) => this.#tell('fork', fork))
  }

  /** Somebody showed a checkpoint; it was opened. Resolves when it was compared, or waits. */
  async heard(document: Signed<Checkpoint>, says: Checkpoint): Promise<void> {
    const { chain, epoch } = says
    const { forks, time } = this.#ground
    const feed = this.#ground.feedOf(chain)
    if (feed?.stood === undefined || forks.isFrozen(chain, epoch)) return
    const stand = forks.standOf(chain)
    const isLater = stand !== undefined && epoch > stand.epoch
    // Who does not write that epoch proves nothing of it, and must not crowd out what does.
    if (stand !== undefined && !isLater && !isOf(stand, says)) return
    if (says.size <= feed.stood.size) {
      await this.#compare(document, says, feed)
      return
    }
    const isFirst = !this.#waiting.has(chain)
    const waiting = this.#waiting.get(chain) ?? new Map<string, Waiting>()
    this.#waiting.set(chain, waiting)
    const id = checkpointId(document)
    if (waiting.has(id)) return
    const [oldest] = waiting.keys()
    const isFull = waiting.size >= waitingMax
    if (isFull && isLater) return
    if (isFull && oldest !== undefined) waiting.delete(oldest)
    waiting.set(id, { document, says, due: time.now() + aloneMs, pauseMs: aloneMs })
    if (!isFirst) return
    this.#run(this.#look(chain, feed, waiting))
  }

  /** A stranger brings a checkpoint: it is looked at if it is of who writes that epoch. */
  async shown(document: Signed<Checkpoint>): Promise<void> {
    const opened = open(checkpointDocument, document)
    if (!opened.ok) return
    const stand = this.#ground.forks.standOf(opened.value.chain)
    if (stand !== undefined && isOf(stand, opened.value)) await this.heard(document, opened.value)
  }

  /**
   * Tells the mesh of a checkpoint that its author asked to have cosigned. Who has two histories
   * does not tell everybody of both; what was gossiped before is the same bytes, and goes nowhere.
   */
  pass(document: Signed<Checkpoint>, { chain }: Checkpoint): void {
    const now = this.#ground.time.now()
    if (now < (this.#passed.get(chain) ?? Number.NEGATIVE_INFINITY) + passMs) return
    this.#passed.set(chain, now)
    this.#tell('checkpoint', document)
  }

  /** A member does not sign what is here, or has less: what it has seen may prove a fork. */
  async doubted(chain: ChainId, member: CoordinatorId): Promise<void> {
    const { others } = this.#ground
    const stand = await others.ask(member, { type: 'stand', chain }, this.#gone)
    if (stand.ok) {
      const opened = open(checkpointDocument, stand.value.checkpoint)
      if (opened.ok) await this.heard(stand.value.checkpoint, opened.value)
    } else if (stand.refusal.code === 'ledger.forked') {
      // Once: what it says later is asked for when it does not sign again.
      await this.#askFork(chain, member)
    }
  }

  /**
   * Asks all others whether they know of a fork of a chain, until each has answered; who knows of
   * none may have seen what proves one. Who is being asked already is not asked beside that.
   */
  async inquire(chain: ChainId): Promise<void> {
    const inquiries = this.#ground.others.keys.map((key) => {
      const name = `${chain} ${key}`
      const known = this.#inquiries.get(name)
      if (known !== undefined) return known
      const inquiry = this.#inquire(chain, key).finally(() => this.#inquiries.delete(name))
      this.#inquiries.set(name, inquiry)
      return inquiry
    })
    await Promise.all(inquiries)
  }

  /** Resolves when nothing is looked at any more, after the signal. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #inquire(chain: ChainId, key: CoordinatorId): Promise<void> {
    const { time } = this.#ground
    for (let pauseMs: number = limits.pauseMs; ; pauseMs *= 2) {
      const answer = await this.#askFork(chain, key)
      if (answer.ok) return
      if (refusals[answer.refusal.code].fault !== 'later') return await this.doubted(chain, key)
      if (!(await waited(time, Math.min(pauseMs, limits.pauseMsMax), this.#gone))) return
    }
  }

  async #askFork(chain: ChainId, key: CoordinatorId): Promise<Answer<unknown>> {
    const { others, forks } = this.#ground
    const answer = await others.ask(key, { type: 'fork', chain }, this.#gone)
    return answer.ok ? await forks.take(answer.value.fork) : answer
  }

  #tell<T extends TopicName>(topic: T, document: Gossip[T]['document']): void {
    if (this.#gone.aborted) return
    this.#run(this.#ground.mesh.publish(topic, document).then(() => {}))
  }

  /** What is under way is waited for at the end. */
  #run(running: Promise<void>): void {
    this.#running.add(running)
    throwing(running.finally(() => this.#running.delete(running)))
  }

  /** Looks at what waits whenever the chain has grown, until nothing does. */
  async #look(chain: ChainId, feed: Feed, waiting: Map<string, Waiting>): Promise<void> {
    const { time, forks } = this.#ground
    while (!this.#gone.aborted) {
      const { change } = feed
      for (const [id, one] of waiting) {
        const { stood } = feed
        if (stood === undefined || forks.isFrozen(chain, one.says.epoch)) waiting.delete(id)
        else if (one.says.size <= stood.size) {
          waiting.delete(id)
          await this.#compare(one.document, one.says, feed)
        } else if (one.due <= time.now()) await this.#ask(one, stood)
      }
      if (waiting.size === 0) break
      const due = Math.min(...[...waiting.values()].map((one) => one.due))
      using late = lateAfter(time, due - time.now(), this.#gone)
      await feed.news(late.signal, change)
    }
    this.#waiting.delete(chain)
  }

  /** Compares a checkpoint with the chain at its size, which is here. */
  async #compare(document: Signed<Checkpoint>, says: Checkpoint, feed: Feed): Promise<void> {
    const { stood } = feed
    if (stood === undefined || checkpointId(document) === checkpointId(stood.checkpoint)) return
    const known = feed.signedAt(says.size)
    const fork = known && forkProof(document, known)
    if (fork !== undefined) return await this.#prove(fork)
    if (says.size >= stood.size) return
    const leaf = await leafAt(feed, says.size - 1, stood.size)
    if (leaf === undefined || leaf.hash === says.head) return
    const longer = forkProof(document, stood.checkpoint, leaf)
    if (longer !== undefined) await this.#prove(longer)
  }

  /** Has others prove that a checkpoint extends what is here, or that it does not. */
  async #ask(one: Waiting, { size, checkpoint }: Stood): Promise<void> {
    const { own, others, time } = this.#ground
    const { chain, epoch, coordinator, root } = one.says
    const asked = new Set([coordinator, ...others.keys].filter((key) => key !== own))
    const question = { type: 'prove', chain, epoch, size: one.says.size, seq: size - 1 } as const
    one.due = time.now() + one.pauseMs
    one.pauseMs = Math.min(one.pauseMs * 2, limits.pauseMsMax)
    const answers = await Promise.all(
      [...asked].map((key) => others.ask(key, question, this.#gone)),
    )
    for (const answer of answers) {
      if (!answer.ok) continue
      const { entry, path } = answer.value
      const hash = leafHash(entry)
      if (!includes(digestBytes(root), one.says.size, size - 1, hash, path)) continue
      const fork = forkProof(checkpoint, one.document, { hash: digestText(hash), path })
      if (fork !== undefined) return await this.#prove(fork)
    }
  }

  async #prove(fork: Fork): Promise<void> {
    await this.#ground.forks.take(fork)
  }
}

/** Whether a checkpoint is of who writes a chain, in the epoch in which it stands here. */
function isOf({ epoch, writer }: Stand, says: Checkpoint): boolean {
  return says.epoch === epoch && says.coordinator === writer
}

/** What proves which entry is at an index below a size; nothing where the disk has failed. */
async function leafAt(feed: Feed, seq: number, size: number): Promise<Fork['leaf'] | undefined> {
  return await feed.read(async () => {
    const entry = await feed.store.entry(seq)
    const path = await feed.store.inclusion(seq, size)
    if (!entry.ok || !path.ok) return undefined
    return { hash: digestText(leafHash(entry.value)), path: path.value }
  })
}

/** A signal that comes after so long, or with another one. */
function lateAfter(time: Time, ms: number, gone: AbortSignal) {
  const late = new AbortController()
  const cancel = time.after(Math.max(ms, 1), () => late.abort())
  const signal = AbortSignal.any([late.signal, gone])
  return { signal, [Symbol.dispose]: cancel }
}
