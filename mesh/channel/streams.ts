import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import {
  type Answer,
  accept,
  limits,
  type PeerId,
  protocols,
  type Refusal,
  refuse,
} from '@nexapod/specs'
import { Channel, type Ground } from './channel.ts'
import type { Clock } from './clock.ts'
import { pipeOf } from './libp2p-pipe.ts'
import { networkOf } from './network.ts'
import { Pool } from './pool.ts'
import { Quotas } from './quota.ts'
import { type Side, sides } from './side.ts'

type Sides = typeof sides

/** A protocol of the contract. */
export type ProtocolName = keyof Sides

/** What whoever is dialled has of a stream. */
export type Served<P extends ProtocolName> =
  Sides[P]['serves'] extends Side<infer Out, infer In> ? Channel<Out, In> : never

/** What whoever opens a stream has of it. */
export type Opened<P extends ProtocolName> =
  Sides[P]['opens'] extends Side<infer Out, infer In> ? Channel<Out, In> : never

/** Who opened a stream: its key as noise proved it, and the network that it comes from. */
export interface Caller {
  readonly peer: PeerId
  readonly network: string
}

/** The streams of one host: a channel for each, all within one measure and one memory. */
export class Streams {
  readonly #libp2p: Libp2p
  readonly #clock: Clock
  readonly #pool = new Pool(limits.channelsBytesMax)
  readonly #quotas: Quotas

  constructor(libp2p: Libp2p, clock: Clock, bounds: typeof limits) {
    this.#libp2p = libp2p
    this.#clock = clock
    this.#quotas = new Quotas(bounds, clock)
  }

  /** These are always let in: the coordinators of the roster. */
  pin(peers: Iterable<PeerId>): void {
    this.#quotas.pin(peers)
  }

  /** Gives each stream of a protocol that somebody opens to whoever serves it. */
  async serve<P extends ProtocolName>(
    protocol: P,
    take: (channel: Served<P>, caller: Caller) => void,
  ): Promise<void> {
    const { id } = protocols[protocol]
    const serve = (stream: Stream, connection: Connection) => {
      const peer = connection.remotePeer.toString() as PeerId
      const network = networkOf(connection.remoteAddr)
      const entered = this.#quotas.enter({ peer, network, protocol: id })
      const side = sides[protocol].serves as Side<unknown, unknown>
      if (!entered.ok) this.#turnAway(stream, side, entered.refusal)
      else {
        const ground = { clock: this.#clock, pool: this.#pool, meter: entered.value }
        take(new Channel(pipeOf(stream), side, ground) as Served<P>, { peer, network })
      }
    }
    await this.#libp2p.handle(id, serve, {
      maxInboundStreams: limits.streamsPerPeerMax,
      runOnLimitedConnection: true,
    })
  }

  /** Opens a stream to a key that can be dialled, or is connected. */
  async open<P extends ProtocolName>(
    protocol: P,
    peer: PeerId,
    signal: AbortSignal,
  ): Promise<Answer<Opened<P>>> {
    signal.throwIfAborted()
    const { id } = protocols[protocol]
    const ended = AbortSignal.any([signal, AbortSignal.timeout(limits.dialMs)])
    try {
      const stream = await this.#libp2p.dialProtocol(peerIdFromString(peer), id, {
        signal: ended,
        runOnLimitedConnection: true,
      })
      const side = sides[protocol].opens as Side<unknown, unknown>
      return accept(new Channel(pipeOf(stream), side, this.#ground) as Opened<P>)
    } catch (cause) {
      signal.throwIfAborted()
      const detail = cause instanceof Error ? cause.message : String(cause)
      return refuse('wire.unreachable', { detail })
    }
  }

  get #ground(): Ground {
    return { clock: this.#clock, pool: this.#pool }
  }

  #turnAway(stream: Stream, side: Side<unknown, unknown>, refusal: Refusal): void {
    new Channel(pipeOf(stream), side, this.#ground).refuse(refusal)
  }
}
