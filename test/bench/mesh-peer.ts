import { once } from 'node:events'
import { connect } from 'node:net'
import { Channel } from '../../mesh/channel/channel.ts'
import { machineClock } from '../../mesh/channel/clock.ts'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { type Side, sides } from '../../mesh/channel/side.ts'
import { openHost, openStream } from '../../mesh/test/hosts.ts'
import { type FromCoordinator, limits, protocols, type ToFollower } from '../../specs/index.ts'
import { messageBytes, perRound, renewal } from './mesh-load.ts'

/** The other end of the benchmark, a process of its own: it answers, or counts and says when. */
const [address = '', port = ''] = process.argv.slice(2)
const host = await openHost(200, { listens: false })
const ground = { clock: machineClock, pool: new Pool(limits.channelsBytesMax) }

async function channelOf<Out, In>(side: Side<Out, In>, protocol: string) {
  const stream = await openStream(host, address, protocol)
  return new Channel(pipeOf(stream), side, ground)
}

const counting = await channelOf(sides.follow.opens, protocols.follow.id)
let counted = 0
counting.listen({
  heard(messages: readonly ToFollower[]) {
    for (const { type } of messages) if (type === 'entry') counted++
    if (counted < perRound) return
    counted -= perRound
    counting.say([{ type: 'alive' }])
  },
  drained: () => {},
  ended: () => counting.close(),
  closed: () => {},
})
counting.say([{ type: 'alive' }])

const answering = await channelOf(sides.work.opens, protocols.work.id)
answering.listen({
  heard(messages: readonly FromCoordinator[]) {
    answering.say(messages.map(() => renewal))
  },
  drained: () => {},
  ended: () => answering.close(),
  closed: () => {},
})
answering.say([{ type: 'alive' }])

// Plain TCP does the same without any meaning: counts bytes, or sends them back.
const sink = connect(Number(port), '127.0.0.1').setNoDelay(true)
let bytes = 0
sink.write('c')
sink.on('data', (data) => {
  bytes += data.length
  for (; bytes >= perRound * messageBytes; bytes -= perRound * messageBytes) sink.write('.')
})
const echo = connect(Number(port), '127.0.0.1').setNoDelay(true)
echo.write('e')
echo.on('data', (data) => echo.write(data))
process.once('disconnect', () => {
  for (const socket of [sink, echo]) socket.destroy()
  counting.close()
  answering.close()
})
await once(process, 'disconnect')
await host.stop()
