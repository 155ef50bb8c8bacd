import type { Deed } from '../../../coordinator/index.ts'
import {
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  decode,
  digestText,
  type Entry,
  encode,
  entrySchema,
  type Fact,
  leafHash,
  limits,
  open,
  type PeerId,
  type Request,
  requestDocument,
  type Signed,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import { chains, members, owners, strangers } from './cast.ts'
import type { Home, Stood } from './home.ts'
import type { Scene } from './scene.ts'

/** What brings credit to another chain. */
export type Claim = Deed & { readonly type: 'claim' }

type Moved = Fact & { readonly type: 'transfer' }

/** The proof of what departed in an entry, if anything did and a quorum has cosigned it. */
export function claimOf(
  { scroll, covered }: Home,
  seq: number,
  entry: Uint8Array,
  stood: Stood | undefined = covered,
): Claim | undefined {
  if (stood === undefined || seq >= stood.size) return undefined
  const { size, checkpoint, cosignatures } = stood
  const [to] = destinations(entry)
  if (to === undefined) return undefined
  return { type: 'claim', to, seq, entry, path: scroll.path(seq, size), checkpoint, cosignatures }
}

/** A way to make a claim of what is none; undefined where it does not apply. */
type Fraud = (claim: Claim, scene: Scene) => Claim | undefined

/** Nobody but a coordinator signs with its key: one of them has lost his to the forger. */
const thief = members[0] as Signer

/** What is forged: proof, amount, owner, way, or who has signed. */
export const frauds: readonly Fraud[] = [
  ({ path, ...claim }) => ({ ...claim, path: path.slice(1) }),
  ({ path, ...claim }) => ({ ...claim, path: [...path, new Uint8Array(32)] }),
  (claim) => ({ ...claim, seq: claim.seq + 1 }),
  (claim) => ({ ...claim, cosignatures: [] }),
  // Strangers, and the author himself, are no witnesses.
  (claim) => ({ ...claim, cosignatures: strangers.map((by) => cosigned(claim.checkpoint, by)) }),
  (claim) => {
    const author = members.find(({ id }) => id === says(claim.checkpoint).coordinator)
    return author && { ...claim, cosignatures: [cosigned(claim.checkpoint, author)] }
  },
  // A cosignature of another checkpoint of the same chain.
  (claim, scene) => {
    const { chain } = says(claim.checkpoint)
    const other = scene.homes().find((home) => home.chain === chain)?.covered
    return other && { ...claim, cosignatures: other.cosignatures, checkpoint: older(claim) }
  },
  (claim) => reforged(claim, (fact) => ({ ...fact, micro: fact.micro + 1 })),
  (claim, { chance }) => reforged(claim, (fact) => sent(fact, chance.one(chains))),
  // What its owner never said; and what he said, and no chain ever wrote.
  (claim) => reforged(claim, (fact) => asWished(fact, keyless)),
  (claim) => reforged(claim, (fact) => asWished(fact)),
  // All of it is signed anew, with the one key that was lost.
  (claim) => stolen(reforged(claim, (fact) => asWished(fact))),
  (claim) => stolen(claim),
]

/** The chains that credit departs to in an entry. */
export function destinations(entry: Uint8Array): ChainId[] {
  return read(entry).facts.flatMap((fact) => {
    return fact.type === 'transfer' && fact.purpose.type === 'depart' ? [fact.purpose.to] : []
  })
}

function reforged(claim: Claim, change: (fact: Moved) => Moved): Claim {
  const entry = read(claim.entry)
  const facts = entry.facts.map((fact) => (fact.type === 'transfer' ? change(fact) : fact))
  return { ...claim, entry: encode(entrySchema, { ...entry, facts }) }
}

/** The same departure to another chain. */
function sent(fact: Moved, to: ChainId): Moved {
  const { purpose } = fact
  if (purpose.type !== 'depart') return fact
  const [, from] = fact.to.split('/')
  return { ...fact, purpose: { ...purpose, to }, to: `bridge/${from}/${to}` as Moved['to'] }
}

/** A departure of more, with the word of its owner, or of who says that he is it. */
function asWished(fact: Moved, by = ownerOf): Moved {
  const request = fact.request && open(requestDocument, fact.request)
  if (!request?.ok || request.value.act.type !== 'depart') return fact
  const { from, act } = request.value
  const micro = Math.min(act.micro * 2 + 1, limits.microMax)
  const word: Request = { ...request.value, act: { ...act, micro } }
  const signer = by(from)
  const body = encode(requestDocument.schema, word)
  const signed = signer === undefined ? undefined : sign(requestDocument, word, signer)
  const unsigned = { body, signatures: [new Uint8Array(64).fill(7)] }
  return { ...fact, micro, request: signed ?? unsigned }
}

function ownerOf(key: PeerId): Signer | undefined {
  return [...owners, ...members].find(({ id }) => id === key)
}

function keyless(): undefined {
  return undefined
}

/** A chain of one's own with nothing else in it, signed by who wrote or stole that key alone. */
function stolen(claim: Claim): Claim {
  const entry = encode(entrySchema, { ...read(claim.entry), seq: 0 })
  const root = digestText(leafHash(entry))
  const coordinator = thief.id as CoordinatorId
  const alone = { ...says(claim.checkpoint), size: 1, root, head: root, coordinator }
  const checkpoint = sign(checkpointDocument, alone, thief)
  const cosignatures = [thief, ...strangers.slice(1)].map((by) => cosigned(checkpoint, by))
  return { ...claim, seq: 0, entry, path: [], checkpoint, cosignatures }
}

/** The checkpoint as it was a moment before: another one, of the same size, by the same key. */
function older({ checkpoint }: Claim): Signed<Checkpoint> {
  const before = says(checkpoint)
  const author = members.find(({ id }) => id === before.coordinator) as Signer
  return sign(checkpointDocument, { ...before, time: before.time - 1 }, author)
}

function cosigned(checkpoint: Signed<Checkpoint>, by: Signer) {
  const { chain, epoch, size, time } = says(checkpoint)
  const witness = by.id as CoordinatorId
  const id = checkpointId(checkpoint)
  const word = { v: 1 as const, chain, epoch, size, checkpoint: id, witness, time }
  return sign(cosignatureDocument, word, by)
}

function says(checkpoint: Signed<Checkpoint>): Checkpoint {
  const opened = open(checkpointDocument, checkpoint)
  if (!opened.ok) throw new Error('what was signed does not open')
  return opened.value
}

function read(bytes: Uint8Array): Entry {
  const entry = decode(entrySchema, bytes)
  if (!entry.ok) throw new Error('what was written is no entry')
  return entry.value
}
