import { Ledger, openCosigned, stateRoot } from '../../ledger/index.ts'
import {
  type Answer,
  accept,
  type ChainId,
  checkpointDocument,
  decode,
  entrySchema,
  open,
  type Refusal,
  refuse,
  type ToFollower,
} from '../../specs/index.ts'
import type { Happening } from './history.ts'

/** Times that a chain is told to be broken: then that is known. */
const brokenMax = 5
/** How long a chain that brought nothing is left alone. */
const quietMs = 20_000

/** One chain as it is read while everything runs: from one coordinator, and later from another. */
export class Reading {
  readonly chain: ChainId
  /** Whether somebody reads it just now, and when it is to be read again. */
  isBusy = false
  dueAt = 0
  /** Who served it last. */
  last: string | undefined
  readonly #say: (happening: Happening) => void
  #ledger = new Ledger()
  #signed = 0
  #brokenTimes = 0

  constructor(chain: ChainId, say: (happening: Happening) => void) {
    this.chain = chain
    this.#say = say
  }

  /** How many entries were read. */
  get size(): number {
    return this.#ledger.chain.tip?.size ?? 0
  }

  /** Nobody reads it any more: one that brought nothing since this size can wait. */
  rests(since: number, now: number): void {
    this.isBusy = false
    this.dueAt = this.size === since ? now + quietMs : now
  }

  /** Somebody has less: what no quorum had signed may have been cut off, and is read anew. */
  forget(): void {
    if (this.size <= this.#signed) return
    this.#ledger = new Ledger()
    this.#signed = 0
  }

  /** Takes what somebody served, and says what was read; what breaks a rule ends the turn. */
  async take(messages: readonly ToFollower[], from: string): Promise<Refusal | undefined> {
    for (const message of messages) {
      const read = this.#took(message, from)
      if (read.ok) {
        this.#signed = Math.max(this.#signed, read.value)
        continue
      }
      const { refusal } = read
      const { chain, size: seq } = this
      const epoch = epochOf(message)
      if (epoch !== undefined && epoch < (this.#ledger.chain.tip?.epoch ?? 0)) {
        this.#say({ type: 'ended-served', from, chain, epoch })
        return refusal
      }
      // What no quorum had signed may be cut off by a seal, and then it is read from the start.
      const isCut = refusal.code.startsWith('chain.') && seq > this.#signed
      const code = `${refusal.code} ${refusal.detail}`
      if (!isCut && ++this.#brokenTimes <= brokenMax) {
        this.#say({ type: 'broken', from, chain, seq, code })
      }
      this.#ledger = new Ledger()
      this.#signed = 0
      return refusal
    }
    return undefined
  }

  /** Takes a message; a checkpoint that a quorum has signed is a read, of that size. */
  #took(message: ToFollower, from: string): Answer<number> {
    const ledger = this.#ledger
    if (message.type === 'entry') {
      const taken = ledger.take(message.entry)
      return taken.ok ? accept(0) : taken
    }
    if (message.type !== 'checkpoint') return accept(0)
    const checked = ledger.chain.check(message.checkpoint)
    if (!checked.ok) return checked
    const { tip } = ledger.chain
    if (tip === undefined) throw new Error('a checkpoint was checked against nothing')
    if (checked.value.state !== stateRoot(ledger.state)) {
      return refuse('chain.checkpoint', { detail: 'another state' })
    }
    if (!openCosigned(tip.governance, message.checkpoint, message.cosignatures).ok) return accept(0)
    const { chain, epoch, size, head } = checked.value
    let sum = 0
    for (const [, { micro }] of ledger.state.balances.entries()) sum += micro
    this.#say({ type: 'read', from, chain, epoch, size, head, sum })
    return accept(size)
  }
}

/** The epoch that a message is of, if it is of one. */
function epochOf(message: ToFollower): number | undefined {
  if (message.type !== 'entry' && message.type !== 'checkpoint') return undefined
  const says =
    message.type === 'entry'
      ? decode(entrySchema, message.entry)
      : open(checkpointDocument, message.checkpoint)
  return says.ok ? says.value.epoch : undefined
}
