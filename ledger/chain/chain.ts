import {
  type Answer,
  accept,
  type Checkpoint,
  chainId,
  checkpointDocument,
  type Digest,
  decode,
  digestText,
  type Entry,
  encode,
  entrySchema,
  type Fact,
  leafHash,
  limits,
  noEntry,
  open,
  refuse,
  type Signed,
  sealDocument,
} from '@nexapod/specs'
import { Frontier, type HashedSubtree } from '../tree/frontier.ts'
import { founded, governed, isMember, isQuorum } from './governance.ts'
import type { Governance, Stand } from './stand.ts'

/** An entry that a chain took, as it is written, and the subtrees that it completed: leaf first. */
export interface Taken {
  readonly entry: Entry
  readonly bytes: Uint8Array
  readonly completed: readonly HashedSubtree[]
}

/** Where a chain stands, but for its tree. */
export type Tip = Omit<Stand, 'peaks'>

/** Says of an entry that follows, with the governance that it has, whether it may be taken. */
export type Judge = (entry: Entry, governance: Governance) => Answer<unknown>

/**
 * Reads one chain from its genesis, entry by entry, and takes only what follows. It holds a page
 * of memory at any size. What the facts do to credit is the fold's business, not the chain's.
 */
export class Chain {
  #stand: Tip | undefined
  readonly #tree: Frontier

  /** A chain of which nothing is known, or one that was read before. */
  constructor(stand?: Stand) {
    this.#stand = stand
    this.#tree = new Frontier(stand?.size ?? 0, stand?.peaks ?? [])
  }

  /** Where the reading stands; nothing before the genesis. */
  get tip(): Tip | undefined {
    return this.#stand
  }

  /** The same, with all that is needed to go on from there another day. */
  get stand(): Stand | undefined {
    return this.#stand && { ...this.#stand, peaks: this.#tree.peaks }
  }

  /** The root over the entries so far. */
  root(): Digest {
    return digestText(this.#tree.root())
  }

  /** Takes the next entry, if it is one and the judge agrees; otherwise nothing changes. */
  append(bytes: Uint8Array, judge: Judge = accept): Answer<Taken> {
    const read = decode(entrySchema, bytes)
    return read.ok ? this.#take(read.value, bytes, judge) : read
  }

  /** Writes facts as the next entry, if the chain may go on with them, as above. */
  write(facts: readonly Fact[], time: number, judge: Judge = accept): Answer<Taken> {
    const entry = following(this.#stand, facts, time)
    return this.#take(entry, encode(entrySchema, entry), judge)
  }

  /** What the next entry of the epoch begins with. */
  next(time: number): Omit<Entry, 'facts'> {
    const stand = this.#stand
    if (stand === undefined) throw new Error('a chain begins with its genesis')
    const { chain, epoch, size: seq, head: prev } = stand
    return { v: 1, chain, epoch, seq, prev, time }
  }

  /** Takes the next entry of whoever has put it together and judged it. */
  extend(entry: Entry, bytes: Uint8Array): Answer<Taken> {
    return this.#take(entry, bytes, accept)
  }

  #take(entry: Entry, bytes: Uint8Array, judge: Judge): Answer<Taken> {
    const before = this.#stand === undefined ? begun(entry) : followed(this.#stand, entry)
    if (!before.ok) return before
    const { governance: last, coordinator } = before.value
    const after = governed(last, coordinator, entry.facts)
    if (!after.ok) return after
    const governance = after.value
    const judged = judge(entry, governance)
    if (!judged.ok) return judged
    const leaf = leafHash(bytes)
    const completed = this.#tree.append(leaf)
    this.#stand = {
      ...before.value,
      size: entry.seq + 1,
      head: digestText(leaf),
      time: entry.time,
      governance,
    }
    return accept({ entry, bytes, completed })
  }

