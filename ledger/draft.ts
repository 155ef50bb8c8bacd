import {
  type Answer,
  accept,
  assembleEntry,
  type Entry,
  encode,
  entryHeadBytesMax,
  type Fact,
  factSchema,
  limits,
} from '@nexapod/specs'
import type { Taken } from './chain/chain.ts'
import type { Lesson } from './fold/learn.ts'

/** Facts of which each follows from the state alone: neither who governs, nor their entry. */
export type Work = Extract<Fact, { readonly type: 'receipt' | 'verdict' | 'reopen' | 'transfer' }>

/** An entry that is being written: its facts are learnt as they come, so that others may follow. */
export class Draft {
  readonly #entry: Entry & { readonly facts: Fact[] }
  readonly #lesson: Lesson
  readonly #end: (entry: Entry, bytes: Uint8Array) => Answer<Taken>
  readonly #encoded: Uint8Array[] = []
  #bytes = entryHeadBytesMax

  /** \`end\` takes the entry into the chain, once all of it was learnt. */
  constructor(
    entry: Entry & { readonly facts: Fact[] },
    lesson: Lesson,
    end: (entry: Entry, bytes: Uint8Array) => Answer<Taken>,
  ) {
    this.#entry = entry
    this.#lesson = lesson
    this.#end = end
  }

  /** Its number in the chain. */
  get seq(): number {
    return this.#entry.seq
  }

  /** Adds facts that belong together; false if they are too many, and then nothing is done. */
  add(facts: readonly Work[]): Answer<boolean> {
    const encoded = facts.map((fact) => encode(factSchema, fact))
    const bytes = encoded.reduce((sum, fact) => sum + fact.length, this.#bytes)
    const count = this.#encoded.length + facts.length
    if (count > limits.entryFactsMax || bytes > limits.entryBytesMax) return accept(false)
    const learnt = this.#lesson.learn(facts)
    if (!learnt.ok) return learnt
    this.#entry.facts.push(...facts)
    this.#encoded.push(...encoded)
    this.#bytes = bytes
    return accept(true)
  }

  /** Ends the entry: it is the last of the chain. */
  end(): Answer<Taken> {
    const learnt = this.#lesson.end()
    if (!learnt.ok) return learnt
    return this.#end(this.#entry, assembleEntry(this.#entry, this.#encoded))
  }
}
