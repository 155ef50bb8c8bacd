import {
  type CoordinatorId,
  type Execution,
  type FromNode,
  type Lease,
  leaseDocument,
  type NodeId,
  type Opening,
  type Signed,
} from '../../../specs/index.ts'

/** A delivery as somebody said it. */
export type Delivery = FromNode & { readonly type: 'deliver' }

/** How many deliveries are remembered to be misused. */
const lootMax = 64

/** What those who are not honest tell each other. */
export class Company {
  readonly #open: Opening
  /** Who of a gang was leased a unit. */
  readonly #leased = new Map<string, Set<NodeId>>()
  /** Deliveries of all of them, and to whom. */
  readonly loot: { readonly to: CoordinatorId; readonly delivery: Delivery }[] = []
  /** What the chains show by now of units: what there is to copy. */
  readonly accepted = new Map<string, string>()

  constructor(open: Opening) {
    this.#open = open
  }

  leased(gang: string, node: NodeId, signed: Signed<Lease>): void {
    const opened = this.#open(leaseDocument, signed)
    if (!opened.ok) return
    const key = `${gang}/${opened.value.job}/${opened.value.unit}`
    const nodes = this.#leased.get(key) ?? new Set()
    this.#leased.set(key, nodes.add(node))
  }

  /** How many of a gang were leased a unit. */
  countOf(gang: string, { job, unit }: Pick<Execution, 'job' | 'unit'>): number {
    return this.#leased.get(`${gang}/${job}/${unit}`)?.size ?? 0
  }

  keep(to: CoordinatorId, delivery: Delivery): void {
    this.loot.push({ to, delivery })
    if (this.loot.length > lootMax) this.loot.shift()
  }
}
