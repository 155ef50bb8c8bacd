import { openStore, type Seen, type Store } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type ChainId,
  type Cut,
  cutSchema,
  decode,
  encode,
  type Infer,
  int,
  limits,
  open,
  optional,
  pledgeSchema,
  type Refusal,
  refuse,
  type Seal,
  type Signed,
  sealDocument,
  signedSchema,
  struct,
} from '@nexapod/specs'

const recordSchema = struct({
  epoch: int({ min: 0, max: limits.epochMax }),
  pledge: optional(pledgeSchema),
  signed: optional(cutSchema),
})

/** What a member has promised about the end of an epoch, and which cut it signed. */
export type Vow = Infer<typeof recordSchema>

const sealSchema = signedSchema(sealDocument, limits.rosterMax)
const utf8 = new TextEncoder()

/**
 * What a member must not forget, whatever becomes of its chains: what it has seen of those of the
 * others, what it has promised about their ends, and which seals there are. It is on the disk
 * before it is said.
 */
export class Memory implements AsyncDisposable {
  readonly #store: Store
  readonly #ended = new Map<ChainId, number>()
  readonly #hearers = new Set<() => void>()
  readonly #failed = Promise.withResolvers<Refusal>()
  #before: Promise<unknown> = Promise.resolve()

  private constructor(store: Store) {
    this.#store = store
  }

  /** Opens what was kept in a directory. */
  static async open(directory: string): Promise<Answer<Memory>> {
    const opened = await openStore({ directory })
    if (!opened.ok) return forgotten(directory, opened.refusal)
    const memory = new Memory(opened.value)
    const seals = await memory.seals()
    if (!seals.ok) {
      await memory[Symbol.asyncDispose]()
      return forgotten(directory, seals.refusal)
    }
    for (const { chain, epoch } of seals.value) memory.#ended.set(chain, epoch)
    return accept(memory)
  }

  /** Of each chain the last epoch of which a seal is known. */
  get ended(): ReadonlyMap<ChainId, number> {
    return this.#ended
  }

  /**
   * Resolves with the reason when nothing more can be kept. A member that cannot promise is of no
   * use to the others, and begun again it may be.
   */
  get failed(): Promise<Refusal> {
    return this.#failed.promise
  }

  /** Hears of each seal that is new, once it is kept. */
  on(hear: () => void): void {
    this.#hearers.add(hear)
  }

  /** What was cosigned last of a chain. */
  async seen(chain: ChainId): Promise<Answer<Seen | undefined>> {
    return this.#sure(await this.#store.gate.seen(chain))
  }

  /** Keeps what is about to be cosigned of a chain. */
  async see(chain: ChainId, seen: Seen): Promise<Answer<unknown>> {
    return this.#sure(await this.#store.gate.see(chain, seen))
  }

  /** One after the other: nothing may come between a look at what was promised and a word. */
  alone<T>(act: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const answer = this.#before.then(act, act)
    this.#before = answer
    return answer
  }

  /** What was promised about the end of an epoch. */
  async vow(chain: ChainId, epoch: number): Promise<Answer<Vow | undefined>> {
    const row = this.#sure(await this.#store.given(vowKey(chain)))
    if (!row.ok || row.value === undefined) return row.ok ? accept(undefined) : row
    const vow = decode(recordSchema, row.value)
    if (!vow.ok) throw new Error(`what was promised of ${chain} was written and is none`)
    return accept(vow.value.epoch === epoch ? vow.value : undefined)
  }

  /** Keeps what is promised about the end of an epoch; what was said of one before is over. */
  async keepVow(chain: ChainId, vow: Vow): Promise<Answer<unknown>> {
    const row = { key: vowKey(chain), value: encode(recordSchema, vow) }
    return this.#sure(await this.#store.give([row]))
  }

  /** The seal that ended an epoch, if one is known. */
  async seal(chain: ChainId, epoch: number): Promise<Answer<Signed<Seal> | undefined>> {
    const row = this.#sure(await this.#store.given(sealKey(chain, epoch)))
    if (!row.ok || row.value === undefined) return row.ok ? accept(undefined) : row
    const seal = decode(sealSchema, row.value)
    if (!seal.ok) throw new Error(`the seal of ${chain} was written and is none`)
    return accept(seal.value)
  }

  /** Every seal that is known, in the order of their epochs. */
  async seals(): Promise<Answer<readonly Seal[]>> {
    const seals: Seal[] = []
    for (const key of this.#store.givenKeys(utf8.encode('seal/'))) {
      const row = await this.#store.given(key)
      if (!row.ok) return row
      const seal = row.value && decode(sealSchema, row.value)
      const says = seal?.ok ? open(sealDocument, seal.value) : undefined
      if (!says?.ok) throw new Error('a seal was written and is none')
      seals.push(says.value)
    }
    return accept(seals.sort((a, b) => a.epoch - b.epoch))
  }

  /** Keeps a seal that a quorum has signed; what was seen beyond it counts no more. */
  async keepSeal(signed: Signed<Seal>): Promise<Answer<unknown>> {
    const seal = open(sealDocument, signed)
    if (!seal.ok) return seal
    const { chain, epoch } = seal.value
    const key = sealKey(chain, epoch)
    const known = this.#sure(await this.#store.given(key))
    if (!known.ok) return known
    if (known.value === undefined) {
      const value = encode(sealSchema, signed)
      const kept = this.#sure(await this.#store.give([{ key, value }]))
      if (!kept.ok) return kept
      this.#ended.set(chain, Math.max(epoch, this.#ended.get(chain) ?? 0))
      for (const hear of this.#hearers) hear()
    }
    // Also where it was known: a crash may have come between the two.
    return this.#sure(await this.#store.gate.sealed(chain, epoch))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
  }

  /** Once a write has failed nobody knows what is on the disk: what is read may not be there. */
  #sure<T>(answer: Answer<T>): Answer<T> {
    const { stopped } = this.#store
    if (stopped === undefined) return answer
    this.#failed.resolve(stopped)
    return { ok: false, refusal: stopped }
  }
}

/** Why it cannot be opened. No other has what of it is damaged, so that is for its operator. */
function forgotten(directory: string, refusal: Refusal): Answer<never> {
  if (refusal.code !== 'ledger.damaged') return { ok: false, refusal }
  const { at, detail } = refusal
  return refuse('ledger.forgotten', { at: directory, detail: `${at}: ${detail}` })
}

/** The cut that a seal says. */
export function cutOf({ size, head, successor }: Seal): Cut {
  return { size, head, successor }
}

function vowKey(chain: ChainId): Uint8Array {
  return utf8.encode(`vow/${chain}`)
}

function sealKey(chain: ChainId, epoch: number): Uint8Array {
  return utf8.encode(`seal/${chain}/${epoch}`)
}
