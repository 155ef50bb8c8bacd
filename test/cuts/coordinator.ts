import { once } from 'node:events'
import { answerCalls } from '../../mesh/channel/call.ts'
import { Channel } from '../../mesh/channel/channel.ts'
import { machineClock } from '../../mesh/channel/clock.ts'
import { type Reading, serveFollower } from '../../mesh/channel/follow.ts'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { sides } from '../../mesh/channel/side.ts'
import { addressOf, openHost } from '../../mesh/test/hosts.ts'
import { type ChainId, digestText, limits, protocols, type ToFollower } from '../../specs/index.ts'
import { entryOf } from './entry.ts'

/** A process that serves a chain of so many entries, and answers questions. */
const [size = '0'] = process.argv.slice(2)
const host = await openHost(10)
const chain = digestText<ChainId>(new Uint8Array(32))
const ground = { clock: machineClock, pool: new Pool(limits.channelsBytesMax) }

function reading(from: number): Reading {
  let at = from
  return {
    async next(max, signal) {
      if (at === Number(size) || max === 0) {
        if (!signal.aborted) await once(signal, 'abort')
        return []
      }
      const until = Math.min(Number(size), at + max, at + limits.perFrameMax)
      const entries: ToFollower[] = []
      for (; at < until; at++) entries.push({ type: 'entry', seq: at, entry: entryOf(at) })
      return entries
    },
    [Symbol.dispose]() {},
  }
}

await host.handle(protocols.follow.id, (stream) => {
  const channel = new Channel(pipeOf(stream), sides.follow.serves, ground)
  serveFollower(channel, (_, from) => ({ ok: true, value: reading(from) }), machineClock)
})
await host.handle(protocols.call.id, (stream) => {
  const channel = new Channel(pipeOf(stream), sides.call.serves, ground)
  answerCalls(channel, async (question) => {
    const units = question.type === 'job' ? Number.parseInt(question.job.slice(0, 8), 16) : 1
    return { type: 'job', chain, units, accepted: 0, dead: 0 }
  })
})
process.on('message', () => process.send?.(limits.channelsBytesMax - ground.pool.left))
process.send?.(addressOf(host))
await once(process, 'disconnect')
await host.stop()
