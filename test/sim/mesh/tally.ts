import {
  type Account,
  accounts,
  type Document,
  delegationDocument,
  type Entry,
  earned,
  type Fact,
  type JobId,
  jobDocument,
  jobId,
  type NodeId,
  type Opening,
  type OwnerId,
  type Rates,
  type ReceiptId,
  receiptDocument,
  receiptId,
  requestDocument,
  resultId,
  revocationDocument,
  type Signed,
} from '../../../specs/index.ts'
import { fuelOf } from './results.ts'
import { type JobTally, type UnitTally, unitOf, voteAt } from './unit-tally.ts'
import { violated } from './violation.ts'

type FactOf<T extends Fact['type']> = Fact & { readonly type: T }

/** Something that an accepted verdict says, for those who know what is true. */
export interface Said {
  readonly job: JobTally
  readonly id: JobId
  readonly unit: number
  readonly tally: UnitTally
  readonly decided: FactOf<'verdict'>['decided']
}

/** Whose a node is from an entry on, until that ends. */
interface Owned {
  readonly seq: number
  readonly owner: OwnerId
  readonly issued: number
  readonly expires: number
}

/** Strikes from which a node is given nothing. No world is long enough for one to be forgiven. */
const strikesMax = 5

/** Counts what the facts of one chain say, knowing nothing of the fold. */
export class Tally {
  size = 0
  readonly balances = new Map<Account, number>()
  readonly jobs = new Map<JobId, JobTally>()
  /** Owners that are banned, and by which entry. */
  readonly banned = new Map<OwnerId, number>()
  readonly strikes = new Map<NodeId, number>()
  /** Nodes that were wrong too often, and by which entry. */
  readonly suspended = new Map<NodeId, number>()
  /** Receipts that were ever sealed, and those that verdicts opened, with their entries. */
  readonly sealedAt = new Map<ReceiptId, number>()
  readonly opened = new Set<ReceiptId>()
  /** Fences below this are reserved, from which entry on. */
  readonly fences: { readonly seq: number; readonly epoch: number; readonly below: number }[] = []
  epoch = 0
  readonly #rates: Rates
  readonly #open: Opening
  readonly #judged: (said: Said) => void
  readonly #strikesOf = new Map<string, number>()
  readonly #paid = new Set<string>()
  /** What was learnt of whose a node is, in the order of the entries. */
  readonly #owners = new Map<NodeId, Owned[]>()
  #sum = 0

  constructor(rates: Rates, open: Opening, judged: (said: Said) => void) {
    this.#rates = rates
    this.#open = open
    this.#judged = judged
  }

  take(entry: Entry): void {
    if (entry.seq !== this.size) violated(`entry ${entry.seq} after ${this.size} entries`)
    this.size++
    this.epoch = entry.epoch
    for (const fact of entry.facts) this.#learn(fact, entry)
    if (this.#sum !== 0) violated(`the sum over all accounts is ${this.#sum}`)
  }

  /** Whose a node is at a time, as so many entries say. */
  ownerOf(node: NodeId, time: number, size = this.size): OwnerId {
    const last = this.#owners.get(node)?.findLast(({ seq }) => seq < size)
    return last !== undefined && time < last.expires ? last.owner : (node as string as OwnerId)
  }

  #learn(fact: Fact, entry: Entry): void {
    switch (fact.type) {
      case 'job':
        this.#admit(fact, entry)
        break
      case 'receipt':
        this.#seal(fact, entry)
        break
      case 'verdict':
        this.#decide(fact, entry)
        break
      case 'reopen':
        this.#reopen(fact)
        break
      case 'transfer':
        this.#move(fact, entry)
        break
      case 'fences':
        this.fences.push({ seq: entry.seq, epoch: entry.epoch, below: fact.below })
        break
      case 'cancel':
        this.#cancel(fact, entry)
        break
      case 'end':
        this.#end(fact)
        break
      case 'delegation': {
        const { node, owner, issued, expires } = this.#says(delegationDocument, fact.delegation)
        this.#owned(node, { seq: entry.seq, owner, issued, expires })
        break
      }
      case 'revocation': {
        const { node, owner, issued } = this.#says(revocationDocument, fact.revocation)
        const last = this.#owners.get(node)?.at(-1)
        if (last?.owner === owner && last.issued <= issued) {
          this.#owned(node, { ...last, seq: entry.seq, expires: 0 })
        }
        break
      }
      default:
        break
    }
  }

