import type { Check } from './check.ts'

/** Something that a decoder must not do, and the input that shows it. */
export interface Finding {
  readonly target: string
  readonly face: 'bytes' | 'json' | 'text'
  readonly why: string
  readonly input: string
}

const slowMs = 50
const perChunk = 64

/**
 * Runs a check over inputs and reports the first that fails. Time is taken over some executions at
 * once, which costs nothing; when they took too long each is run again alone, and the best of
 * three counts, so that a pause of the garbage collector is nobody's fault.
 */
export class Watch<I> {
  readonly #check: Check<I>
  readonly #report: (input: I, why: string) => void
  #chunk: I[] = []
  #since = performance.now()
  /** How many inputs were taken by the decoder. */
  accepted = 0

  constructor(check: Check<I>, report: (input: I, why: string) => void) {
    this.#check = check
    this.#report = report
  }

  /** Runs the check; gives whether the decoder took the input. */
  run(input: I): boolean {
    if (this.#chunk.length === 0) this.#since = performance.now()
    this.#chunk.push(input)
    const said = this.#checked(input)
    if (said === true) this.accepted++
    else if (said !== false) this.#report(input, said)
    if (this.#chunk.length === perChunk) this.end()
    return said === true
  }

  /** Looks at the time that the last executions took. */
  end(): void {
    const chunk = this.#chunk
    this.#chunk = []
    if (performance.now() - this.#since < slowMs) return
    for (const input of chunk) {
      const ms = Math.min(this.#timed(input), this.#timed(input), this.#timed(input))
      if (ms >= slowMs) this.#report(input, `it took ${ms.toFixed(0)} ms`)
    }
  }

  #timed(input: I): number {
    const start = performance.now()
    this.#checked(input)
    return performance.now() - start
  }

  #checked(input: I): boolean | string {
    try {
      return this.#check(input)
    } catch (cause) {
      return `it throws ${cause instanceof Error ? cause.stack : String(cause)}`
    }
  }
}
