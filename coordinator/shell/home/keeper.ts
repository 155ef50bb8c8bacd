import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Data, throwing } from '@nexapod/mesh'
import {
  type Cid,
  decode,
  entrySchema,
  type Fact,
  type JobId,
  limits,
  type NodeId,
  type PeerId,
  receiptDocument,
  reopen,
} from '@nexapod/specs'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'
import type { Feed, Numbered } from './feed.ts'
import { type Noted, notedIn } from './noted.ts'

/** Pins of results begin with this; their job and a number follow. */
const pinned = 'result/'

/** When what nobody had is asked for again: nodes come back, after a restart within a second. */
const againMs = 1000
/** How often: the pauses double, so that the last is of a day. */
const triesMax = 16
/** How often it is looked whether results have been kept for long enough. */
const sweepMs = 3_600_000

/** How often it is noted how far it is: what is looked at again after a crash does no harm. */
const noteMs = 250

/** What a file may be longer with the blocks that hold it together. */
const around = { share: 1.02, bytes: 64 * 1024 }

/** An output of an accepted unit, and who has it. */
interface Output {
  readonly job: JobId
  readonly unit: number
  readonly root: Cid
  readonly bytesMax: number
  readonly nodes: readonly NodeId[]
  /** The entry of its verdict. */
  readonly seq: number
  /** How often nobody had it, and when it is asked for again. */
  tries: number
  due: number
}

/** What a keeper stands on. */
export interface KeeperGround {
  /** Where it notes how far it is. */
  readonly directory: string
  readonly data: Data
  readonly feed: Feed
  readonly time: Time
  readonly log: Log
  /** Who else may have what a node gave: who wrote the chain before. */
  others(): readonly PeerId[]
  /** The entry in which a job ended; none if it has not. */
  endedIn(job: JobId): number | undefined
}

/**
 * Keeps what accepted units gave: it is fetched from the nodes that agreed as soon as the verdict
 * is on the disk, and stays until its publisher has had the time to take it.
 */
export class Keeper implements AsyncDisposable {
  readonly #ground: KeeperGround
  readonly #gone: AbortSignal
  readonly #missing = new Set<Output>()
  /** Of those that were missing, which are asked for at this moment. */
  #asked: readonly Output[] = []
  #looking: Promise<void> = Promise.resolve()
  /** Entries below this have been looked at. */
  #size = 0
  #grown = Promise.withResolvers<void>()
  #running: Promise<void> = Promise.resolve()
  #notedAt = Number.NEGATIVE_INFINITY
  #sweptAt = Number.NEGATIVE_INFINITY
  #cancel = () => {}

  constructor(ground: KeeperGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
  }

