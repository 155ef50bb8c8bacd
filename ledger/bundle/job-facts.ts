import {
  type Answer,
  accept,
  type Entry,
  type Fact,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type NodeId,
  type Outcome,
  open,
  type Receipt,
  receiptDocument,
  refuse,
  resultId,
  units,
} from '@nexapod/specs'

/** A unit that was accepted: what it gave, in which entry that stands, and who gave it. */
export interface Settled {
  readonly unit: number
  readonly outcome: Outcome
  readonly entry: number
  readonly nodes: readonly NodeId[]
  /** Who gave something else. */
  readonly others: readonly NodeId[]
}

type Of<T extends Fact['type']> = Fact & { readonly type: T }

interface Votes {
  readonly bySlot: Map<number, Receipt>
  agreeing: readonly number[]
}

/**
 * What entries say of one job: they come in their order, and none about the job is left out but for
 * receipts that wait and payments after the first. Every signature of a publisher or node is
 * looked at, and whether what is accepted is what those signed who agreed.
 */
export class JobFacts {
  readonly settled = new Map<number, Settled>()
  job: Job | undefined
  ended: Of<'end'>['as'] | undefined
  readonly #id: JobId
  /** How many units it has: none before it was admitted. */
  #count = 0
  /** By unit, until that is decided for good: who voted what by slot, and which slots agreed. */
  readonly #votes = new Map<number, Votes>()
  /** Units for which somebody who agreed was paid: those are not decided again. */
  readonly #paid = new Set<number>()

  constructor(id: JobId) {
    this.#id = id
  }

  /** How many of the units that are settled are so for good. */
  get lasting(): number {
    return this.#paid.size
  }

  /** Takes the next entry; says whether it tells something of the job that was not known. */
  seen(entry: Entry): Answer<boolean> {
    let tells = false
    for (const fact of entry.facts) {
      const told = this.#fact(entry, fact)
      if (!told.ok) {
        const { at = '', detail = at } = told.refusal
        return { ok: false, refusal: { ...told.refusal, at: `entry ${entry.seq}`, detail } }
      }
      tells ||= told.value
    }
    return accept(tells)
  }

  #fact(entry: Entry, fact: Fact): Answer<boolean> {
    if (fact.type === 'job') return this.#admitted(fact)
    if (fact.type === 'transfer') return accept(this.#payment(fact))
    if (!('job' in fact) || fact.job !== this.#id) return accept(false)
    if (fact.type === 'verdict') return this.#decided(entry, fact)
    if (fact.type === 'reopen') this.settled.delete(fact.unit)
    if (fact.type === 'end') this.ended = fact.as
    return accept(fact.type === 'reopen' || fact.type === 'end')
  }

  #admitted({ job }: Of<'job'>): Answer<boolean> {
    if (jobId(job) !== this.#id) return accept(false)
    const opened = open(jobDocument, job)
    if (!opened.ok) return opened
    this.job = opened.value
    this.#count = units(opened.value).count
    return accept(true)
  }

  #decided({ seq, chain }: Entry, { unit, decided, receipts }: Of<'verdict'>): Answer<boolean> {
    const votes = this.#votes.get(unit) ?? { bySlot: new Map(), agreeing: [] }
    this.#votes.set(unit, votes)
    const { bySlot } = votes
    for (const signed of receipts) {
      const receipt = open(receiptDocument, signed)
      if (!receipt.ok) return receipt
      const { value } = receipt
      if (value.chain !== chain || value.job !== this.#id || value.unit !== unit) {
        return refuse('receipt.mismatch', { detail: `a receipt of another unit than ${unit}` })
      }
      bySlot.set(value.slot, value)
    }
    this.settled.delete(unit)
    votes.agreeing = []
    if (decided.type !== 'accepted') return accept(true)
    const { outcome, agreeing } = decided
    const result = resultId(outcome)
    const exact = this.job?.compare.every((rule) => rule.type === 'ignore') ?? true
    const given = agreeing.map((slot) => bySlot.get(slot))
    const isOf = outcome.job === this.#id && outcome.unit === unit && unit < this.#count
    const agree = given.every((vote) => vote !== undefined && (!exact || vote.result === result))
    // Where outcomes are compared by more than their bytes, not all that agree gave this one.
    if (!isOf || !agree || !given.some((vote) => vote?.result === result)) {
      return refuse('receipt.mismatch', { detail: `unit ${unit}: nobody signed what was accepted` })
    }
    const nodes = given.flatMap((vote) => vote?.node ?? [])
    const others = [...bySlot]
      .filter(([slot]) => !agreeing.includes(slot))
      .map(([, { node }]) => node)
    votes.agreeing = agreeing
    this.settled.set(unit, { unit, outcome, entry: seq, nodes, others })
    return accept(true)
  }

  /** Whether this is the first payment to who agreed: nothing is decided again after it. */
  #payment({ purpose, from, to }: Of<'transfer'>): boolean {
    if (purpose.type !== 'settle' || !/^(owner|bond)\//.test(to)) return false
    const [kind, job, number, slot] = from.split('/')
    if (kind !== 'hold' || job !== this.#id) return false
    const unit = Number(number)
    if (this.#votes.get(unit)?.agreeing.includes(Number(slot)) !== true) return false
    this.#votes.delete(unit)
    this.#paid.add(unit)
    return true
  }
}
