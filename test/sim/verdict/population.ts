import { passed, struck } from '../../../ledger/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import { type Kind, Member } from './member.ts'

/** Platforms of nodes whose kind does not name any. */
const platforms = ['linux-x86', 'linux-x86', 'linux-x86', 'mac-arm', 'linux-arm']

/** Members of whom one can be drawn, all as likely. */
class Pool {
  readonly members: Member[] = []
  readonly #index: 0 | 1

  constructor(index: 0 | 1) {
    this.#index = index
  }

  set(member: Member, isIn: boolean): void {
    const place = member.places[this.#index]
    if (isIn === place >= 0) return
    if (isIn) {
      member.places[this.#index] = this.members.push(member) - 1
      return
    }
    const last = this.members.pop() as Member
    if (last !== member) {
      this.members[place] = last
      last.places[this.#index] = place
    }
    member.places[this.#index] = -1
  }
}

/** Who there is, and how they stand. */
export class Population {
  /** Everybody who ever was, under every key. */
  readonly members: Member[] = []
  readonly own: Member[] = []
  readonly #rings = new Map<string, Member[]>()
  readonly #working = new Pool(0)
  readonly #anchors = new Pool(1)

  /** Adds so many of a kind; they know each other as the kind says. */
  found(kind: Kind, count: number, own = false): void {
    for (let i = 0; i < count; i++) {
      const ring = `${kind.name}-${Math.floor(i / (kind.ringOf ?? count))}`
      const from = kind.platforms ?? platforms
      this.#add(kind, ring, from[i % from.length] as string, own)
    }
  }

  /** Somebody comes back under a new key. */
  reenter({ kind, ring, platform }: Member): void {
    this.#add(kind, ring, platform, false)
  }

  draw(from: 'any' | 'anchor' | 'own', chance: Chance): Member | undefined {
    if (from === 'own') return chance.any(this.own)
    return chance.any((from === 'anchor' ? this.#anchors : this.#working).members)
  }

  /** One of a ring who works. */
  drawOf(ring: string, chance: Chance): Member | undefined {
    const members = this.#rings.get(ring)?.filter((one) => one.works) ?? []
    this.#rings.set(ring, members)
    return chance.any(members)
  }

  get anchors(): number {
    return this.#anchors.members.length
  }

  pass(member: Member, vouched: boolean): void {
    const was = member.isAnchor
    member.standing = passed(member.standing, vouched)
    if (was !== member.isAnchor) this.#place(member)
  }

  strike(member: Member): void {
    member.standing = struck(member.standing)
    this.#place(member)
  }

  ban(member: Member): void {
    member.banned = true
    member.pending = 0
    this.#place(member)
  }

  #add(kind: Kind, ring: string, platform: string, own: boolean): void {
    const member = new Member(kind, this.members.length, ring, platform, own)
    this.members.push(member)
    if (own) this.own.push(member)
    if (!kind.honest) this.#rings.set(ring, [...(this.#rings.get(ring) ?? []), member])
    this.#place(member)
  }

  #place(member: Member): void {
    this.#working.set(member, member.works)
    this.#anchors.set(member, member.works && member.isAnchor)
  }
}
