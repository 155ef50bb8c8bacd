import { signers, type Writer } from '../../ledger/test/chains.ts'
import {
  accounts,
  type ChainId,
  type CoordinatorId,
  decode,
  type Entry,
  entrySchema,
  type Fact,
  leafHash,
  limits,
  merkleTree,
  type OwnerId,
  type Request,
  requestDocument,
  transferId,
} from '../../specs/index.ts'
import { owners } from './cast.ts'
import type { Deed, Deeds, Scene } from './scene.ts'

/** A transfer by which credit leaves a chain. */
type Departure = Fact & { readonly type: 'transfer' }

const claim: Deed = (scene) => {
  const { chance, elsewhere } = scene
  const other = chance.once(30) ? scene.writer : chance.one(elsewhere)
  if (other.entries.length > 0 && chance.once(6)) {
    return claimOf(scene, other, chance.below(other.entries.length))
  }
  const departures = Array.from({ length: chance.one([1, 1, 1, 2, 3]) }, () => {
    const to = chance.once(6) ? chance.one(elsewhere).chain : scene.chain
    return departureOf(scene, other.chain, to)
  })
  if (other.entries.length === 0) other.write()
  const wrong: readonly Partial<Entry>[] = [
    { seq: other.entries.length + 1 },
    { chain: scene.chain },
    { epoch: 1 },
  ]
  if (chance.once(30)) other.entries.push(scene.bytes(9))
  other.entries.push(other.next(departures, chance.once(15) ? chance.one(wrong) : {}))
  const seq = other.entries.length - 1
  if (chance.once(3)) other.write({ type: 'fences', below: 1 + seq })
  return claimOf(scene, other, seq)
}

function departureOf(scene: Scene, chain: ChainId, to: ChainId): Departure {
  const { chance, now } = scene
  const owner = chance.one(owners).id as OwnerId
  const nonce = new Uint8Array(16).fill(chance.below(6))
  const few = 1 + chance.below(5000)
  const micro = chance.one([few, few * 1000, few * 10 ** 6, chance.once(4) ? limits.microMax : few])
  const act: Request['act'] = { type: 'depart', to, micro, nonce }
  const until = { issued: now, expires: now + 1000, counter: 1, epoch: 0 }
  const request: Request = { v: 1, from: owner, to: chain, ...until, act }
  const right: Departure = {
    type: 'transfer',
    purpose: { type: 'depart', owner, to, nonce },
    from: accounts.owner(owner),
    to: accounts.bridge(chain, to),
    micro,
    request: scene.signed(requestDocument, request),
  }
  if (!chance.once(8)) return right
  const asking = (change: Partial<Request>): Partial<Departure> => {
    return { request: scene.signed(requestDocument, { ...request, ...change }) }
  }
  const frauds: readonly Partial<Departure>[] = [
    asking({ from: chance.one(owners).id }),
    asking({ to: scene.chain }),
    asking({ epoch: 3 }),
    asking({ act: { ...act, micro: micro === 1 ? 2 : micro - 1 } }),
    asking({ act: { ...act, nonce: scene.bytes(16) } }),
    asking({ act: { ...act, to: chance.one(scene.elsewhere).chain } }),
    asking({ act: { type: 'name' } }),
    { to: accounts.bridge(chance.one(scene.elsewhere).chain, to) },
    { micro: micro === 1 ? 2 : micro - 1 },
  ]
  return { ...right, ...chance.one(frauds) }
}

/** The claim of an entry of another chain, with what arrives by it. */
function claimOf(scene: Scene, other: Writer, seq: number): Fact[] {
  const { chance } = scene
  const entry = other.entries[seq] as Uint8Array
  const answer = decode(entrySchema, entry)
  const size = seq + 1 + chance.below(other.entries.length - seq)
  const { paths } = merkleTree(other.entries.slice(0, size).map(leafHash))
  const checkpoint = other.checkpoint(size, chance.once(25) ? { epoch: 1 } : {})
  const proof: Fact = {
    type: 'claim',
    seq,
    entry,
    path: [...(paths[seq] ?? [])],
    checkpoint,
    cosignatures: witnessesOf(scene, other).map((witness) => {
      const seen = chance.once(60) ? size + 1 : size
      return other.cosign(
        chance.once(60) ? other.checkpoint(size, { time: 1 }) : checkpoint,
        witness,
        seen,
      )
    }),
  }
  const facts = answer.ok ? answer.value.facts : []
  const arrivals = facts.flatMap((fact): Fact[] => {
    if (fact.type !== 'transfer' || fact.purpose.type !== 'depart') return []
    if (fact.purpose.to !== scene.chain) return []
    const purpose = {
      type: 'arrive' as const,
      from: other.chain,
      departed: transferId(fact.purpose),
    }
    const from = accounts.bridge(other.chain, scene.chain)
    return [
      {
        type: 'transfer',
        purpose,
        from,
        to: accounts.owner(fact.purpose.owner),
        micro: fact.micro,
      },
    ]
  })
  return [proof, ...scene.shuffled(arrivals)]
}

/** Who cosigns: with the author a quorum, or one too few, and somebody who does not count. */
function witnessesOf(scene: Scene, other: Writer): number[] {
  const { chance, governance } = scene
  const numbers = signers.map((_, i) => i)
  const isMember = (number: number) => {
    return governance.members.includes(signers[number]?.id as CoordinatorId)
  }
  const members = numbers.filter((number) => isMember(number) && number !== other.author)
  const needed = governance.quorum - (isMember(other.author) ? 1 : 0)
  const enough = scene.shuffled(members).slice(0, Math.max(0, needed - (chance.once(15) ? 1 : 0)))
  if (chance.once(15)) enough.push(other.author)
  if (chance.once(15)) enough.push(chance.one(numbers))
  return enough
}

/** Deeds by which credit comes from other chains. */
export const claimDeeds: Deeds = { claim: [claim, 2] }
