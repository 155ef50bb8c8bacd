import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import {
  type Answer,
  accept,
  type Cid,
  type CoordinatorId,
  limits,
  type PeerId,
  refuse,
} from '@nexapod/specs'
import { CID } from 'multiformats/cid'
import { machineClock } from '../channel/clock.ts'
import { pipeOf } from '../channel/libp2p-pipe.ts'
import { networkOf } from '../channel/network.ts'
import type { Pipe } from '../channel/pipe.ts'
import { Streams } from '../channel/streams.ts'
import { announce, coordinatorsOf, find } from './directory.ts'
import type { Member, Mesh } from './face.ts'
import { talk } from './gossip.ts'
import { Hearing, type Trust } from './hearing.ts'
import { type Host, type HostConfig, openHost } from './host.ts'

/** What a mesh is opened with: its host, who coordinates it, and how a proof of a fork is read. */
export interface MeshConfig extends HostConfig, Pick<Trust, 'openFork' | 'now' | 'stranger'> {
  readonly roster: readonly Member[]
}

/** The mesh, and the host that it stands on. */
export interface HostedMesh extends Mesh {
  readonly host: Host
  /** Work, calls and followers: what others open here, and what is opened to them. */
  readonly streams: Streams
}

/** Opens the mesh: a host in it, its topics, its directory. Nobody has been dialled yet. */
export async function openMesh(config: MeshConfig): Promise<HostedMesh> {
  const host = await openHost(config)
  const { libp2p, reach, door } = host
  const members = new Set<CoordinatorId>()
  const hearing = new Hearing({
    mesh: config.mesh,
    coordinates: (key) => members.has(key),
    openFork: config.openFork,
    ...(config.stranger === undefined ? {} : { stranger: config.stranger }),
    now: config.now,
  })
  const gate = {
    ban(peer: string) {
      if (!door.ban(peer)) return
      for (const open of libp2p.getConnections(peerIdFromString(peer))) {
        open.abort(new Error('it talks too much, or says what is wrong'))
      }
    },
  }
  const pipes: Pick<Mesh, 'open' | 'serve'> = {
    open: (peer, protocol, signal) => openPipe(host, peer, protocol, signal),
    async serve(protocol, take) {
      await libp2p.handle(
        protocol,
        (stream, { remotePeer, remoteAddr }) => {
          const peer = remotePeer.toString() as PeerId
          take(pipeOf(stream), { peer, network: networkOf(remoteAddr) })
        },
        streamsOptions,
      )
    },
  }
  const streams = new Streams(pipes, machineClock)
  function follow(roster: readonly Member[]): void {
    members.clear()
    for (const { coordinator, addresses } of roster) {
      members.add(coordinator)
      for (const address of addresses) reach.know(multiaddr(address))
    }
    door.pin(members)
    streams.pin(members)
  }
  follow(config.roster)
  const routing = libp2p.contentRouting
  const cidOf = (what: 'coordinator' | Cid) =>
    what === 'coordinator' ? coordinatorsOf(config.mesh) : what
  return {
    ...talk(libp2p.services.gossip, config.mesh, hearing, gate),
    id: config.mesh,
    peer: libp2p.peerId.toString() as PeerId,
    host,
    addresses: () => libp2p.getMultiaddrs().map(String),
    follow,
    dial: (peer, addresses, signal) => dial(host, peer, addresses, signal),
    ...pipes,
    streams,
    announce: (what, signal) => announce(routing, cidOf(what), signal),
    async *find(what, signal) {
      for await (const { id, multiaddrs } of find(routing, CID.parse(cidOf(what)), signal)) {
        if (id.equals(libp2p.peerId)) continue
        yield { peer: id.toString(), addresses: multiaddrs.map(String) }
      }
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}

async function dial(
  { libp2p }: Host,
  peer: PeerId,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Answer<PeerId>> {
  const there = addresses.slice(0, limits.dialAddressesMax).map((text) => withKey(text, peer))
  return reached(signal, async (within) => {
    await libp2p.dial(there.length > 0 ? there : peerIdFromString(peer), { signal: within })
    return peer
  })
}

/** How many streams of a protocol one connection has: quotas count those of a peer. */
const streamsOptions = {
  maxInboundStreams: limits.streamsMax,
  maxOutboundStreams: limits.streamsMax,
  runOnLimitedConnection: true,
}

async function openPipe(
  { libp2p }: Host,
  peer: PeerId,
  protocol: string,
  signal: AbortSignal,
): Promise<Answer<Pipe>> {
  return reached(signal, async (within) => {
    const options = { ...streamsOptions, signal: within }
    return pipeOf(await libp2p.dialProtocol(peerIdFromString(peer), protocol, options))
  })
}

/** The library throws for an expected no as well, in a hundred ways: nobody was reached. */
async function reached<T>(
  signal: AbortSignal,
  reach: (within: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  signal.throwIfAborted()
  try {
    return accept(await reach(AbortSignal.any([signal, AbortSignal.timeout(limits.dialMs)])))
  } catch (cause) {
    signal.throwIfAborted()
    const detail = cause instanceof Error ? cause.message : String(cause)
    return refuse('wire.unreachable', { detail })
  }
}

/** An address with the key that has to be proved there. */
function withKey(text: string, peer: PeerId): Multiaddr {
  const address = multiaddr(text)
  const last = address.getComponents().at(-1)
  return last?.name === 'p2p' ? address : address.encapsulate(`/p2p/${peer}`)
}
