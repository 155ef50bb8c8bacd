import {
  type Answer,
  accept,
  type ChainId,
  type CoordinatorId,
  entryHash,
  limits,
  refuse,
} from '@nexapod/specs'
import type { Feed } from './home/feed.ts'
import { type EntryView, entryOf, type View } from './home/view.ts'
import type { Forks } from './others/forks.ts'

/** Whether a chain is the own one, goes on here, or is written elsewhere and followed. */
export type Role = 'own' | 'adopted' | 'followed'

/** How a chain stands of which something is here. */
export interface Standing {
  readonly chain: ChainId
  readonly role: Role
  readonly epoch: number
  /** Who writes it; unknown before anything of it was read. */
  readonly writer: CoordinatorId | undefined
  /** Entries that are shown: those on the disk, or of a copy those that were found true. */
  readonly size: number
  /** Those below the last checkpoint. */
  readonly checkpointed: number
  readonly frozen: boolean
}

/** A chain that is written or followed here, for whoever shows it. */
export interface ChainHere {
  readonly chain: ChainId
  readonly role: Role
  /** What is live of it; of one that is written elsewhere there is nothing. */
  readonly view: View | undefined
  /** How many of its entries are shown at this moment. */
  readonly shown: number
  /** How it stands; what that says is on the disk by the time that it is given. */
  standing(): Promise<Answer<Standing>>
  /** One entry of those that are shown. */
  entry(seq: number): Promise<Answer<EntryView>>
  /**
   * Entries from one on of those that are shown, all of one moment: at most so many, fewer where
   * they are long, and none where no more are shown. Nothing is waited for.
   */
  page(from: number, count: number): Promise<Answer<readonly EntryView[]>>
  /**
   * The entries behind those that somebody has, as they come, until the signal; none at first, and
   * after each cut, to say that the chain begins with those. It ends as soon as that is not so. A
   * refusal is the last answer: of the disk, or of a copy that is closed.
   */
  entries(had: Had, signal: AbortSignal): AsyncGenerator<Answer<readonly EntryView[]>>
}

/** How many entries of a chain somebody has, and the hash of the last one where that matters. */
export interface Had {
  readonly size: number
  readonly head?: string | undefined
}

/** A chain while it is here. */
interface Kept {
  readonly here: ChainHere
  readonly gone: AbortController
}

/** Why a chain that is here is not read. */
export const moving = 'a chain that is about to be written here'

/** The chains that are written or followed here, as they come and go. */
export class Chains {
  readonly #kept = new Map<ChainId, Kept>()
  /** Those that are about to be written here, and are read nowhere until then. */
  readonly #moving = new Set<ChainId>()
  readonly #tells = new Set<(here: ChainHere, gone: AbortSignal) => void>()

