import { type Named, rowSchema, rowsFrom } from '../../../coordinator/index.ts'
import { Ledger, stateRoot } from '../../../ledger/index.ts'
import {
  type AnswerMessage,
  type ChainId,
  type Fact,
  type NodeId,
  type Question,
  reopen,
  type Seal,
  sealDocument,
  sign,
} from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import { noon, type Writer } from './cast.ts'
import { Copy } from './copy.ts'
import { Disk, type damages } from './disk.ts'
import { about, between, chanceOf } from './draws.ts'
import { Life } from './life.ts'
import type { Host, Place, WorkEnd, WriterEnd } from './network.ts'
import type { Scene } from './scene.ts'

type Row = NonNullable<Named['row']>

/** A coordinator of the mesh: its disk, what it follows of others, and one process at a time. */
export class Coordinator implements Host {
  readonly writer: Writer
  readonly place: Place
  readonly chance: Chance
  readonly disk: Disk<Row>
  readonly copies = new Map<ChainId, Copy>()
  life: Life | undefined
  readonly #scene: Scene
  #others: readonly Coordinator[] = []
  /** The process before this one, as long as its disk is believed. */
  #former: Life | undefined
  /** Whether its disk broke: then it may go on in the next epoch only. */
  #isBroken = false
  /** The last seal of its chain, and the size that the chain goes on from. */
  #seal: { readonly size: number; readonly fact: Fact & { readonly type: 'seal' } } | undefined

  constructor(scene: Scene, writer: Writer) {
    this.#scene = scene
    this.writer = writer
    this.place = { name: writer.name, network: writer.name }
    this.chance = chanceOf(scene.seed, writer.name)
    this.disk = new Disk<Row>(scene.clock, chanceOf(scene.seed, `${writer.name} disk`), rowSchema)
  }

  /** Who else is of the roster. */
  meet(others: readonly Coordinator[]): void {
    this.#others = others
    for (const { writer } of others) {
      this.copies.set(writer.chain, new Copy(this.#scene.open, this.writer.signer))
    }
  }

  get isUp(): boolean {
    return this.life !== undefined
  }

  opened(end: WorkEnd, node: NodeId, network: string): void {
    this.life?.opened(end, node, network)
  }

  followed(end: WriterEnd): void {
    this.life?.followed(end)
  }

  asked(question: Question, answer: (answer: AnswerMessage) => void): void {
    this.life?.asked(question, answer)
  }

  /** Begins, or begins again with what the disk has. */
  start(): void {
    if (this.life !== undefined) return
    const found = this.#isBroken ? undefined : this.disk.recover()
    if (found === undefined) {
      this.#isBroken = true
      this.#startSealed()
      return
    }
    this.#begin(found.entries, found.rows)
  }

  /** The process is gone; what it had not synced may be gone too. */
  crash(): void {
    const { life } = this
    if (life === undefined) return
    this.life = undefined
    this.#former = life
    life.end()
    for (const copy of this.copies.values()) copy.crash()
    this.#scene.network.drop(this.place.name)
    this.disk.crash()
  }

  /**
   * Breaks something on the disk, which is noticed at the next start; false if nobody could mend
   * it: what no quorum has a copy of cannot be had again, and an epoch is sealed once.
   */
  damage(kind: (typeof damages)[number]): boolean {
    const covered = this.#scene.watch.coveredOf(this.writer)
    if (this.#others.length === 0 || covered <= (this.#seal?.size ?? 0)) return false
    return this.disk.damage(kind)
  }

  #begin(entries: readonly Uint8Array[], rows: readonly Named[]): void {
    const { writer } = this
    const { ledger } = this.#read(entries)
    this.#scene.watch.began(writer, entries.length)
    const seal = this.#seal?.size === entries.length ? this.#seal.fact : undefined
    const first = entries.length === 0 ? writer.genesis : seal
    this.life = new Life(this.#scene, this, { ledger, entries }, rows, first)
    for (const other of this.#others) this.#follow(other, this.life)
  }

  /** Folds its own entries again, and holds what comes of it against what was known before. */
  #read(entries: readonly Uint8Array[]): { readonly ledger: Ledger; readonly rows: Named[] } {
    const ledger = new Ledger(reopen)
    const rows: Named[] = []
    const former = this.#former
    for (const [i, bytes] of entries.entries()) {
      const taken = ledger.take(bytes)
      if (!taken.ok) {
        const { code, detail } = taken.refusal
        throw new Error(`entry ${i} was written and is refused: ${code} ${detail}`)
      }
      rows.push(...rowsFrom(taken.value.entry))
      const root = former?.roots.get(i + 1)
      if (root !== undefined && root !== stateRoot(ledger.state)) {
        throw new Error(`with entry ${i} the state is another than it was when it was written`)
      }
    }
    const isWhole = former !== undefined && former.entries.length === entries.length
    if (isWhole && stateRoot(former.ledger.state) !== stateRoot(ledger.state)) {
      throw new Error('the recovered state is not the living one')
    }
    return { ledger, rows }
  }

  /**
   * Most rows beside the chain are gone with the disk: receipts are sealed that it cannot open. So
   * the others end the epoch where the longest of their copies ends, and it goes on in the next.
   */
  #startSealed(): void {
    const { writer } = this
    const { clock } = this.#scene
    if (!this.#others.every((other) => other.isUp || other.#isBroken)) {
      clock.after(about(this.chance, 3000), () => this.start())
      return
    }
    const copies = this.#others.map((other) => other.copies.get(writer.chain) as Copy)
    const longest = copies.reduce((a, b) => (b.size > a.size ? b : a))
    const entries = longest.entries.slice(0, longest.size)
    const { ledger, rows } = this.#read(entries)
    const { stand } = ledger.chain
    if (stand === undefined) throw new Error('a disk broke before anybody had a copy of it')
    const { chain, epoch, size, head } = stand
    const signers = this.#others.map((other) => other.writer).sort((a, b) => (a.id < b.id ? -1 : 1))
    const seal: Seal = {
      v: 1,
      chain,
      epoch,
      size,
      head,
      successor: writer.id,
      issued: noon + clock.at,
      signers: signers.map(({ id }) => id),
    }
    for (const copy of copies) copy.seal(epoch, entries)
    const signed = sign(sealDocument, seal, ...signers.map(({ signer }) => signer))
    this.#seal = { size, fact: { type: 'seal', seal: signed } }
    this.#former = undefined
    this.#isBroken = false
    this.disk.rebuild(entries, rows)
    this.#scene.watch.sealed(writer, size)
    this.#begin(entries, rows)
  }

  /** Follows another as long as this life lasts. */
  #follow(other: Coordinator, life: Life): void {
    const { clock, network } = this.#scene
    const copy = this.copies.get(other.writer.chain) as Copy
    const isOver = () => this.life !== life
    const again = () => {
      clock.after(about(this.chance, 500), () => {
        if (!isOver()) this.#follow(other, life)
      })
    }
    const end = network.follow(this.place, other.writer.id, {
      opened: () => end.say([{ has: copy.size }]),
      hear: (pushes) => {
        for (const push of pushes) {
          if (isOver()) return
          if (!copy.take(push)) {
            end.hangUp()
            again()
            return
          }
          clock.after(between(this.chance, 1, 20), () => {
            if (isOver()) return
            copy.keep()
            const cosignature = copy.cosign(push.checkpoint, noon + clock.at)
            end.say([{ has: copy.size, ...(cosignature === undefined ? {} : { cosignature }) }])
          })
        }
      },
      closed: again,
    })
  }
}
