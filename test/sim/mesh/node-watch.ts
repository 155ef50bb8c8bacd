import type { Named, Row } from '../../../node/index.ts'
import {
  type CoordinatorId,
  type FromCoordinator,
  type FromNode,
  type Lease,
  limits,
  type Receipt,
  type ReceiptId,
  receiptDocument,
  receiptId,
  type Signed,
} from '../../../specs/index.ts'
import type { Person } from './person.ts'
import type { Scene } from './scene.ts'
import { violated } from './violation.ts'

/** What a node holds of a unit. */
export interface Held {
  readonly signed: Signed<Lease>
  readonly lease: Lease
}

/** Looks at what a node does with its leases and its receipts, beside its core. */
export class NodeWatch {
  readonly #scene: Scene
  readonly #person: Person
  /** The receipt of each execution that was ever kept. */
  readonly #receipts = new Map<string, ReceiptId>()
  readonly #onDisk = new Set<ReceiptId>()
  /** Leases that were given or shown since the machine began. */
  readonly #shown = new Set<Signed<Lease>>()
  readonly #heardAt = new Map<CoordinatorId, number>()

  constructor(scene: Scene, person: Person) {
    this.#scene = scene
    this.#person = person
  }

  /** The machine is off: for how long is known to nobody. */
  ended(): void {
    this.#shown.clear()
    this.#heardAt.clear()
  }

  heard(from: CoordinatorId, messages: readonly FromCoordinator[]): void {
    this.#heardAt.set(from, this.#scene.clock.at)
    for (const message of messages) if (message.type === 'lease') this.#shown.add(message.lease)
  }

  /** What the core says; who owns the machine may have it say something else. */
  said(messages: readonly FromNode[]): void {
    for (const message of messages) {
      if (message.type === 'hold') for (const lease of message.leases) this.#shown.add(lease)
      const isSaidFirst =
        message.type === 'deliver' && !this.#onDisk.has(receiptId(message.receipt))
      if (isSaidFirst) this.#violated('delivers a receipt that is not on its disk')
    }
  }

  kept({ name, row }: Named): void {
    if (row.type !== 'receipt') return
    const id = receiptId(row.receipt)
    const before = this.#receipts.get(name)
    if (before !== undefined && before !== id) this.#violated('signs two receipts of one execution')
    this.#receipts.set(name, id)
    this.#onDisk.add(id)
  }

  forgets(row: Row | undefined): void {
    if (row?.type !== 'receipt') return
    this.#scene.watch.forgot(this.#person.id, this.#read(row.receipt))
  }

  executes({ signed }: Held): void {
    if (!this.#shown.has(signed)) this.#violated('runs a unit whose lease it has not shown')
  }

  /** A unit ran until now, and was not told to end. */
  ran({ lease }: Held): void {
    // No renewal that was confirmed is later than what confirmed it.
    const heardAt = this.#heardAt.get(lease.coordinator) ?? Number.NEGATIVE_INFINITY
    const isOver = this.#scene.clock.at > heardAt + limits.leaseMs
    if (isOver) this.#violated('runs a unit whose lease is over')
  }

  #read(receipt: Signed<Receipt>): Receipt {
    const opened = this.#scene.open(receiptDocument, receipt)
    return opened.ok ? opened.value : this.#violated('keeps a receipt that it did not sign')
  }

  #violated(what: string): never {
    violated(`${this.#person.name} ${what}`)
  }
}
