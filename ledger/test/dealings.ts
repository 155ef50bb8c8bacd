import {
  type Account,
  accounts,
  type ChainId,
  type CoordinatorId,
  type Delegation,
  type Digest,
  delegationDocument,
  digestText,
  type Fact,
  type NodeId,
  type OwnerId,
  type Purpose,
  type RateCard,
  type Request,
  type Revocation,
  type Roster,
  rateCardDocument,
  requestDocument,
  revocationDocument,
  rosterDocument,
  type Seal,
  type Signer,
  sealDocument,
  sha256,
  sign,
  transferId,
} from '@nexapod/specs'
import { balanceOf } from '../fold/state.ts'
import { signers } from './chains.ts'
import type { Chance } from './chance.ts'
import type { Proposal } from './proposal.ts'
import type { Side, Step } from './side.ts'
import { accountOf, peer, settleOf, transfer } from './world.ts'

const owners = [signers[0] as Signer, peer(2), peer(3), peer(20), peer(21)]
const nodes = [peer(10), peer(11), peer(12), peer(13)]

interface Bond {
  readonly purpose: Purpose
  readonly from: Account
  readonly micro: number
  readonly owner: Signer
}

/** What a coordinator writes that is about no job: people, bonds, bridges, and who governs. */
export class Dealings {
  readonly #side: Side
  readonly #chance: Chance
  readonly #banned: ReadonlySet<OwnerId>
  readonly #delegations = new Map<NodeId, Delegation>()
  readonly #bonds: Bond[] = []
  readonly #counts = new Map<NodeId, number>()
  #counter = 0
  #nonce = 0
  #seed: Uint8Array | undefined
  #seeds = 0
  #issued = 1

  constructor(side: Side, chance: Chance, banned: ReadonlySet<OwnerId>) {
    this.#side = side
    this.#chance = chance
    this.#banned = banned
  }

  /** The next counter of whoever asks. */
  get counter(): number {
    return ++this.#counter
  }

