import {
  type Execution,
  type FromNode,
  type JobId,
  type Lease,
  leaseDocument,
  type NodeId,
  type Opening,
  type OwnerId,
} from '../../../specs/index.ts'
import { violated } from './violation.ts'

interface Live {
  readonly node: NodeId
  readonly owner: OwnerId
  readonly network: string | undefined
  readonly slot: number
  readonly leaseMs: number
  until: number
  /** Its owner has another part since it was sold: it may have been taken while it was away. */
  mayBeTaken: boolean
}

/** To whom a lease is given, and whose others are by then. */
interface To extends Pick<Live, 'owner' | 'network'> {
  ownerOf(node: NodeId): OwnerId
}

/** When something is heard, and whether its speaker says what its core says. */
interface Hearing {
  readonly at: number
  readonly speaksTrue: boolean
}

/** The leases that a coordinator gave in one life, as whoever listens to its streams sees them. */
export class Leases {
  readonly #open: Opening
  /** Whether a node was sent away: then it has lost its leases, told or not. */
  readonly #isOut: (live: Pick<Live, 'node' | 'owner'>) => boolean
  readonly #welcomed = new Set<NodeId>()
  readonly #fences = new Set<number>()
  /** By unit, and then by fence. */
  readonly #live = new Map<string, Map<number, Live>>()
  /** Who brought what a unit gave, in time or not. */
  readonly #brought = new Map<string, Set<NodeId>>()
  /** Fences of leases that held when their results were brought. */
  readonly #inTime = new Set<number>()

  constructor(open: Opening, isOut: (live: Pick<Live, 'node' | 'owner'>) => boolean) {
    this.#open = open
    this.#isOut = isOut
  }

  welcomed(node: NodeId): void {
    this.#welcomed.add(node)
  }

  /**
   * A lease is given that was decided on at a time: from then on it is counted. There is a network
   * only where networks are told apart.
   */
  given(lease: Lease, { owner, network, ownerOf }: To, at: number): void {
    const { node, fence, slot, leaseMs } = lease
    if (!this.#welcomed.has(node)) violated('a lease is given before the welcome')
    if (this.#fences.has(fence)) violated(`fence ${fence} is given twice`)
    this.#fences.add(fence)
    const ofUnit = this.#live.get(keyOf(lease)) ?? new Map<number, Live>()
    for (const [other, live] of ofUnit) {
      if (live.until <= at || live.mayBeTaken || this.#isOut(live)) ofUnit.delete(other)
      else if (live.node === node) violated('one node has two leases of one unit')
      // Of a node that was sold since, the lease may have been taken while it was away.
      else if (live.owner === owner && ownerOf(live.node) === owner)
        violated('one owner has two leases of one unit')
      else if (network !== undefined && live.network === network) {
        violated('one network has two leases of one unit')
      } else if (live.slot === slot) violated('two nodes have one slot')
    }
    const live = { node, owner, network, slot, leaseMs, until: at + leaseMs, mayBeTaken: false }
    ofUnit.set(fence, live)
    this.#live.set(keyOf(lease), ofUnit)
  }

  /** A node says something: it renews its leases, gives them back, or brings what they gave. */
  heard(node: NodeId, message: FromNode, { at, speaksTrue }: Hearing): void {
    if (message.type === 'abort') {
      for (const execution of message.executions) {
        if (this.#liveOf(execution)?.node === node) this.ended(execution)
      }
    }
    // Of what others say, a coordinator may not have heard the end.
    if (message.type === 'renew' && speaksTrue) {
      for (const execution of message.executions) {
        const live = this.#liveOf(execution)
        if (live?.node === node && at < live.until) live.until = at + live.leaseMs
      }
    }
    if (message.type !== 'deliver') return
    const opened = this.#open(leaseDocument, message.lease)
    if (!opened.ok) return
    const unit = keyOf(opened.value)
    this.#brought.set(unit, (this.#brought.get(unit) ?? new Set()).add(node))
    const live = this.#liveOf(opened.value)
    if (live?.node !== node) return
    if (at < live.until) this.#inTime.add(opened.value.fence)
    // What is delivered is over, whatever it turns out to be.
    this.ended(opened.value)
  }

  /** A node has another owner: of what that one has twice in a unit then, leases are taken back. */
  sold(node: NodeId, ownerOf: (node: NodeId) => OwnerId): void {
    const owner = ownerOf(node)
    for (const [unit, ofUnit] of this.#live) {
      const lives = [...ofUnit.values()].filter((live) => ownerOf(live.node) === owner)
      const parts = new Set(lives.map((live) => live.node))
      for (const one of this.#brought.get(unit) ?? []) if (ownerOf(one) === owner) parts.add(one)
      if (parts.size > 1 && parts.has(node)) for (const live of lives) live.mayBeTaken = true
    }
  }

  /** A lease is over before its time: it was given back, or taken. */
  ended(execution: Pick<Execution, 'job' | 'unit' | 'fence'>): void {
    this.#live.get(keyOf(execution))?.delete(execution.fence)
  }

  /** A unit is decided: whoever is still at it has no lease any more. */
  decided(job: JobId, unit: number): void {
    this.#live.delete(keyOf({ job, unit }))
  }

  /** Whether what a lease gave was brought while the lease held, in this life. */
  wasInTime(fence: number): boolean {
    return this.#inTime.has(fence)
  }

  #liveOf(execution: Execution): Live | undefined {
    return this.#live.get(keyOf(execution))?.get(execution.fence)
  }
}

function keyOf({ job, unit }: Pick<Execution, 'job' | 'unit'>): string {
  return `${job}/${unit}`
}
