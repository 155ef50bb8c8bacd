import {
  type Account,
  type ChainId,
  type CoordinatorId,
  type Digest,
  type Document,
  type Entry,
  type Fact,
  type JobId,
  type MeshId,
  type NodeId,
  noEntry,
  type Opening,
  type OwnerId,
  type PeerId,
  type Purpose,
  type Rates,
  type RowOf,
  type Signed,
  type TransferId,
} from '../../specs/index.ts'

/** Who governs: mesh.md. */
export interface Governance {
  readonly mesh: MeshId
  readonly members: readonly CoordinatorId[]
  readonly quorum: number
  readonly rates: Rates
  readonly revision: number
  readonly prev: Digest
}

/** A transfer that was learnt. None is ever forgotten. */
export interface Moved {
  readonly purpose: Purpose
  readonly from: Account
  readonly to: Account
  readonly micro: number
}

/** A job that was admitted. */
export interface KnownJob {
  readonly publisher: OwnerId
  readonly executor: RowOf<'job'>['executor']
  readonly exact: boolean
  readonly funded: boolean
  readonly units: number
  cancelled: boolean
  readonly seq: number
  ended: RowOf<'job'>['ended']
}

/** A receipt that was sealed: where, and its digest. */
type Sealed = (RowOf<'unit'> & { type: 'open' })['sealed'][number]

/** A receipt that a verdict opened, and what the last verdict on its unit made of it. */
export type Vote = RowOf<'unit'>['votes'][number]

/** A unit of which something is known. It is kept when its row is gone. */
export interface KnownUnit {
  readonly job: JobId
  readonly unit: number
  /** Receipts that wait for a verdict. */
  sealed: readonly Sealed[]
  /** In the order of their slots. */
  votes: readonly Vote[]
  /** The last verdict, until the unit is opened again. */
  decided:
    | { readonly at: number; readonly accepted: boolean; readonly closing: boolean }
    | undefined
}

/** All that is known of a chain, as plain as it can be held; a copy is made for each entry. */
export interface Book {
  chain: ChainId
  epoch: number
  head: Digest
  time: number
  governance: Governance | undefined
  /** Who writes the epoch. */
  author: CoordinatorId | undefined
  readonly entries: Uint8Array[]
  readonly transfers: Map<TransferId, Moved>
  readonly balances: Map<Account, number>
  readonly jobs: Map<JobId, KnownJob>
  readonly nonces: Map<string, JobId>
  readonly units: Map<string, KnownUnit>
  readonly nodes: Map<NodeId, RowOf<'node'>>
  readonly delegations: Map<NodeId, RowOf<'delegation'>>
  readonly revocations: Map<string, RowOf<'revocation'>>
  readonly reputations: Map<string, RowOf<'reputation'>>
  /** When owners were banned. */
  readonly bans: Map<OwnerId, number>
  /** What went into bonds, by the transfers that led there. */
  readonly bonds: Map<TransferId, RowOf<'bond'>>
  readonly counters: Map<PeerId, number>
  /** Departures from here, and those claimed here: by the chain that they left, and their ids. */
  readonly crossings: Map<string, RowOf<'crossing'>>
  /** Changes of roster and rates, by their revisions. */
  readonly changes: Map<number, RowOf<'change'>>
  fences: number
  draw: { readonly next: Digest; readonly epoch: number } | undefined
}

/** A fact of one type. */
export type FactOf<T extends Fact['type']> = Fact & { readonly type: T }

/** An entry that is being learnt, and what is open in it until its end. */
export interface Step {
  readonly book: Book
  readonly governance: Governance
  readonly entry: Entry
  readonly bytes: number
  readonly opening: Opening
  /** Transfers that have to stand in the entry, by their ids: `earn`, `fund` and `arrive`. */
  readonly owed: Map<TransferId, Moved>
}

