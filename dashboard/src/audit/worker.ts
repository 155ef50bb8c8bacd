import { certificateSchema, decode, entrySchema } from '@nexapod/specs'
import { isSnapshot } from '../api/snapshot.ts'
import { attest } from './attesting.ts'
import { happeningsOf } from './happening.ts'
import { certify, prove } from './proving.ts'
import { Reading } from './reading.ts'
import { Shelf } from './shelf.ts'
import { bytesIn, Source } from './source.ts'
import type { Asked, Told } from './told.ts'

/** Between two readings while entries come, and while none do, or nobody looks. */
const busyMs = 1000
const calmMs = 5000
const hiddenMs = 30_000

/** What a page that was just opened is shown of the past. */
const pastMax = 60

/** The worker of one page: it reads the chain, and tells what happens on it. */
class Watch {
  readonly #base: string
  readonly #chain: string | undefined
  readonly #source: Source
  readonly #reading: Promise<Reading>
  readonly #shelf = Shelf.open()
  #stream: EventSource | undefined
  #next: number | undefined
  #isVisible = true
  #hasNews = false
  #wake = () => {}

  constructor(base: string, chain: string | undefined) {
    this.#base = base
    this.#chain = chain
    this.#source = new Source(base, chain)
    this.#reading = this.#shelf.then((shelf) => {
      return new Reading(this.#source, shelf, (standing) => tell({ type: 'standing', standing }))
    })
  }

  /** Reads for as long as the page is there. */
  async run(): Promise<void> {
    const reading = await this.#reading
    await this.#tellPast()
    this.#listen()
    for (;;) {
      this.#hasNews = false
      const isRead = await reading.goOn(() => performance.timeOrigin + performance.now())
      // A snapshot does not grow.
      if (isRead && isSnapshot(this.#base)) return
      await this.#pause()
    }
  }

  /** Somebody looks, or has gone to another tab: browsers allow few streams at once. */
  see(isVisible: boolean): void {
    this.#isVisible = isVisible
    if (isVisible) this.#listen()
    else this.#stream?.close()
    if (!isVisible) this.#stream = undefined
    this.#wake()
  }

  async prove(id: number, seq: number): Promise<void> {
    const proof = await prove(seq, await this.#reading, this.#source)
    tell({ type: 'proof', id, proof })
  }

  async certify(id: number, file: Blob): Promise<void> {
    // What is longer than any certificate is not read to its end.
    const some = file.slice(0, certificateSchema.bytesMax + 1)
    const bytes = new Uint8Array(await some.arrayBuffer())
    tell({ type: 'certified', id, steps: certify(bytes, await this.#reading) })
  }

  async attest(id: number, owner: string): Promise<void> {
    tell({ type: 'attested', id, attested: attest(owner, await this.#reading) })
  }

  async forget(): Promise<void> {
    await (await this.#shelf).clear()
  }

  async #tellPast(): Promise<void> {
    const length = await this.#source.length()
    if (!length.ok) return
    const { size } = length.value
    const page = await this.#source.entries(Math.max(0, size - pastMax), size)
    this.#next = size
    if (page.ok) this.#tellEntries(page.value, false)
  }

  #listen(): void {
    if (this.#stream !== undefined || this.#next === undefined || isSnapshot(this.#base)) return
    const url = new URL(`api/v1/ledger/stream?from=${this.#next}`, this.#base)
    if (this.#chain !== undefined) url.searchParams.set('chain', this.#chain)
    const stream = new EventSource(url)
    this.#stream = stream
    stream.onopen = () => tell({ type: 'line', is: 'open' })
    stream.onerror = () => {
      tell({ type: 'line', is: 'lost' })
      // What the coordinator refuses the browser does not ask for again by itself.
      if (stream.readyState === EventSource.CLOSED && this.#stream === stream) {
        this.#stream = undefined
      }
    }
    stream.addEventListener('entry', ({ data, lastEventId }) => {
      this.#next = Number(lastEventId) + 1
      this.#tellEntries([bytesIn((JSON.parse(data) as { bytes?: unknown }).bytes)], true)
      this.#hasNews = true
      this.#wake()
    })
  }

  #tellEntries(entries: readonly Uint8Array[], live: boolean): void {
    const happenings = entries.flatMap((bytes) => {
      const entry = decode(entrySchema, bytes)
      return entry.ok ? happeningsOf(entry.value) : []
    })
    tell({ type: 'happened', happenings, live })
  }

  /** Waits a second, and for news longer; a lost stream is asked for again on the way. */
  async #pause(): Promise<void> {
    await after(busyMs)
    if (!this.#hasNews) {
      const longer = this.#isVisible ? calmMs : hiddenMs
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longer)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    if (this.#isVisible && this.#stream === undefined) this.#listen()
    if (this.#next === undefined) await this.#tellPast()
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function tell(told: Told): void {
  postMessage(told)
}

let watch: Watch | undefined

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  switch (data.type) {
    case 'begin':
      watch = new Watch(data.base, data.chain)
      void watch.run()
      break
    case 'visible':
      watch?.see(data.is)
      break
    case 'prove':
      void watch?.prove(data.id, data.seq)
      break
    case 'certify':
      void watch?.certify(data.id, data.file)
      break
    case 'attest':
      void watch?.attest(data.id, data.owner)
      break
    case 'forget':
      void watch?.forget()
      break
  }
})
