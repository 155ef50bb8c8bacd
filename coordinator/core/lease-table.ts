import type { Live } from './book.ts'

/** Leases that hold, by their fences: of one epoch, and those of others that were shown. */
export class LeaseTable {
  readonly #epoch: number
  readonly #own = new Map<number, Live>()
  /** By epoch and fence. */
  readonly #others = new Map<string, Live>()

  constructor(epoch: number) {
    this.#epoch = epoch
  }

  get size(): number {
    return this.#own.size + this.#others.size
  }

  get(epoch: number, fence: number): Live | undefined {
    return epoch === this.#epoch ? this.#own.get(fence) : this.#others.get(`${epoch}/${fence}`)
  }

  add(live: Live): void {
    const { epoch, fence } = live
    if (epoch === this.#epoch) this.#own.set(fence, live)
    else this.#others.set(`${epoch}/${fence}`, live)
  }

  delete({ epoch, fence }: Live): void {
    if (epoch === this.#epoch) this.#own.delete(fence)
    else this.#others.delete(`${epoch}/${fence}`)
  }
}
