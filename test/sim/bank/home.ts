import {
  begin,
  type Deed,
  type Effect,
  type Event,
  type Named,
  type Over,
  rowsFrom,
  type Setting,
  type State,
  step,
  usualRules,
} from '../../../coordinator/index.ts'
import { stateRoot } from '../../../ledger/index.ts'
import {
  type AnswerMessage,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  decode,
  entrySchema,
  open,
  reopen,
  type Signed,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import { noon } from './cast.ts'
import { readAgain, Scroll } from './scroll.ts'

/** A checkpoint, and who has cosigned it so far. */
export interface Stood {
  readonly size: number
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
  readonly witnesses: readonly Signer[]
}

/** A chain where it is written: the core of a coordinator, without nodes. */
export class Home {
  readonly chain: ChainId
  readonly epoch: number
  readonly scroll: Scroll
  /** What it signed last, and what a quorum has cosigned last. */
  stood: Stood | undefined
  covered: Stood | undefined
  readonly #signer: Signer
  readonly #state: State
  readonly #answers = new Map<number, AnswerMessage>()
  #calls = 0
  /** What audits are drawn by: it is beside the chain. */
  #seed: Named | undefined
  #at: number

  /** Begins a chain, or goes on with what is held of it after its seal. */
  constructor(signer: Signer, first: Setting['first'], at: number, held?: Scroll, seed?: Named) {
    this.#signer = signer
    this.#at = at
    this.scroll = held ?? new Scroll(reopen)
    const { ledger, entries } = this.scroll
    const secret = new Uint8Array(32).fill(1 + (at % 250))
    const rules = { ...usualRules, jobsMax: 1_000_000 }
    const setting = { signer, open, secret, rules, ...(first === undefined ? {} : { first }) }
    const rows = entries.flatMap((bytes) => {
      const entry = decode(entrySchema, bytes)
      return entry.ok ? rowsFrom(entry.value) : []
    })
    if (seed !== undefined) rows.push(seed)
    const begun = begin(setting, ledger, rows, { at, time: noon + at })
    this.#state = begun.state
    this.chain = begun.state.chain
    this.epoch = begun.state.epoch
    this.#perform(begun.effects)
  }

  /** The same chain as it is now, written once more by the same key: another history of it. */
  twin(at: number): Home {
    const { entries, size } = this.scroll
    const held = readAgain(entries, size, reopen)
    return new Home(this.#signer, undefined, at, held, this.#seed)
  }

  /** Asks all of this in one moment; an answer for each. */
  ask(deeds: readonly Deed[], at: number): AnswerMessage[] {
    const first = this.#calls
    this.#calls += deeds.length
    this.#step(
      deeds.map((question, i): Event => ({ type: 'asked', call: first + i, question })),
      at,
    )
    return deeds.map((_, i) => {
      const answer = this.#answers.get(first + i)
      if (answer === undefined) throw new Error('a question was not answered')
      this.#answers.delete(first + i)
      return answer
    })
  }

  /** Of another chain a fork is known, or a seal. */
  over(over: Over): void {
    this.#step([{ type: 'over', ...over }], this.#at)
  }

  /** Time passes: what is due comes. */
  pass(at: number): void {
    this.#step([{ type: 'tick' }], at)
  }

  /** Signs where the chain stands. */
  stand(): Stood {
    const { ledger, size } = this.scroll
    if (this.stood?.size === size) return this.stood
    const { chain, epoch, head } = ledger.chain.tip as NonNullable<typeof ledger.chain.tip>
    const says: Checkpoint = {
      ...{ v: 1, chain, epoch, size, head, time: noon + this.#at },
      coordinator: this.#signer.id as CoordinatorId,
      root: ledger.chain.root(),
      state: stateRoot(ledger.state),
    }
    const checkpoint = sign(checkpointDocument, says, this.#signer)
    this.stood = { size, checkpoint, cosignatures: [], witnesses: [] }
    return this.stood
  }

  /** A witness has cosigned where it stands. */
  cosigned(cosignature: Signed<Cosignature>, witness: Signer, isQuorum: boolean): void {
    const stood = this.stand()
    const cosignatures = [...stood.cosignatures, cosignature]
    this.stood = { ...stood, cosignatures, witnesses: [...stood.witnesses, witness] }
    if (!isQuorum) return
    this.covered = this.stood
    const { size, checkpoint } = stood
    this.#step([{ type: 'cosigned', size, checkpoint, cosignatures }], this.#at)
  }

  #step(events: readonly Event[], at: number): void {
    this.#at = Math.max(this.#at, at)
    this.#perform(step(this.#state, { at: this.#at, time: noon + this.#at }, events))
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'answer') this.#answers.set(effect.call, effect.answer)
      if (effect.type !== 'append') continue
      this.#seed = effect.rows.find(({ row }) => row?.type === 'seed') ?? this.#seed
      for (const taken of effect.taken) this.scroll.put(taken)
    }
  }
}
