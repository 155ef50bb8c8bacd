import { type Answer, accept, blame, decode, limits, type Refusal, refusalOf } from '@nexapod/specs'
import { Backlog } from './backlog.ts'
import { FrameReader } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import type { Ground } from './ground.ts'
import type { Pipe } from './pipe.ts'
import { Share } from './pool.ts'
import type { Side } from './side.ts'
import { Watch } from './watch.ts'

/** What a channel tells the one that listens to it. */
export interface Hearer<In> {
  /** The messages of one frame, in their order; `pause` within it stops behind them. */
  heard(messages: readonly In[]): void
  /** There is room again, after a `say` that left none. */
  drained(): void
  /** The other side says nothing more: whoever has nothing more to say either closes. */
  ended(): void
  /** It is over, and nothing comes after this; why, unless both sides had closed. */
  closed(refusal?: Refusal): void
}

/** Messages over a pipe, as specs/wire asks for. channel.md says what it holds to. */
export class Channel<Out, In> {
  readonly #pipe: Pipe
  readonly #side: Side<Out, In>
  readonly #ground: Ground
  readonly #reader: FrameReader
  readonly #writer: FrameWriter<Out>
  readonly #backlog = new Backlog()
  #hearer: Hearer<In> | undefined
  /** Memory of the pool: for what waits to be read, and for what waits to be sent. */
  readonly #toRead: Share
  readonly #toSend: Share
  #flushing = false
  /** Somebody was told that there is no room, and waits for `drained`. */
  #waiting = false
  #paused = false
  #throttled = false
  /** Messages that were read in this turn. */
  #inTurn = 0
  #closing = false
  #ended = false
  #endTold = false
  #pipeClosed = false
  #over = false
  /** When the next message is due, when what was sent must be gone, when the end is due. */
  #messageBy = Number.POSITIVE_INFINITY
  #sentBy = Number.POSITIVE_INFINITY
  #endBy = Number.POSITIVE_INFINITY
  #heardAny = false
  readonly #watch: Watch
  #cancelThrottle: (() => void) | undefined

