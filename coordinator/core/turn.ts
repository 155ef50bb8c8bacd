import type { Draft, Taken, Work } from '@nexapod/ledger'
import {
  type Acknowledgement,
  type Answer,
  type AnswerMessage,
  accept,
  acknowledgementDocument,
  type Document,
  type Fact,
  type FromCoordinator,
  type JobId,
  type Lease,
  leaseDocument,
  limits,
  type ReceiptId,
  type Refusal,
  type Signed,
  type Signer,
  sign,
  signBatch,
} from '@nexapod/specs'
import type { JobBook, Live, NodeBook } from './book.ts'
import { timeOf } from './chain-time.ts'
import type { Effect, News } from './effect.ts'
import type { Moment } from './event.ts'
import type { Row } from './row.ts'
import type { State } from './state.ts'

/** What is said to one node in a step. */
interface Said {
  readonly stream: number
  readonly messages: FromCoordinator[]
  readonly leases: Live[]
  readonly receipts: ReceiptId[]
  /** Jobs that it was told. */
  jobs: Set<JobId> | undefined
}

/** Fences that are reserved at once: some seconds of a busy coordinator. */
const fencesAtOnce = 16_384

/** One step under way: what it has written and what it will say, in an order that is safe. */
export class Turn {
  readonly state: State
  readonly at: number
  readonly time: number
  readonly #taken: Taken[]
  /** The entry that is being written. */
  #draft: Draft | undefined
  readonly #rows = new Map<string, Row | undefined>()
  readonly #said = new Map<number, Said>()
  readonly #acts: Effect[] = []
  /** What ends a stream comes after what is said on it. */
  readonly #ends: Effect[] = []
  #wakeAt = Number.POSITIVE_INFINITY

  /** A step, with what was written before it and goes with it. */
  constructor(state: State, { at, time }: Moment, taken: readonly Taken[] = []) {
    this.#taken = [...taken]
    this.state = state
    this.at = at
    this.time = timeOf(state, { at, time })
  }

  /** How many entries the chain has, with those of this step. */
  get size(): number {
    const size = this.state.ledger.chain.tip?.size ?? 0
    return this.#draft === undefined ? size : size + 1
  }

  /**
   * Writes facts as an entry of their own and learns them; gives its place in the chain. What the
   * ledger refuses here is a mistake of ours: everything was looked at before.
   */
  write(facts: readonly Fact[]): number {
    this.#endDraft()
    const taken = learnt(this.state.ledger.write(facts, this.time), facts)
    this.#taken.push(taken)
    return taken.entry.seq
  }

  /** The same of facts that somebody brought: what the ledger refuses was not written. */
  attempt(facts: readonly Fact[]): Answer<number> {
    this.#endDraft()
    const taken = this.state.ledger.write(facts, this.time)
    if (!taken.ok) return taken
    this.#taken.push(taken.value)
    return accept(taken.value.entry.seq)
  }

