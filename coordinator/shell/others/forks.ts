import { mkdir, open as openFile, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openFork } from '@nexapod/ledger'
import {
  type Answer,
  accept,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  decode,
  encode,
  type Fork,
  forkSchema,
  limits,
  refuse,
} from '@nexapod/specs'
import type { Log } from '../log.ts'

/** A proof that was opened, and what it proves. */
export interface Proven {
  readonly fork: Fork
  /** The chain and the epoch that are frozen, and the coordinator that signed two histories. */
  readonly says: Checkpoint
}

/** In which epoch a chain stands here, and who writes that. */
export interface Stand {
  readonly epoch: number
  readonly writer: CoordinatorId
}

/**
 * The proofs of forks that are known, on the disk, so that what was frozen stays so. Each proves
 * itself: what of a file does not open is worth nothing, and goes.
 */
export class Forks {
  /** In which epoch a chain stands here, if it does, and who writes that. */
  standOf: (chain: ChainId) => Stand | undefined = () => undefined
  readonly #directory: string
  readonly #log: Log
  /** By chain, the last epoch last. */
  readonly #proven = new Map<ChainId, Proven[]>()
  readonly #hearers = new Set<(proven: Proven) => void>()
  #kept: Promise<void> = Promise.resolve()

  private constructor(directory: string, log: Log) {
    this.#directory = directory
    this.#log = log
  }

  /** Opens what was known before. */
  static async open(directory: string, log: Log): Promise<Forks> {
    const forks = new Forks(directory, log)
    await mkdir(directory, { recursive: true })
    for (const name of (await readdir(directory)).sort()) {
      const path = join(directory, name)
      const read = decode(forkSchema, new Uint8Array(await readFile(path)))
      const opened = read.ok ? openFork(read.value) : read
      if (read.ok && opened.ok && nameOf(opened.value) === name) {
        forks.#know({ fork: read.value, says: opened.value })
      } else {
        log.warn({ path }, 'no proof of a fork')
        await rm(path, { recursive: true })
      }
    }
    return forks
  }

  /** The proof of the last epoch of a chain in which one is known. */
  of(chain: ChainId): Proven | undefined {
    return this.#proven.get(chain)?.at(-1)
  }

  /** Whether a chain that stands in an epoch is frozen: until a seal has ended the forked one. */
  isFrozen(chain: ChainId, epoch: number): boolean {
    const last = this.of(chain)
    return last !== undefined && last.says.epoch >= epoch
  }

  /** All that is known, for who shows it. */
  get all(): readonly Proven[] {
    return [...this.#proven.values()].flat()
  }

  /** Hears of each proof that is new, at once. */
  on(hear: (proven: Proven) => void): void {
    this.#hearers.add(hear)
  }

  /**
   * Takes a proof about who writes a chain; what another key signed says nothing of that, and would
   * keep its writer from writing. What it proves is frozen when this returns, and on the disk when
   * it resolves; with nothing where that was known, or so many are that another would tell nobody
   * more.
   */
  async take(fork: Fork): Promise<Answer<Proven | undefined>> {
    const opened = openFork(fork)
    if (!opened.ok) return opened
    const { chain, coordinator, epoch, size } = opened.value
    const stand = this.standOf(chain)
    if (stand?.epoch !== epoch || stand.writer !== coordinator) {
      return refuse('proof.false', { detail: `${coordinator} does not write epoch ${epoch}` })
    }
    const known = this.#proven.get(chain) ?? []
    const isKnown = known.some(({ says }) => says.epoch === epoch)
    const isFull = this.all.filter(({ says }) => says.coordinator === coordinator).length
    if (isKnown || isFull >= limits.forksOfOneMax) return accept(undefined)
    const proven = { fork, says: opened.value }
    this.#know(proven)
    this.#log.error({ chain, coordinator, epoch, size }, 'forked')
    for (const hear of this.#hearers) hear(proven)
    this.#kept = this.#kept.then(() => this.#keep(proven))
    await this.#kept
    return accept(proven)
  }

  #know(proven: Proven): void {
    const { chain } = proven.says
    const known = [...(this.#proven.get(chain) ?? []), proven]
    this.#proven.set(
      chain,
      known.sort((a, b) => a.says.epoch - b.says.epoch),
    )
  }

  /** There for good, or not at all. */
  async #keep({ fork, says }: Proven): Promise<void> {
    const path = join(this.#directory, nameOf(says))
    {
      await using file = await openFile(`${path}.part`, 'w')
      await file.writeFile(encode(forkSchema, fork))
      await file.sync()
    }
    await rename(`${path}.part`, path)
    await using folder = await openFile(this.#directory)
    await folder.sync()
  }
}

function nameOf({ chain, epoch }: Checkpoint): string {
  return `${chain}-${epoch}.fork`
}
