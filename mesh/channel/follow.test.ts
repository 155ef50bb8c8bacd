import {
  type Answer,
  accept,
  type ChainId,
  limits,
  type Refusal,
  refusalOf,
  refuse,
  type ToFollower,
  toHex,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { both } from '../test/channels.ts'
import { draws, TestClock } from '../test/time.ts'
import { follow, type Reading, serveFollower } from './follow.ts'
import type { Faults } from './memory-pipe.ts'
import { sides } from './side.ts'

const chain = toHex(new Uint8Array(32).fill(3)) as ChainId

/** A chain whose entries are their numbers, and that grows when it is told to. */
class Chain {
  size = 0
  #grown = Promise.withResolvers<void>()
  /** The most that was asked for at once. */
  askedMost = 0

  grow(entries: number): void {
    this.size += entries
    this.#grown.resolve()
    this.#grown = Promise.withResolvers()
  }

  read(from: number): Reading {
    let at = from
    return {
      next: async (max, signal) => {
        this.askedMost = Math.max(this.askedMost, max)
        const stopped = new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
        while (!signal.aborted && (at >= this.size || max === 0)) {
          await Promise.race([this.#grown.promise, stopped])
        }
        const messages: ToFollower[] = []
        while (!signal.aborted && at < this.size && messages.length < Math.min(max, 50)) {
          messages.push({ type: 'entry', seq: at, entry: Uint8Array.of(at & 255, at >> 8) })
          at++
        }
        return messages
      },
      [Symbol.dispose]() {},
    }
  }
}

interface Setting {
  readonly seed?: number
  readonly faults?: Faults
  readonly from?: number
  readonly open?: (from: number, stream: number) => Answer<Reading> | undefined
}

function following({ seed = 1, faults, from = 0, open = () => undefined }: Setting = {}) {
  const clock = new TestClock()
  const source = new Chain()
  const draw = draws(seed)
  const stop = new AbortController()
  const taken: number[] = []
  let streams = 0
  let gate: Promise<void> = Promise.resolve()
  const ended = follow(
    chain,
    from,
    {
      clock,
      draw,
      async dial() {
        streams++
        const weather = { clock, seed: draw(), ...(faults === undefined ? {} : { faults }) }
        const { opener, server } = both(sides.follow, weather)
        const stream = streams
        serveFollower(
          server,
          (_, at) => open(at, stream) ?? { ok: true, value: source.read(at) },
          clock,
        )
        return { ok: true, value: opener }
      },
      async take(messages): Promise<Refusal | undefined> {
        await gate
        for (const message of messages) if (message.type === 'entry') taken.push(message.seq)
        return undefined
      },
    },
    stop.signal,
  )
  const hold = () => {
    const held = Promise.withResolvers<void>()
    gate = held.promise
    return held
  }
  return { clock, source, taken, stop, ended, hold, streams: () => streams }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

test('entries come in their order, those that are there and those that follow', async () => {
  const { source, taken, stop, ended, clock } = following({ from: 10 })
  source.grow(3000)
  await clock.pass(10)
  source.grow(5)
  await clock.pass(10)
  expect(taken).toEqual(numbers(10, 3005))
  stop.abort()
  expect(await ended).toBeUndefined()
  await clock.pass(limits.idleMs)
  expect(clock.waiting).toBe(0)
})

test('no more come than there is room for, until those are taken', async () => {
  const { source, taken, hold, clock } = following()
  const held = hold()
  source.grow(10_000)
  await clock.pass(10)
  expect(taken).toEqual([])
  held.resolve()
  await clock.pass(10)
  expect(taken).toEqual(numbers(0, 10_000))
  expect(source.askedMost).toBeLessThanOrEqual(limits.followAheadMax)
})

test('a stream on which nothing happens is kept alive by both', async () => {
  const { clock, streams } = following()
  await clock.pass(10 * limits.idleMs)
  expect(streams()).toBe(1)
})

test('whoever is refused for good stops, and who is asked to wait comes back', async () => {
  const open = (_: number, stream: number) =>
    refuse(stream < 3 ? 'wire.closing' : 'ledger.sealed', { retryMs: 2000 })
  const { clock, ended, streams } = following({ open })
  await clock.pass(limits.pauseMsMax)
  expect(await ended).toMatchObject({ code: 'ledger.sealed' })
  expect(streams()).toBe(3)
})

test('whoever cannot read on says so once, behind what came before, and is left', async () => {
  let asked = 0
  const open = (from: number, stream: number): Answer<Reading> | undefined => {
    if (stream > 1) return undefined
    const messages: ToFollower[] = [
      { type: 'entry', seq: from, entry: Uint8Array.of(1) },
      { type: 'refuse', refusal: refusalOf('wire.closing') },
    ]
    return accept({
      next: async () => {
        asked++
        return messages.splice(0, 1)
      },
      [Symbol.dispose]() {},
    })
  }
  const { source, taken, clock, streams } = following({ open })
  source.grow(5)
  await clock.pass(limits.pauseMsMax)
  expect(taken).toEqual(numbers(0, 5))
  expect({ streams: streams(), asked }).toEqual({ streams: 2, asked: 2 })
})

test('an entry out of its order ends it: whoever sends that is not asked again', async () => {
  const { source, taken, ended, streams } = following({
    open: () => ({ ok: true, value: source.read(3) }),
  })
  source.grow(10)
  expect(await ended).toMatchObject({ code: 'wire.message' })
  expect(taken).toEqual([])
  expect(streams()).toBe(1)
})

test.each(numbers(1, 21))(
  'cuts, stalls and lost ways lose and double nothing, seed %i',
  async (seed) => {
    const faults = {
      delayMs: [0, 40],
      cut: 0.02,
      stall: 0.02,
      stallMs: 20_000,
      halfOpen: 0.005,
    } as const
    const { clock, source, taken, stop, ended, streams } = following({ seed, faults })
    for (let round = 0; round < 20; round++) {
      source.grow(200)
      await clock.pass(5000)
    }
    await clock.pass(20 * limits.pauseMsMax)
    expect(taken).toEqual(numbers(0, 4000))
    expect(streams()).toBeGreaterThan(1)
    stop.abort()
    await clock.pass(2 * limits.pauseMsMax)
    expect(await ended).toBeUndefined()
    expect(clock.waiting).toBe(0)
  },
)
