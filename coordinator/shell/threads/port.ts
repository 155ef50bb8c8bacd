import type { MessagePort, Transferable } from 'node:worker_threads'

/** What a function is given, and what comes of it. */
type Given<F> = F extends (...args: infer A) => unknown ? A : never
type Got<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

interface Asked {
  readonly number: number
  readonly act: PropertyKey
  readonly args: readonly unknown[]
}

interface Answered {
  readonly number: number
  readonly answer: unknown
}

/**
 * Has an object do what is asked over a port. What it throws is a broken invariant: nobody catches
 * it here, so it ends the thread.
 */
export function answerPort<T extends object>(port: MessagePort, doer: T): void {
  port.on('message', async ({ number, act, args }: Asked) => {
    const answer = await (doer[act as keyof T] as (...args: unknown[]) => unknown)(...args)
    const said: Answered = { number, answer }
    port.postMessage(said)
  })
}

/** Asks an object in another thread: all is cloned, and what is asked first is begun first. */
export class PortAsker<T> {
  readonly #port: MessagePort
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #numbers = 0
  #failed: Error | undefined

  constructor(port: MessagePort) {
    this.#port = port
    port.on('message', ({ number, answer }: Answered) => {
      this.#waiting.get(number)?.resolve(answer)
      this.#waiting.delete(number)
    })
  }

  /** Has it do something; what is transferred is not here any more. */
  ask<K extends keyof T>(
    act: K,
    args: Given<T[K]>,
    transfer: readonly Transferable[] = [],
  ): Promise<Got<T[K]>> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    const waiting = Promise.withResolvers<unknown>()
    const asked: Asked = { number: this.#numbers++, act, args }
    this.#waiting.set(asked.number, waiting)
    this.#port.postMessage(asked, transfer)
    return waiting.promise as Promise<Got<T[K]>>
  }

  /** Nobody is there any more: whoever waits for an answer, or asks from now on, is told why. */
  fail(cause: Error): void {
    this.#failed = cause
    for (const { reject } of this.#waiting.values()) reject(cause)
    this.#waiting.clear()
  }

  /** Asks nothing more. */
  close(): void {
    this.#port.close()
  }
}
