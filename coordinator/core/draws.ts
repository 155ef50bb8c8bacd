import { sha256, sha256Into } from '@nexapod/specs'

const hashBytes = 32

/** Numbers that nobody can foresee who does not know the secret: the same secret, the same row. */
export class Draws {
  readonly #secret: Uint8Array
  readonly #message: Uint8Array
  readonly #messageView: DataView
  readonly #block = new Uint8Array(hashBytes)
  readonly #blockView = new DataView(this.#block.buffer)
  #at = hashBytes
  #count = 0

  constructor(secret: Uint8Array) {
    this.#secret = secret
    this.#message = new Uint8Array(secret.length + 8)
    this.#messageView = new DataView(this.#message.buffer)
    this.#message.set(secret, 8)
  }

  /** A whole number from 0 to 2^32 - 1. */
  readonly next = (): number => {
    if (this.#at >= hashBytes) this.#refill()
    this.#at += 4
    return this.#blockView.getUint32(this.#at - 4)
  }

  /** A whole number from 0 to below a bound. */
  below(bound: number): number {
    return Math.floor((this.next() / 2 ** 32) * bound)
  }

  /** The seed of a period: it tells nothing about the secret, nor about another seed. */
  seed(period: number): Uint8Array {
    const message = new Uint8Array(this.#secret.length + 9)
    message.set(this.#secret, 9)
    const view = new DataView(message.buffer)
    view.setUint8(0, 1)
    view.setUint32(5, period)
    return sha256(message)
  }

  #refill(): void {
    this.#messageView.setUint32(4, this.#count++)
    sha256Into(this.#message, this.#block, 0)
    this.#at = 0
  }
}
