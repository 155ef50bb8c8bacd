import { withBitswap } from '@helia/bitswap'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import type { Connection, Libp2p, PeerInfo } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { limits, type MeshId } from '@nexapod/specs'
import type { Helia } from 'helia'
import { Helia as Whole } from 'helia/helia'
import { createLibp2p } from 'libp2p'
import { Book } from './book.ts'
import { crowdBitswap, crowded } from './crowd.ts'
import { find } from './directory.ts'
import { Door } from './door.ts'
import { gossipSettings } from './gossip.ts'
import { Hole, punch } from './hole.ts'
import { lan } from './lan.ts'
import { link } from './link.ts'
import { type Bounds, Reach } from './reach.ts'
import { reachedThrough, relay, relayed } from './relay.ts'
import { reuse } from './reuse.ts'
import { silence } from './silence.ts'
import { socket } from './socket.ts'
import { told } from './told.ts'

/** What a host is made from. Nothing that is not named here is listened on or dialled. */
export interface HostConfig {
  readonly mesh: MeshId
  /** The secret seed of its one key: 32 bytes, from which its PeerId follows. */
  readonly seed: Uint8Array
  /** Where to listen: a coordinator. Nowhere: a node, which only dials out. */
  readonly listen: readonly string[]
  /** What others are told to dial, where that is not what it listens on: behind a router. */
  readonly announce?: readonly string[]
  /** Addresses that may be dialled because they were configured, each with its key at the end. */
  readonly known: readonly string[]
  /** Whether to look for others of the mesh on the local network. */
  readonly lan?: boolean
  /** Whether the coordinators in `known` are asked to pass on connections to this one. */
  readonly relayed?: boolean
  /** Where blocks are kept; in memory if nowhere. */
  readonly blockstore?: Blockstore
  /** Other bounds than those of the contract, to be seen at work. */
  readonly bounds?: Partial<Bounds>
}

/** The store of blocks that Helia works on. */
type Blockstore = NonNullable<ConstructorParameters<typeof Whole>[0]['blockstore']>

/** What the library runs for us beside connections and streams. */
type Services = {
  readonly ping: Ping
  readonly directory: KadDHT
  readonly gossip: GossipSub
  readonly identify: unknown
  readonly identifyPush: unknown
  readonly punch: unknown
  readonly relay?: unknown
  readonly told?: unknown
  readonly reached?: unknown
}

/** A libp2p host inside a Helia, with one key: what all protocols of the mesh stand on. */
export interface Host extends AsyncDisposable {
  readonly libp2p: Libp2p<Services>
  readonly helia: Helia & { readonly libp2p: Libp2p<Services> }
  readonly reach: Reach
  readonly door: Door
}

