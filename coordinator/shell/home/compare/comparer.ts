import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Data } from '@nexapod/mesh'
import type { FileAt } from '@nexapod/node/executors'
import { type Cid, type JobId, limits, type Outcome } from '@nexapod/specs'
import type { Effect } from '../../../core/effect.ts'
import type { Event } from '../../../core/event.ts'
import type { Log } from '../../log.ts'
import type { Time } from '../../time.ts'
import { Checker, filesIn } from './checker.ts'
import { differ, type Laid, rulesOf } from './differing.ts'
import { type Execution, Held } from './held.ts'
import { Turns } from './turns.ts'

/** An outcome of a unit, and those that it may be equal to by the rules of their job. */
export type Comparison = Effect & { readonly type: 'compare' }
/** What the core is told of it. */
type Compared = Event & { readonly type: 'compared' }

/** What a comparer stands on. */
export interface ComparerGround {
  /** Where outputs are laid to be read. What is there is left of a process before, and goes. */
  readonly directory: string
  /** A store that nobody is shown anything of. */
  readonly apart: Data
  /** What the coordinator keeps: modules and inputs of jobs, and outputs that were accepted. */
  readonly kept: Data
  readonly time: Time
  readonly log: Log
}

/** Finds out which outcomes are equal, and right, by the rules of their jobs: see compare.md. */
export class Comparer implements AsyncDisposable {
  readonly #ground: ComparerGround
  readonly #gone: AbortSignal
  readonly #held: Held
  readonly #checker: Checker
  readonly #turns = new Turns(limits.comparisonsMax)
  readonly #running = new Set<Promise<unknown>>()

  constructor(ground: ComparerGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
    this.#held = new Held(ground)
    this.#checker = new Checker(ground.kept)
  }

  /** Goes on where a process before has ended. */
  async begin(isOpen: (id: JobId, unit: number) => boolean): Promise<void> {
    const { directory } = this.#ground
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true })
    await this.#held.release(isOpen)
  }

  /** A unit is decided: what was held for it may go. */
  async release(job: JobId, number: number): Promise<void> {
    await this.#held.release((id, unit) => id !== job || unit !== number)
  }

  /** What an outcome is; undefined if the process ends before that is known. */
  async compare(comparison: Comparison): Promise<Compared | undefined> {
    const comparing = this.#compare(comparison)
    this.#running.add(comparing)
    try {
      return await comparing
    } catch (cause) {
      if (this.#gone.aborted) return undefined
      throw cause
    } finally {
      this.#running.delete(comparing)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#checker[Symbol.asyncDispose]()
  }

  async #compare(comparison: Comparison): Promise<Compared> {
    const { id, unit, slot, node, outcome } = comparison
    const about = { type: 'compared', job: id, unit, slot } as const
    const no = (why: string): Compared => {
      this.#ground.log.warn({ job: id, unit, node, why }, 'refused')
      return { ...about, isRefused: true }
    }
    const execution = { id, unit, slot, nodes: [node] }
    if (!(await this.#has(comparison, execution, outcome))) return no('its outputs cannot be had')
    const denied = await this.#within((signal) => this.#denied(comparison, signal))
    if (denied !== undefined) return no(denied)
    for (const other of comparison.with) {
      const { nodes } = other
      await this.#has(comparison, { id, unit, slot: other.slot, nodes }, other.outcome)
      const how = await this.#within((signal) => this.#differ(comparison, other.outcome, signal))
      if (how === undefined) return { ...about, as: other.slot }
      this.#ground.log.info({ job: id, unit, slot, other: other.slot, how }, 'differs')
    }
    return about
  }

  /** Has all outputs here that a rule says something of; a checker may look at any. */
  async #has({ job }: Comparison, execution: Execution, { outputs }: Outcome): Promise<boolean> {
    const isChecked = job.compare.some(({ type }) => type === 'checker')
    const wanted = outputs.filter(({ path }) => isChecked || rulesOf(job, path).length > 0)
    return await this.#held.have(execution, wanted, this.#gone)
  }

  /** Does something in its turn, as long as it may take; what takes longer says no. */
  async #within(
    act: (signal: AbortSignal) => Promise<string | undefined>,
  ): Promise<string | undefined> {
    return await this.#turns.take(async () => {
      this.#gone.throwIfAborted()
      const signal = AbortSignal.any([this.#gone, AbortSignal.timeout(limits.compareMs)])
      return await act(signal).catch((cause: unknown) => {
        if (this.#gone.aborted || !signal.aborted) throw cause
        return 'it took too long'
      })
    })
  }

  /** Why a checker of the job denies an outcome, if one does. */
  async #denied(
    { id, job, unit, outcome }: Comparison,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const checkers = job.compare.flatMap((rule) => (rule.type === 'checker' ? [rule] : []))
    if (checkers.length === 0) return undefined
    const files: FileAt[] = []
    let left: number = limits.checkerBytesMax
    for (const { path, cid } of outcome.outputs) {
      const bounds = { bytesMax: left, blocksMax: limits.wasmInputFilesMax, signal }
      const read = await this.#held.storeOf(cid).exportTree(cid, bounds)
      if (!read.ok) return `${path}: ${read.refusal.code}`
      for (const file of filesIn(read.value)) {
        left -= file.bytes.length
        files.push({ path: file.path === '' ? path : `${path}/${file.path}`, bytes: file.bytes })
      }
    }
    for (const rule of checkers) {
      const denied = await this.#checker.denies({ id, job, unit, files }, rule, signal)
      if (denied !== undefined) return denied
    }
    return undefined
  }

  async #differ(
    { job, outcome }: Comparison,
    other: Outcome,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const scratch = await mkdtemp(join(this.#ground.directory, 'of-'))
    let number = 0
    const lay: Laid = async (root: Cid) => {
      const path = join(scratch, String(number++))
      const bounds = { bytesMax: limits.compareBytesMax, signal }
      const laid = await this.#held.storeOf(root).exportTo(path, root, bounds)
      return laid.ok ? path : undefined
    }
    try {
      return await differ(job, [outcome, other], [lay, lay], signal)
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }
}