  /** All of them, the own one first. */
  get all(): readonly ChainHere[] {
    return [...this.#kept.values()].map(({ here }) => here)
  }

  of(chain: ChainId): ChainHere | undefined {
    return this.#kept.get(chain)?.here
  }

  /** Whether a chain is here, and cannot be read while it goes from a copy to a home. */
  isMoving(chain: ChainId): boolean {
    return this.#moving.has(chain)
  }

  /** A chain is here from now on, in place of what was here of it. */
  add(here: ChainHere): void {
    this.#kept.get(here.chain)?.gone.abort()
    this.#moving.delete(here.chain)
    const gone = new AbortController()
    this.#kept.set(here.chain, { here, gone })
    for (const tell of this.#tells) tell(here, gone.signal)
  }

  /** Nothing more is read of it as it was: it comes again as a home. */
  move(chain: ChainId): void {
    this.#kept.get(chain)?.gone.abort()
    this.#kept.delete(chain)
    this.#moving.add(chain)
  }

  /** Tells of each chain that is here, or comes, until the signal; `gone` says when it goes. */
  watch(tell: (here: ChainHere, gone: AbortSignal) => void, until: AbortSignal): void {
    for (const { here, gone } of this.#kept.values()) tell(here, gone.signal)
    this.#tells.add(tell)
    until.addEventListener('abort', () => this.#tells.delete(tell), { once: true })
  }
}

/** What is looked at of a home. */
export interface Written {
  readonly chain: ChainId
  readonly view: View
  readonly feed: Pick<Feed, 'store' | 'read'>
  readonly ending: { readonly writer: CoordinatorId }
}

/** A chain that is written here: all that is on the disk is shown. */
export class WrittenChain implements ChainHere {
  readonly role: Role
  readonly #home: Written

  constructor(home: Written, role: Role) {
    this.#home = home
    this.role = role
  }

  get chain(): ChainId {
    return this.#home.chain
  }

  get view(): View {
    return this.#home.view
  }

  get shown(): number {
    return this.#home.feed.store.tip.size
  }

  async standing(): Promise<Answer<Standing>> {
    const { role, chain } = this
    const status = await this.view.status()
    if (!status.ok) return status
    const { epoch, size, checkpointed, frozen } = status.value
    const { writer } = this.#home.ending
    return accept({ chain, role, epoch, writer, size, checkpointed, frozen })
  }

  entry(seq: number): Promise<Answer<EntryView>> {
    return this.view.entry(seq)
  }

  page(from: number, count: number): Promise<Answer<readonly EntryView[]>> {
    return pageOf(this.#home.feed, from, () => Math.min(this.shown, from + count))
  }

  async *entries(had: Had, signal: AbortSignal): AsyncGenerator<Answer<readonly EntryView[]>> {
    const begins = await beginsWith(had, (seq) => this.view.entry(seq))
    if (begins === undefined) return
    yield begins
    if (begins.ok) yield* this.view.entries(had.size, signal)
  }
}

/** What is looked at of a copy. */
export interface Followed {
  readonly chain: ChainId
  readonly feed: Pick<Feed, 'stood' | 'store' | 'read' | 'change' | 'cuts' | 'over' | 'news'>
  /** Where its entries stand: the epoch, and who writes it. */
  readonly tip: { readonly epoch: number; readonly coordinator: CoordinatorId } | undefined
}

/** A chain that is followed: of it is shown what a checkpoint says that was found true. */
export class FollowedChain implements ChainHere {
  readonly role = 'followed'
  readonly view = undefined
  readonly #copy: Followed
  readonly #forks: Pick<Forks, 'isFrozen'>

  constructor(copy: Followed, forks: Pick<Forks, 'isFrozen'>) {
    this.#copy = copy
    this.#forks = forks
  }

  get chain(): ChainId {
    return this.#copy.chain
  }

  get shown(): number {
    return this.#copy.feed.stood?.size ?? 0
  }

  async standing(): Promise<Answer<Standing>> {
    const { role, chain, shown } = this
    const { epoch = 0, coordinator: writer } = this.#copy.tip ?? {}
    const frozen = this.#forks.isFrozen(chain, epoch)
    return accept({ chain, role, epoch, writer, size: shown, checkpointed: shown, frozen })
  }

  async entry(seq: number): Promise<Answer<EntryView>> {
    return await this.#entry(seq, () => this.shown)
  }

  page(from: number, count: number): Promise<Answer<readonly EntryView[]>> {
    return pageOf(this.#copy.feed, from, () => Math.min(this.shown, from + count))
  }

  async *entries(had: Had, signal: AbortSignal): AsyncGenerator<Answer<readonly EntryView[]>> {
    const { feed } = this.#copy
    let { size, head } = had
    for (let cuts: number | undefined; !signal.aborted; ) {
      const { change } = feed
      if (feed.over !== undefined) {
        yield { ok: false, refusal: feed.over }
        return
      }
      if (cuts !== feed.cuts) {
        cuts = feed.cuts
        // What was told stays told where it still is on the disk, though nobody stands there now.
        const begins = await beginsWith({ size, head }, (seq) => this.#entry(seq))
        if (begins === undefined) return
        yield begins
        if (!begins.ok) return
      }
      const page = await this.page(size, limits.perFrameMax)
      if (!page.ok) {
        yield page
        return
      }
      const [first, last] = [page.value[0], page.value.at(-1)]
      if (first === undefined || last === undefined) {
        await feed.news(signal, change)
        continue
      }
      if (head !== undefined && first.entry.prev !== head) return
      yield page
      size = last.seq + 1
      head = entryHash(last.bytes)
    }
  }

  /** An entry of those on the disk, below a size. */
  async #entry(seq: number, below = () => this.#copy.feed.store.tip.size) {
    const { feed } = this.#copy
    return await feed.read(async () => {
      const size = below()
      if (seq >= size) return refuse('ledger.unknown', { detail: `entry ${seq} of ${size}` })
      const bytes = await feed.store.entry(seq)
      return bytes.ok ? accept(entryOf(seq, bytes.value)) : bytes
    })
  }
}

/** Entries from one on, below another, as many as a frame holds: nothing is cut meanwhile. */
function pageOf(
  feed: Pick<Feed, 'read' | 'store'>,
  from: number,
  below: () => number,
): Promise<Answer<readonly EntryView[]>> {
  return feed.read(async () => {
    const page: EntryView[] = []
    let bytes = 0
    for await (const some of feed.store.pages(from, below())) {
      if (!some.ok) return some
      for (const one of some.value) {
        bytes += one.length
        if (page.length > 0 && bytes > limits.frameBytesMax) return accept(page)
        page.push(entryOf(from + page.length, one))
      }
    }
    return accept(page)
  })
}

/** Nothing where a chain does not begin with what somebody has. */
async function beginsWith(
  { size, head }: Had,
  entry: (seq: number) => Promise<Answer<EntryView>>,
): Promise<Answer<readonly EntryView[]> | undefined> {
  if (size === 0) return accept([])
  const last = await entry(size - 1)
  if (!last.ok) return last.refusal.code === 'ledger.unknown' ? undefined : last
  const isHead = head === undefined || entryHash(last.value.bytes) === head
  return isHead ? accept([]) : undefined
}
