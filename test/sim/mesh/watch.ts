import type { News } from '../../../coordinator/index.ts'
import type { News as NodeNews } from '../../../node/index.ts'
import {
  type AnswerMessage,
  acknowledgementDocument,
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  type Document,
  delegationDocument,
  type Entry,
  type Fact,
  type FromCoordinator,
  type FromNode,
  type JobId,
  type Lease,
  leaseDocument,
  type NodeId,
  type Opening,
  type Question,
  type Rates,
  type Receipt,
  type Signed,
} from '../../../specs/index.ts'
import type { Writer } from './cast.ts'
import { Executions } from './executions.ts'
import { Leases } from './leases.ts'
import type { Person } from './person.ts'
import { isOf } from './questions.ts'
import { type Said, Tally } from './tally.ts'
import { violated } from './violation.ts'

/** What is known of a chain beside its writer. */
interface Watched {
  readonly writer: CoordinatorId
  tally: Tally
  entries: Entry[]
  /** Entries that are on the disk. */
  synced: number
  /** Entries that something which was said to others rests on. */
  promised: number
  /** Entries that a quorum has signed for. */
  covered: number
  leases: Leases
  readonly executions: Executions
}

/** When something was asked for that is done later, and with how many entries on the chain. */
export interface Asking {
  readonly at: number
  readonly size: number
}

/** What a watch has to be told about the world. */
export interface Known {
  readonly open: Opening
  readonly rates: Rates
  /** Whether all that a node says is what its core says. */
  speaksTrue(node: NodeId): boolean
  /** The network that a node comes from. */
  networkOf(node: NodeId): string | undefined
  /** What an accepted unit says, held against the truth. */
  judged(said: Said): void
}

/** Looks at all that is written and said, and says when something is that must never be. */
export class Watch {
  readonly counts = new Map<string, number>()
  readonly #known: Known
  readonly #chains = new Map<ChainId, Watched>()
  /** Whether entries are counted again that were counted before. */
  #isAgain = false

