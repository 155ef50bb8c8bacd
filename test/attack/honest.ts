import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Asker } from '../../mesh/channel/call.ts'
import { Channel } from '../../mesh/channel/channel.ts'
import { machineClock } from '../../mesh/channel/clock.ts'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { sides } from '../../mesh/channel/side.ts'
import { openHost, openStream } from '../../mesh/test/hosts.ts'
import { type JobId, limits, protocols, toHex } from '../../specs/index.ts'

/** A process that asks a coordinator now and then, and says how long the answers took. */
const [address = ''] = process.argv.slice(2)
const host = await openHost(2, { listens: false })
const ground = { clock: machineClock, pool: new Pool(limits.channelsBytesMax) }
const job = toHex(new Uint8Array(32)) as JobId
const asker = new Asker({
  clock: machineClock,
  async dial() {
    const stream = await openStream(host, address, protocols.call.id)
    return { ok: true, value: new Channel(pipeOf(stream), sides.call.opens, ground) }
  },
})

/** How long each answer took, in microseconds, and how many questions were refused. */
export interface Waits {
  readonly us: readonly number[]
  readonly refused: number
}

let us: number[] = []
let refused = 0
const ended = new AbortController()
process.on('message', () => {
  const waits: Waits = { us, refused }
  process.send?.(waits)
  us = []
  refused = 0
})
process.once('disconnect', () => ended.abort())

let isAsking = false
while (!ended.signal.aborted) {
  const start = performance.now()
  const answer = await asker.ask({ type: 'job', job }, new AbortController().signal)
  if (answer.ok) us.push(Math.round((performance.now() - start) * 1000))
  else refused++
  if (!isAsking) process.send?.('asking')
  isAsking = true
  await sleep(2)
}
await asker[Symbol.asyncDispose]()
await host.stop()
if (process.connected) await once(process, 'disconnect')
