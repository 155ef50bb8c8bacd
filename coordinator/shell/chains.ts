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
   * The entries behind those that somebody has, as they come, until the signal; none at first, to
   * say that the chain begins with those. It ends as soon as that is not so. A refusal is of the
   * disk, and the last answer.
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

/** The chains that are written or followed here, as they come and go. */
export class Chains {
  readonly #kept = new Map<ChainId, Kept>()
  readonly #tells = new Set<(here: ChainHere, gone: AbortSignal) => void>()

  /** All of them, the own one first. */
  get all(): readonly ChainHere[] {
    return [...this.#kept.values()].map(({ here }) => here)
  }

  of(chain: ChainId): ChainHere | undefined {
    return this.#kept.get(chain)?.here
  }

  /** A chain is here from now on, in place of what was here of it. */
  add(here: ChainHere): void {
    this.#kept.get(here.chain)?.gone.abort()
    const gone = new AbortController()
    this.#kept.set(here.chain, { here, gone })
    for (const tell of this.#tells) tell(here, gone.signal)
  }

  /** Nothing more is read of it. */
  remove(chain: ChainId): void {
    this.#kept.get(chain)?.gone.abort()
    this.#kept.delete(chain)
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
  readonly feed: Pick<Feed, 'store'>
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
  readonly feed: Pick<Feed, 'stood' | 'store' | 'read' | 'change' | 'news'>
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
    const { shown } = this
    if (seq >= shown) return refuse('ledger.unknown', { detail: `entry ${seq} of ${shown}` })
    return await this.#entry(seq)
  }

  async *entries(had: Had, signal: AbortSignal): AsyncGenerator<Answer<readonly EntryView[]>> {
    const { feed } = this.#copy
    let { size, head } = had
    for (let isSure = false; !signal.aborted; ) {
      const { change } = feed
      if (!isSure || this.shown < size) {
        const begins = await beginsWith({ size, head }, (seq) => this.#entry(seq))
        if (begins === undefined) return
        if (!isSure || !begins.ok) yield begins
        if (!begins.ok) return
        isSure = true
      }
      if (this.shown <= size) {
        await feed.news(signal, change)
        continue
      }
      const page = await this.#page(size)
      if (!page.ok) {
        yield page
        return
      }
      const [first, last] = [page.value[0], page.value.at(-1)]
      if (first === undefined || last === undefined) continue
      if (head !== undefined && first.entry.prev !== head) return
      yield page
      size = last.seq + 1
      head = entryHash(last.bytes)
    }
  }

  async #entry(seq: number): Promise<Answer<EntryView>> {
    const { feed } = this.#copy
    const bytes = await feed.read(() => feed.store.entry(seq))
    return bytes.ok ? accept(entryOf(seq, bytes.value)) : bytes
  }

  /** The next entries of those that are shown; none if there are less of them by now. */
  #page(from: number): Promise<Answer<readonly EntryView[]>> {
    const { feed } = this.#copy
    return feed.read(async () => {
      const to = Math.min(this.shown, from + limits.perFrameMax)
      const page: EntryView[] = []
      for await (const some of feed.store.pages(from, to)) {
        if (!some.ok) return some
        for (const bytes of some.value) page.push(entryOf(from + page.length, bytes))
      }
      return accept(page)
    })
  }
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
