import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type {
  ComponentLogger,
  Connection,
  Libp2p,
  Logger,
  Stream,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { type TCPSocketOptions, tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { cipher } from '../channel/cipher.ts'
import { gathered } from '../channel/gather.ts'
import { bounded } from '../channel/muxer.ts'

/** What a bare host of a test may be told. */
export interface HostOptions {
  readonly listens?: boolean
  readonly connections?: number
  readonly streams?: number
  /** Where it dials from: another network of loopback. */
  readonly localAddress?: string
  /** Another muxer than ours: for whoever plays the attacker. */
  readonly muxer?: (components: unknown) => StreamMuxerFactory
}

/** A libp2p host with nothing but TCP, noise and yamux, for what is told of one seed. */
export async function openHost(seed: number, options: HostOptions = {}): Promise<Libp2p> {
  const { listens = true, connections = 1000, streams = 64, localAddress } = options
  // What libp2p does not know of, it hands on to the system.
  const dialOpts: TCPSocketOptions & { localAddress?: string } =
    localAddress === undefined ? {} : { localAddress }
  const muxer = yamux({
    enableKeepAlive: false,
    maxInboundStreams: streams,
    maxOutboundStreams: 2000,
    maxEarlyStreams: streams,
  })
  const secret = new Uint8Array(32)
  new DataView(secret.buffer).setUint32(0, seed)
  return await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', secret),
    logger: silence,
    addresses: { listen: listens ? ['/ip4/127.0.0.1/tcp/0'] : [] },
    transports: [tcp({ dialOpts })],
    connectionEncrypters: [gathered(noise({ crypto: cipher }))],
    streamMuxers: [options.muxer ?? bounded(muxer)],
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: connections,
      inboundConnectionThreshold: 64,
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