  /** Goes on where it was, from now on until its signal. */
  async begin(): Promise<void> {
    const { size, missing } = await this.#noted()
    this.#size = size
    for (const seq of missing) await this.#missAgain(seq)
    this.#running = this.#run()
    throwing(this.#running)
    this.#lookSoon()
  }

  /** Resolves when the outputs of all verdicts below a size are here, or have been waited for. */
  async kept(size: number): Promise<void> {
    const late = Promise.withResolvers<'late'>()
    const cancel = this.#ground.time.after(limits.keepMs, () => late.resolve('late'))
    const isKept = () => this.#size >= size && this.#lacking.every(({ seq }) => seq >= size)
    while (!isKept() && !this.#gone.aborted) {
      if ((await Promise.race([this.#grown.promise, late.promise])) === 'late') break
    }
    cancel()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel()
    this.#grown.resolve()
    await Promise.all([this.#running, this.#looking])
    await this.#note()
  }

  async #run(): Promise<void> {
    for await (const page of this.#ground.feed.entries(this.#size, this.#gone)) {
      if (!page.ok) {
        this.#ground.log.error({ refusal: page.refusal }, 'results are not kept any more')
        return
      }
      await this.#keep(page.value.flatMap(outputsOf), page.value[0]?.seq ?? this.#size)
      if (this.#gone.aborted) return
      this.#size += page.value.length
      if (this.#ground.time.now() >= this.#notedAt + noteMs) await this.#note()
      this.#tell()
    }
  }

  /** Something is kept that was not before. */
  #tell(): void {
    const grown = this.#grown
    this.#grown = Promise.withResolvers()
    grown.resolve()
  }

  /** Fetches outputs, from all nodes at once and from each one after the other, and pins them. */
  async #keep(outputs: readonly Output[], from: number): Promise<void> {
    let left = outputs
    for (let turn = 0; left.length > 0; turn++) {
      const byNode = new Map<PeerId, Output[]>()
      for (const output of left) {
        const { nodes, unit } = output
        const others = this.#ground.others()
        const isOfNodes = turn < nodes.length
        const node = isOfNodes ? nodes[(unit + turn) % nodes.length] : others[turn - nodes.length]
        if (node === undefined) this.#miss(output)
        else byNode.set(node, [...(byNode.get(node) ?? []), output])
      }
      const failed = [...byNode].map(([node, some]) => this.#fetch(node, some))
      left = (await Promise.all(failed)).flat()
    }
    // What was not asked for any more is not here.
    if (this.#gone.aborted) return
    await this.#pin(
      outputs.filter((output) => !this.#missing.has(output)),
      from,
    )
  }

  /** Fetches outputs from a node; gives those that it did not have. */
  async #fetch(node: PeerId, outputs: readonly Output[]): Promise<readonly Output[]> {
    const failed: Output[] = []
    const wanted = outputs.map(({ root: cid, bytesMax }) => ({ cid, bytesMax }))
    const whole = await this.#ground.data.fetchRoots(wanted, node, this.#gone)
    const left = outputs.filter(({ root }) => !whole.has(root)).values()
    const next = async () => {
      for (const output of left) {
        if (this.#gone.aborted) return
        if (!(await this.#isFetched(node, output))) failed.push(output)
      }
    }
    await Promise.all(Array.from({ length: limits.dataStreamsPerPeerMax }, next))
    return failed
  }

  async #isFetched(node: PeerId, { root, bytesMax }: Output): Promise<boolean> {
    const wanted = { root, bytesMax, peers: [node], gateways: [], only: true }
    try {
      return (await this.#ground.data.fetch({ ...wanted, signal: this.#gone })).ok
    } catch (cause) {
      if (this.#gone.aborted) return false
      throw cause
    }
  }

  /** Pins what came, that of each job apart. */
  async #pin(outputs: readonly Output[], from: number): Promise<void> {
    const roots = new Map<JobId, Set<Cid>>()
    for (const { job, root } of outputs) roots.set(job, (roots.get(job) ?? new Set()).add(root))
    for (const [job, some] of roots) {
      const all = [...some]
      for (let i = 0; i < all.length; i += limits.pinRootsMax) {
        const part = all.slice(i, i + limits.pinRootsMax)
        const name = `${pinned}${job}/${from}-${i}`
        await this.#ground.data.store.pin({ name, roots: part, state: 'fetched' })
      }
    }
  }

  /** Nobody had it: it is asked for again for a while, since nodes come back. */
  #miss(output: Output): void {
    const { job, unit, root } = output
    output.due = this.#ground.time.now() + againMs * 2 ** output.tries
    output.tries++
    if (output.tries >= triesMax) {
      this.#ground.log.warn({ job, unit, root }, 'nobody has this result any more')
      return
    }
    const [oldest] = this.#missing
    if (this.#missing.size >= limits.missingMax && oldest) this.#missing.delete(oldest)
    this.#missing.add(output)
  }

  /** What was missing when the process ended is among the outputs of this entry. */
  async #missAgain(seq: number): Promise<void> {
    const entry = await this.#ground.feed.store.entry(seq)
    if (!entry.ok) return
    for (const output of outputsOf({ seq, entry: entry.value })) this.#missing.add(output)
  }

  #lookSoon(): void {
    this.#cancel = this.#ground.time.after(againMs, () => {
      if (this.#gone.aborted) return
      this.#looking = this.#look()
      throwing(this.#looking.then(() => this.#lookSoon()))
    })
  }

  /** Asks again for what is missing, and lets go of what has been kept for long enough. */
  async #look(): Promise<void> {
    const now = this.#ground.time.now()
    const again = [...this.#missing].filter(({ due }) => due <= now)
    for (const output of again) this.#missing.delete(output)
    if (again.length > 0) {
      this.#asked = again
      await this.#keep(again, this.#ground.time.wall())
      if (this.#gone.aborted) return
      this.#asked = []
      this.#tell()
    }
    if (now < this.#sweptAt + sweepMs) return
    this.#sweptAt = now
    const { store } = this.#ground.data
    const over = new Map<JobId, boolean>()
    for (const { name } of store.pins()) {
      if (!name.startsWith(pinned)) continue
      const job = name.slice(pinned.length, name.lastIndexOf('/')) as JobId
      const isOver = over.get(job) ?? (await this.#isOver(job))
      over.set(job, isOver)
      if (isOver) await store.unpin(name)
    }
  }

  async #isOver(job: JobId): Promise<boolean> {
    const { endedIn, feed, time } = this.#ground
    const seq = endedIn(job)
    if (seq === undefined) return false
    const bytes = await feed.store.entry(seq)
    const entry = bytes.ok ? decode(entrySchema, bytes.value) : bytes
    return entry.ok && entry.value.time + limits.resultsKeptMs < time.wall()
  }

  /** What is not here yet. */
  get #lacking(): readonly Output[] {
    return [...this.#missing, ...this.#asked]
  }

  get #file(): string {
    return join(this.#ground.directory, 'kept')
  }

  /** How far it was; what is not known any more is looked at again. */
  async #noted(): Promise<Noted> {
    const text = await readFile(this.#file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return ''
      throw cause
    })
    return notedIn(text, this.#ground.feed.store.tip.size)
  }

  async #note(): Promise<void> {
    this.#notedAt = this.#ground.time.now()
    const missing = [...new Set(this.#lacking.map(({ seq }) => seq))]
    const noted: Noted = { size: this.#size, missing }
    await writeFile(`${this.#file}.aside`, JSON.stringify(noted))
    await rename(`${this.#file}.aside`, this.#file)
  }
}

/** What the verdicts of an entry say was given, and by whom. */
function outputsOf({ seq, entry: bytes }: Numbered): Output[] {
  const entry = decode(entrySchema, bytes)
  if (!entry.ok) throw new Error(`entry ${seq} was written and is none`)
  return entry.value.facts.flatMap((fact) => (fact.type === 'verdict' ? givenIn(fact, seq) : []))
}

type Verdict = Fact & { readonly type: 'verdict' }

function givenIn({ job, unit, decided, receipts }: Verdict, seq: number): Output[] {
  if (decided.type !== 'accepted' || decided.outcome.outputs.length === 0) return []
  const nodes = receipts.flatMap((signed) => {
    // Its signature was looked at when it came, and the disk holds what was written.
    const receipt = reopen(receiptDocument, signed)
    if (!receipt.ok) throw new Error('a receipt was opened before it was written')
    const { slot, node } = receipt.value
    return decided.agreeing.includes(slot) ? [node] : []
  })
  return decided.outcome.outputs.map(({ cid: root, bytes }) => {
    const bytesMax = Math.ceil(bytes * around.share) + around.bytes
    return { job, unit, root, bytesMax, nodes, seq, tries: 0, due: 0 }
  })
}
