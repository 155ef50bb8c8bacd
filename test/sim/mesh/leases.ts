import type { Execution, FromNode, Lease, NodeId, OwnerId } from '../../../specs/index.ts'
import { violated } from './violation.ts'

interface Live {
  readonly node: NodeId
  readonly owner: OwnerId
  readonly slot: number
  until: number
}

/** The leases that a coordinator gave in one life, as whoever listens to its streams sees them. */
export class Leases {
  readonly #welcomed = new Set<NodeId>()
  readonly #fences = new Set<number>()
  readonly #live = new Map<string, Map<number, Live>>()

  welcomed(node: NodeId): void {
    this.#welcomed.add(node)
  }

  /** A lease is given that was decided on at a time: from then on it is counted. */
  given(lease: Lease, owner: OwnerId, at: number): void {
    const { node, fence, job, unit, slot, leaseMs } = lease
    if (!this.#welcomed.has(node)) violated('a lease is given before the welcome')
    if (this.#fences.has(fence)) violated(`fence ${fence} is given twice`)
    this.#fences.add(fence)
    const key = `${job}/${unit}`
    const ofUnit = this.#live.get(key) ?? new Map<number, Live>()
    for (const [other, live] of ofUnit) {
      if (live.until <= at) ofUnit.delete(other)
      else if (live.owner === owner) violated('one owner has two leases of one unit')
      else if (live.slot === slot) violated('two nodes have one slot')
    }
    ofUnit.set(fence, { node, owner, slot, until: at + leaseMs })
    this.#live.set(key, ofUnit)
  }

  heard(node: NodeId, message: FromNode): void {
    switch (message.type) {
      case 'abort':
        for (const execution of message.executions) this.ended(execution, node)
        return
      case 'bye':
        return
      case 'deliver':
        // What is delivered is over, whatever it turns out to be.
        for (const [key, ofUnit] of this.#live) {
          for (const [fence, live] of ofUnit) if (live.node === node) this.#end(key, fence)
        }
        return
      default:
        return
    }
  }

  /** A lease is over before its time: it was given back, or taken. */
  ended({ job, unit, fence }: Execution, node?: NodeId): void {
    const key = `${job}/${unit}`
    const live = this.#live.get(key)?.get(fence)
    if (live !== undefined && (node === undefined || live.node === node)) this.#end(key, fence)
  }

  #end(key: string, fence: number): void {
    const ofUnit = this.#live.get(key)
    ofUnit?.delete(fence)
    if (ofUnit?.size === 0) this.#live.delete(key)
  }
}
