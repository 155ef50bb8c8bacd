import type { Job, NodeId } from '../../../specs/index.ts'
import { resultId } from '../../../specs/index.ts'
import type { Company } from './company.ts'
import { kindOf, type Results, right } from './results.ts'
import type { Said } from './tally.ts'
import { violated } from './violation.ts'

/** How good a node is. */
export interface Known {
  readonly name: string
  readonly honest: boolean
  readonly network: string
  /** Whether all that its core says is really said. */
  readonly speaks: boolean
  /** Whether it may err by itself. */
  readonly errs: boolean
}

/** Kinds of jobs of which an honest machine can be wrong. */
const doubtful: ReadonlySet<string> = new Set(['random', 'platform', 'noisy'])

/** Holds what verdicts say against what is true, which only the maker of the world knows. */
export class Truth {
  /** Units that were accepted with a wrong result: a plain quorum of liars may bring it about. */
  wrong = 0
  readonly #results: Results
  readonly #company: Company
  readonly #known: ReadonlyMap<NodeId, Known>

  constructor(results: Results, company: Company, known: ReadonlyMap<NodeId, Known>) {
    this.#results = results
    this.#company = company
    this.#known = known
  }

  judged({ job: { job }, id, unit, tally, decided }: Said): void {
    if (decided.type !== 'accepted') return
    const { outcome, struck, banned } = decided
    const meaning = this.#results.meaning(outcome)
    this.#company.accepted.set(`${id}/${unit}`, meaning)
    const isWrong = !doubtful.has(kindOf(job)) && meaning !== right.says
    if (isWrong) {
      this.wrong++
      if (job.replicas === undefined) violated(`${job.name} unit ${unit}: ${meaning} is accepted`)
    }
    const result = resultId(this.#results.manifest(job, id, unit, right).outcome)
    for (const slot of banned) {
      const who = this.#knownAt(tally.votes.get(slot)?.node)
      if (who?.honest) violated(`${who.name} is banned, and is honest`)
    }
    for (const slot of struck) {
      const vote = tally.votes.get(slot)
      const who = this.#knownAt(vote?.node)
      if (who === undefined || !who.honest || isWrong || mayErr(job)) continue
      if (vote?.result === result) violated(`${who.name} is struck for what is right`)
      if (!who.errs) violated(`${who.name} is struck, and never errs`)
    }
  }

  #knownAt(node: NodeId | undefined): Known | undefined {
    return node === undefined ? undefined : this.#known.get(node)
  }
}

function mayErr(job: Job): boolean {
  return doubtful.has(kindOf(job))
}
