import {
  type Answer,
  accept,
  type Change,
  changeId,
  type Digest,
  type Entry,
  type Fact,
  type Opening,
  open,
  openChange,
  sha256,
  toHex,
} from '@nexapod/specs'
import type { Governance } from '../chain/stand.ts'
import { learnClaim } from './bridge.ts'
import { learnCancel, learnEnd, learnJob } from './jobs.ts'
import type { Learning } from './learning.ts'
import { learnTransfer } from './money.ts'
import { Owed } from './owed.ts'
import { learnDelegation, learnNode, learnRevocation } from './people.ts'
import { Broken, given, must } from './rule.ts'
import type { State } from './state.ts'
import { learnReopen, learnVerdict } from './verdicts.ts'
import { learnReceipt } from './votes.ts'

/**
 * Learns the facts of an entry: the one way in which a state changes. A fact that breaks a rule
 * takes the whole entry back. `governance` is what the chain has with this entry. Who has learnt
 * the entry before, and reads it again, may have its documents reopened instead of opened.
 */
export function learn(
  state: State,
  entry: Entry,
  governance: Governance,
  opening: Opening = open,
): Answer<State> {
  const lesson = new Lesson({ state, entry, governance, opening, owed: new Owed() })
  const learnt = lesson.learn(entry.facts)
  return learnt.ok ? lesson.end() : learnt
}

/** The facts of one entry on their way into the state: all of them stay there, or none. */
export class Lesson {
  readonly #learning: Learning
  readonly #learnt: Answer<State>

  constructor(learning: Learning) {
    this.#learning = learning
    this.#learnt = accept(learning.state)
  }

  /** Learns the next facts. A refusal ends the lesson, and takes back all that was learnt. */
  learn(facts: readonly Fact[]): Answer<State> {
    try {
      for (const fact of facts) learnFact(this.#learning, fact)
      return this.#learnt
    } catch (cause) {
      return this.#fallen(cause)
    }
  }

  /** Keeps what was learnt, if each fact has the others that belong to it. */
  end(): Answer<State> {
    const { state, owed } = this.#learning
    try {
      owed.end()
      state.tables.keep()
      return this.#learnt
    } catch (cause) {
      return this.#fallen(cause)
    }
  }

  #fallen(cause: unknown): Answer<never> {
    this.#learning.state.tables.takeBack()
    if (cause instanceof Broken) return { ok: false, refusal: cause.refusal }
    throw cause
  }
}

/** The root of a state: what a checkpoint says the entries add up to. */
export function stateRoot(state: State): Digest {
  return state.tables.root()
}

type Learner<T extends Fact['type']> = (
  learning: Learning,
  fact: Fact & { readonly type: T },
) => void

/** What is read with the chain. */
const nothing = () => {}

const learners: { readonly [T in Fact['type']]: Learner<T> } = {
  genesis: nothing,
  roster: learnChange,
  rates: learnChange,
  seal: nothing,
  node: learnNode,
  delegation: learnDelegation,
  revocation: learnRevocation,
  job: learnJob,
  receipt: learnReceipt,
  verdict: learnVerdict,
  reopen: learnReopen,
  transfer: learnTransfer,
  fences: learnFences,
  draw: learnDraw,
  claim: learnClaim,
  cancel: learnCancel,
  end: learnEnd,
}

function learnFact(learning: Learning, fact: Fact): void {
  const learner = learners[fact.type] as Learner<Fact['type']>
  learner(learning, fact)
}

/** Who governs is read with the chain: what is kept is where the change stands. */
function learnChange({ state, entry, opening }: Learning, change: Change): void {
  const { revision } = given(openChange(change, opening))
  state.changes.set(`${revision}`, { id: changeId(change), seq: entry.seq })
}

function learnFences({ state }: Learning, { below }: Fact & { type: 'fences' }): void {
  const meta = state.meta.get('') ?? { fences: 0 }
  must(below > meta.fences, 'a block of fences begins where the last one ended')
  state.meta.set('', { ...meta, fences: below })
}

function learnDraw({ state, entry }: Learning, { next, shown }: Fact & { type: 'draw' }): void {
  const meta = state.meta.get('') ?? { fences: 0 }
  const last = meta.draw
  if (shown === undefined) {
    // A successor does not know what its predecessor drew with.
    must(last === undefined || last.epoch < entry.epoch, 'each seed is shown when the next begins')
  } else {
    must(toHex(sha256(shown)) === last?.next, 'the seed shown is that committed')
  }
  state.meta.set('', { ...meta, draw: { next, epoch: entry.epoch } })
}
