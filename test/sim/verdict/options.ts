/** How a mesh is, and how it decides. */
export interface Options {
  readonly seed: number
  readonly units: number
  readonly nodes: number
  /** Nodes of the mesh itself, among them. */
  readonly own: number
  /** Distinct owners who have to agree. */
  readonly owners: number
  /** Units in a thousand that are audited. */
  readonly audit: number
  /** Units after which one is final. */
  readonly window: number
  /** When replicas are asked one after the other. */
  readonly turns: 'never' | 'after-bans' | 'always'
  readonly replicas?: { readonly quorum: number; readonly max: number }
  /** Whether what somebody helped to win is verified again when he is found out. */
  readonly reverify: boolean
  /** Whether liars who are banned or suspended come back at once, under new keys. */
  readonly reenter: boolean
  /** How often somebody of a ring that was asked can bring the next one of it to be asked. */
  readonly steered: number
  /** Whether receipts are sealed until the verdict. */
  readonly sealed: boolean
}

/** A mesh of a thousand, with every fiftieth node its own, and a window of 200 units a node. */
export const plain: Options = {
  seed: 1,
  units: 1_000_000,
  nodes: 1000,
  own: 20,
  owners: 2,
  audit: 100,
  window: 100_000,
  turns: 'after-bans',
  reverify: true,
  reenter: false,
  steered: 0,
  sealed: true,
}
