import type { Libp2p, MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { openHost } from './hosts.ts'

/** A connection behind noise, with nobody who speaks yamux on it but whoever writes its bytes. */
export interface RawConnection {
  readonly isOpen: boolean
  send(bytes: Uint8Array): void
  stopReading(): void
  stop(): Promise<void>
}

/** Dials an address and hands out what is behind noise. */
export async function rawConnection(
  seed: number,
  address: string,
  localAddress: string,
): Promise<RawConnection> {
  const found = Promise.withResolvers<MessageStream>()
  const muxer = (): StreamMuxerFactory => ({
    protocol: '/yamux/1.0.0',
    createStreamMuxer(connection) {
      found.resolve(connection)
      return noMuxer()
    },
  })
  const host: Libp2p = await openHost(seed, { listens: false, localAddress, muxer })
  try {
    await host.dial(multiaddr(address))
  } catch (cause) {
    await host.stop()
    throw cause
  }
  const connection = await found.promise
  return {
    get isOpen() {
      return connection.status === 'open'
    },
    send(bytes) {
      if (connection.status === 'open') connection.send(bytes)
    },
    stopReading: () => connection.pause(),
    stop: async () => await host.stop(),
  }
}

function noMuxer(): StreamMuxer {
  return Object.assign(new EventTarget(), {
    protocol: '/yamux/1.0.0',
    streams: [],
    status: 'open' as const,
    createStream: () => Promise.reject(new Error('this muxer makes no streams')),
    close: async () => {},
    abort: () => {},
  }) as unknown as StreamMuxer
}
