import type { Refusal } from '@nexapod/specs'
import type { Clock } from './clock.ts'
import type { Ear, Pipe } from './pipe.ts'

/** What goes wrong on the way: each chance is that of one `send`, from 0 to 1. */
export interface Faults {
  /** How long bytes take, from and to; those of one direction never overtake each other. */
  readonly delayMs: readonly [least: number, most: number]
  /** Both ends break, somewhere in the middle of what was sent. */
  readonly cut: number
  /** This direction stands still for so long. */
  readonly stall: number
  readonly stallMs: number
  /** The way is gone and nobody is told: what is sent vanishes. */
  readonly halfOpen: number
}

/** What a pair of pipes in memory needs of the world around it. */
export interface Weather {
  readonly clock: Clock
  /** The next drawn whole number from 0 to 2^32 - 1: the same numbers give the same faults. */
  readonly draw: () => number
  /** Bytes of one direction that are taken before there is no room. */
  readonly windowBytes: number
  readonly faults?: Faults
}

/** Two ends of a pipe within one process, with the face and the manners of a real one. */
export function memoryPipes(weather: Weather): [Pipe, Pipe] {
  const a = new MemoryPipe(weather)
  const b = new MemoryPipe(weather)
  a.meet(b)
  b.meet(a)
  return [a, b]
}

type Piece = Uint8Array | 'end'

class MemoryPipe implements Pipe {
  readonly #weather: Weather
  #met: MemoryPipe | undefined
  #ear: Ear | undefined
  #over = false
  #closing = false
  #ended = false
  #lost = false
  #paused = false
  #waiting = false
  /** What is on its way to the other end, and when the last of it will be there. */
  #underwayBytes = 0
  #lastDue = 0
  /** What came, and was not given to the ear yet. */
  readonly #come: Piece[] = []

  constructor(weather: Weather) {
    this.#weather = weather
  }

  /** Knows the other end. */
  meet(other: MemoryPipe): void {
    this.#met = other
  }

  get #other(): MemoryPipe {
    if (this.#met === undefined) throw new Error('a pipe with one end')
    return this.#met
  }

  listen(ear: Ear): void {
    if (this.#ear !== undefined) throw new Error('a pipe has one ear')
    this.#ear = ear
    queueMicrotask(() => {
      this.#give()
      if (this.#over) this.#tell()
    })
  }

  get hasRoom(): boolean {
    return !this.#over && !this.#closing && this.#underwayBytes < this.#weather.windowBytes
  }

  send(bytes: Uint8Array): boolean {
    if (this.#over || this.#closing) return false
    this.#underwayBytes += bytes.length
    const cutAt = this.#mishap(bytes.length)
    for (const piece of this.#pieces(bytes.slice(0, cutAt))) this.#carry(piece)
    if (cutAt !== undefined) this.#later(() => this.#break())
    if (this.hasRoom) return true
    this.#waiting = true
    return false
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#give()
  }

  close(): void {
    if (this.#closing || this.#over) return
    this.#closing = true
    this.#carry('end')
  }

  abort(_refusal: Refusal): void {
    if (this.#over) return
    const other = this.#other
    this.#finish()
    if (!this.#lost) this.#later(() => other.#finish())
  }

  /** What goes wrong with so many bytes now; where they are cut, if they are. */
  #mishap(length: number): number | undefined {
    const { faults, draw, clock } = this.#weather
    if (faults === undefined) return undefined
    const happens = (chance: number) => draw() < chance * 2 ** 32
    if (happens(faults.halfOpen)) {
      this.#lost = true
      this.#other.#lost = true
    }
    if (happens(faults.stall)) {
      this.#lastDue = Math.max(this.#lastDue, clock.now()) + faults.stallMs
    }
    return happens(faults.cut) ? draw() % (length + 1) : undefined
  }

  /** Bytes in pieces of drawn lengths, if anything goes wrong here at all. */
  #pieces(bytes: Uint8Array): Uint8Array[] {
    if (this.#weather.faults === undefined || bytes.length < 2) return [bytes]
    const at = this.#weather.draw() % bytes.length
    return [bytes.subarray(0, at), bytes.subarray(at)].filter((piece) => piece.length > 0)
  }

  #carry(piece: Piece): void {
    this.#later(() => this.#other.#arrive(piece))
  }

  /** Runs something when all that was sent before has arrived: nothing overtakes. */
  #later(run: () => void): void {
    const { clock, faults, draw } = this.#weather
    if (this.#lost) return
    if (faults === undefined) {
      queueMicrotask(run)
      return
    }
    const [least, most] = faults.delayMs
    const takes = least + Math.floor(((most - least + 1) * draw()) / 2 ** 32)
    const now = clock.now()
    this.#lastDue = Math.max(this.#lastDue, now + takes)
    clock.after(this.#lastDue - now, run)
  }

  #arrive(piece: Piece): void {
    if (this.#over || this.#lost) return
    this.#come.push(piece)
    this.#give()
  }

  #give(): void {
    while (!this.#paused && this.#ear !== undefined && !this.#over) {
      const piece = this.#come.shift()
      if (piece === undefined) break
      if (piece === 'end') {
        this.#ended = true
        this.#ear.ended()
      } else {
        this.#other.#taken(piece.length)
        this.#ear.data(piece)
      }
    }
    const other = this.#other
    if (this.#ended && this.#closing && other.#ended) {
      this.#finish()
      other.#finish()
    }
  }

  /** The other end has taken so many bytes. */
  #taken(length: number): void {
    this.#underwayBytes -= length
    if (!this.#waiting || !this.hasRoom) return
    this.#waiting = false
    this.#later(() => {
      if (!this.#over) this.#ear?.drained()
    })
  }

  #break(): void {
    this.#finish()
    this.#other.#finish()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    if (this.#ear !== undefined) queueMicrotask(() => this.#tell())
  }

  #tell(): void {
    const ear = this.#ear
    this.#ear = undefined
    ear?.closed(this.#closing && this.#ended)
  }
}
