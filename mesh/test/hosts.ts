import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { ComponentLogger, Connection, Libp2p, Logger, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { gathered } from '../channel/gather.ts'
import { bounded } from '../channel/muxer.ts'

/** What a bare host of a test may be told. */
export interface HostOptions {
  readonly listens?: boolean
  readonly connections?: number
  readonly streams?: number
  /** Without the bounds of ours, as the library has it: for whoever plays the attacker. */
  readonly unbounded?: boolean
}

/** A libp2p host with nothing but TCP, noise and yamux, for what is told of one seed. */
export async function openHost(seed: number, options: HostOptions = {}): Promise<Libp2p> {
  const { listens = true, connections = 1000, streams = 64, unbounded = false } = options
  const muxer = yamux({
    enableKeepAlive: false,
    maxInboundStreams: streams,
    maxOutboundStreams: 2000,
    maxEarlyStreams: streams,
  })
  return await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)),
    logger: silence,
    addresses: { listen: listens ? ['/ip4/127.0.0.1/tcp/0'] : [] },
    transports: [tcp()],
    connectionEncrypters: [gathered(noise())],
    streamMuxers: [unbounded ? muxer : bounded(muxer)],
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: connections,
      inboundConnectionThreshold: 1000,
      maxIncomingPendingConnections: 100,
    },
  })
}

/** The first address that a host listens on, with its key at the end. */
export function addressOf(host: Libp2p): string {
  const [address] = host.getMultiaddrs()
  if (address === undefined) throw new Error('the host listens on nothing')
  return address.toString()
}

/** Opens one stream of a protocol to an address. */
export async function openStream(from: Libp2p, address: string, protocol: string): Promise<Stream> {
  return await from.dialProtocol(multiaddr(address), protocol, { maxOutboundStreams: 2000 })
}

/** The next stream of a protocol that somebody opens to a host. */
export function nextStream(host: Libp2p, protocol: string): Promise<[Stream, Connection]> {
  return new Promise((resolve, reject) => {
    host
      .handle(protocol, (stream, connection) => resolve([stream, connection]), { force: true })
      .catch(reject)
  })
}

const nothing: Logger = Object.assign(() => {}, {
  enabled: false,
  error: () => {},
  trace: () => {},
  newScope: () => nothing,
})
const silence: ComponentLogger = { forComponent: () => nothing }
