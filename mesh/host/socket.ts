import type { Transport } from '@libp2p/interface'
import { type TCPComponents, tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Reach } from './reach.ts'

/** The system's own sign of life, so that a dead peer is found without a timer of ours. */
const alive = { keepAlive: true, keepAliveInitialDelay: 30_000 }

/** TCP, which dials nothing that may not be dialled: the last place before a socket is opened. */
export function socket(reach: Reach): (components: TCPComponents) => Transport {
  return (components) => {
    const transport = tcp({ dialOpts: alive, listenOpts: alive })(components)
    const dial = transport.dial.bind(transport)
    return Object.assign(transport, {
      async dial(address: Multiaddr, options: Parameters<Transport['dial']>[1]) {
        if (!reach.spend(address, performance.now())) {
          throw new Error(`${address} was not configured, and too many hints were followed`)
        }
        const connection = await dial(address, options)
        reach.proven(address)
        return connection
      },
    })
  }
}