/** Starts a host. It has dialled nobody when it is there. */
export async function openHost(config: HostConfig): Promise<Host> {
  const listens = config.listen.length > 0
  const connectionsMax = listens ? limits.connectionsMax : limits.nodeConnectionsMax
  const bounds: Bounds = { ...limits, connectionsMax, ...config.bounds }
  const reach = new Reach(bounds, config.lan === true)
  for (const address of config.known) reach.know(multiaddr(address))
  for (const address of config.listen) reach.know(multiaddr(address))
  const door = new Door(bounds, reach)
  const hole = listens ? undefined : new Hole()
  const relays = ({ direction, remoteAddr }: Connection) =>
    config.relayed === true && direction === 'outbound' && reach.isKnown(remoteAddr)
  const libp2p: Libp2p<Services> = await createLibp2p<Services>({
    start: false,
    privateKey: await generateKeyPairFromSeed('Ed25519', config.seed),
    nodeInfo: { name: 'nexapod', version: '1', userAgent: 'nexapod' },
    logger: silence,
    datastore: new Book(),
    addresses: {
      listen: [...config.listen],
      appendAnnounce: [...(config.announce ?? [])],
    },
    transports: [socket(reach, hole), relayed(relays)],
    ...link,
    connectionGater: door,
    connectionManager: connections(bounds),
    connectionMonitor: { enabled: false },
    peerDiscovery: config.lan ? [lan(config.mesh, (peer) => meet(libp2p, peer))] : [],
    services: {
      identify: identify({ protocolPrefix: 'nexapod' }),
      identifyPush: identifyPush({ protocolPrefix: 'nexapod' }),
      ping: ping({ protocolPrefix: 'nexapod' }),
      directory: crowded(
        kadDHT({
          protocol: `/nexapod/kad/1/${config.mesh}`,
          clientMode: !listens,
          peerInfoMapper: passthroughMapper,
          allowQueryWithZeroPeers: true,
        }),
      ),
      gossip: gossipsub(gossipSettings(config.mesh)),
      punch: punch(hole ?? new Hole()),
      ...(listens ? { relay, told } : {}),
      ...(config.relayed ? { reached: reachedThrough(relays) } : {}),
    },
  })
  reuse(libp2p)
  crowdBitswap(libp2p)
  const helia = heliaOf(libp2p, config.blockstore)
  const whole = withBitswap(Object.assign(helia, { libp2p }), bitswapSettings)
  libp2p.addEventListener('peer:identify', ({ detail: { connection, observedAddr } }) => {
    if (reach.isKnown(connection.remoteAddr)) hole?.seen(connection, observedAddr)
  })
  await libp2p.start()
  await whole.start()
  return {
    libp2p,
    helia: whole,
    reach,
    door,
    async [Symbol.asyncDispose]() {
      await whole.stop()
      await libp2p.stop()
    },
  }
}

/** Helia with our directory as its only router, so that its searches are bounded as ours are. */
function heliaOf({ contentRouting }: Libp2p, blockstore: Blockstore | undefined): Whole {
  return new Whole({
    name: 'nexapod',
    version: '1',
    logger: silence,
    routers: [
      {
        name: 'directory',
        async *findProviders(cid, options) {
          for await (const { id, multiaddrs } of find(contentRouting, cid, options?.signal)) {
            yield { id: id.toCID(), multiaddrs, router: 'directory', fallback: false }
          }
        },
      },
    ],
    ...(blockstore === undefined ? {} : { blockstore }),
  })
}

/** Somebody was heard of on the local network. Who does not answer was not there. */
function meet(libp2p: Libp2p, { id, multiaddrs }: PeerInfo): void {
  if (libp2p.getConnections(id).length > 0) return
  const there = multiaddrs.map((address) => {
    const named = address.getComponents().some(({ name }) => name === 'p2p')
    return named ? address : address.encapsulate(`/p2p/${id}`)
  })
  void Promise.allSettled([libp2p.dial(there)])
}

/** What a message of bitswap has around its blocks. */
const bitswapHeadBytes = 64 * 1024

/** How bitswap is held to a measure: a want costs forty bytes, and a block to load is two MiB. */
const bitswapSettings: NonNullable<Parameters<typeof withBitswap>[1]> = {
  runOnLimitedConnections: true,
  maxInboundStreams: limits.bitswapStreamsMax,
  maxIncomingMessageSize: limits.blockBytesMax + bitswapHeadBytes,
  maxWantListSize: limits.bitswapWantsMax,
  sendBlocksBytes: limits.blockBytesMax,
  sendBlocksTurns: limits.bitswapTurnsMax,
}

function connections(bounds: Bounds) {
  const handshakes = bounds.handshakesMax
  return {
    // The door refuses before that, but for coordinators: they find a place in what is left.
    maxConnections: bounds.connectionsMax + handshakes,
    inboundConnectionThreshold: bounds.connectionsPerSecondMax,
    maxIncomingPendingConnections: handshakes,
    inboundUpgradeTimeout: bounds.handshakeMs,
    dialTimeout: bounds.dialMs,
    maxPeerAddrsToDial: bounds.dialAddressesMax,
    // No names that lead to other names: only an operator's own are looked up at all.
    resolvers: {},
  }
}
