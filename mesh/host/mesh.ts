import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import {
  type Answer,
  accept,
  type Cid,
  type CoordinatorId,
  limits,
  type MeshId,
  type PeerId,
  refuse,
} from '@nexapod/specs'
import { CID } from 'multiformats/cid'
import { machineClock } from '../channel/clock.ts'
import { Streams } from '../channel/streams.ts'
import { announce, coordinatorsOf, type Found, find } from './directory.ts'
import { type Talk, talk } from './gossip.ts'
import { Hearing, type Trust } from './hearing.ts'
import { type Host, type HostConfig, openHost } from './host.ts'

/** A coordinator as the roster names it. */
export interface Member {
  readonly coordinator: CoordinatorId
  readonly addresses: readonly string[]
}

/** What a mesh is opened with: its host, who coordinates it, and how a proof of a fork is read. */
export interface MeshConfig extends HostConfig, Pick<Trust, 'openFork' | 'now'> {
  readonly roster: readonly Member[]
}

/** The mesh, as those who live in it see it. */
export interface Mesh extends Talk, AsyncDisposable {
  readonly id: MeshId
  /** The key of this host. */
  readonly peer: PeerId
  /** Where it can be dialled. */
  addresses(): readonly string[]
  /** From now on these coordinate: they may be dialled, they come in, and are believed. */
  follow(roster: readonly Member[]): void
  /** Sees to it that there is a connection to this key, at one of these addresses. */
  dial(peer: PeerId, addresses: readonly string[], signal: AbortSignal): Promise<Answer<PeerId>>
  /** Tells the directory that this host coordinates, or has what a CID names. */
  announce(what: 'coordinator' | Cid, signal: AbortSignal): Promise<void>
  /** Who is said to: a hint. */
  find(what: 'coordinator' | Cid, signal: AbortSignal): AsyncIterable<Found>
  /** Work, calls and followers: what others open here, and what is opened to them. */
  readonly streams: Streams
  /** What the other protocols stand on. */
  readonly host: Host
}

/** Opens the mesh: a host in it, its topics, its directory. Nobody has been dialled yet. */
export async function openMesh(config: MeshConfig): Promise<Mesh> {
  const host = await openHost(config)
  const { libp2p, reach, door } = host
  const members = new Set<CoordinatorId>()
  const streams = new Streams(libp2p, machineClock, { ...limits, ...config.bounds })
  const hearing = new Hearing({
    mesh: config.mesh,
    coordinates: (key) => members.has(key),
    openFork: config.openFork,
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
    streams,
    addresses: () => libp2p.getMultiaddrs().map(String),
    follow,
    dial: (peer, addresses, signal) => dial(host, peer, addresses, signal),
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
  signal.throwIfAborted()
  const there = addresses.slice(0, limits.dialAddressesMax).map((text) => withKey(text, peer))
  try {
    const { remotePeer } = await libp2p.dial(there.length > 0 ? there : peerIdFromString(peer), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(limits.dialMs)]),
    })
    return accept(remotePeer.toString() as PeerId)
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
