import type { Libp2p } from '@libp2p/interface'
import { limits, refusalOf } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressOf, nextStream, openHost, openStream } from '../test/hosts.ts'
import { machineClock } from './clock.ts'
import { pipeOf } from './libp2p-pipe.ts'
import { memoryPipes } from './memory-pipe.ts'
import type { Pipe } from './pipe.ts'

const protocol = '/nexapod/test/1'
const closing = refusalOf('wire.closing')

let near: Libp2p
let far: Libp2p

beforeAll(async () => {
  near = await openHost(1)
  far = await openHost(2)
})

afterAll(async () => {
  await near.stop()
  await far.stop()
})

const kinds: Readonly<Record<string, () => Promise<[Pipe, Pipe]>>> = {
  'over libp2p': async () => {
    const accepted = nextStream(far, protocol)
    const stream = await openStream(near, addressOf(far), protocol)
    const [other] = await accepted
    return [pipeOf(stream), pipeOf(other)]
  },
  'in memory': async () =>
    memoryPipes({ clock: machineClock, draw: () => 0, windowBytes: limits.streamWindowBytes }),
}

describe.each(Object.entries(kinds))('a pipe %s', (_, make) => {
  test('brings bytes in their order, both ways, and ends when both ends have closed', async () => {
    const [a, b] = (await make()).map(heard) as [Heard, Heard]
    for (let i = 0; i < 100; i++) a.pipe.send(Uint8Array.of(i))
    b.pipe.send(Uint8Array.of(7))
    a.pipe.close()
    await b.ended
    expect(b.bytes()).toEqual(Array.from({ length: 100 }, (_, i) => i))
    b.pipe.close()
    expect(await Promise.all([a.closed, b.closed])).toEqual([true, true])
    expect(a.bytes()).toEqual([7])
  })

  test('keeps what comes before anybody listens', async () => {
    const [from, to] = await make()
    const a = heard(from)
    a.pipe.send(Uint8Array.of(1, 2, 3))
    a.pipe.close()
    // What is sent on a second pipe of the same connection comes later than that.
    const [c, d] = (await make()).map(heard) as [Heard, Heard]
    c.pipe.close()
    await d.ended
    const b = heard(to)
    await b.ended
    expect(b.bytes()).toEqual([1, 2, 3])
  })

  test('says when there is no room because the other end pauses, and when there is', async () => {
    const [a, b] = (await make()).map(heard) as [Heard, Heard]
    b.pipe.pause()
    const chunk = 64 * 1024
    let sent = 0
    while (a.pipe.send(new Uint8Array(chunk))) {
      sent += chunk
      await new Promise((resolve) => setImmediate(resolve))
      expect(sent).toBeLessThan(2 * limits.streamWindowBytes)
    }
    sent += chunk
    expect(a.pipe.hasRoom).toBe(false)
    const drained = a.nextDrain()
    b.pipe.resume()
    await drained
    expect(a.pipe.hasRoom).toBe(true)
    a.pipe.close()
    await b.ended
    expect(b.count()).toBe(sent)
  })

  test('tells both ends when one aborts, and takes nothing after it', async () => {
    const [a, b] = (await make()).map(heard) as [Heard, Heard]
    a.pipe.send(Uint8Array.of(1))
    a.pipe.abort(closing)
    expect(await Promise.all([a.closed, b.closed])).toEqual([false, false])
    expect(a.pipe.send(Uint8Array.of(2))).toBe(false)
    expect(b.pipe.send(Uint8Array.of(2))).toBe(false)
  })

  test('carries megabytes past a slow reader without holding more than a window', async () => {
    const [a, b] = (await make()).map(heard) as [Heard, Heard]
    const chunk = 100_000
    const total = 100 * chunk
    let sent = 0
    b.afterEach = () => {
      expect(sent - b.count()).toBeLessThanOrEqual(limits.streamWindowBytes * 2 + chunk)
      b.pipe.pause()
      setImmediate(() => b.pipe.resume())
    }
    while (sent < total) {
      sent += chunk
      if (!a.pipe.send(new Uint8Array(chunk))) await a.nextDrain()
    }
    a.pipe.close()
    await b.ended
    expect(b.count()).toBe(total)
  })
})

interface Heard {
  readonly pipe: Pipe
  readonly ended: Promise<void>
  readonly closed: Promise<boolean>
  afterEach: () => void
  bytes(): number[]
  count(): number
  nextDrain(): Promise<void>
}

function heard(pipe: Pipe): Heard {
  const ended = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<boolean>()
  let drained = Promise.withResolvers<void>()
  const pieces: number[][] = []
  let count = 0
  const found: Heard = {
    pipe,
    ended: ended.promise,
    closed: closed.promise,
    afterEach: () => {},
    bytes: () => pieces.flat(),
    count: () => count,
    nextDrain: () => drained.promise,
  }
  pipe.listen({
    data(bytes) {
      count += bytes.length
      if (bytes.length < 1000) pieces.push([...bytes])
      found.afterEach()
    },
    drained() {
      drained.resolve()
      drained = Promise.withResolvers()
    },
    ended: () => ended.resolve(),
    closed: (whole) => closed.resolve(whole),
  })
  return found
}
