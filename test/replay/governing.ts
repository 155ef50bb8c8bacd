import {
  type CoordinatorId,
  chainId,
  type Digest,
  type Entry,
  type Fact,
  idOf,
  meshDocument,
  meshId,
  noEntry,
  type Opening,
  type RateCard,
  type Roster,
  rateCardDocument,
  rosterDocument,
  sealDocument,
} from '../../specs/index.ts'
import { type Book, type FactOf, type Governance, known, must, opened } from './book.ts'

/** Checks that an entry links to those before it (entry.md), and learns who governs with it. */
export function link(book: Book, entry: Entry, opening: Opening): Governance {
  const first = book.entries.length === 0
  const sealed = entry.facts[0]?.type === 'seal'
  must(entry.seq === book.entries.length, 'entry: seq is the next')
  must(entry.prev === (first ? noEntry : book.head), 'entry: prev is the hash of the one before')
  must(entry.time >= book.time, 'entry: time is not before that of the one before')
  const before = book.governance
  for (const [i, fact] of entry.facts.entries()) govern(book, entry, fact, i, opening)
  checkWriter(book, before, entry)
  must(entry.chain === book.chain, 'entry: chain is that of its genesis')
  must(entry.epoch === book.epoch + (sealed ? 1 : 0), 'entry: epoch grows with a seal alone')
  book.epoch = entry.epoch
  book.time = entry.time
  return known(book.governance, 'entry: the first one begins with a genesis')
}

/** Whether keys are a quorum of a roster: each counts once, and only if it is in there. */
export function isQuorum(governance: Governance, keys: readonly CoordinatorId[]): boolean {
  const { members, quorum } = governance
  return members.filter((member) => keys.includes(member)).length >= quorum
}

function govern(book: Book, entry: Entry, fact: Fact, at: number, opening: Opening): void {
  const first = entry.seq === 0 && at === 0
  must((fact.type === 'genesis') === first, 'genesis: the first fact of the first entry, no other')
  if (fact.type === 'genesis') begin(book, fact, opening)
  const governance = known(book.governance, 'entry: the first one begins with a genesis')
  if (fact.type === 'seal') {
    must(at === 0, 'seal: the first fact of its entry')
    book.author = checkSeal(book, governance, fact, opening)
  }
  if (fact.type === 'roster') {
    const roster = opened(opening, rosterDocument, fact.roster)
    checkChange(governance, roster)
    const members = roster.members.map((member) => member.coordinator)
    const prev: Digest = idOf(rosterDocument, fact.roster.body)
    const { quorum, revision } = roster
    book.changes.set(revision, { id: prev, seq: entry.seq })
    book.governance = { ...governance, members, quorum, revision, prev }
  }
  if (fact.type === 'rates') {
    const card = opened(opening, rateCardDocument, fact.rates)
    checkChange(governance, card)
    const prev: Digest = idOf(rateCardDocument, fact.rates.body)
    const { rates, revision } = card
    book.changes.set(revision, { id: prev, seq: entry.seq })
    book.governance = { ...governance, rates, revision, prev }
  }
}

/** Who writes is of the roster that an entry ends with; until then it has changes alone. */
function checkWriter(book: Book, before: Governance | undefined, entry: Entry): void {
  const { governance, author } = book
  if (author !== undefined && governance?.members.includes(author)) return
  const was = author !== undefined && before?.members.includes(author) === true
  must(!was, 'roster: who writes the epoch stays in it')
  const types = new Set(entry.facts.map((fact) => fact.type))
  for (const type of ['genesis', 'roster', 'rates'] as const) types.delete(type)
  must(types.size === 0, 'genesis: until the roster names who writes it, a chain has changes alone')
}

function begin(book: Book, genesis: FactOf<'genesis'>, opening: Opening): void {
  const mesh = opened(opening, meshDocument, genesis.mesh)
  const members = mesh.members.map((member) => member.coordinator)
  const { type: _, ...named } = genesis
  book.chain = chainId(named)
  book.author = genesis.coordinator
  const id = meshId(genesis.mesh)
  const { quorum, rates } = mesh
  book.governance = { mesh: id, members, quorum, rates, revision: 0, prev: id }
}

function checkSeal(
  book: Book,
  governance: Governance,
  fact: FactOf<'seal'>,
  opening: Opening,
): CoordinatorId {
  const seal = opened(opening, sealDocument, fact.seal)
  must(seal.chain === book.chain, 'seal: it is of this chain')
  must(seal.epoch === book.epoch, 'seal: it is of the epoch that ends')
  must(seal.size === book.entries.length, 'seal: its size is that of this chain')
  must(seal.head === book.head, 'seal: its head is that of this chain')
  must(isQuorum(governance, seal.signers), 'seal: its signers are a quorum of the roster')
  must(governance.members.includes(seal.successor), 'seal: its successor is of the roster')
  return seal.successor
}

function checkChange(governance: Governance, change: Roster | RateCard): void {
  must(change.mesh === governance.mesh, 'change: it is of this mesh')
  must(change.revision === governance.revision + 1, 'change: its revision is the next')
  must(change.prev === governance.prev, 'change: it names the change before it')
  must(isQuorum(governance, change.signers), 'change: its signers are a quorum before it')
}
