import { type Answer, accept, limits, type PeerId, protocols } from '@nexapod/specs'
import type { Caller, Mesh } from '../host/face.ts'
import { Channel } from './channel.ts'
import type { Clock } from './clock.ts'
import type { Ground } from './ground.ts'
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

/** The streams of one host: a channel for each, all within one measure and one memory. */
export class Streams {
  readonly #mesh: Pick<Mesh, 'open' | 'serve'>
  readonly #clock: Clock
  readonly #pool = new Pool(limits.channelsBytesMax)
  readonly #quotas: Quotas

  constructor(mesh: Pick<Mesh, 'open' | 'serve'>, clock: Clock) {
    this.#mesh = mesh
    this.#clock = clock
    this.#quotas = new Quotas(limits, clock)
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
    const side = sides[protocol].serves as Side<unknown, unknown>
    await this.#mesh.serve(id, (pipe, caller) => {
      const entered = this.#quotas.enter({ ...caller, protocol: id })
      if (entered.ok) {
        const ground = { ...this.#ground, meter: entered.value }
        take(new Channel(pipe, side, ground) as Served<P>, caller)
      } else {
        const channel = new Channel(pipe, side, this.#ground)
        // What ends in the breath in which it was opened is over before the other end can read it.
        this.#clock.after(limits.refuseMs, () => channel.refuse(entered.refusal))
      }
    })
  }

  /** Opens a stream to a key that can be dialled, or is connected. */
  async open<P extends ProtocolName>(
    protocol: P,
    peer: PeerId,
    signal: AbortSignal,
  ): Promise<Answer<Opened<P>>> {
    const pipe = await this.#mesh.open(peer, protocols[protocol].id, signal)
    if (!pipe.ok) return pipe
    const side = sides[protocol].opens as Side<unknown, unknown>
    return accept(new Channel(pipe.value, side, this.#ground) as Opened<P>)
  }

  get #ground(): Ground {
    return { clock: this.#clock, pool: this.#pool }
  }
}
