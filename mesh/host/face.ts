import type { Answer, Cid, CoordinatorId, MeshId, PeerId } from '@nexapod/specs'
import type { Pipe } from '../channel/pipe.ts'
import type { Found } from './directory.ts'
import type { Talk } from './gossip.ts'

/** A coordinator as the roster names it. */
export interface Member {
  readonly coordinator: CoordinatorId
  readonly addresses: readonly string[]
}

/** Who opened a stream. */
export interface Caller {
  readonly peer: PeerId
  /** The network that it comes from, as quotas count it. */
  readonly network: string
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
  /** Opens a stream of a protocol to a peer. */
  open(peer: PeerId, protocol: string, signal: AbortSignal): Promise<Answer<Pipe>>
  /** Takes the streams of a protocol that others open, from now on. */
  serve(protocol: string, take: (pipe: Pipe, from: Caller) => void): Promise<void>
  /** Tells the directory that this host coordinates, or has what a CID names. */
  announce(what: 'coordinator' | Cid, signal: AbortSignal): Promise<void>
  /** Who is said to: a hint. */
  find(what: 'coordinator' | Cid, signal: AbortSignal): AsyncIterable<Found>
}
