import {
  type Answer,
  type Beacon,
  beaconDocument,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  decode,
  type Fork,
  limits,
  type MeshId,
  open,
  reopen,
  type Signed,
  topics,
} from '@nexapod/specs'

/** What each topic carries, and what it says once it was opened. */
export interface Gossip {
  readonly beacon: { readonly document: Signed<Beacon>; readonly says: Beacon }
  readonly checkpoint: { readonly document: Signed<Checkpoint>; readonly says: Checkpoint }
  readonly fork: { readonly document: Fork; readonly says: Checkpoint }
}

/** A topic of the contract. */
export type TopicName = keyof Gossip

/** What gossip is held against. */
export interface Trust {
  readonly mesh: MeshId
  /** Whether this key is of the roster, as far as it is known here. */
  coordinates(key: CoordinatorId): boolean
  /** Somebody who is not of the roster gives a sign of life: it may be of the next one. */
  stranger?(key: CoordinatorId): void
  /** What a proof of a fork proves: the ledger's rule. */
  openFork(fork: Fork): Answer<Checkpoint>
  /** Milliseconds since 1970. */
  now(): number
}

/**
 * `take`: it is true and new. `drop`: it is old, or of somebody unknown here, which may be nobody's
 * fault. `wrong`: nobody who opened it would have passed it on.
 */
export type Verdict<T extends TopicName> =
  | { readonly as: 'take'; readonly heard: Gossip[T] }
  | { readonly as: 'drop' | 'wrong' }

const drop = { as: 'drop' } as const
const wrong = { as: 'wrong' } as const

/** Judges what is heard, in the order of what it costs: signatures come last. */
export class Hearing {
  readonly #trust: Trust
  /** When the last one was issued, of each coordinator and chain. */
  readonly #beacons = new Map<CoordinatorId, Map<ChainId, number>>()
  readonly #forks = new Set<string>()

  constructor(trust: Trust) {
    this.#trust = trust
  }

  judge<T extends TopicName>(topic: T, bytes: Uint8Array): Verdict<T> {
    const judges = {
      beacon: () => this.#beacon(bytes),
      checkpoint: () => this.#checkpoint(bytes),
      fork: () => this.#fork(bytes),
    }
    return judges[topic]() as Verdict<T>
  }

  #beacon(bytes: Uint8Array): Verdict<'beacon'> {
    const read = decode(topics.beacon.message, bytes)
    if (!read.ok) return wrong
    const document = read.value
    const claims = reopen(beaconDocument, document)
    if (!claims.ok || claims.value.mesh !== this.#trust.mesh) return wrong
    const { coordinator, chain, issued } = claims.value
    if (!this.#trust.coordinates(coordinator)) this.#trust.stranger?.(coordinator)
    if (!this.#isTimely(issued, coordinator)) return drop
    const before = this.#beacons.get(coordinator) ?? new Map<ChainId, number>()
    if (issued <= (before.get(chain) ?? 0)) return drop
    const opened = open(beaconDocument, document)
    if (!opened.ok) return wrong
    this.#beacons.set(coordinator, before)
    setBounded(before, chain, issued)
    return { as: 'take', heard: { document, says: opened.value } }
  }

  #checkpoint(bytes: Uint8Array): Verdict<'checkpoint'> {
    const read = decode(topics.checkpoint.message, bytes)
    if (!read.ok) return wrong
    const document = read.value
    const claims = reopen(checkpointDocument, document)
    if (!claims.ok) return wrong
    if (!this.#isTimely(claims.value.time, claims.value.coordinator)) return drop
    const opened = open(checkpointDocument, document)
    return opened.ok ? { as: 'take', heard: { document, says: opened.value } } : wrong
  }

  /** A fork has no age: it is true for ever, and told once. */
  #fork(bytes: Uint8Array): Verdict<'fork'> {
    const read = decode(topics.fork.message, bytes)
    if (!read.ok) return wrong
    const document = read.value
    const claims = reopen(checkpointDocument, document.one)
    if (!claims.ok) return wrong
    const { chain, epoch, coordinator } = claims.value
    const forked = `${chain}/${epoch}/${coordinator}`
    if (!this.#trust.coordinates(coordinator) || this.#forks.has(forked)) return drop
    const opened = this.#trust.openFork(document)
    if (!opened.ok) return wrong
    if (this.#forks.size >= limits.forksHeardMax) {
      for (const oldest of this.#forks) if (this.#forks.delete(oldest)) break
    }
    this.#forks.add(forked)
    return { as: 'take', heard: { document, says: opened.value } }
  }

  #isTimely(issued: number, coordinator: CoordinatorId): boolean {
    if (!this.#trust.coordinates(coordinator)) return false
    const age = this.#trust.now() - issued
    return age <= limits.gossipMsMax && age >= -limits.clockSkewMs
  }
}

/** Nobody writes more chains than there are members: one that lies forgets its own. */
function setBounded(beacons: Map<ChainId, number>, chain: ChainId, issued: number): void {
  beacons.delete(chain)
  beacons.set(chain, issued)
  for (const oldest of beacons.keys()) {
    if (beacons.size <= limits.rosterMax) return
    beacons.delete(oldest)
  }
}
