import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort, parentPort, Worker } from 'node:worker_threads'
import { answerPort, PortAsker } from './port.ts'

/** Threads of one kind in a process: more than this share a disk, and not a core each. */
const threadsMax = 8

/** An object in another thread, and the place that it has there. */
export interface Placed<T> extends Disposable {
  readonly asker: PortAsker<T>
}

interface Thread {
  readonly worker: Worker
  readonly askers: Set<{ fail(cause: Error): void }>
  /** Why it has ended. */
  failed?: Error
}

/**
 * Threads beside the one that judges, begun when they are needed: at most as many as there are
 * other cores, and one. A thread that ends by itself has broken an invariant: whoever asks it
 * throws that, and the process ends by it.
 */
export class Threads implements AsyncDisposable {
  readonly #program: URL
  readonly #most: number
  readonly #threads: Thread[] = []
  #isOver = false

  /** `program` is what runs in each: it calls `serveThread`. */
  constructor(program: URL, cores = availableParallelism()) {
    this.#program = program
    this.#most = Math.max(1, Math.min(cores - 1, threadsMax))
  }

  /** How many there are. */
  get size(): number {
    return this.#threads.length
  }

  /** Has another object made, in the thread that has the fewest. */
  place<T>(): Placed<T> {
    const thread = this.#freest()
    const { port1, port2 } = new MessageChannel()
    thread.worker.postMessage(port2, [port2])
    const asker = new PortAsker<T>(port1)
    thread.askers.add(asker)
    if (thread.failed !== undefined) asker.fail(thread.failed)
    return {
      asker,
      [Symbol.dispose]: () => {
        thread.askers.delete(asker)
        asker.close()
      },
    }
  }

  /** Ends them, with all that is still in them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    for (const { worker } of this.#threads) await worker.terminate()
  }

  #freest(): Thread {
    const [freest] = [...this.#threads].sort((a, b) => a.askers.size - b.askers.size)
    const isNew = freest === undefined || freest.askers.size > 0
    return isNew && this.#threads.length < this.#most ? this.#begin() : (freest as Thread)
  }

  #begin(): Thread {
    const worker = new Worker(this.#program)
    const thread: Thread = { worker, askers: new Set() }
    this.#threads.push(thread)
    let cause: Error | undefined
    worker.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', (code) => {
      if (this.#isOver) return
      thread.failed = new Error(`a thread has ended with ${code}`, { cause })
      for (const asker of thread.askers) asker.fail(thread.failed)
    })
    return thread
  }
}

/** The program of a thread: each object that is wanted is made anew, and does what it is asked. */
export function serveThread(make: () => object): void {
  parentPort?.on('message', (port: MessagePort) => answerPort(port, make()))
}