/** What is known before the first entry. */
export function emptyBook(): Book {
  return {
    chain: noEntry as string as ChainId,
    epoch: 0,
    head: noEntry,
    time: 0,
    governance: undefined,
    author: undefined,
    entries: [],
    transfers: new Map(),
    balances: new Map(),
    jobs: new Map(),
    nonces: new Map(),
    units: new Map(),
    nodes: new Map(),
    delegations: new Map(),
    revocations: new Map(),
    reputations: new Map(),
    bans: new Map(),
    bonds: new Map(),
    counters: new Map(),
    crossings: new Map(),
    changes: new Map(),
    fences: 0,
    draw: undefined,
  }
}

/** A copy of all that is known: an entry that breaks a rule is learnt into one, and forgotten. */
export function copyOf(book: Book): Book {
  return {
    ...book,
    entries: [...book.entries],
    transfers: new Map(book.transfers),
    balances: new Map(book.balances),
    jobs: new Map([...book.jobs].map(([id, job]) => [id, { ...job }])),
    nonces: new Map(book.nonces),
    units: new Map([...book.units].map(([key, unit]) => [key, { ...unit }])),
    nodes: new Map(book.nodes),
    delegations: new Map(book.delegations),
    revocations: new Map(book.revocations),
    reputations: new Map(book.reputations),
    bans: new Map(book.bans),
    bonds: new Map(book.bonds),
    counters: new Map(book.counters),
    crossings: new Map(book.crossings),
    changes: new Map(book.changes),
  }
}

/** A rule of the prose that does not hold: it ends the entry. */
export class Broken extends Error {}

/** Says that a rule holds. */
export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Broken(rule)
}

/** What is there, as a rule says that it is. */
export function known<T>(value: T | undefined, rule: string): T {
  must(value !== undefined, rule)
  return value
}

/** What a signed document says. */
export function opened<T>(opening: Opening, document: Document<T>, signed: Signed<T>): T {
  const answer = opening(document, signed)
  must(answer.ok, `${document.domain} opens`)
  return answer.value
}

/** Whose a node is at a time: state.md, what facts do to rows. */
export function ownerOf(book: Book, node: NodeId, now: number): OwnerId {
  const delegation = book.delegations.get(node)
  if (delegation !== undefined && now < delegation.expires) return delegation.owner
  return node as string as OwnerId
}

/** What an account holds. */
export function balanceOf(book: Book, account: Account): number {
  return book.balances.get(account) ?? 0
}

/** What is known of a unit, begun if nothing is. */
export function unitOf(book: Book, job: JobId, unit: number): KnownUnit {
  const key = `${job}/${unit}`
  const found = book.units.get(key) ?? { job, unit, sealed: [], votes: [], decided: undefined }
  book.units.set(key, found)
  return found
}

/** The units of a job of which something is known. */
export function unitsOf(book: Book, job: JobId): KnownUnit[] {
  return [...book.units.values()].filter((unit) => unit.job === job)
}

/** How many units of a job are open. */
export function undecidedOf(book: Book, job: JobId): number {
  const decided = unitsOf(book, job).filter((unit) => unit.decided !== undefined)
  return (book.jobs.get(job)?.units ?? 0) - decided.length
}

/** How many units of a job are decided and accepted. */
export function acceptedOf(book: Book, job: JobId): number {
  return unitsOf(book, job).filter(({ decided }) => decided?.accepted).length
}

/** The earnings and meterings of a job that are not settled, of one of its units or of all. */
export function heldOf(
  { transfers }: { readonly transfers: ReadonlyMap<TransferId, Moved> },
  job: JobId,
  unit?: number,
): Moved[] {
  const settled = new Set<TransferId>()
  for (const { purpose } of transfers.values()) {
    if (purpose.type === 'settle') settled.add(purpose.of)
  }
  const held: Moved[] = []
  for (const [id, moved] of transfers) {
    const { purpose } = moved
    if (purpose.type !== 'earn' && purpose.type !== 'meter') continue
    if (purpose.job !== job || (unit !== undefined && purpose.unit !== unit)) continue
    if (!settled.has(id)) held.push(moved)
  }
  return held
}
