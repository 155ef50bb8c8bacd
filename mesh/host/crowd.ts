import type { Connection, Stream } from '@libp2p/interface'
import { limits } from '@nexapod/specs'
import { networkOf } from '../channel/network.ts'

/** The bitswap that the library speaks. */
const bitswapId = '/ipfs/bitswap/1.2.0'

type Handler = (stream: Stream, connection: Connection) => void | Promise<void>

/** What of the library tells protocols from handlers. */
interface Handles {
  handle(protocol: string | string[], handler: Handler, options?: object): Promise<void>
}

/**
 * How many streams of one protocol of the library are read at once. The library holds what has come
 * of a message until all of it is there, up to 4 MiB a stream, and counts streams by connections
 * alone, of which a stranger has as many as he makes keys.
 */
class Crowd {
  readonly #networks = new Map<string, number>()
  #total = 0

  /** A handler that is handed no more streams than that; those beyond are reset. */
  before(handler: Handler): Handler {
    return (stream, connection) => {
      const network = networkOf(connection.remoteAddr)
      const here = this.#networks.get(network) ?? 0
      const { libraryStreamsMax, libraryStreamsPerNetworkMax } = limits
      if (this.#total >= libraryStreamsMax || here >= libraryStreamsPerNetworkMax) {
        stream.abort(new Error('too many of these are read already'))
        return
      }
      this.#total++
      this.#networks.set(network, here + 1)
      stream.addEventListener('close', () => {
        this.#total--
        const left = (this.#networks.get(network) ?? 0) - 1
        if (left > 0) this.#networks.set(network, left)
        else this.#networks.delete(network)
      })
      return handler(stream, connection)
    }
  }
}

/** A service of the library whose protocol has its crowd. */
export function crowded<C extends { readonly registrar: Handles }, S>(
  make: (components: C) => S,
): (components: C) => S {
  return (components) => {
    const { registrar } = components
    const handle: Handles['handle'] = (protocol, handler, options) =>
      registrar.handle(protocol, new Crowd().before(handler), options)
    const behind = Object.assign(Object.create(registrar), { handle })
    // Defined and not assigned: the library's components take what is assigned to their heirs, and
    // all protocols would have the measure of this one.
    return make(Object.create(components, { registrar: { value: behind } }))
  }
}

/** Gives bitswap its crowd, which asks the host itself for streams. */
export function crowdBitswap(libp2p: Handles): void {
  const handle = libp2p.handle.bind(libp2p)
  Object.assign(libp2p, {
    handle: (protocols, handler, options) => {
      const isBitswap = [protocols].flat().includes(bitswapId)
      return handle(protocols, isBitswap ? new Crowd().before(handler) : handler, options)
    },
  } satisfies Handles)
}
