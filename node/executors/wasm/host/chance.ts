/**
 * The chance of a unit: the key stream of ChaCha20 (RFC 8439) with the unit's seed as its key, a
 * nonce of zeros, and a counter from 0 that goes on into the next word. So it is the same for
 * every replica, and goes on from program to program.
 */
export class Chance {
  readonly #state = new Int32Array(16)
  readonly #work = new Int32Array(16)
  readonly #block = new Uint8Array(64)
  readonly #view = new DataView(this.#block.buffer)
  #used = 64

  constructor(seed: Uint8Array, block = 0) {
    if (seed.length !== 32) throw new RangeError(`a seed has 32 bytes, got ${seed.length}`)
    this.#state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])
    const key = new DataView(seed.buffer, seed.byteOffset)
    for (let i = 0; i < 8; i++) this.#state[4 + i] = key.getInt32(4 * i, true)
    this.#state[12] = block
  }

  /** Fills bytes with the next ones. */
  fill(into: Uint8Array): void {
    for (let at = 0; at < into.length; ) {
      if (this.#used === 64) this.#next()
      const some = Math.min(64 - this.#used, into.length - at)
      into.set(this.#block.subarray(this.#used, this.#used + some), at)
      this.#used += some
      at += some
    }
  }

  #next(): void {
    const state = this.#state
    const x = this.#work
    x.set(state)
    for (let round = 0; round < 10; round++) {
      quarter(x, 0, 4, 8, 12)
      quarter(x, 1, 5, 9, 13)
      quarter(x, 2, 6, 10, 14)
      quarter(x, 3, 7, 11, 15)
      quarter(x, 0, 5, 10, 15)
      quarter(x, 1, 6, 11, 12)
      quarter(x, 2, 7, 8, 13)
      quarter(x, 3, 4, 9, 14)
    }
    const view = this.#view
    for (let i = 0; i < 16; i++) view.setInt32(4 * i, word(x, i) + word(state, i), true)
    state[12] = (word(state, 12) + 1) | 0
    if (state[12] === 0) state[13] = word(state, 13) + 1
    this.#used = 0
  }
}

function quarter(x: Int32Array, a: number, b: number, c: number, d: number): void {
  x[a] = (word(x, a) + word(x, b)) | 0
  x[d] = turned(word(x, d) ^ word(x, a), 16)
  x[c] = (word(x, c) + word(x, d)) | 0
  x[b] = turned(word(x, b) ^ word(x, c), 12)
  x[a] = (word(x, a) + word(x, b)) | 0
  x[d] = turned(word(x, d) ^ word(x, a), 8)
  x[c] = (word(x, c) + word(x, d)) | 0
  x[b] = turned(word(x, b) ^ word(x, c), 7)
}

function turned(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function word(words: Int32Array, i: number): number {
  return words[i] as number
}
