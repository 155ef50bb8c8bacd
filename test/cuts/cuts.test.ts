import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Asker } from '../../mesh/channel/call.ts'
import { Channel } from '../../mesh/channel/channel.ts'
import { machineClock } from '../../mesh/channel/clock.ts'
import { follow } from '../../mesh/channel/follow.ts'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { type Side, sides } from '../../mesh/channel/side.ts'
import { openHost, openStream } from '../../mesh/test/hosts.ts'
import { draws } from '../../mesh/test/time.ts'
import {
  type Answer,
  type ChainId,
  type JobId,
  limits,
  protocols,
  refuse,
  toHex,
} from '../../specs/index.ts'
import { hurried } from '../attack/hurry.ts'
import { entryOf } from './entry.ts'
import { openProxy } from './proxy.ts'

const size = 20_000
const program = fileURLToPath(new URL('./coordinator.ts', import.meta.url))
const chain = toHex(new Uint8Array(32)) as ChainId
const ground = { clock: machineClock, pool: new Pool(limits.channelsBytesMax) }

let host: Awaited<ReturnType<typeof openHost>>
let coordinator: ChildProcess
let address: string

beforeAll(async () => {
  host = await openHost(11, { listens: false })
  coordinator = fork(program, [String(size)], { execArgv: [] })
  address = String((await once(coordinator, 'message'))[0])
})

afterAll(async () => {
  coordinator.disconnect()
  await once(coordinator, 'exit')
  await host.stop()
})

/** Opens a channel; a way that is cut meanwhile is a refusal. */
async function dial<Out, In>(
  to: string,
  id: string,
  side: Side<Out, In>,
): Promise<Answer<Channel<Out, In>>> {
  try {
    const stream = await openStream(host, to, id)
    return { ok: true, value: new Channel(pipeOf(stream), side, ground) }
  } catch {
    return refuse('wire.cut')
  }
}

function through(port: number): string {
  return address.replace(/tcp\/\d+/, `tcp/${port}`)
}

test('a follower gets every entry once and in order, however often the way is cut', async () => {
  await using proxy = await openProxy(Number(/tcp\/(\d+)/.exec(address)?.[1]))
  const seed = Date.now() % 2 ** 32
  const draw = draws(seed)
  const done = new AbortController()
  let next = 0
  let cutAt = 1 + (draw() % 1000)
  let cuts = 0
  const ended = await follow(
    chain,
    0,
    {
      // So that nobody waits for the pauses: they are seconds.
      clock: hurried(100),
      draw,
      dial: () => dial(through(proxy.port), protocols.follow.id, sides.follow.opens),
      async take(messages) {
        for (const message of messages) {
          if (message.type !== 'entry') continue
          if (message.seq !== next) throw new Error(`${message.seq} for ${next}, seed ${seed}`)
          if (Buffer.compare(message.entry, entryOf(next)) !== 0) throw new Error('other bytes')
          next++
        }
        if (next >= cutAt && next < size) {
          cuts++
          cutAt = next + 500 + (draw() % 2000)
          proxy.cut()
        }
        if (next === size) done.abort()
        return undefined
      },
    },
    done.signal,
  )
  expect(ended).toBeUndefined()
  expect(next, `seed ${seed}`).toBe(size)
  expect(cuts).toBeGreaterThan(5)
  // Of two cuts one after the other the second may find nothing to cut.
  expect(proxy.connections).toBeGreaterThan(5)
})

test('an asker gets every answer, asking again those that a cut took', async () => {
  await using proxy = await openProxy(Number(/tcp\/(\d+)/.exec(address)?.[1]))
  await using asker = new Asker({
    clock: machineClock,
    dial: () => dial(through(proxy.port), protocols.call.id, sides.call.opens),
  })
  const forever = new AbortController().signal
  for (let number = 1; number <= 200; number++) {
    const asked = new Uint8Array(32)
    new DataView(asked.buffer).setUint32(0, number)
    let answer = await asker.ask({ type: 'job', job: toHex(asked) as JobId }, forever)
    while (!answer.ok) {
      expect(answer.refusal.code).toBe('wire.cut')
      answer = await asker.ask({ type: 'job', job: toHex(asked) as JobId }, forever)
    }
    expect(answer.value.units).toBe(number)
    if (number % 20 === 0) proxy.cut()
  }
  expect(proxy.connections).toBeGreaterThan(9)
})

test('who takes nothing more makes the coordinator hold no more than its bound', async () => {
  // A new one to the same key would go over one that was cut a moment ago.
  for (const open of host.getConnections()) open.abort(new Error('it was cut'))
  const dialled = await dial(address, protocols.follow.id, sides.follow.opens)
  if (!dialled.ok) throw new Error('no stream')
  const channel = dialled.value
  let heard = 0
  channel.listen({
    heard: (messages) => {
      heard += messages.length
      channel.pause()
    },
    drained: () => {},
    ended: () => channel.close(),
    closed: () => {},
  })
  channel.say([
    { type: 'follow', chain, from: 0 },
    { type: 'more', entries: 4096 },
  ])
  let held = 0
  for (let same = 0, before = -1; same < 10; ) {
    const answer = once(coordinator, 'message')
    coordinator.send('how much do you hold?')
    held = Number((await answer)[0])
    same = held === before ? same + 1 : 0
    before = held
  }
  expect(heard).toBeGreaterThan(0)
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThan(limits.channelQueueBytesMax)
  expect(limits.channelsBytesMax - ground.pool.left).toBeLessThan(3 * limits.streamWindowBytes)
  channel.refuse({ code: 'wire.cut' })
})
