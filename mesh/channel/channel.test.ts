import { type FromNode, limits, type ToFollower } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { both, halfOpened, hearing } from '../test/channels.ts'
import { settled, TestClock } from '../test/time.ts'
import { Pool } from './pool.ts'
import { sides } from './side.ts'

const alive: FromNode = { type: 'alive' }
const bye: FromNode = { type: 'bye' }
const entryBytes = 50_000

function entry(seq: number): ToFollower {
  return { type: 'entry', seq, entry: new Uint8Array(entryBytes) }
}

describe('messages', () => {
  test('of one tick come in one frame, and of the next in another', async () => {
    const { opener, server } = both(sides.work, { clock: new TestClock() })
    const heard = hearing<FromNode>()
    server.listen(heard)
    opener.listen(hearing())
    opener.say([alive])
    opener.say([alive, bye])
    await settled()
    opener.say([alive])
    await settled()
    expect(heard.messages).toEqual([alive, alive, bye, alive])
    expect(heard.frames).toEqual([3, 1])
  })

  test('go both ways, and each is alone where the protocol has no frames', async () => {
    const { opener, server } = both(sides.follow, { clock: new TestClock() })
    const atServer = hearing()
    const atOpener = hearing()
    server.listen(atServer)
    opener.listen(atOpener)
    opener.say([{ type: 'more', entries: 1 }, { type: 'alive' }])
    server.say([{ type: 'alive' }, { type: 'alive' }])
    await settled()
    expect(atServer.frames).toEqual([1, 1])
    expect(atOpener.frames).toEqual([2])
  })

  test('are all heard before the end, and the end is whole when both have closed', async () => {
    const { opener, server } = both(sides.work, { clock: new TestClock() })
    const atServer = hearing<FromNode>()
    const atOpener = hearing()
    server.listen(atServer)
    opener.listen(atOpener)
    server.pause()
    for (let i = 0; i < 100; i++) opener.say([alive])
    opener.close()
    server.close()
    await settled()
    expect(atServer).toMatchObject({ hasEnded: false, over: false })
    server.resume()
    await settled()
    expect(atServer.messages).toHaveLength(100)
    expect(atServer).toMatchObject({ hasEnded: true, over: true, refusal: undefined })
    expect(atOpener).toMatchObject({ over: true, refusal: undefined })
    expect(opener.say([alive])).toMatchObject({ ok: false, refusal: { code: 'wire.cut' } })
  })

  test('are kept behind a pause, and heard in their order after it', async () => {
    const { opener, server } = both(sides.work, { clock: new TestClock() })
    const heard = hearing<FromNode>(() => server.pause())
    server.listen(heard)
    opener.listen(hearing())
    for (let i = 0; i < 5; i++) {
      opener.say([alive, bye])
      await settled()
    }
    expect(heard.frames).toEqual([2])
    for (let i = 0; i < 4; i++) {
      server.resume()
      await settled()
    }
    expect(heard.messages).toEqual(Array.from({ length: 5 }, () => [alive, bye]).flat())
  })
})

describe('a reader that stops reading', () => {
  test('makes the sender stop: told, then refused, and memory stays bounded', async () => {
    const clock = new TestClock()
    const pool = new Pool(limits.channelsBytesMax)
    const { opener, server } = both(sides.follow, { clock, pool })
    const atOpener = hearing<ToFollower>()
    const atServer = hearing()
    opener.listen(atOpener)
    server.listen(atServer)
    opener.pause()
    let taken = 0
    let told = false
    for (;;) {
      const said = server.say([entry(taken)])
      await settled()
      if (!said.ok) {
        expect(said.refusal).toMatchObject({ code: 'wire.full', retryMs: limits.pauseMs })
        break
      }
      taken++
      told ||= !said.value
    }
    expect(told).toBe(true)
    const held = limits.channelsBytesMax - pool.left
    // What waits to be sent, in the channel and in its pipe, and a window that waits to be read.
    expect(held).toBeLessThan(2 * limits.channelQueueBytesMax + 4 * limits.streamWindowBytes)
    opener.resume()
    await settled()
    expect(atOpener.messages).toEqual(Array.from({ length: taken }, (_, i) => entry(i)))
    expect(atServer.drains).toBeGreaterThan(0)
    expect(pool.left).toBe(limits.channelsBytesMax)
  })

  test('is cut when what was sent is not read in time', async () => {
    const { clock, opener, server, atOpener, atServer } = followed()
    opener.pause()
    server.expect(undefined)
    while (server.say([entry(0)]).ok) await settled()
    await clock.pass(limits.idleMs - 1)
    expect(atServer.over).toBe(false)
    await clock.pass(2)
    expect(atServer.refusal).toEqual({ code: 'wire.deadline' })
    await settled()
    expect(atOpener.over).toBe(true)
  })

  test('gets what others hold of the memory that all share, and no more', async () => {
    const pool = new Pool(limits.channelQueueBytesMax)
    const clock = new TestClock()
    const one = both(sides.follow, { clock, pool })
    const other = both(sides.follow, { clock, pool })
    for (const { opener, server } of [one, other]) {
      opener.listen(hearing())
      server.listen(hearing())
      opener.pause()
    }
    while (one.server.say([entry(0)]).ok) await settled()
    expect(other.server.say([entry(0)])).toMatchObject({ refusal: { code: 'wire.full' } })
    one.server.refuse({ code: 'wire.closing' })
    await settled()
    expect(other.server.say([entry(0)]).ok).toBe(true)
  })
})

