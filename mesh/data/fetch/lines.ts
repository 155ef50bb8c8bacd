import { limits } from '@nexapod/specs'
import { throwing } from '../../channel/unawaited.ts'
import { Bulk, type OpenPipe } from './bulk.ts'

/** How long a stream is kept for the next fetch: whoever fetches one thing often fetches more. */
const lingerMs = 1000

interface Idle {
  readonly line: Bulk
  readonly timer: NodeJS.Timeout
}

/**
 * Streams to peers, each lent to one fetch at a time. One that is still good afterwards waits a
 * moment for the next fetch: to open a stream costs more than to fetch a small file.
 */
export class Lines {
  readonly #open: OpenPipe
  readonly #idleMs: number
  readonly #idle = new Map<string, Idle[]>()

  constructor(open: OpenPipe, idleMs: number = limits.idleMs) {
    this.#open = open
    this.#idleMs = idleMs
  }

  /** A stream to a peer, that is there or will be opened when it is needed. */
  async lend(peer: string): Promise<Bulk> {
    for (;;) {
      // Looked up anew each time: others lend and take back while one is looked at.
      const [one, ...left] = (this.#idle.get(peer) ?? []).toReversed()
      if (one === undefined) break
      if (left.length === 0) this.#idle.delete(peer)
      else this.#idle.set(peer, left.reverse())
      clearTimeout(one.timer)
      if (await one.line.isOpen()) return one.line
    }
    return new Bulk(peer, this.#open, this.#idleMs)
  }

  /** A fetch is over. */
  async takeBack(line: Bulk): Promise<void> {
    if (!(await line.isOpen())) return
    const idle = this.#idle.get(line.name) ?? []
    const timer = setTimeout(() => {
      const left = (this.#idle.get(line.name) ?? []).filter((one) => one.line !== line)
      if (left.length === 0) this.#idle.delete(line.name)
      else this.#idle.set(line.name, left)
      throwing(line.close())
    }, lingerMs)
    // It holds nothing that has to be let go: a process need not wait for it.
    timer.unref()
    this.#idle.set(line.name, [...idle, { line, timer }])
  }
}