  /**
   * The same of what comes often, and follows from the state alone: what belongs together stands
   * in one entry, and with it as much else of this moment as one holds.
   */
  note(facts: readonly Work[]): number {
    if (this.#draft !== undefined && learnt(this.#draft.add(facts), facts)) return this.#draft.seq
    this.#endDraft()
    this.#draft = this.state.ledger.draft(this.time)
    if (learnt(this.#draft.add(facts), facts)) return this.#draft.seq
    throw new Error(`${facts.length} facts that no entry has room for`)
  }

  #endDraft(): void {
    const draft = this.#draft
    this.#draft = undefined
    if (draft !== undefined) this.#taken.push(learnt(draft.end(), []))
  }

  /** The next fence; a block of them is on the disk before the first of it is given. */
  fence(): number {
    const { state } = this
    if (state.fence >= state.fencesBelow) {
      state.fencesBelow = state.fence + fencesAtOnce
      this.write([{ type: 'fences', below: state.fencesBelow }])
    }
    return state.fence++
  }

  /** Keeps a row beside the chain, or lets it go. */
  keep(name: string, row?: Row): void {
    this.#rows.set(name, row)
  }

  /** Says something to a node, if it is there: nothing is said before its hello was answered. */
  say({ stream, welcomed }: NodeBook, message: FromCoordinator): void {
    if (stream !== undefined && welcomed) this.#on(stream).messages.push(message)
  }

  /** Says something on a stream on which nobody was welcomed yet. */
  sayOn(stream: number, message: FromCoordinator): void {
    this.#on(stream).messages.push(message)
  }

  /** Tells a node a job, once however often it asks in a step. */
  tellJob({ stream }: NodeBook, { id, signed }: JobBook): void {
    if (stream === undefined) return
    const said = this.#on(stream)
    said.jobs ??= new Set()
    if (!said.jobs.has(id)) said.messages.push({ type: 'job', job: signed })
    said.jobs.add(id)
  }

  /** Gives a lease: those of a step are signed at once. */
  lease(live: Live): void {
    const { stream } = live.node
    if (stream !== undefined) this.#on(stream).leases.push(live)
  }

  /** Tells a node that its receipt is on the disk, when it is. */
  acknowledge({ stream }: NodeBook, receipt: ReceiptId): void {
    if (stream !== undefined) this.#on(stream).receipts.push(receipt)
  }

  hangUp(stream: number, refusal?: Refusal): void {
    this.#ends.push({ type: 'hangUp', stream, ...(refusal === undefined ? {} : { refusal }) })
  }

  answer(call: number, answer: AnswerMessage): void {
    this.#acts.push({ type: 'answer', call, answer })
  }

  act(effect: Effect): void {
    this.#acts.push(effect)
  }

  tell(news: News): void {
    this.#acts.push({ type: 'tell', news })
  }

  /** Something is to be looked at again at a time, at the latest. */
  wake(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at)
  }

  /** All effects in their order: what was written comes before what is said. */
  end(): readonly Effect[] {
    const { state } = this
    this.#endDraft()
    const effects: Effect[] = []
    if (this.#taken.length + this.#rows.size > 0) {
      const rows = Array.from(this.#rows, ([name, row]) => (row ? { name, row } : { name }))
      effects.push({ type: 'append', taken: this.#taken, rows })
    }
    this.#speak(effects)
    effects.push(...this.#acts, ...this.#ends)
    const wake = Math.min(this.#wakeAt, state.timers.next)
    // What was asked for and is due has come, or is about to: it is asked for anew.
    const isNew = wake !== state.wakeAt || wake <= this.at
    if (isNew && wake < Number.POSITIVE_INFINITY) {
      effects.push({ type: 'wake', at: wake })
    }
    state.wakeAt = wake
    return effects
  }

  /** What is said to each: leases of a step are signed at once, and so is what is acknowledged. */
  #speak(effects: Effect[]): void {
    const { signer } = this.state.setting
    const leases: Lease[] = []
    const acknowledged: Acknowledgement[] = []
    for (const said of this.#said.values()) {
      for (const live of said.leases) {
        // One that was taken back in the same step was never given.
        if (!live.over) leases.push(this.#leaseOf(live))
      }
      this.#acknowledgeTo(said, acknowledged)
    }
    const given = allSigned(leaseDocument, leases, signer)
    const signed = allSigned(acknowledgementDocument, acknowledged, signer)
    let [lease, acknowledgement] = [0, 0]
    for (const { stream, messages, leases: all, receipts } of this.#said.values()) {
      for (let i = 0; i < receipts.length; i += limits.perFrameMax) {
        messages.push({ type: 'acknowledge', acknowledgement: at(signed, acknowledgement++) })
      }
      for (const live of all) {
        if (live.over) continue
        const one = at(given, lease++)
        live.body = one.body
        messages.push({ type: 'lease', lease: one })
      }
      if (messages.length > 0) effects.push({ type: 'send', stream, messages })
    }
  }

  #leaseOf({ unit, slot, epoch, fence, node }: Live): Lease {
    const { coordinator, chain } = this.state
    return {
      v: 1,
      chain,
      coordinator,
      job: unit.job.id,
      unit: unit.number,
      slot,
      epoch,
      fence,
      node: node.id,
      issued: this.time,
      leaseMs: limits.leaseMs,
    }
  }

  /** Adds what acknowledges the receipts of one node, in as many parts as they need. */
  #acknowledgeTo({ receipts }: Said, all: Acknowledgement[]): void {
    const { chain, epoch, coordinator } = this.state
    for (let i = 0; i < receipts.length; i += limits.perFrameMax) {
      const part =
        receipts.length <= limits.perFrameMax ? receipts : receipts.slice(i, i + limits.perFrameMax)
      all.push({ v: 1, chain, epoch, coordinator, size: this.size, receipts: part })
    }
  }

  #on(stream: number): Said {
    let said = this.#said.get(stream)
    if (said === undefined) {
      said = { stream, messages: [], leases: [], receipts: [], jobs: undefined }
      this.#said.set(stream, said)
    }
    return said
  }
}

/** What the ledger made of facts, which it has to take. */
function learnt<T>(answer: Answer<T>, facts: readonly Fact[]): T {
  if (answer.ok) return answer.value
  const { code, detail } = answer.refusal
  const kinds = facts.map(({ type }) => type).join(', ')
  throw new Error(`a coordinator wrote ${kinds}: ${code}, ${detail}`)
}

/** Signs documents: many with one signature. */
function allSigned<T>(document: Document<T>, values: readonly T[], signer: Signer): Signed<T>[] {
  const [only] = values
  if (values.length < 2) return only === undefined ? [] : [sign(document, only, signer)]
  if (values.length <= limits.batchMax) return signBatch(document, values, signer)
  const signed: Signed<T>[] = []
  for (let i = 0; i < values.length; i += limits.batchMax) {
    signed.push(...signBatch(document, values.slice(i, i + limits.batchMax), signer))
  }
  return signed
}

/** What was signed for a message: as many as there are messages. */
function at<T>(signed: readonly Signed<T>[], i: number): Signed<T> {
  return signed[i] as Signed<T>
}
