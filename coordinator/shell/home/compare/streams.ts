import type { Job } from '@nexapod/specs'
import { CsvReader } from './csv.ts'
import { JsonReader } from './json.ts'
import { NpyReader } from './npy.ts'
import { type Reader, type Token, Unreadable } from './token.ts'
import { Tolerance } from './tolerance.ts'

/** A rule of a job by which numbers may differ. */
export type ToleranceRule = Extract<Job['compare'][number], { readonly type: 'tolerance' }>

/** The bytes of a file as they come. */
export type Bytes = AsyncIterable<Uint8Array>

const readers: Readonly<Record<ToleranceRule['format'], new () => Reader>> = {
  csv: CsvReader,
  json: JsonReader,
  npy: NpyReader,
}

/** How two files differ by a rule, in words; undefined where they do not. Both are read in step. */
export async function differByRule(
  a: Bytes,
  b: Bytes,
  rule: ToleranceRule,
): Promise<string | undefined> {
  const tolerance = new Tolerance(rule)
  const isSame = (x: Token | undefined, y: Token | undefined): boolean => {
    if (x === undefined || y === undefined) return x === y
    if (x instanceof Unreadable || y instanceof Unreadable) return false
    if (typeof x === 'string' || typeof y === 'string') return x === y
    return tolerance.holds(x, y)
  }
  await using x = new Steps(tokensOf(a, new readers[rule.format]()))
  await using y = new Steps(tokensOf(b, new readers[rule.format]()))
  for (let at = 0; ; at++) {
    // Only where a piece has ended it has to be waited for.
    if (x.isEmpty) await x.fill()
    if (y.isEmpty) await y.fill()
    const [one, other] = [x.next(), y.next()]
    if (!isSame(one, other)) return `at ${at}: ${said(one)} and ${said(other)}`
    if (one === undefined) return undefined
  }
}

/** How two files differ byte by byte, in words; undefined where they do not. */
export async function differInBytes(a: Bytes, b: Bytes): Promise<string | undefined> {
  const ends = [a, b].map((one) => one[Symbol.asyncIterator]())
  const rests: Buffer[] = [Buffer.alloc(0), Buffer.alloc(0)]
  try {
    for (;;) {
      for (const [i, end] of ends.entries()) {
        if (rests[i]?.length !== 0) continue
        const next = await end.next()
        if (next.done !== true) rests[i] = Buffer.from(next.value)
      }
      const [x, y] = rests as [Buffer, Buffer]
      const length = Math.min(x.length, y.length)
      if (length === 0) return x.length === y.length ? undefined : 'one is longer'
      if (!x.subarray(0, length).equals(y.subarray(0, length))) return 'other bytes'
      rests[0] = x.subarray(length)
      rests[1] = y.subarray(length)
    }
  } finally {
    for (const end of ends) await end.return?.()
  }
}

async function* tokensOf(bytes: Bytes, reader: Reader): AsyncGenerator<readonly Token[]> {
  for await (const piece of bytes) yield reader.push(piece)
  yield reader.end()
}

/** Tokens one by one, of which one has to wait only where a piece has ended. */
class Steps implements AsyncDisposable {
  readonly #pieces: AsyncGenerator<readonly Token[]>
  #piece: readonly Token[] = []
  #at = 0
  #ended = false

  constructor(pieces: AsyncGenerator<readonly Token[]>) {
    this.#pieces = pieces
  }

  get isEmpty(): boolean {
    return this.#at >= this.#piece.length && !this.#ended
  }

  async fill(): Promise<void> {
    while (this.isEmpty) {
      const next = await this.#pieces.next()
      this.#at = 0
      this.#ended = next.done === true
      this.#piece = next.done === true ? [] : next.value
    }
  }

  next(): Token | undefined {
    return this.#piece[this.#at++]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return(undefined)
  }
}

function said(token: Token | undefined): string {
  if (token === undefined) return 'the end'
  if (token instanceof Unreadable) return token.why
  if (typeof token === 'object') return token.text
  return typeof token === 'string' ? JSON.stringify(token.slice(0, 40)) : String(token)
}