describe('time', () => {
  test('until the first message is helloMs for who was dialled', async () => {
    const { clock, opener, server } = paired()
    const heard = hearing()
    const atOpener = hearing()
    server.listen(heard)
    opener.listen(atOpener)
    await clock.pass(limits.helloMs - 1)
    expect(heard.over).toBe(false)
    await clock.pass(2)
    expect(heard.refusal).toEqual({ code: 'wire.deadline' })
    await settled()
    expect(atOpener.messages).toEqual([{ type: 'refuse', refusal: { code: 'wire.deadline' } }])
    expect(atOpener.refusal).toEqual({ code: 'wire.cut' })
  })

  test('between two messages is idleMs, and what says something keeps the stream', async () => {
    const { clock, opener, server } = paired()
    const heard = hearing()
    server.listen(heard)
    opener.listen(hearing(() => opener.expect(undefined)))
    for (let i = 0; i < 10; i++) {
      opener.say([alive])
      server.say([{ type: 'alive' }])
      await clock.pass(limits.idleMs - 1)
    }
    expect(heard).toMatchObject({ over: false, messages: Array.from({ length: 10 }, () => alive) })
    await clock.pass(2)
    expect(heard.refusal).toEqual({ code: 'wire.deadline' })
    expect(clock.waiting).toBe(0)
  })

  test('is counted by whole messages: a byte now and then does not buy more of it', async () => {
    const { clock, server, raw } = halfOpened()
    const heard = hearing()
    server.listen(heard)
    raw.listen({ data: () => {}, drained: () => {}, ended: () => {}, closed: () => {} })
    raw.send(Uint8Array.of(200, 1))
    for (let passed = 0; passed < limits.helloMs; passed += 100) {
      raw.send(Uint8Array.of(0x81))
      await clock.pass(100)
    }
    await clock.pass(1)
    expect(heard.refusal).toEqual({ code: 'wire.deadline' })
  })

  test('stands still for the other side while this one does not read', async () => {
    const { clock, opener, server } = paired()
    const heard = hearing(() => server.pause())
    server.listen(heard)
    opener.listen(hearing())
    opener.say([alive])
    opener.expect(undefined)
    await clock.pass(10 * limits.idleMs)
    expect(heard.over).toBe(false)
    server.resume()
    await clock.pass(limits.idleMs - 1)
    expect(heard.over).toBe(false)
    await clock.pass(2)
    expect(heard.refusal).toEqual({ code: 'wire.deadline' })
  })

  test('ends a close that the other side does not join in', async () => {
    const { clock, opener, server } = paired()
    const heard = hearing()
    server.listen(heard)
    opener.listen(hearing())
    opener.say([alive])
    opener.expect(undefined)
    await settled()
    server.close()
    server.expect(undefined)
    await clock.pass(limits.idleMs + 1)
    expect(heard.refusal).toEqual({ code: 'wire.deadline' })
  })
})

test('a refusal does not wait where there is no room for it', async () => {
  const { opener, server, atServer, atOpener } = followed()
  opener.pause()
  while (server.say([entry(0)]).ok) await settled()
  server.refuse({ code: 'wire.closing' })
  expect(atServer.refusal).toEqual({ code: 'wire.closing' })
  await settled()
  expect(atOpener.over).toBe(true)
})

test('a cut is told to both sides, and everything is given back', async () => {
  const { pool, opener, server, atOpener, atServer } = followed()
  opener.pause()
  for (let i = 0; i < 20; i++) server.say([entry(i)])
  await settled()
  opener.refuse({ code: 'wire.cut' })
  await settled()
  expect(atOpener.refusal).toEqual({ code: 'wire.cut' })
  expect(atServer.refusal).toEqual({ code: 'wire.cut' })
  expect(pool.left).toBe(limits.channelsBytesMax)
})

function paired() {
  const clock = new TestClock()
  return { clock, ...both(sides.work, { clock }) }
}

function followed() {
  const clock = new TestClock()
  const pool = new Pool(limits.channelsBytesMax)
  const { opener, server } = both(sides.follow, { clock, pool })
  const atOpener = hearing<ToFollower>()
  const atServer = hearing()
  opener.listen(atOpener)
  server.listen(atServer)
  return { clock, pool, opener, server, atOpener, atServer }
}
