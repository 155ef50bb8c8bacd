import type { Refusal } from '@nexapod/specs'

/** What a pipe tells the one that listens to it. */
export interface Ear {
  /** Bytes came. They are lent: what is kept of them is copied before this returns. */
  data(bytes: Uint8Array): void
  /** There is room again, after a `send` that left none. */
  drained(): void
  /** The other end sends nothing more, and all that it sent was given. */
  ended(): void
  /** It is over in both directions, and nothing comes after this; `whole` if both ends closed. */
  closed(whole: boolean): void
}

/**
 * Bytes both ways, in their order, with back-pressure: all that a channel asks of a stream. It is
 * cut into other pieces than those that were sent.
 */
export interface Pipe {
  /** Begins to tell this ear what comes, which waits until then; once for each pipe. */
  listen(ear: Ear): void
  /**
   * Takes these bytes, which are the pipe's until it has room; false if there is none for more
   * until `drained`. Whoever sends all the same makes it hold more; on a pipe that is over it
   * is lost.
   */
  send(bytes: Uint8Array): boolean
  /** Whether there is room: nothing that was sent waits here for the other end. */
  readonly hasRoom: boolean
  /** Lets the other end send what was allowed already, and no more. */
  pause(): void
  /** Allows more again. */
  resume(): void
  /** Sends nothing more, once all that was sent is on its way. */
  close(): void
  /** Ends both directions at once. What was not sent yet is lost. */
  abort(refusal: Refusal): void
}
