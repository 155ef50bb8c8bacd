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
import { Credits, type Tables } from './credits.ts'
import type { Database } from './database.ts'
import type { Sums } from './sums.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }

/** Puts what facts say into the tables. They were judged before they were written. */
export class Learning {
  readonly #database: Database
  readonly #sums: Sums
  readonly #credits: Credits

  constructor(tables: Tables) {
    this.#database = tables.database
    this.#sums = tables.sums
    this.#credits = new Credits(tables, (job) => this.#numberOf(job))
  }

  /** Takes the next entries. */
  learn(entries: readonly Entry[]): void {
    for (const entry of entries) this.#learn(entry)
    this.#sums.flush()
  }

  #learn({ facts, seq, time }: Entry): void {
    for (const fact of facts) {
      switch (fact.type) {
        case 'job':
          this.#job(fact, seq, time)
          break
        case 'verdict':
          this.#verdict(fact, seq, time)
          break
        case 'reopen':
          this.#reopen(fact)
          break
        case 'transfer':
          this.#credits.moved(fact, seq, time)
          break
        case 'delegation':
          this.#delegation(fact)
          break
        case 'revocation':
          this.#revocation(fact)
          break
        case 'end':
          this.#end(fact, seq)
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

  #job({ job: signed }: Of<'job'>, seq: number, time: number): void {
    const job = said(jobDocument, signed)
    const { count } = units(job)
    const project = job.project ?? null
    this.#database.run(
      `insert into jobs (id, seq, time, publisher, name, project, units)
       values (?, ?, ?, ?, ?, ?, ?)`,
      ...[jobId(signed), seq, time, job.publisher, job.name, project, count],
    )
    const number = this.#numberOf(jobId(signed))
    for (const cid of dataOf(job)) this.#database.run('insert into data values (?, ?)', cid, number)
    if (project === null) return
    this.#database.run(
      `insert into projects (name, since) values (?, ?) on conflict do nothing`,
      ...[project, time],
    )
    this.#database.run(
      'update projects set jobs = jobs + 1, open = open + 1, units = units + ? where name = ?',
      ...[count, project],
    )
  }

  #verdict({ job: id, unit, decided, receipts }: Of<'verdict'>, seq: number, time: number): void {
    const job = this.#numberOf(id)
    this.#database.run('insert into units values (?, ?, ?, ?)', job, unit, decided.type, seq)
    if (decided.type === 'accepted') this.#accepted(job, 1)
    else this.#sums.add('update jobs set dead = dead + ? where number = ?', 1, job)
    for (const signed of receipts) {
      const { slot, node } = said(receiptDocument, signed)
      this.#credits.own({ job, unit, slot }, { owner: this.#ownerOf(node, time), node }, time)
      const agrees = decided.type === 'accepted' && decided.agreeing.includes(slot)
      if (agrees) this.#credits.judged({ job, unit, slot }, 'agreed', time)
    }
    if (decided.type !== 'accepted') return
    for (const slot of new Set([...decided.struck, ...decided.banned])) {
      this.#credits.judged({ job, unit, slot }, 'wrong', time)
    }
  }

  #reopen({ job: id, unit }: Of<'reopen'>): void {
    const job = this.#numberOf(id)
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

  #end({ job: id, as }: Of<'end'>, seq: number): void {
    const job = this.#numberOf(id)
    this.#database.run('update jobs set state = ?, ended = ? where number = ?', as, seq, job)
    this.#database.run(
      `update projects set open = open - 1
       where name = (select project from jobs where number = ?)`,
      job,
    )
    this.#database.run('delete from data where job = ?', job)
    this.#credits.end(job)
  }

  #delegation({ delegation }: Of<'delegation'>): void {
    const { owner, node, issued, expires } = said(delegationDocument, delegation)
    this.#database.run(
      'insert or replace into delegations values (?, ?, ?, ?)',
      ...[node, owner, issued, expires],
    )
  }

  #revocation({ revocation }: Of<'revocation'>): void {
    const { owner, node, issued } = said(revocationDocument, revocation)
    this.#database.run(
      'update delegations set expires = issued where node = ? and owner = ? and issued <= ?',
      ...[node, owner, issued],
    )
  }

  #ownerOf(node: string, time: number): string {
    const sql = 'select owner from delegations where node = ? and ? < expires'
    return this.#database.one<{ owner: string }>(sql, node, time)?.owner ?? node
  }

  #numberOf(id: string): number {
    const row = this.#database.one<{ number: number }>('select number from jobs where id = ?', id)
    if (row === undefined) throw new Error(`a fact is of the job ${id}, which no entry has`)
    return row.number
  }
}

function said<T>(document: Document<T>, signed: Signed<T>): T {
  const opened = reopen(document, signed)
  if (!opened.ok) throw new Error(`an entry holds no ${document.domain}: ${opened.refusal.code}`)
  return opened.value
}