  constructor(pipe: Pipe, side: Side<Out, In>, ground: Ground) {
    this.#pipe = pipe
    this.#side = side
    this.#ground = ground
    this.#toRead = new Share(ground.pool)
    this.#toSend = new Share(ground.pool)
    this.#watch = new Watch(
      ground.clock,
      () => this.#due,
      () => this.refuse(refusalOf('wire.deadline')),
    )
    this.#writer = new FrameWriter(side.out)
    const { frame, message } = side.in
    this.#reader = new FrameReader(frame === undefined ? message.bytesMax : frame.bytesMax, {
      take: (bytes) => this.#take(bytes),
      hold: (bytes) => this.#toRead.hold(bytes),
      release: (bytes) => this.#toRead.hold(-bytes),
    })
  }

  /** Begins to tell this hearer what comes, and to count the time. */
  listen(hearer: Hearer<In>): void {
    this.#hearer = hearer
    this.expect(this.#side.firstMs)
    this.#pipe.listen({
      data: (bytes) => this.#data(bytes),
      drained: () => this.#drained(),
      ended: () => this.#sawEnd(),
      closed: (whole) => this.#pipeOver(whole),
    })
  }

  /**
   * Says these, at the end of this tick, all or none; true if there is room for more, false if
   * whoever can wait should wait for `drained`.
   */
  say(messages: readonly Out[]): Answer<boolean> {
    if (this.#over || this.#closing) return { ok: false, refusal: refusalOf('wire.cut') }
    const encoded = messages.map((message) => this.#writer.encode(message))
    const bytes = encoded.reduce((sum, one) => sum + one.length, 0)
    if (this.#writer.bytes + bytes > limits.channelQueueBytesMax || !this.#toSend.hold(bytes)) {
      this.#waiting = true
      return { ok: false, refusal: refusalOf('wire.full', { retryMs: limits.pauseMs }) }
    }
    for (const one of encoded) this.#writer.add(one)
    this.#flushSoon()
    if (this.#writer.bytes < limits.frameBytesMax) return accept(true)
    this.#waiting = true
    return accept(false)
  }

  /** Reads no more for now: the other side will be told that there is no room. */
  pause(): void {
    this.#paused = true
    this.#pipe.pause()
  }

  /** Goes on reading, not before this tick is over; from now on the other side is waited for. */
  resume(): void {
    if (!this.#paused || this.#over) return
    this.#paused = false
    this.expect(this.#heardAny ? this.#side.betweenMs : this.#side.firstMs)
    queueMicrotask(() => this.#readOn())
  }

  /** The next message must come in so many milliseconds; without a number it may take its time. */
  expect(ms: number | undefined): void {
    this.#messageBy = ms === undefined ? Number.POSITIVE_INFINITY : this.#ground.clock.now() + ms
    this.#watch.look()
  }

  /** Says nothing more; it is over when all is sent and the other side has closed, too. */
  close(): void {
    if (this.#closing || this.#over) return
    this.#closing = true
    this.#flush()
  }

  /** Ends it now, with a reason that is sent if that goes without waiting. */
  refuse(refusal: Refusal): void {
    if (this.#over) return
    if (blame(refusal) === 'theirs' || refusal.code === 'wire.deadline') {
      this.#ground.meter?.violated(refusal)
    }
    const { no } = this.#side.out
    if (no !== undefined && !this.#closing) {
      this.#writer.add(this.#writer.encode(no(refusal)))
      this.#send()
    }
    const pipe = this.#pipe
    this.#finish(refusal)
    pipe.abort(refusal)
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────────────

  #data(bytes: Uint8Array): void {
    if (this.#over) return
    this.#inTurn = 0
    const read = this.#isReading && this.#backlog.length === 0 ? this.#read(bytes) : 0
    if (read < bytes.length && !this.#over) this.#keep(bytes.subarray(read))
  }

  get #isReading(): boolean {
    return !this.#paused && !this.#throttled && !this.#over
  }

  /** How many of these bytes were read. */
  #read(bytes: Uint8Array): number {
    const read = this.#reader.read(bytes)
    if (typeof read === 'number') return read
    this.refuse(read)
    return bytes.length
  }

  #keep(bytes: Uint8Array): void {
    const before = this.#backlog.capacity
    this.#backlog.append(bytes)
    // A pipe that is paused brings a window more, and none is as long as that.
    const tooMuch = this.#backlog.length > 2 * limits.channelQueueBytesMax
    if (!this.#toRead.hold(this.#backlog.capacity - before) || tooMuch) {
      this.refuse(refusalOf('wire.full'))
    }
  }

  #readOn(): void {
    if (!this.#isReading) return
    this.#inTurn = 0
    const before = this.#backlog.capacity
    if (this.#backlog.length > 0) this.#backlog.consume(this.#read(this.#backlog.view()))
    this.#toRead.hold(this.#backlog.capacity - before)
    if (!this.#isReading) return
    this.#pipe.resume()
    this.#tellEnd()
  }

  /** What is checked goes by what it costs: the size was first, then whether it is its turn. */
  #take(bytes: Uint8Array): boolean {
    const { clock, meter } = this.#ground
    const { frame, message } = this.#side.in
    const decoded = frame === undefined ? decode(message, bytes) : decode(frame, bytes)
    if (!decoded.ok) {
      this.refuse(decoded.refusal)
      return false
    }
    this.#heardAny = true
    const { betweenMs } = this.#side
    this.#messageBy = betweenMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + betweenMs
    const { value } = decoded
    const messages = frame === undefined ? [value as In] : (value as readonly In[])
    const waitMs = meter?.spend(bytes.length, messages.length) ?? 0
    this.#inTurn += messages.length
    if (waitMs > 0 || this.#inTurn >= limits.turnMessagesMax) this.#throttle(waitMs)
    this.#hearer?.heard(messages)
    return this.#isReading
  }

  /** What comes next is read when the peer's bucket allows, and others have had their turn. */
  #throttle(ms: number): void {
    this.#throttled = true
    if (ms > 0) this.#pipe.pause()
    this.#cancelThrottle = this.#ground.clock.after(ms, () => {
      this.#throttled = false
      if (!this.#paused) this.expect(this.#side.betweenMs)
      this.#readOn()
    })
  }

  #sawEnd(): void {
    this.#ended = true
    this.#messageBy = Number.POSITIVE_INFINITY
    if (this.#isReading) this.#tellEnd()
  }

  #tellEnd(): void {
    if (!this.#ended || this.#endTold || this.#over) return
    this.#endTold = true
    if (this.#reader.isBetween) this.#hearer?.ended()
    else this.refuse(refusalOf('bytes.truncated', { detail: 'the stream ended inside a frame' }))
    if (this.#pipeClosed) this.#finish()
  }

  /** What came before both ends closed is read to its end; what comes before a cut need not be. */
  #pipeOver(whole: boolean): void {
    this.#pipeClosed = whole
    if (!whole) this.#finish(refusalOf('wire.cut'))
    else if (this.#endTold) this.#finish()
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────────────

  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => {
      this.#flushing = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#over) return
    this.#send()
    if (this.#writer.bytes > 0) return
    if (this.#closing) {
      this.#pipe.close()
      this.#endBy = this.#ground.clock.now() + this.#side.stallMs
      this.#watch.look()
    }
    if (!this.#waiting || this.#toSend.bytes > 0) return
    this.#waiting = false
    this.#hearer?.drained()
  }

  /** Sends what waits as long as there is room. */
  #send(): void {
    const pipe = this.#pipe
    while (pipe.hasRoom) {
      const batch = this.#writer.take()
      if (batch === undefined) break
      pipe.send(batch)
    }
    if (pipe.hasRoom || this.#over) {
      this.#sentBy = Number.POSITIVE_INFINITY
      this.#toSend.hold(-this.#toSend.bytes)
    } else if (this.#sentBy === Number.POSITIVE_INFINITY) {
      this.#sentBy = this.#ground.clock.now() + this.#side.stallMs
      this.#watch.look()
    }
  }

  #drained(): void {
    this.#sentBy = Number.POSITIVE_INFINITY
    this.#flush()
  }

  // ── memory, time, the end ────────────────────────────────────────────────────────────────────

  /** When the other side is late at the soonest. What we do not read cannot be late. */
  get #due(): number {
    const messageBy = this.#isReading && !this.#ended ? this.#messageBy : Number.POSITIVE_INFINITY
    return Math.min(messageBy, this.#sentBy, this.#endBy)
  }

  #finish(refusal?: Refusal): void {
    if (this.#over) return
    this.#over = true
    this.#watch.stop()
    this.#cancelThrottle?.()
    this.#toRead.close()
    this.#toSend.close()
    this.#ground.meter?.left()
    const hearer = this.#hearer
    this.#hearer = undefined
    hearer?.closed(refusal)
  }
}
