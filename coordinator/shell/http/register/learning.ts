import {
  type Document,
  delegationDocument,
  type Entry,
  type Fact,
  jobDocument,
  jobId,
  receiptDocument,
  reopen,
  revocationDocument,
  type Signed,
  units,
} from '@nexapod/specs'
import { dataOf } from '../../../core/match/data.ts'
import { type At, Credits, type Tables } from './credits.ts'
import type { Database } from './database.ts'
import type { Sums } from './sums.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }

/** So many jobs of a millisecond have numbers of their own; more have those of the next. */
const jobsPerMs = 1024

/**
 * Puts what facts say into the tables. They were judged before they were written. What they name is
 * looked for on their own chain alone; what somebody earned is added up over all.
 */
export class Learning {
  readonly #database: Database
  readonly #sums: Sums
  readonly #credits: Credits
  readonly #wall: () => number
  /** The number of the last job of each chain that was taken since this was opened. */
  readonly #last = new Map<number, number>()

  constructor(tables: Tables, wall: () => number) {
    this.#database = tables.database
    this.#sums = tables.sums
    this.#credits = new Credits(tables, (job, { chain }) => this.#numberOf(job, chain))
    this.#wall = wall
  }

  /** Takes the next entries of a chain. */
  learn(chain: number, entries: readonly Entry[]): void {
    // What a clock that is ahead has dated later is of now: else it would be the newest for long.
    const now = this.#wall()
    for (const { facts, seq, time } of entries) {
      this.#learn(facts, { chain, seq, time: Math.min(time, now) })
    }
    this.#sums.flush()
  }

  #learn(facts: readonly Fact[], at: At): void {
    for (const fact of facts) {
      switch (fact.type) {
        case 'job':
          this.#job(fact, at)
          break
        case 'verdict':
          this.#verdict(fact, at)
          break
        case 'reopen':
          this.#reopen(fact, at)
          break
        case 'transfer':
          this.#credits.moved(fact, at)
          break
        case 'delegation':
          this.#delegation(fact, at)
          break
        case 'revocation':
          this.#revocation(fact, at)
          break
        case 'end':
          this.#end(fact, at)
          break
        case 'genesis':
        case 'roster':
        case 'rates':
        case 'node':
        case 'receipt':
        case 'fences':
        case 'draw':
        case 'claim':
        case 'cancel':
        case 'seal':
      }
    }
  }

  #job({ job: signed }: Of<'job'>, { chain, seq, time }: At): void {
    const job = said(jobDocument, signed)
    const { count } = units(job)
    const project = job.project ?? null
    const number = this.#numberAt(time, chain)
    this.#database.run(
      `insert into jobs (number, chain, id, seq, time, publisher, name, project, units)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[number, chain, jobId(signed), seq, time, job.publisher, job.name, project, count],
    )
    for (const cid of dataOf(job)) this.#database.run('insert into data values (?, ?)', cid, number)
    if (project === null) return
    this.#database.run(
      `insert into projects (name, since) values (?, ?)
       on conflict do update set since = min(since, excluded.since)`,
      ...[project, time],
    )
    this.#database.run(
      'update projects set jobs = jobs + 1, open = open + 1, units = units + ? where name = ?',
      ...[count, project],
    )
  }

  #verdict({ job: id, unit, decided, receipts }: Of<'verdict'>, at: At): void {
    const { chain, seq } = at
    const job = this.#numberOf(id, chain)
    this.#database.run('insert into units values (?, ?, ?, ?)', job, unit, decided.type, seq)
    if (decided.type === 'accepted') this.#accepted(job, 1)
    else this.#sums.add('update jobs set dead = dead + ? where number = ?', 1, job)
    for (const signed of receipts) {
      const { slot, node } = said(receiptDocument, signed)
      this.#credits.own({ job, unit, slot }, { owner: this.#ownerOf(node, at), node }, at)
      const agrees = decided.type === 'accepted' && decided.agreeing.includes(slot)
      if (agrees) this.#credits.judged({ job, unit, slot }, 'agreed', at)
    }
    if (decided.type !== 'accepted') return
    for (const slot of new Set([...decided.struck, ...decided.banned])) {
      this.#credits.judged({ job, unit, slot }, 'wrong', at)
    }
  }

  #reopen({ job: id, unit }: Of<'reopen'>, { chain }: At): void {
    const job = this.#numberOf(id, chain)
    this.#database.run('delete from units where job = ? and unit = ?', job, unit)
    this.#accepted(job, -1)
  }

  #accepted(job: number, by: number): void {
    this.#sums.add('update jobs set accepted = accepted + ? where number = ?', by, job)
    this.#sums.add(
      `update projects set accepted = accepted + ?
       where name = (select project from jobs where number = ?)`,
      ...[by, job],
    )
  }

  #end({ job: id, as }: Of<'end'>, { chain, seq }: At): void {
    const job = this.#numberOf(id, chain)
    this.#database.run('update jobs set state = ?, ended = ? where number = ?', as, seq, job)
    this.#database.run(
      `update projects set open = open - 1
       where name = (select project from jobs where number = ?)`,
      job,
    )
    this.#database.run('delete from data where job = ?', job)
    this.#credits.end(job)
  }

  #delegation({ delegation }: Of<'delegation'>, { chain }: At): void {
    const { owner, node, issued, expires } = said(delegationDocument, delegation)
    this.#database.run(
      'insert or replace into delegations values (?, ?, ?, ?, ?)',
      ...[node, chain, owner, issued, expires],
    )
  }

  #revocation({ revocation }: Of<'revocation'>, { chain }: At): void {
    const { owner, node, issued } = said(revocationDocument, revocation)
    this.#database.run(
      `update delegations set expires = issued
       where node = ? and chain = ? and owner = ? and issued <= ?`,
      ...[node, chain, owner, issued],
    )
  }

  #ownerOf(node: string, { chain, time }: At): string {
    const sql = 'select owner from delegations where node = ? and chain = ? and ? < expires'
    return this.#database.one<{ owner: string }>(sql, node, chain, time)?.owner ?? node
  }

  #numberOf(id: string, chain: number): number {
    const sql = 'select number from jobs where id = ? and chain = ?'
    const row = this.#database.one<{ number: number }>(sql, id, chain)
    if (row === undefined) throw new Error(`a fact is of the job ${id}, which no entry has`)
    return row.number
  }

  /**
   * The number of a job that came at a time: so the newest of all chains is the highest. It is
   * behind that of the one before on its chain: to look from the time on would take the longer, the
   * more jobs a chain has dated alike.
   */
  #numberAt(time: number, chain: number): number {
    let from = Math.max(time * jobsPerMs, (this.#last.get(chain) ?? -1) + 1)
    for (;;) {
      const to = (Math.floor(from / jobsPerMs) + 1) * jobsPerMs
      const taken = this.#database.one<{ last: number | null }>(
        'select max(number) as last from jobs where number >= ? and number < ?',
        ...[from, to],
      )
      const next = (taken?.last ?? from - 1) + 1
      if (next < to) {
        this.#last.set(chain, next)
        return next
      }
      from = to
    }
  }
}

function said<T>(document: Document<T>, signed: Signed<T>): T {
  const opened = reopen(document, signed)
  if (!opened.ok) throw new Error(`an entry holds no ${document.domain}: ${opened.refusal.code}`)
  return opened.value
}
