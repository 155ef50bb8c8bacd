import { threadId } from 'node:worker_threads'

/** Something small that can be asked for from another thread. */
export class Counter {
  #count = 0

  /** Counts on. */
  async add(many: number): Promise<number> {
    this.#count += many
    return this.#count
  }

  /** How long these bytes are, and where. */
  async measure(bytes: Uint8Array): Promise<{ readonly length: number; readonly thread: number }> {
    return { length: bytes.length, thread: threadId }
  }

  /** Breaks an invariant. */
  async fail(): Promise<void> {
    throw new Error('it cannot be so')
  }

  /** Never comes to an end. */
  async wait(): Promise<void> {
    await new Promise<void>(() => {})
  }
}
