import { isAnchor, type Terms, type Vote } from '../../../coordinator/index.ts'
import { type Reputation, strikesMax } from '../../../ledger/index.ts'
import { anchorPasses, type NodeId, type OwnerId } from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'

/** A kind of node. */
export interface Kind {
  readonly name: string
  readonly behaviour: Behaviour
  /** Whether it means well, however often it errs. */
  readonly honest: boolean
  /** How many of them know each other; all, if it does not say. */
  readonly ringOf?: number
  /** Its platforms, one after the other. */
  readonly platforms?: readonly string[]
  /** Whether all of a ring come from one network. */
  readonly isOneNetwork?: boolean
}

/** What a node may know when it answers. */
export interface Scene {
  readonly chance: Chance
  readonly unit: number
  readonly job: number
  /** Who is asked at this moment. */
  readonly batch: readonly Member[]
  /** Who answered before, and what: sealed, but those of a ring tell each other. */
  readonly casts: readonly Cast[]
  /** What was accepted before, if the unit is verified again: the chain shows that. */
  readonly accepted: string | undefined
  /** Whether it is asked after the unit would have been accepted, which it cannot know. */
  readonly referee: boolean
  readonly terms: Terms
  readonly sealed: boolean
  /** A result that nobody else has. */
  slip(): string
}

/** What a node answers: a result, or nothing if it gives up. */
export type Behaviour = (me: Member, scene: Scene) => string | undefined

/** A node under one key, whose owner is its own. */
export class Member {
  readonly kind: Kind
  readonly ring: string
  readonly own: boolean
  readonly node: NodeId
  readonly owner: OwnerId
  readonly network: string
  readonly platform: string
  standing: Reputation = { vouched: 0, passes: 0, strikes: 0 }
  banned = false
  executions = 0
  /** What is paid, and what waits for the first hundred vouched passes. */
  credit = 0
  pending = 0
  hasShownItself = false
  /** Units that it voted on and that may not be final, ascending. */
  units: number[] = []
  /** Where it stands in each pool; -1 where it does not. */
  readonly places: [number, number] = [-1, -1]

  constructor(kind: Kind, key: number, ring: string, platform: string, own: boolean) {
    this.kind = kind
    this.ring = ring
    this.own = own
    this.node = `node-${key}` as NodeId
    this.owner = `owner-${key}` as OwnerId
    this.network = `network-${kind.isOneNetwork ? ring : key}`
    this.platform = platform
  }

  get isSuspended(): boolean {
    return this.standing.strikes >= strikesMax
  }

  get works(): boolean {
    return !this.banned && !this.isSuspended
  }

  /** What the policy looks at when it asks. */
  get known() {
    return { own: this.own, vouched: this.standing.vouched, platform: this.platform }
  }

  get isAnchor(): boolean {
    return isAnchor(this.known)
  }

  /** A unit that it won is final. */
  earn(): void {
    if (this.banned) return
    this.hasShownItself ||= this.own || this.standing.vouched >= anchorPasses
    this.pending++
    if (!this.hasShownItself) return
    this.credit += this.pending
    this.pending = 0
  }
}

/** A vote of the simulation. What it tells of its node is so when it is read. */
export class Cast implements Vote {
  readonly member: Member
  readonly slot: number
  readonly says: string
  readonly referee: boolean
  readonly round: number
  readonly failed = false
  isVoid = false
  /** Whether it was counted as a pass, or as a strike. */
  hasPassed = false
  wasStruck = false

  constructor(member: Member, slot: number, says: string, referee: boolean, round: number) {
    this.member = member
    this.slot = slot
    this.says = says
    this.referee = referee
    this.round = round
  }

  get node() {
    return this.member.node
  }

  get owner() {
    return this.member.owner
  }

  get network() {
    return this.member.network
  }

  get platform() {
    return this.member.platform
  }

  get vouched() {
    return this.member.standing.vouched
  }

  get strikes() {
    return this.member.standing.strikes
  }

  get own() {
    return this.member.own
  }

  get standing() {
    if (this.member.banned) return 'banned'
    return this.isVoid ? 'void' : 'good'
  }
}
