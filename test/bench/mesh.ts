import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Channel } from '../../mesh/channel/channel.ts'
import { machineClock } from '../../mesh/channel/clock.ts'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { type Side, sides } from '../../mesh/channel/side.ts'
import { addressOf, nextStream, openHost } from '../../mesh/test/hosts.ts'
import {
  type FromCoordinator,
  type FromFollower,
  type FromNode,
  limits,
  protocols,
  type ToFollower,
} from '../../specs/index.ts'
import type { Figure } from './harness.ts'
import { cancel, messageBytes, perRound, renewalBytes } from './mesh-load.ts'

const rounds = 15
const program = fileURLToPath(new URL('./mesh-peer.ts', import.meta.url))
const ground = { clock: machineClock, pool: new Pool(limits.channelsBytesMax) }

/** Messages one way, and questions with their answers, between two processes, beside plain TCP. */
export async function figures(): Promise<readonly Figure[]> {
  const host = await openHost(100)
  const server = createServer({ noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const peer = await meet(host, server)
  const found: Figure[] = []
  found.push(
    await beside(
      '1 KB messages, one way',
      perRound,
      () => peer.send(),
      () => peer.pour(),
    ),
  )
  for (const outstanding of [1, 16, 256]) {
    const count = outstanding === 1 ? 1000 : 20_000
    found.push(
      await beside(
        `questions and answers, ${outstanding} outstanding`,
        count,
        () => peer.ask(count, outstanding),
        () => peer.ping(count, outstanding),
      ),
    )
  }
  peer.child.disconnect()
  await once(peer.child, 'exit')
  server.close()
  await host.stop()
  return found
}

type Host = Awaited<ReturnType<typeof openHost>>

type Run = () => Promise<void>

async function beside(name: string, per: number, run: Run, plain: Run): Promise<Figure> {
  const samples: [number[], number[]] = [[], []]
  await run()
  await plain()
  for (let round = 0; round < rounds; round++) {
    for (const [i, one] of [run, plain].entries()) {
      const start = performance.now()
      await one()
      samples[i]?.push(((performance.now() - start) * 1000) / per)
    }
  }
  const [us = 0, besideUs = 0] = samples.map((all) => all.toSorted((a, b) => a - b)[rounds >> 1])
  const perSecond = Math.round(1e6 / us)
  return { name, us, perSecond, beside: 'plain TCP', besideUs, ratio: us / besideUs }
}

interface Peer {
  readonly child: ChildProcess
  send(): Promise<void>
  pour(): Promise<void>
  ask(count: number, outstanding: number): Promise<void>
  ping(count: number, outstanding: number): Promise<void>
}

async function meet(host: Host, server: Server): Promise<Peer> {
  const followed = nextChannel<ToFollower, FromFollower>(host, sides.follow.serves, 'follow')
  const worked = nextChannel<FromCoordinator, FromNode>(host, sides.work.serves, 'work')
  const sockets = twoSockets(server)
  const { port } = server.address() as { port: number }
  const child = fork(program, [addressOf(host), String(port)])
  const [follower, node, [sink, echo]] = await Promise.all([followed, worked, sockets])
  return {
    child,
    send: () => sendAll(follower),
    pour: () => pourAll(sink),
    ask: (count, outstanding) => askAll(node, count, outstanding),
    ping: (count, outstanding) => pingAll(echo, count, outstanding),
  }
}

/** A channel whose hearer can be exchanged. */
interface Line<Out, In> {
  readonly channel: Channel<Out, In>
  heard: (messages: readonly In[]) => void
  drained: () => void
}

async function nextChannel<Out, In>(
  host: Host,
  side: Side<Out, In>,
  name: keyof typeof protocols,
): Promise<Line<Out, In>> {
  const [stream] = await nextStream(host, protocols[name].id)
  const channel = new Channel(pipeOf(stream), side, ground)
  const line: Line<Out, In> = { channel, heard: () => {}, drained: () => {} }
  await new Promise<void>((resolve) => {
    line.heard = () => resolve()
    channel.listen({
      heard: (messages) => line.heard(messages),
      drained: () => line.drained(),
      ended: () => channel.close(),
      closed: () => {},
    })
  })
  return line
}

async function sendAll(line: Line<ToFollower, FromFollower>): Promise<void> {
  const all = Promise.withResolvers<void>()
  line.heard = () => all.resolve()
  const entry = new Uint8Array(messageBytes - 32).fill(1)
  for (let seq = 0; seq < perRound; seq++) {
    const said = line.channel.say([{ type: 'entry', seq: 1_000_000 + seq, entry }])
    if (said.ok && said.value) continue
    await new Promise<void>((resolve) => {
      line.drained = resolve
    })
  }
  await all.promise
}

async function askAll(
  line: Line<FromCoordinator, FromNode>,
  count: number,
  outstanding: number,
): Promise<void> {
  const all = Promise.withResolvers<void>()
  let asked = 0
  let answered = 0
  const ask = (more: number) => {
    const now = Math.min(more, count - asked)
    asked += now
    if (now > 0) line.channel.say(Array.from({ length: now }, () => cancel))
  }
  line.heard = (messages) => {
    answered += messages.length
    ask(messages.length)
    if (answered === count) all.resolve()
  }
  ask(outstanding)
  await all.promise
}

async function pourAll(socket: Socket): Promise<void> {
  const all = once(socket, 'data')
  const chunk = Buffer.alloc(64 * messageBytes)
  for (let sent = 0; sent < perRound; sent += 64) {
    if (!socket.write(chunk)) await once(socket, 'drain')
  }
  await all
}

async function pingAll(socket: Socket, count: number, outstanding: number): Promise<void> {
  const all = Promise.withResolvers<void>()
  let asked = 0
  let bytes = 0
  let answered = 0
  const ask = (more: number) => {
    const now = Math.min(more, count - asked)
    asked += now
    if (now > 0) socket.write(Buffer.alloc(now * renewalBytes))
  }
  const hear = (data: Buffer) => {
    bytes += data.length
    const now = Math.floor(bytes / renewalBytes)
    bytes -= now * renewalBytes
    answered += now
    ask(now)
    if (answered === count) all.resolve()
  }
  socket.on('data', hear)
  ask(outstanding)
  await all.promise
  socket.off('data', hear)
}

/** The two connections of plain TCP, which say what they are for by their first byte. */
function twoSockets(server: Server): Promise<[sink: Socket, echo: Socket]> {
  const found = new Map<string, Socket>()
  return new Promise((resolve) => {
    server.on('connection', (socket) => {
      socket.once('data', (name) => {
        found.set(String(name), socket)
        const sink = found.get('c')
        const echo = found.get('e')
        if (sink !== undefined && echo !== undefined) resolve([sink, echo])
      })
    })
  })
}
