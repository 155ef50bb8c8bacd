import {
  circuitRelayServer,
  circuitRelayTransport,
  RELAY_V2_HOP_CODEC,
} from '@libp2p/circuit-relay-v2'
import type { DCUtRServiceComponents } from '@libp2p/dcutr'
import type { Connection, Startable, Stream, Transport } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { limits } from '@nexapod/specs'
import { crowded } from './crowd.ts'

type Hears = Pick<KadDHTComponents, 'events'>

/** What a coordinator does for nodes that nobody can dial: it passes on, so much and so long. */
const relayServer = circuitRelayServer({
  hopTimeout: limits.helloMs,
  reservations: {
    maxReservations: limits.relayedMax,
    defaultDataLimit: BigInt(limits.relayBytesMax),
    defaultDurationLimit: limits.relayMs,
  },
})

/**
 * The same, but that a place is free again when its node is gone. The library keeps it for two
 * hours, so that whoever makes keys takes all places in turn, and no node is reached any more.
 */
export const relay = crowded((components: Parameters<typeof relayServer>[0] & Hears) => {
  const server = relayServer(components)
  components.events.addEventListener('peer:disconnect', ({ detail }) => {
    const reservation = server.reservations.get(detail)
    if (reservation === undefined) return
    // Its time would end the next reservation of this node.
    reservation.signal.clear()
    server.reservations.delete(detail)
  })
  return server
})

type Trusts = (connection: Connection) => boolean

/**
 * Dials through relays, and looks for none by itself. Comes in through those alone that are
 * trusted: the library takes any peer that says it is one, and tells others to come that way.
 */
export function relayed(
  isTrusted: Trusts,
): (components: Parameters<ReturnType<typeof circuitRelayTransport>>[0]) => Transport {
  const make = circuitRelayTransport({
    reservationConcurrency: limits.coordinatorsMax,
    discoveryFilter: { has: () => true, add: () => {}, remove: () => {} },
  })
  return (components) => {
    const transport = make(components)
    if (!('onStop' in transport)) throw new Error('the relay transport has changed')
    const onStop = transport.onStop as (stream: Stream, connection: Connection) => Promise<void>
    return Object.assign(transport, {
      async onStop(stream: Stream, connection: Connection) {
        if (isTrusted(connection)) await onStop(stream, connection)
        else stream.abort(new Error('nobody asked it to be a relay'))
      },
    })
  }
}

type Listener = ReturnType<DCUtRServiceComponents['transportManager']['getListeners']>[number]

/**
 * Lets this host be reached through the coordinators that it is connected to, as long as it is.
 * The library's own way would dial them when it starts, and give up on one that was gone once.
 */
export function reachedThrough(
  isTrusted: Trusts,
): (components: Pick<DCUtRServiceComponents, 'registrar' | 'transportManager'>) => Startable {
  return ({ registrar, transportManager }) => {
    const listeners = new Map<string, Listener>()
    let topology: string | undefined

    async function listen({ remoteAddr, remotePeer }: Connection): Promise<void> {
      const peer = remotePeer.toString()
      const through = remoteAddr.encapsulate('/p2p-circuit')
      const before = listeners.get(peer)
      if (before !== undefined) return before.listen(through)
      const others = new Set(transportManager.getListeners())
      await transportManager.listen([through])
      const mine = transportManager.getListeners().find((listener) => !others.has(listener))
      if (mine !== undefined) listeners.set(peer, mine)
    }

    return {
      async start() {
        topology = await registrar.register(RELAY_V2_HOP_CODEC, {
          onConnect(_, connection) {
            if (!isTrusted(connection)) return
            if (!listeners.has(connection.remotePeer.toString())) {
              if (listeners.size >= limits.coordinatorsMax) return
            }
            // Not waited for: the library tells its own services after this one.
            void listen(connection).catch(() => {
              // It is full, or gone again: the next connection to it tries anew.
              listeners.delete(connection.remotePeer.toString())
            })
          },
        })
      },
      stop() {
        if (topology !== undefined) registrar.unregister(topology)
      },
    }
  }
}