  /** Whether a checkpoint says of this chain, at the size it has now, what its entries say. */
  check(signed: Signed<Checkpoint>): Answer<Checkpoint> {
    const opened = open(checkpointDocument, signed)
    const stand = this.#stand
    if (!opened.ok) return opened
    const { chain, epoch, coordinator, size, head, root } = opened.value
    if (stand === undefined || chain !== stand.chain || size !== stand.size) {
      const at = stand === undefined ? 'nothing' : `${stand.chain} at ${stand.size}`
      return refuse('chain.checkpoint', { detail: `${chain} at ${size}, where ${at} was read` })
    }
    if (epoch !== stand.epoch || coordinator !== stand.coordinator) {
      return refuse('chain.checkpoint', {
        detail: `not by the coordinator of epoch ${stand.epoch}`,
      })
    }
    if (head !== stand.head || root !== this.root()) {
      return refuse('chain.checkpoint', { detail: `another history of ${size} entries` })
    }
    return opened
  }
}

/** The entry of these facts that follows. Whether it may follow is for its reader to say. */
function following(stand: Tip | undefined, facts: readonly Fact[], time: number): Entry {
  const [first] = facts
  if (stand !== undefined) {
    const { chain, size: seq, head: prev } = stand
    const epoch = stand.epoch + (first?.type === 'seal' ? 1 : 0)
    return { v: 1, chain, epoch, seq, prev, time, facts }
  }
  if (first?.type !== 'genesis') throw new Error('a chain begins with its genesis')
  const { type: _, ...named } = first
  return { v: 1, chain: chainId(named), epoch: 0, seq: 0, prev: noEntry, time, facts }
}

function begun(entry: Entry): Answer<Tip> {
  const [genesis] = entry.facts
  if (genesis?.type !== 'genesis' || entry.seq !== 0 || entry.epoch !== 0) {
    return refuse('chain.link', { detail: 'a chain begins with its genesis' })
  }
  const { type: _, ...named } = genesis
  if (entry.prev !== noEntry || entry.chain !== chainId(named)) {
    return refuse('chain.link', { detail: 'the chain is not called by its genesis' })
  }
  if (entry.facts.slice(1).some((fact) => fact.type === 'genesis')) return secondGenesis()
  const governance = founded(genesis.mesh)
  if (!governance.ok) return governance
  const { chain, epoch, prev, time } = entry
  const { coordinator } = genesis
  return accept({
    chain,
    epoch,
    coordinator,
    size: 0,
    head: prev,
    time,
    governance: governance.value,
  })
}

function followed(stand: Tip, entry: Entry): Answer<Tip> {
  const { chain, seq, prev, time, epoch, facts } = entry
  if (chain !== stand.chain) return refuse('chain.link', { detail: 'of another chain' })
  if (seq !== stand.size) {
    return refuse('chain.link', { detail: `entry ${seq}, where ${stand.size} follows` })
  }
  if (prev !== stand.head) {
    return refuse('chain.link', { detail: `entry ${seq} follows another than the one before` })
  }
  if (time < stand.time) {
    return refuse('chain.link', { detail: `entry ${seq} is older than the one before` })
  }
  if (facts.some((fact) => fact.type === 'genesis')) return secondGenesis()
  const seals = facts.filter((fact) => fact.type === 'seal')
  if (epoch === stand.epoch && seals.length === 0) return accept(stand)
  const [first] = facts
  if (epoch !== stand.epoch + 1 || epoch > limits.epochMax || first?.type !== 'seal') {
    return refuse('chain.link', { detail: `epoch ${epoch} after ${stand.epoch} without its seal` })
  }
  if (seals.length > 1) return refuse('chain.link', { detail: 'an epoch ends once' })
  return sealed(stand, first)
}

/** A seal begins the next epoch, if a quorum says that the one before ended just here. */
function sealed(stand: Tip, fact: Fact & { type: 'seal' }): Answer<Tip> {
  const opened = open(sealDocument, fact.seal)
  if (!opened.ok) return opened
  const { chain, epoch, size, head, successor, signers } = opened.value
  if (chain !== stand.chain || epoch !== stand.epoch) {
    return refuse('chain.link', { detail: 'the seal of another epoch' })
  }
  if (size !== stand.size || head !== stand.head) {
    return refuse('chain.link', { detail: `the epoch was sealed at ${size}, not ${stand.size}` })
  }
  if (!isQuorum(stand.governance, signers) || !isMember(stand.governance, successor)) {
    return refuse('chain.roster', {
      detail: 'a seal needs a quorum, and a successor of the roster',
    })
  }
  return accept({ ...stand, epoch: epoch + 1, coordinator: successor })
}

function secondGenesis(): Answer<never> {
  return refuse('chain.link', { detail: 'a chain has one genesis' })
}
