import { type Answer, accept, type EncodedFacts, type Entry, type Fact } from '@nexapod/specs'
import type { Taken } from './chain/chain.ts'
import type { Lesson } from './fold/learn.ts'

/** Facts of which each follows from the state alone: neither who governs, nor their entry. */
export type Work = Extract<Fact, { readonly type: 'receipt' | 'verdict' | 'reopen' | 'transfer' }>

/** An entry that is being written: its facts are learnt as they come, so that others may follow. */
export class Draft {
  readonly #entry: Entry & { readonly facts: Fact[] }
  readonly #encoded: EncodedFacts
  readonly #lesson: Lesson
  readonly #end: (entry: Entry, bytes: Uint8Array) => Answer<Taken>

  /** `encoded` is where its facts are put; `end` takes it into the chain, once all was learnt. */
  constructor(
    entry: Entry & { readonly facts: Fact[] },
    encoded: EncodedFacts,
    lesson: Lesson,
    end: (entry: Entry, bytes: Uint8Array) => Answer<Taken>,
  ) {
    this.#entry = entry
    this.#encoded = encoded
    this.#lesson = lesson
    this.#end = end
  }

  /** Its number in the chain. */
  get seq(): number {
    return this.#entry.seq
  }

  /** Adds facts that belong together; false if they are too many, and then nothing is done. */
  add(facts: readonly Work[]): Answer<boolean> {
    if (!this.#encoded.add(facts)) return noRoom
    const learnt = this.#lesson.learn(facts)
    if (!learnt.ok) return learnt
    for (const fact of facts) this.#entry.facts.push(fact)
    return added
  }

  /** Ends the entry: it is the last of the chain. */
  end(): Answer<Taken> {
    const learnt = this.#lesson.end()
    if (!learnt.ok) return learnt
    return this.#end(this.#entry, this.#encoded.entry(this.#entry))
  }
}

const added = accept(true)
const noRoom = accept(false)
