import { sha256 } from '@nexapod/specs'

/** Numbers that nobody can foresee who does not know the secret: the same secret, the same row. */
export class Draws {
  readonly #secret: Uint8Array
  readonly #message: Uint8Array
  #block: DataView = new DataView(new ArrayBuffer(0))
  #at = 0
  #count = 0

  constructor(secret: Uint8Array) {
    this.#secret = secret
    this.#message = new Uint8Array(secret.length + 8)
    this.#message.set(secret, 8)
  }

  /** A whole number from 0 to 2^32 - 1. */
  readonly next = (): number => {
    if (this.#at >= this.#block.byteLength) this.#refill()
    this.#at += 4
    return this.#block.getUint32(this.#at - 4)
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
    new DataView(this.#message.buffer).setUint32(4, this.#count++)
    const hash = sha256(this.#message)
    this.#block = new DataView(hash.buffer, hash.byteOffset, hash.byteLength)
    this.#at = 0
  }
}