  constructor(known: Known) {
    this.#known = known
  }

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by)
  }

  tallyOf(writer: Writer): Tally {
    return this.#of(writer).tally
  }

  /** All that a chain says. */
  factsOf(writer: Writer): readonly Fact[] {
    return this.#of(writer).entries.flatMap(({ facts }) => facts)
  }

  coveredOf(writer: Writer): number {
    return this.#of(writer).covered
  }

  /** A coordinator begins with so many entries: nothing that it promised is beyond them. */
  began(writer: Writer, size: number): void {
    const watched = this.#of(writer)
    if (size < watched.promised) {
      violated(`${writer.name} has ${size} entries, and what it said rests on ${watched.promised}`)
    }
    if (size > watched.entries.length) violated(`${writer.name} has entries that it never wrote`)
    if (size < watched.entries.length) {
      watched.entries.length = size
      watched.tally = this.#newTally()
      this.#isAgain = true
      for (const entry of watched.entries) watched.tally.take(entry)
      this.#isAgain = false
    }
    watched.synced = size
    watched.leases = this.#newLeases(writer)
  }

  /** An epoch was ended where the copies of others end: all that a quorum signed for is there. */
  sealed(writer: Writer, size: number): void {
    const watched = this.#of(writer)
    if (size < watched.covered) {
      violated(`${writer.name} is sealed at ${size}, and a quorum signed for ${watched.covered}`)
    }
    watched.promised = Math.min(watched.promised, size)
    this.count('seals')
  }

  wrote(writer: Writer, entries: readonly Entry[]): void {
    const { tally, entries: all, leases, executions } = this.#of(writer)
    for (const entry of entries) {
      tally.take(entry)
      all.push(entry)
      for (const fact of entry.facts) {
        this.count(`fact ${fact.type}`)
        if (fact.type === 'receipt') executions.sealed(fact)
        if (fact.type === 'verdict') leases.decided(fact.job, fact.unit)
        if (fact.type !== 'delegation') continue
        const { node } = this.#read(delegationDocument, fact.delegation)
        leases.sold(node, (other) => tally.ownerOf(other, entry.time))
      }
    }
  }

  synced(writer: Writer, size: number): void {
    this.#of(writer).synced = size
  }

  covered(writer: Writer, size: number): void {
    this.#of(writer).covered = Math.max(this.#of(writer).covered, size)
  }

  heard(writer: Writer, node: NodeId, messages: readonly FromNode[], at: number): void {
    const speaksTrue = this.#known.speaksTrue(node)
    for (const message of messages) {
      this.#of(writer).leases.heard(node, message, { at, speaksTrue })
    }
  }

  /** A coordinator says something to a node: what it rested on is on the disk by now. */
  said(writer: Writer, asked: Asking, node: NodeId, messages: readonly FromCoordinator[]): void {
    const watched = this.#of(writer)
    for (const message of messages) {
      this.count(`said ${message.type}`)
      switch (message.type) {
        case 'welcome':
          watched.leases.welcomed(node)
          break
        case 'lease':
          this.#leased(watched, asked, node, this.#read(leaseDocument, message.lease))
          break
        case 'cancel':
          for (const execution of message.executions) watched.leases.ended(execution)
          break
        case 'acknowledge': {
          const { size, receipts } = this.#read(acknowledgementDocument, message.acknowledgement)
          this.#rests(watched, size, 'an acknowledgement')
          for (const id of receipts) {
            const seq = watched.tally.sealedAt.get(id)
            if (seq === undefined) violated('a receipt is acknowledged that was never sealed')
            this.#rests(watched, seq + 1, 'an acknowledgement')
          }
          break
        }
        case 'decided': {
          const { size } = this.#read(checkpointDocument, message.checkpoint)
          if (size > watched.covered) violated('a verdict is told below what nobody cosigned')
          watched.executions.told(watched.tally, message.executions, size)
          break
        }
        case 'refuse':
          watched.executions.refused(node, message)
          break
        default:
          break
      }
    }
  }

  /** A node has a receipt off its disk. */
  forgot(node: NodeId, receipt: Receipt): void {
    const watched = this.#chains.get(receipt.chain)
    if (watched === undefined) violated('a receipt is of a chain that nobody writes')
    const { tally, covered, executions } = watched
    executions.forgotten(tally, covered, node, receipt)
  }

  answered(writer: Writer, question: Question, answer: AnswerMessage): void {
    this.count(`answer ${question.type} ${codeOf(answer)}`)
    if (answer.type !== 'done' || answer.seq === undefined) return
    const watched = this.#of(writer)
    this.#rests(watched, answer.seq + 1, `${writer.name}: done`)
    const entry = watched.entries[answer.seq] as Entry
    if (!entry.facts.some((fact) => isOf(fact, question))) {
      violated(`${question.type} is done in entry ${answer.seq}, where it does not stand`)
    }
  }

  told(_writer: Writer, news: News): void {
    this.count(news.type === 'decided' ? `decided ${news.as}` : `told ${news.type}`)
  }

  nodeTold({ id, name }: Person, news: NodeNews): void {
    this.count(`node ${news.type}`)
    if (news.type === 'damaged') violated(`${name} cannot read its own row ${news.name}`)
    if (!this.#known.speaksTrue(id)) return
    if (news.type === 'refused') {
      const { code, detail } = news.refusal
      violated(`${name} refuses what an honest coordinator said: ${code} ${detail}`)
    }
    if (news.type === 'refusedBy' && news.dropped !== undefined) {
      this.count(`dropped ${news.refusal.code}`)
      this.#dropped(name, news.dropped)
    }
  }

  /** A node lets go of a receipt: it came too late, or nobody wants it any more. */
  #dropped(name: string, key: string): void {
    const [coordinator, id, unit, , epoch, fence] = key.split('/')
    for (const { tally, leases, writer } of this.#chains.values()) {
      if (writer !== coordinator || tally.epoch !== Number(epoch)) continue
      const job = tally.jobs.get(id as JobId)
      const isOpen = job?.units.get(Number(unit))?.isOpen ?? true
      if (job === undefined || job.closedAt !== undefined || !isOpen) continue
      if (leases.wasInTime(Number(fence))) violated(`${name} loses a receipt that came in time`)
    }
  }

  #leased(watched: Watched, { size, at }: Asking, node: NodeId, lease: Lease): void {
    const { tally, leases, synced, executions } = watched
    const { rates, networkOf } = this.#known
    if (size > synced) violated('something is said before what it rests on is on the disk')
    const owner = tally.ownerOf(node, lease.issued, size)
    const block = tally.fences.findLast(({ seq }) => seq < synced)
    if (block?.epoch !== lease.epoch || lease.fence >= block.below) {
      violated(`fence ${lease.fence} was given before its block was on the disk`)
    }
    const banned = tally.banned.get(owner)
    if (banned !== undefined && banned < size) violated('who is banned is given a lease')
    const suspended = tally.suspended.get(node)
    if (suspended !== undefined && suspended < size) violated('who is suspended is given a lease')
    const job = tally.jobs.get(lease.job)
    if (job === undefined || (job.closedAt !== undefined && job.closedAt < size)) {
      violated('a unit of a job that is not open is leased')
    }
    executions.given(lease)
    const network = rates.apart === 'networks' ? networkOf(node) : undefined
    const ownerOf = (other: NodeId) => tally.ownerOf(other, lease.issued, size)
    leases.given(lease, { owner, network, ownerOf }, at)
  }

  #rests(watched: Watched, size: number, what: string): void {
    const { synced, promised } = watched
    if (size > synced) violated(`${what} rests on ${size} entries, and ${synced} are on the disk`)
    watched.promised = Math.max(promised, size)
  }

  #read<T>(document: Document<T>, signed: Signed<T>): T {
    const opened = this.#known.open(document, signed)
    return opened.ok ? opened.value : violated(`a coordinator signed a bad ${document.domain}`)
  }

  #of({ chain, id }: Pick<Writer, 'chain' | 'id'>): Watched {
    let watched = this.#chains.get(chain)
    if (watched === undefined) {
      watched = {
        writer: id,
        tally: this.#newTally(),
        entries: [],
        synced: 0,
        promised: 0,
        covered: 0,
        leases: this.#newLeases({ chain, id }),
        executions: new Executions(),
      }
      this.#chains.set(chain, watched)
    }
    return watched
  }

  #newLeases(writer: Pick<Writer, 'chain' | 'id'>): Leases {
    return new Leases(this.#known.open, ({ node, owner }) => {
      const { banned, suspended } = this.#of(writer).tally
      return banned.has(owner) || suspended.has(node)
    })
  }

  #newTally(): Tally {
    const { rates, open, judged } = this.#known
    return new Tally(rates, open, (said) => {
      if (!this.#isAgain) judged(said)
    })
  }
}

function codeOf(answer: AnswerMessage): string {
  return answer.type === 'refuse' ? answer.refusal.code : answer.type
}
