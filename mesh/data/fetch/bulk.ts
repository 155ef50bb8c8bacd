import {
  type Answer,
  accept,
  type FromFetcher,
  fromFetcher,
  fromProvider,
  limits,
  type Refusal,
  refusalOf,
  refuse,
} from '@nexapod/specs'
import type { Pipe } from '../../channel/pipe.ts'
import type { Buffers } from '../buffers.ts'
import { Flow, readMessage, writeMessage } from '../flow.ts'
import type { Giving, Provider, TakeBytes, Want, WantedBlock } from './provider.ts'

/** Opens a stream of the data protocol to a peer; undefined if it cannot be reached. */
export type OpenPipe = (peer: string, signal: AbortSignal) => Promise<Pipe | undefined>

interface Answering {
  readonly take: TakeBytes
  readonly buffers: Buffers
  /** How much of the want is answered: a refusal answers all of it. */
  readonly read: { blocks: number }
  readonly before: Promise<unknown>
}

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

  /** Whether its stream is there, and may be asked for something else. */
  async isOpen(): Promise<boolean> {
    const flow = await this.#flow
    return flow !== undefined && !flow.isOver
  }

  /** Asks nothing more. */
  async close(): Promise<void> {
    const flow = await this.#flow
    flow?.abort(refusalOf('wire.closing'))
    this.#flow = undefined
  }

  async give(want: Want, take: TakeBytes, giving: Giving): Promise<Answer<void>> {
    const { root, way, from, blocks } = want
    const count = blocks.length
    return await this.#ask({ type: 'want', root, way, from, count }, blocks, take, giving)
  }

  /** Hands over the first block of each of these roots, undefined for one that is not there. */
  async giveRoots(
    blocks: readonly WantedBlock[],
    take: TakeBytes,
    giving: Giving,
  ): Promise<Answer<void>> {
    const roots = blocks.map(({ cid }) => cid)
    return await this.#ask({ type: 'roots', roots }, blocks, take, giving)
  }

  async #ask(
    message: FromFetcher,
    blocks: readonly WantedBlock[],
    take: TakeBytes,
    { signal, buffers }: Giving,
  ): Promise<Answer<void>> {
    this.#flow ??= this.#begin(signal)
    const flow = await this.#flow
    if (flow === undefined) return this.#gone()
    // What is on its way when all is over is not waited for; else the stream is good for more.
    const read = { blocks: 0 }
    const stop = () => {
      if (read.blocks === blocks.length) return
      flow.abort(refusalOf('wire.closing'))
      this.#flow = undefined
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
    const count = blocks.length
    const sent = writeMessage(flow, fromFetcher, message)
    const answer = this.#answer(flow, blocks, { take, buffers, read, before: this.#before })
    this.#before = answer
    const [, given] = await Promise.all([sent, answer])
    signal.removeEventListener('abort', stop)
    if (!given.ok && read.blocks < count) {
      flow.abort(given.refusal)
      this.#flow = undefined
    }
    return given
  }

  async #begin(signal: AbortSignal): Promise<Flow | undefined> {
    try {
      const pipe = await this.#open(this.name, signal)
      return pipe === undefined ? undefined : new Flow(pipe)
    } catch (cause) {
      // Others were quicker, and all is over while this peer was still being dialled.
      if (!signal.aborted) throw cause
      this.#flow = undefined
      return undefined
    }
  }

  async #answer(
    flow: Flow,
    blocks: readonly WantedBlock[],
    { take, buffers, read, before }: Answering,
  ): Promise<Answer<void>> {
    await before
    for (const [at, { bytesMax }] of blocks.entries()) {
      const given = await flow.within(this.#idleMs, async () => {
        return await this.#block(flow, bytesMax, buffers)
      })
      if (!given.ok) return given
      const { bytes, refusal } = given.value
      read.blocks = refusal === undefined ? at + 1 : blocks.length
      if (refusal !== undefined) {
        return refuse(refusal.code, { at: this.name, detail: refusal.detail ?? '' })
      }
      if (await take(at, bytes)) continue
      read.blocks = 0
      return refuse('data.false', { at: this.name })
    }
    return accept(undefined)
  }

  async #block(
    flow: Flow,
    bytesMax: number,
    buffers: Buffers,
  ): Promise<Answer<{ readonly bytes?: Uint8Array; readonly refusal?: Refusal }>> {
    const message = await readMessage(flow, fromProvider)
    if (message === undefined) return this.#gone()
    if (!message.ok) return message
    const said = message.value
    switch (said.type) {
      case 'refuse':
        return accept({ refusal: said.refusal })
      case 'missing':
        return accept({})
      case 'block': {
        const detail = `${said.bytes} bytes where there are ${bytesMax} at most`
        if (said.bytes > bytesMax) return refuse('data.false', { at: this.name, detail })
        const bytes = buffers.take(said.bytes)
        return (await flow.readInto(bytes)) ? accept({ bytes }) : this.#gone()
      }
    }
  }

  #gone(): Answer<never> {
    return refuse('wire.deadline', { at: this.name, detail: 'the stream is gone, or stood still' })
  }
}