  /** Gives a node an owner. */
  delegate(): Proposal | undefined {
    const node = nodes[this.#chance.pick(4)] as Signer
    const owner = owners[this.#chance.pick(owners.length)] as Signer
    const issued = ++this.#issued
    const expires = this.#side.time + 500 + this.#chance.pick(100_000)
    const ids = { owner: owner.id as string as OwnerId, node: node.id as NodeId }
    const delegation: Delegation = { v: 1, ...ids, issued, expires }
    const signed = sign(delegationDocument, delegation, owner, node)
    return {
      facts: [{ type: 'delegation', delegation: signed }],
      taken: () => void this.#delegations.set(ids.node, delegation),
    }
  }

  /** Takes a node from its owner. */
  revoke(): Proposal | undefined {
    const last = this.#chance.one([...this.#delegations.values()])
    if (last === undefined) return undefined
    const { owner, node } = last
    const issued = ++this.#issued
    const revocation: Revocation = { v: 1, owner, node, by: 'node', issued }
    const signer = nodes.find((one) => one.id === node) as Signer
    return {
      facts: [{ type: 'revocation', revocation: sign(revocationDocument, revocation, signer) }],
    }
  }

  /** Tells what a node is like. */
  tell(): Proposal {
    const node = nodes[this.#chance.pick(4)] as Signer
    const known = this.#side.state.nodes.get(node.id)
    const tier = known?.tier === 'cpu' ? 'hpc' : 'cpu'
    const platform = { os: 'linux', arch: 'arm64' }
    return { facts: [{ type: 'node', node: node.id as NodeId, tier, platform }] }
  }

  /** Commits to the next seed, and shows the last one. */
  draw(): Proposal {
    const seed = new Uint8Array(32).fill(this.#seeds++)
    const next = digestText<Digest>(sha256(seed))
    const last = this.#seed
    const known = this.#side.state.meta.get('')?.draw?.epoch === this.#side.epoch
    const shown = last !== undefined && (known || this.#chance.likely(50)) ? { shown: last } : {}
    return {
      facts: [{ type: 'draw', next, ...shown }],
      taken: () => {
        this.#seed = seed
      },
    }
  }

  /** Leaves a bond for a node. */
  bond(): Proposal | undefined {
    // Who is of the roster is never banned: bonds of others can be forfeited.
    const found = this.#rich(this.#chance.likely(80) ? owners.slice(1) : owners)
    if (found === undefined) return undefined
    const { owner, micro } = found
    const node = (nodes[this.#chance.pick(4)] as Signer).id as NodeId
    const count = (this.#counts.get(node) ?? 0) + 1
    const purpose: Purpose = { type: 'bond', node, count }
    const request = this.#asked(owner, { type: 'bond', node, micro })
    const [from, to] = [accountOf(owner.id), accounts.bond(node)]
    return {
      facts: [transfer(purpose, from, to, micro, request)],
      taken: () => {
        this.#counts.set(node, count)
        this.#bonds.push({ purpose, from: to, micro, owner })
      },
    }
  }

  /** Gives a bond back, or forfeits that of an owner who is banned. */
  unbond(): Proposal | undefined {
    const isBanned = ({ owner }: Bond) => this.#banned.has(owner.id as string as OwnerId)
    const forfeited = this.#bonds.filter(isBanned)
    const bond = this.#chance.one(forfeited.length > 0 ? forfeited : this.#bonds)
    // Most bonds last, so that some are there when their owner is banned.
    if (bond === undefined || (forfeited.length === 0 && !this.#chance.likely(30))) return undefined
    const { purpose, from, micro, owner } = bond
    const to = isBanned(bond) ? accounts.slash : accountOf(owner.id)
    return {
      facts: [settleOf(purpose, from, to, micro)],
      taken: () => void this.#bonds.splice(this.#bonds.indexOf(bond), 1),
    }
  }

  /** Lets credit depart for another chain. */
  depart(to: ChainId): Proposal | undefined {
    const found = this.#rich()
    if (found === undefined) return undefined
    const { owner, micro } = found
    const nonce = new Uint8Array(16).fill(this.#nonce++ % 255)
    const purpose: Purpose = { type: 'depart', owner: owner.id as string as OwnerId, to, nonce }
    const request = this.#asked(owner, { type: 'depart', to, micro, nonce })
    const bridge = accounts.bridge(this.#side.id, to)
    return { facts: [transfer(purpose, accountOf(owner.id), bridge, micro, request)] }
  }

  /** Claims what departed from another chain. */
  claim(other: Side, { entry, bytes }: Step): Proposal {
    const { path, checkpoint, cosignatures } = other.prove(entry.seq)
    const { seq } = entry
    const claim: Fact = { type: 'claim', seq, entry: bytes, path, checkpoint, cosignatures }
    const bridge = accounts.bridge(other.id, this.#side.id)
    const arrivals = entry.facts.flatMap((fact) => {
      if (fact.type !== 'transfer' || fact.purpose.type !== 'depart') return []
      const departed = transferId(fact.purpose)
      const purpose: Purpose = { type: 'arrive', from: other.id, departed }
      return transfer(purpose, bridge, accounts.owner(fact.purpose.owner), fact.micro)
    })
    return { facts: [claim, ...arrivals] }
  }

  /** Changes what work earns, who is of the roster, or how many must sign. */
  amend(): Proposal {
    const { mesh, revision, prev, rates, members, quorum } = this.#side.governance
    const three = signers.slice(0, 3)
    const amendment = {
      v: 1 as const,
      mesh,
      revision: revision + 1,
      prev,
      issued: this.#side.time,
      signers: three.map((one) => one.id as CoordinatorId),
    }
    if (this.#chance.likely(50)) {
      const few = members.length === 3
      const joining = this.#chance.one([peer(2), peer(3)])
      const roster: Roster = this.#chance.likely(60)
        ? { ...amendment, members: rosterWith(few ? joining : undefined), quorum: 3 }
        : { ...amendment, members, quorum: few && quorum === 3 ? 2 : 3 }
      return { facts: [{ type: 'roster', roster: sign(rosterDocument, roster, ...three) }] }
    }
    const changed = {
      microPerGigafuel: 500 + this.#chance.pick(1000),
      microPerCoreSecond: 500 + this.#chance.pick(1000),
      settleMs: this.#chance.pick(2000),
    }
    const card: RateCard = { ...amendment, rates: { ...rates, ...changed } }
    return { facts: [{ type: 'rates', rates: sign(rateCardDocument, card, ...three) }] }
  }

  /** Ends the epoch; another coordinator goes on. */
  seal(): Proposal | undefined {
    const { stand } = this.#side.chain
    if (stand === undefined) return undefined
    const { chain, epoch, size, head, coordinator } = stand
    const three = signers.slice(0, 3)
    const successor = three.find((one) => one.id !== coordinator) as Signer
    const seal: Seal = {
      ...{ v: 1, chain, epoch, size, head, issued: this.#side.time },
      successor: successor.id as CoordinatorId,
      signers: three.map((one) => one.id as CoordinatorId),
    }
    return { facts: [{ type: 'seal', seal: sign(sealDocument, seal, ...three) }] }
  }

  #asked(by: Signer, act: Request['act']) {
    const { id: to, epoch, time: issued } = this.#side
    const times = { counter: this.counter, issued, expires: issued + 60_000 }
    return sign(requestDocument, { v: 1, from: by.id, to, epoch, ...times, act }, by)
  }

  /** Somebody who has credit, and a part of it. */
  #rich(among: readonly Signer[] = owners): { owner: Signer; micro: number } | undefined {
    const some = among.filter((one) => balanceOf(this.#side.state, accountOf(one.id)) > 0)
    const owner = this.#chance.one(some)
    if (owner === undefined) return undefined
    const credit = balanceOf(this.#side.state, accountOf(owner.id))
    return { owner, micro: 1 + this.#chance.pick(credit) }
  }
}

/** The three who coordinate, and perhaps somebody more. */
function rosterWith(more: Signer | undefined): Roster['members'] {
  const keys = [...signers.slice(0, 3), ...(more === undefined ? [] : [more])]
  const members = keys.map(({ id }) => ({ coordinator: id as CoordinatorId, addresses: [] }))
  return members.sort((a, b) => (a.coordinator < b.coordinator ? -1 : 1))
}
