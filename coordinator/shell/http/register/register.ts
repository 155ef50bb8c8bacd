import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { throwing, waited } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type ChainId,
  limits,
  type Refusal,
  refusalOf,
  refuse,
} from '@nexapod/specs'
import type { ChainHere, Chains } from '../../chains.ts'
import { News } from '../../home/news.ts'
import type { EntryView, View } from '../../home/view.ts'
import type { Time } from '../../time.ts'
import type { AccountReader } from './accounts.ts'
import { Book, type Taken } from './book.ts'
import type { NodeReader } from './by-node.ts'
import { Costly } from './costly.ts'
import type { Reader } from './reader.ts'
import { SaidOf } from './said.ts'

/** What a register stands on. */
export interface RegisterGround {
  /** The chains that are here. */
  readonly chains: Pick<Chains, 'all' | 'watch'>
  /** What owners say of themselves. */
  readonly view: Pick<View, 'said' | 'sayers'>
  readonly time: Time
}

/** How long a question waits for a register that is behind. */
const waitMs = limits.answerMs / 2

/** How soon to come back to a register that is far behind. */
const retryMs = 2000

/** Why something is not answered that was found in tables which say something else by now. */
export const readAnew: Refusal = refusalOf('wire.full', {
  ...{ detail: 'a chain was cut, and is read anew', retryMs },
})

/** How long a chain rests whose copy cannot be read: it is mended meanwhile. */
const mendMs = 1000

/** A chain on its way into the tables. */
interface Line {
  readonly here: ChainHere
  /** Nothing more is taken of it: it is not here any more, or the register is closed. */
  readonly over: AbortSignal
  taken: Taken
  /** Whether what was taken of it before was found in it. */
  isSure: boolean
  /** Its copy is broken: nobody waits for it. */
  isBroken: boolean
}

/**
 * All chains that are here, arranged so that a page of anything can be found. It is made of their
 * entries alone and follows them: what is lost of it is made again.
 */
export class Register implements AsyncDisposable {
  /** What owners say of themselves. */
  readonly said: SaidOf
  /** Answers for which many owners are looked at. */
  readonly costly = new Costly()
  readonly #ground: RegisterGround
  readonly #book: Book
  readonly #gone = new AbortController()
  readonly #lines = new Map<ChainId, Line>()
  readonly #following = new Set<Promise<void>>()
  #tell: (chain: ChainId, entries: readonly EntryView[]) => void = () => {}
  /** What is read of chains was asked for before the tables were thrown away, if it is aborted. */
  #round = new AbortController()
  readonly #news = new News()

  private constructor(book: Book, ground: RegisterGround) {
    this.#book = book
    this.#ground = ground
    this.said = new SaidOf(book.database, ground.view, this.costly)
    ground.chains.watch((here, gone) => this.#begin(here, gone), this.#gone.signal)
  }

  /** Opens the register in a directory, and goes on where it stood. */
  static async open(directory: string, ground: RegisterGround): Promise<Register> {
    await mkdir(directory, { recursive: true })
    const book = Book.open(join(directory, 'register.sqlite'), ground.time.wall)
    return new Register(book, ground)
  }

  get reads(): Reader {
    return this.#book.reads
  }

  /** What is in accounts. */
  get accounts(): AccountReader {
    return this.#book.accounts
  }

  /** What nodes did. */
  get nodes(): NodeReader {
    return this.#book.nodes
  }

  /** Tells somebody of entries as they are taken. */
  onTaken(tell: (chain: ChainId, entries: readonly EntryView[]) => void): void {
    this.#tell = tell
  }

  /** How many entries it has taken of a chain. */
  sizeOf(chain: ChainId): number {
    return this.#lines.get(chain)?.taken.size ?? 0
  }

  /** Resolves when all is in it that was on the disk when this was asked, or it says no. */
  async caughtUp(signal: AbortSignal): Promise<Answer<Reader>> {
    const wanted = new Map<Line, number>()
    for (const line of this.#lines.values()) {
      const standing = await line.here.standing()
      if (!standing.ok) return standing
      wanted.set(line, standing.value.size)
    }
    await this.said.caughtUp()
    const isThere = () => [...wanted].every(([line, size]) => isIn(line, size))
    if (isThere()) return accept(this.reads)
    const late = new AbortController()
    const cancel = this.#ground.time.after(waitMs, () => late.abort())
    const until = AbortSignal.any([signal, this.#gone.signal, late.signal])
    while (!isThere() && !until.aborted) await this.#news.wait(until)
    cancel()
    if (isThere()) return accept(this.reads)
    const [taken, all] = [...wanted].reduce(
      ([had, of], [line, size]) => [had + line.taken.size, of + size],
      [0, 0],
    )
    return refuse('wire.full', { detail: `${taken} of ${all} entries are read`, retryMs })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    await Promise.all(this.#following)
    await this.said[Symbol.asyncDispose]()
    this.#book[Symbol.dispose]()
  }

  #begin(here: ChainHere, gone: AbortSignal): void {
    const before = this.#lines.get(here.chain)
    const line: Line = {
      ...{ here, over: AbortSignal.any([gone, this.#gone.signal]) },
      ...{ taken: this.#book.taken(here.chain), isSure: false, isBroken: false },
    }
    this.#lines.set(here.chain, line)
    if (before !== undefined) this.#news.tell()
    const following = this.#follow(line).finally(() => this.#following.delete(following))
    this.#following.add(following)
    throwing(following)
  }

  /** Takes the entries of a chain as they come, until it goes. */
  async #follow(line: Line): Promise<void> {
    const { here, over } = line
    const { time } = this.#ground
    while (!over.aborted) {
      const round = this.#round.signal
      const until = AbortSignal.any([over, round])
      let isRefused = false
      for await (const answer of here.entries(line.taken, until)) {
        if (until.aborted) break
        isRefused = !answer.ok
        if (!answer.ok) break
        const from = time.now()
        this.#take(line, answer.value)
        // Whoever writes here comes first: what others wrote has no more than half of the time.
        if (here.role === 'followed') await waited(time, time.now() - from, until)
      }
      if (until.aborted) continue
      if (!isRefused) {
        this.#anew()
      } else if (here.role === 'followed') {
        line.isBroken = true
        this.#news.tell()
        await waited(time, mendMs, until)
      } else {
        // It is of the disk, and ends the coordinator as well.
        return
      }
    }
    this.#news.tell()
  }

  #take(line: Line, entries: readonly EntryView[]): void {
    line.isSure = true
    line.isBroken = false
    if (entries.length > 0) {
      line.taken = this.#book.take(line.taken, entries)
      this.#tell(line.here.chain, entries)
    }
    this.#news.tell()
  }

  /** What was taken of a chain is not what it says now: all is forgotten, and read again. */
  #anew(): void {
    this.#book.clear()
    for (const line of this.#lines.values()) {
      line.taken = this.#book.taken(line.here.chain)
      line.isSure = false
    }
    this.#round.abort()
    this.#round = new AbortController()
  }
}

/** Whether so many entries of a chain are in the tables, or will not be. */
function isIn({ here, over, taken, isSure, isBroken }: Line, size: number): boolean {
  if (over.aborted || isBroken) return true
  // It may have been cut since.
  return isSure && taken.size >= Math.min(size, here.shown)
}
