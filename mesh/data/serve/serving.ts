import {
  type Answer,
  accept,
  type Cid,
  type FromFetcher,
  type FromProvider,
  fromFetcher,
  fromProvider,
  limits,
  refuse,
} from '@nexapod/specs'
import type { Pipe } from '../../channel/pipe.ts'
import { Buffers } from '../buffers.ts'
import { Flow, messageBytes, readMessage, writeMessage } from '../flow.ts'
import type { Store } from '../store/store.ts'
import { Links } from './links.ts'

/**
 * Whether a peer, or whoever asks over HTTP, may have what is below a root. `sealed` says that a
 * verdict on it is still to come: then the answer is yes to very few.
 */
export type MayServe = (
  root: Cid,
  to: { readonly peer?: string; readonly sealed: boolean },
) => boolean | Promise<boolean>

/** Who opened a stream, and from which network, as quotas count it. */
export interface Asking {
  readonly peer: string
  readonly network: string
}

/** What serving needs. */
export interface ServingConfig {
  readonly store: Store
  readonly mayServe: MayServe
  /** How long a peer may be silent, or take to read a block. */
  readonly idleMs?: number
}

type Want = FromFetcher & { type: 'want' }

/** Blocks up to this go out together: a write of its own costs more than copying them. */
const smallBytesMax = 4096

/** The side of the data protocol that has the blocks. */
export class Serving {
  readonly #store: Store
  readonly #mayServe: MayServe
  readonly #idleMs: number
  readonly #links: Links
  /** Streams that are open, by the keys of peers and by networks, neither of which is the other. */
  readonly #streams = new Map<string, number>()
  readonly #buffers = new Buffers()
  #open = 0

  constructor({ store, mayServe, idleMs = limits.idleMs }: ServingConfig) {
    this.#store = store
    this.#mayServe = mayServe
    this.#idleMs = idleMs
    this.#links = new Links(store)
  }

  /** Answers the wants on a stream, until it ends. */
  async serve(pipe: Pipe, { peer, network }: Asking): Promise<void> {
    const flow = new Flow(pipe)
    const ofPeer = this.#streams.get(peer) ?? 0
    const ofNetwork = this.#streams.get(`of ${network}`) ?? 0
    const { dataStreamsPerPeerMax, dataStreamsPerNetworkMax, dataStreamsMax } = limits
    const full = ofNetwork >= dataStreamsPerNetworkMax || this.#open >= dataStreamsMax
    if (full || ofPeer >= dataStreamsPerPeerMax) {
      const { refusal } = refuse('wire.full', { retryMs: limits.pauseMs })
      await this.#say(flow, { type: 'refuse', refusal })
      return flow.abort(refusal)
    }
    this.#count(peer, network, 1)
    try {
      while (await this.#next(flow, peer));
    } finally {
      this.#count(peer, network, -1)
    }
  }

  #count(peer: string, network: string, by: number): void {
    this.#open += by
    for (const who of [peer, `of ${network}`]) {
      const count = (this.#streams.get(who) ?? 0) + by
      if (count === 0) this.#streams.delete(who)
      else this.#streams.set(who, count)
    }
  }

  async #next(flow: Flow, peer: string): Promise<boolean> {
    const message = await flow.within(
      this.#idleMs,
      async () => await readMessage(flow, fromFetcher),
    )
    if (message === undefined) {
      flow.close()
      return false
    }
    if (!message.ok) {
      const { refusal } = message
      await this.#say(flow, { type: 'refuse', refusal })
      flow.abort(refusal)
      return false
    }
    const want = message.value
    if (want.type === 'roots') {
      const here = want.roots.map((root) => this.#here(root, peer))
      return await this.#give(flow, await Promise.all(here))
    }
    const cids = await this.#wanted(want, peer)
    if (!cids.ok) return await this.#say(flow, { type: 'refuse', refusal: cids.refusal })
    return await this.#give(
      flow,
      cids.value.map((cid) => (this.#store.hides(cid, want.root) ? undefined : cid)),
    )
  }

  /** A root, if it is here and the peer may have it. */
  async #here(root: Cid, peer: string): Promise<Cid | undefined> {
    const store = this.#store
    if (!store.has(root)) return undefined
    const may = await this.#mayServe(root, { peer, sealed: store.isSealed(root) })
    return may && !store.hides(root, root) ? root : undefined
  }

  /** The blocks of a want, if they are below a root that the peer may have. */
  async #wanted(want: Want, peer: string): Promise<Answer<readonly Cid[]>> {
    const { root, way, from, count } = want
    const unknown = refuse('data.unknown', { at: root })
    if (!this.#store.has(root)) return unknown
    if (!(await this.#mayServe(root, { peer, sealed: this.#store.isSealed(root) }))) return unknown
    let links: readonly Cid[] = [root]
    for (const at of way) {
      const cid = links[at]
      if (cid === undefined) return refuse('wire.message', { detail: 'a way that leads nowhere' })
      if (this.#store.hides(cid, root)) return unknown
      const below = await this.#links.of(cid)
      if (below === undefined) return unknown
      links = below
    }
    const cids = links.slice(from, from + count)
    if (cids.length === count) return accept(cids)
    return refuse('wire.message', { detail: 'links that the node does not have' })
  }

  /**
   * Sends blocks, and reads the next one while the last one is on its way; small ones go together.
   */
  async #give(flow: Flow, cids: readonly (Cid | undefined)[]): Promise<boolean> {
    const read = async (cid: Cid | undefined) => {
      return cid === undefined ? undefined : await this.#store.lend(cid, this.#buffers)
    }
    let small: Uint8Array[] = []
    let next = read(cids[0])
    for (let i = 0; i < cids.length; i++) {
      const bytes = await next
      next = read(cids[i + 1])
      const isSmall = bytes === undefined || bytes.length <= smallBytesMax
      small.push(...answerOf(bytes))
      if (isSmall && i + 1 < cids.length && small.length < limits.wantRootsMax) continue
      const pieces = isSmall ? [Buffer.concat(small)] : small
      small = []
      if (!(await flow.within(this.#idleMs, async () => await flow.write(...pieces)))) {
        await next
        return false
      }
      // There is room: all of it was sealed for the socket. Of a pipe that is over nobody knows.
      if (bytes !== undefined && !isSmall) this.#buffers.give(bytes)
    }
    return true
  }

  async #say(flow: Flow, message: FromProvider): Promise<boolean> {
    const say = async () => await writeMessage(flow, fromProvider, message)
    return await flow.within(this.#idleMs, say)
  }
}

function answerOf(bytes: Uint8Array | undefined): readonly Uint8Array[] {
  if (bytes === undefined) return [messageBytes(fromProvider, { type: 'missing' })]
  return [messageBytes(fromProvider, { type: 'block', bytes: bytes.length }), bytes]
}
