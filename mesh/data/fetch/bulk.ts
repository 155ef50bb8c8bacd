import { type Answer, accept, fromFetcher, fromProvider, refuse } from '@nexapod/specs'
import { type Pipe, readMessage, writeMessage } from '../pipe.ts'
import type { Provider, TakeBytes, Want } from './provider.ts'

/** Opens a stream of the data protocol to a peer; undefined if it cannot be reached. */
export type OpenPipe = (peer: string, signal: AbortSignal) => Promise<Pipe | undefined>

/** A peer of the mesh, asked over one stream: wants follow each other, and so do their answers. */
export class Bulk implements Provider, Disposable {
  readonly name: string
  readonly #open: OpenPipe
  #pipe: Promise<Pipe | undefined> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(peer: string, open: OpenPipe) {
    this.name = peer
    this.#open = open
  }

  async give(want: Want, take: TakeBytes, signal: AbortSignal): Promise<Answer<void>> {
    this.#pipe ??= this.#open(this.name, signal)
    const pipe = await this.#pipe
    if (pipe === undefined) return this.#gone()
    const abort = () => pipe.abort('not wanted any more')
    signal.addEventListener('abort', abort)
    try {
      if (signal.aborted) return this.#gone()
      const { root, way, from, blocks } = want
      const sent = writeMessage(pipe, fromFetcher, {
        type: 'want',
        root,
        way,
        from,
        count: blocks.length,
      })
      const before = this.#last
      const answer = before.then(async () => await this.#answer(pipe, want, take))
      this.#last = answer
      if (!(await sent)) return this.#gone()
      const given = await answer
      if (!given.ok) pipe.abort('no more of this')
      return given
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async #answer(pipe: Pipe, { blocks }: Want, take: TakeBytes): Promise<Answer<void>> {
    for (const [at, { bytesMax }] of blocks.entries()) {
      const message = await readMessage(pipe, fromProvider)
      if (message === undefined) return this.#gone()
      if (!message.ok) return message
      const said = message.value
      if (said.type === 'refuse') {
        return refuse(said.refusal.code, { at: this.name, detail: said.refusal.detail ?? '' })
      }
      if (said.type === 'missing') {
        if (!(await take(at, undefined))) return accept(undefined)
        continue
      }
      if (said.bytes > bytesMax) {
        return refuse('data.false', { at: this.name, detail: `${said.bytes} bytes of ${bytesMax}` })
      }
      const bytes = await pipe.read(said.bytes)
      if (bytes === undefined) return this.#gone()
      if (!(await take(at, bytes))) return refuse('data.false', { at: this.name })
    }
    return accept(undefined)
  }

  #gone(): Answer<void> {
    return refuse('data.missing', { at: this.name, detail: 'the stream is gone' })
  }

  [Symbol.dispose](): void {
    void this.#pipe?.then(
      (pipe) => pipe?.abort('done'),
      () => {},
    )
  }
}
