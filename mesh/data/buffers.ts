import { limits } from '@nexapod/specs'

/** Buffers that are kept for the next block: as many as are on their way at once. */
const keptMax = 16

/**
 * Memory for blocks, used again. A fresh mebibyte for each block makes the garbage collector work
 * more than all the rest.
 */
export class Buffers {
  readonly #free: Buffer[] = []

  /** Room for so many bytes, with whatever was there before. */
  take(bytes: number): Uint8Array {
    const whole = bytes > limits.chunkBytes || bytes < limits.chunkBytes / 2
    if (whole) return Buffer.allocUnsafeSlow(bytes)
    const free = this.#free.pop() ?? Buffer.allocUnsafeSlow(limits.chunkBytes)
    return free.subarray(0, bytes)
  }

  /** Gives back what was taken and is nobody's any more. */
  give(bytes: Uint8Array): void {
    if (bytes.buffer.byteLength !== limits.chunkBytes || this.#free.length === keptMax) return
    this.#free.push(Buffer.from(bytes.buffer as ArrayBuffer))
  }
}
