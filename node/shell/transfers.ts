import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fromJson, type Infer, int, limits, type Refusal, struct, text } from '@nexapod/specs'

const bytes = int({ min: 0, max: Number.MAX_SAFE_INTEGER })
const span = struct({
  name: text({ pattern: '^\\d{4}-\\d{2}(?:-\\d{2})?$', name: 'a day or a month', max: 10 }),
  downBytes: bytes,
  upBytes: bytes,
})
const countSchema = struct({ v: int({ min: 1, max: 1 }), day: span, month: span })

/** What came and went in the day and the month that are named. */
export type Count = Infer<typeof countSchema>

/** How much came in and went out. */
interface Sum {
  downBytes: number
  upBytes: number
}

/**
 * Counts what comes in and goes out through every socket that this process opens to another place,
 * by the days and months of the machine's own clock. A node listens on nothing, so that is all of
 * it. Sockets count for themselves: here they are asked.
 */
export class Transfers implements AsyncDisposable {
  readonly #path: string
  readonly #now: () => Date
  readonly #open = new Set<Socket>()
  /** Through sockets that are closed, since the process began. */
  readonly #closed: Sum = { downBytes: 0, upBytes: 0 }
  /** How much of all was put down to a day. */
  #put: Sum = { downBytes: 0, upBytes: 0 }
  #count: Count
  #written: Count | undefined
  #keptAt = performance.now()

  private constructor(path: string, now: () => Date, count: Count) {
    this.#path = path
    this.#now = now
    this.#count = count
    subscribe('net.client.socket', this.#opened)
  }

  /**
   * Goes on with what was counted in a directory. A count that cannot be read begins anew, and what
   * is wrong with it is said.
   */
  static async open(
    directory: string,
    damaged: (refusal: Refusal) => void,
    now = () => new Date(),
  ): Promise<Transfers> {
    const path = join(directory, 'transfers.json')
    const kept = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined
      throw cause
    })
    const { day, month } = namesOf(now())
    const none = { v: 1, day: spanOf(day), month: spanOf(month) }
    if (kept === undefined) return new Transfers(path, now, none)
    const count = fromJson(countSchema, plain(kept))
    if (!count.ok) damaged(count.refusal)
    return new Transfers(path, now, count.ok ? count.value : none)
  }

  /** What was counted until now. */
  get count(): Count {
    const { downBytes, upBytes } = this.#all()
    const more = {
      downBytes: downBytes - this.#put.downBytes,
      upBytes: upBytes - this.#put.upBytes,
    }
    this.#put = { downBytes, upBytes }
    const { day, month } = namesOf(this.#now())
    this.#count = {
      v: 1,
      day: added(this.#count.day, day, more),
      month: added(this.#count.month, month, more),
    }
    return this.#count
  }

  /** Has the count on the disk, though not more often than a kill may take of it. */
  async keepSometimes(): Promise<void> {
    if (performance.now() - this.#keptAt >= limits.tallyMs) await this.keep()
  }

  /** Has the count on the disk, if there is more of it. */
  async keep(): Promise<void> {
    const count = this.count
    this.#keptAt = performance.now()
    if (JSON.stringify(count) === JSON.stringify(this.#written)) return
    this.#written = count
    await writeFile(`${this.#path}.new`, `${JSON.stringify(count)}\n`, { mode: 0o600 })
    await rename(`${this.#path}.new`, this.#path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unsubscribe('net.client.socket', this.#opened)
    await this.keep()
  }

  readonly #opened = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }
    socket.once('connect', () => {
      // One to another process of this machine, such as an engine of containers, has no address.
      if (socket.remoteAddress === undefined) return
      this.#open.add(socket)
      socket.once('close', () => {
        this.#open.delete(socket)
        add(this.#closed, socket)
      })
    })
  }

  #all(): Sum {
    const all = { ...this.#closed }
    for (const socket of this.#open) add(all, socket)
    return all
  }
}

function add(sum: Sum, { bytesRead, bytesWritten }: Socket): void {
  sum.downBytes += bytesRead
  sum.upBytes += bytesWritten
}

/** What a clock on the wall calls a day and its month. */
function namesOf(now: Date) {
  const two = (number: number) => String(number).padStart(2, '0')
  const month = `${now.getFullYear()}-${two(now.getMonth() + 1)}`
  return { month, day: `${month}-${two(now.getDate())}` }
}

function spanOf(name: string): Count['day'] {
  return { name, downBytes: 0, upBytes: 0 }
}

/** More of the same day or month; of another, it alone. */
function added(before: Count['day'], name: string, more: Sum): Count['day'] {
  const from = before.name === name ? before : spanOf(name)
  return {
    name,
    downBytes: from.downBytes + more.downBytes,
    upBytes: from.upBytes + more.upBytes,
  }
}

function plain(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}