  #owned(node: NodeId, owned: Owned): void {
    this.#owners.set(node, [...(this.#owners.get(node) ?? []), owned])
  }

  #admit({ job: signed, priceMicro }: FactOf<'job'>, { time }: Entry): void {
    const id = jobId(signed)
    if (this.jobs.has(id)) violated(`job ${id} is admitted twice`)
    const job = this.#says(jobDocument, signed)
    this.jobs.set(id, {
      job,
      price: priceMicro,
      admittedAt: time,
      units: new Map(),
      isCancelled: false,
    })
  }

  #seal({ job: id, unit, slot, sealed }: FactOf<'receipt'>, { seq }: Entry): void {
    const job = this.#jobOf(id)
    const tally = unitOf(job, unit)
    if (!tally.isOpen || job.isEnded) violated('a receipt of what is decided')
    if (tally.votes.has(slot) || tally.sealed.has(slot)) violated(`slot ${slot} has two receipts`)
    tally.sealed.set(slot, sealed)
    this.sealedAt.set(sealed, seq)
  }

  #decide({ job: id, unit, decided, receipts }: FactOf<'verdict'>, { time, seq }: Entry): void {
    const job = this.#jobOf(id)
    const tally = unitOf(job, unit)
    if (!tally.isOpen) violated(`unit ${unit} is decided twice`)
    for (const signed of receipts) {
      const { slot, node, result } = this.#says(receiptDocument, signed)
      const sealed = receiptId(signed)
      if (tally.sealed.get(slot) !== sealed) violated('a receipt is opened that was not sealed')
      if (this.opened.has(sealed)) violated('a receipt is opened twice')
      this.opened.add(sealed)
      tally.votes.set(slot, { node, owner: this.ownerOf(node, time), result, seq })
    }
    tally.sealed.clear()
    tally.isOpen = false
    tally.as = decided.type
    tally.decidedAt = time
    tally.firstSeq ??= seq
    tally.winners = decided.type === 'accepted' ? this.#winners(job, tally, decided) : []
    this.#judged({ job, id, unit, tally, decided })
  }

  #winners(
    { job }: JobTally,
    tally: UnitTally,
    decided: FactOf<'verdict'>['decided'] & { readonly type: 'accepted' },
  ): number[] {
    const { votes } = tally
    const { outcome, agreeing, struck, banned } = decided
    for (const slot of banned) this.banned.set(voteAt(votes, slot).owner, this.size - 1)
    for (const slot of [...struck, ...banned]) {
      if (tally.struck.has(slot)) continue
      tally.struck.add(slot)
      const { node } = voteAt(votes, slot)
      this.#strike(node, job.executors[0]?.type ?? 'wasm')
    }
    const result = resultId(outcome)
    const owners = new Set<OwnerId>()
    return agreeing.filter((slot) => {
      const vote = voteAt(votes, slot)
      if (job.compare.length === 0 && vote.result !== result) violated('who differs agrees')
      if (owners.has(vote.owner) || this.banned.has(vote.owner)) return false
      owners.add(vote.owner)
      return true
    })
  }

  #strike(node: NodeId, kind: string): void {
    this.strikes.set(node, (this.strikes.get(node) ?? 0) + 1)
    const ofKind = (this.#strikesOf.get(`${node}/${kind}`) ?? 0) + 1
    this.#strikesOf.set(`${node}/${kind}`, ofKind)
    if (ofKind === strikesMax) this.suspended.set(node, this.size - 1)
  }

  #reopen({ job: id, unit }: FactOf<'reopen'>): void {
    const tally = unitOf(this.#jobOf(id), unit)
    if (tally.isOpen || tally.as !== 'accepted') violated('what was not accepted is opened again')
    tally.isOpen = true
  }

  #cancel({ request }: FactOf<'cancel'>, { seq }: Entry): void {
    const { act } = this.#says(requestDocument, request)
    if (act.type !== 'cancel') violated('a cancel asks for something else')
    const job = this.#jobOf(act.job)
    job.isCancelled = true
    job.closedAt = seq
  }

  #end({ job: id }: FactOf<'end'>): void {
    const job = this.#jobOf(id)
    if (job.isEnded) violated(`job ${id} ends twice`)
    const escrow = this.balances.get(accounts.escrow(id)) ?? 0
    if (escrow !== 0) violated(`job ${id} ends with ${escrow} in its escrow`)
    for (const [unit, { held }] of job.units) {
      if (held.size > 0) violated(`job ${id} ends, and something is held for unit ${unit}`)
    }
    job.isEnded = true
    job.closedAt ??= this.size - 1
  }

  #move({ purpose, from, to, micro }: FactOf<'transfer'>, { time }: Entry): void {
    const name = JSON.stringify(purpose)
    if (this.#paid.has(name)) violated(`paid twice: ${name}`)
    this.#paid.add(name)
    this.#add(from, -micro)
    this.#add(to, micro)
    if (purpose.type === 'earn' || purpose.type === 'meter') {
      const job = this.#jobOf(purpose.job)
      const tally = unitOf(job, purpose.unit)
      if (purpose.type === 'earn') this.#checkEarned(job, tally, purpose, micro)
      tally.held.set(purpose.slot, (tally.held.get(purpose.slot) ?? 0) + micro)
    }
    if (from.startsWith('hold/')) this.#settle(from, to, micro, time)
  }

  /** What is earned depends on the unit, and on nothing that a node says of itself. */
  #checkEarned(
    { job, price }: JobTally,
    { winners, held }: UnitTally,
    { unit, slot }: { readonly unit: number; readonly slot: number },
    micro: number,
  ): void {
    const due = price ?? earned(fuelOf(unit), this.#rates)
    if (micro !== due) violated(`${job.name} unit ${unit} earns ${micro}, not ${due}`)
    if (!winners.includes(slot)) violated(`slot ${slot} earns, and did not win`)
    if ((held.get(slot) ?? 0) > 0) violated(`slot ${slot} earns twice`)
  }

  #settle(from: Account, to: Account, micro: number, time: number): void {
    const [, id, unit, slotText] = from.split('/') as [string, JobId, string, string]
    const tally = unitOf(this.#jobOf(id), Number(unit))
    const slot = Number(slotText)
    const left = (tally.held.get(slot) ?? 0) - micro
    if (left === 0) tally.held.delete(slot)
    else tally.held.set(slot, left)
    if (!to.startsWith('owner/') && !to.startsWith('bond/')) return
    const vote = voteAt(tally.votes, slot)
    if (!tally.winners.includes(slot)) violated(`slot ${slot} is paid, and did not win`)
    if (tally.isOpen) violated(`slot ${slot} is paid while its unit is open`)
    if (this.banned.has(vote.owner)) violated('who is banned is paid')
    const due = to.startsWith('owner/') ? accounts.owner(vote.owner) : accounts.bond(vote.node)
    if (to !== due) violated(`slot ${slot} is paid to ${to}, not ${due}`)
    if (time < tally.decidedAt + this.#rates.settleMs) violated('paid before the window is over')
    tally.paid.add(slot)
  }

  #add(account: Account, micro: number): void {
    const balance = (this.balances.get(account) ?? 0) + micro
    this.balances.set(account, balance)
    this.#sum += micro
    if (balance < 0 && account !== accounts.mint) violated(`${account} is at ${balance}`)
  }

  #jobOf(id: JobId): JobTally {
    return this.jobs.get(id) ?? violated(`job ${id} was never admitted`)
  }

  #says<T>(document: Document<T>, signed: Signed<T>): T {
    const opened = this.#open(document, signed)
    return opened.ok ? opened.value : violated(`a bad ${document.domain} on the chain`)
  }
}
