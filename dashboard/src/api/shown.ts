/** A page of a list; `next` is the cursor of the one behind it. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/** How the coordinator does. */
export interface Status {
  readonly mesh: string
  readonly coordinator: string
  readonly chain: string
  readonly epoch: number
  readonly size: number
  readonly checkpointed: number
  readonly nodes: number
  readonly jobs: number
  readonly leases: number
  readonly openUnits: number
  readonly draining: boolean
  readonly addresses: readonly string[]
  readonly invitation: string
}

/** A chain that is written or followed where the wall is. */
export interface Chain {
  readonly chain: string
  readonly role: 'own' | 'adopted' | 'followed'
  readonly checkpointed: number
  readonly frozen: boolean
}

/** A job, and how far it is. */
export interface Job {
  readonly id: string
  /** Its home. */
  readonly chain: string
  readonly seq: number
  readonly time: number
  readonly publisher: string
  readonly name: string
  readonly project?: string
  readonly units: number
  readonly accepted: number
  readonly dead: number
  readonly micro: number
  readonly state: 'open' | 'final' | 'dead' | 'cancelled'
  readonly waits?: { readonly type: string; readonly words: string }
}

/** A unit of a job. */
export interface Unit {
  readonly unit: number
  readonly state: 'waiting' | 'open' | 'accepted' | 'poisoned' | 'expired' | 'split' | 'cancelled'
  readonly seq?: number
  readonly leased?: number
  readonly ballots?: number
}

/** What an owner says of itself: it proves nothing. */
export interface Said {
  readonly id: string
  readonly name?: string
  readonly country?: string
  readonly team?: string
}

/** An owner in the order of what was earned. */
export interface Leader extends Said {
  readonly rank: number
  readonly micro: number
  readonly recentMicro: number
  /** How many places it is higher in the shorter of two ranges than in the longer one. */
  readonly climbs?: number
}

/** Owners from a place on, of so many. */
export interface Leaders extends Page<Leader> {
  readonly owners: number
}

/** Who is met at the same sum, and when, if both go on as lately. */
export interface Meeting extends Said {
  readonly rank: number
  readonly gapMicro: number
  readonly time: number
}

/** An owner. */
export interface Owner extends Said {
  readonly since: number
  readonly micro: number
  readonly pending: number
  readonly bonded: number
  readonly balance: number
  readonly recentMicro: number
  readonly lately: { readonly day: number; readonly week: number; readonly month: number }
  readonly places: Readonly<Record<string, number | undefined>>
  readonly owners: number
  readonly nodes: readonly string[]
  readonly jobs: number
  readonly streak: { readonly now: number; readonly longest: number }
  readonly badges: readonly { readonly kind: string; readonly words: string }[]
  readonly passes?: Meeting
  readonly passedBy?: Meeting
}

/** What an owner earned day by day, the oldest first. */
export interface Days {
  readonly before: number
  readonly items: readonly { readonly day: number; readonly micro: number }[]
}

/** A job that an owner has earned with. */
export interface Helped {
  readonly id: string
  readonly name: string
  readonly project?: string
  readonly state: string
  readonly micro: number
}

/** Owners who say that they are together. */
export interface Group {
  readonly owners: number
  readonly micro: number
}

/** A node that is here. */
export interface Node {
  readonly id: string
  readonly owner: string
  readonly platform: string
  readonly stage: string
  readonly leases: number
  readonly idle: { readonly type: string; readonly words: string }
  readonly reputation: Readonly<Record<string, Reputation | undefined>>
}

/** What verdicts said of the results of a node, and what it earned by them. */
interface Worked {
  readonly agreed: number
  readonly wrong: number
  readonly micro: number
}

/** A node of an owner: until when, what it does now, what it did by the hour since 1970. */
export interface OwnedNode extends Worked {
  readonly id: string
  readonly until: number
  readonly hours: readonly (Worked & { readonly hour: number })[]
  readonly now?: Node
}

/** What the verdicts say about a node. */
interface Reputation {
  readonly vouched: number
  readonly passes: number
  readonly strikes: number
}

/** An entry as it is shown. */
export interface Entry {
  readonly seq: number
  readonly hash: string
  readonly entry: {
    readonly time: number
    readonly epoch: number
    readonly prev: string
    readonly facts: readonly Fact[]
  }
}

/** A fact of an entry; what is read of it depends on its type. */
export interface Fact {
  readonly type: string
  readonly [key: string]: unknown
}

/** Credit that moved. */
export interface Move {
  readonly chain: string
  readonly seq: number
  readonly time: number
  readonly micro: number
  readonly other: string
  readonly purpose: string
}

/** What jobs are for. */
export interface Project {
  readonly name: string
  readonly since: number
  readonly jobs: number
  readonly open: number
  readonly units: number
  readonly accepted: number
  readonly micro: number
}
