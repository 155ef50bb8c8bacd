import {
  type Answer,
  accept,
  fromFetcher,
  fromProvider,
  limits,
  refusalOf,
  refuse,
} from '@nexapod/specs'
import type { Pipe } from '../../channel/pipe.ts'
import type { Buffers } from '../buffers.ts'
import { Flow, readMessage, writeMessage } from '../flow.ts'
import type { Giving, Provider, TakeBytes, Want } from './provider.ts'

/** Opens a stream of the data protocol to a peer; undefined if it cannot be reached. */
export type OpenPipe = (peer: string, signal: AbortSignal) => Promise<Pipe | undefined>

/** A peer of the mesh, asked over one stream: wants follow each other, and so do their answers. */
export class Bulk implements Provider {
  readonly name: string
  readonly #open: OpenPipe
  readonly #idleMs: number
  #flow: Promise<Flow | undefined> | undefined
  /** The answer before: answers come in the order of the wants. */
  #before: Promise<unknown> = Promise.resolve()

  constructor(peer: string, open: OpenPipe, idleMs: number = limits.idleMs) {
    this.name = peer
    this.#open = open
    this.#idleMs = idleMs
  }

  async give(want: Want, take: TakeBytes, { signal, buffers }: Giving): Promise<Answer<void>> {
    this.#flow ??= this.#begin(signal)
    const flow = await this.#flow
    if (flow === undefined) return this.#gone()
    const { root, way, from, blocks } = want
    const count = blocks.length
    const sent = writeMessage(flow, fromFetcher, { type: 'want', root, way, from, count })
    const answer = this.#answer(flow, want, { take, buffers, before: this.#before })
    this.#before = answer
    const [, given] = await Promise.all([sent, answer])
    if (!given.ok) {
      flow.abort(given.refusal)
      this.#flow = undefined
    }
    return given
  }

  async #begin(signal: AbortSignal): Promise<Flow | undefined> {
    const pipe = await this.#open(this.name, signal)
    if (pipe === undefined) return undefined
    const flow = new Flow(pipe)
    const over = () => {
      flow.abort(refusalOf('wire.closing'))
      this.#flow = undefined
    }
    if (signal.aborted) over()
    else signal.addEventListener('abort', over)
    return flow
  }

  async #answer(
    flow: Flow,
    { blocks }: Want,
    { take, buffers, before }: { take: TakeBytes; buffers: Buffers; before: Promise<unknown> },
  ): Promise<Answer<void>> {
    await before
    for (const [at, { bytesMax }] of blocks.entries()) {
      const given = await flow.within(this.#idleMs, async () => {
        return await this.#block(flow, bytesMax, buffers)
      })
      if (!given.ok) return given
      if (!(await take(at, given.value))) return refuse('data.false', { at: this.name })
    }
    return accept(undefined)
  }

  async #block(
    flow: Flow,
    bytesMax: number,
    buffers: Buffers,
  ): Promise<Answer<Uint8Array | undefined>> {
    const message = await readMessage(flow, fromProvider)
    if (message === undefined) return this.#gone()
    if (!message.ok) return message
    const said = message.value
    switch (said.type) {
      case 'refuse': {
        const { code, detail = '' } = said.refusal
        return refuse(code, { at: this.name, detail })
      }
      case 'missing':
        return accept(undefined)
      case 'block': {
        const detail = `${said.bytes} bytes where there are ${bytesMax} at most`
        if (said.bytes > bytesMax) return refuse('data.false', { at: this.name, detail })
        const bytes = buffers.take(said.bytes)
        return (await flow.readInto(bytes)) ? accept(bytes) : this.#gone()
      }
    }
  }

  #gone(): Answer<never> {
    return refuse('wire.deadline', { at: this.name, detail: 'the stream is gone, or stood still' })
  }
}
