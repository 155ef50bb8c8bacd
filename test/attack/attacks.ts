import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { limits, protocols } from '../../specs/index.ts'
import type { Attacker, RawStream } from './attacker.ts'

/** Something that somebody tries, the refusals that show that it was seen, and how it is done. */
export interface Attack {
  readonly name: string
  /** Codes of which each must be among those that the attacked process refused with. */
  readonly codes: readonly string[]
  run(attacker: Attacker): Promise<void>
}

const { work, call, follow } = protocols
const bytes = (...values: number[]) => Uint8Array.from(values)

/** On so many streams, one after the other, the same bytes; then the answer is awaited. */
async function each(
  attacker: Attacker,
  count: number,
  protocol: string,
  send: (stream: RawStream, i: number) => Promise<void> | void,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const stream = await attacker.open(protocol)
    if (stream === undefined) continue
    await send(stream, i)
    await stream.over
  }
}

/** Everything that is tried over streams and connections of libp2p. */
export const attacks: readonly Attack[] = [
  {
    name: 'frames that say they are too long, or empty',
    codes: ['bytes.too-large', 'bytes.truncated'],
    async run(attacker) {
      await each(attacker, 6, work.id, (stream, i) => {
        stream.send(i % 2 === 0 ? bytes(0xff, 0xff, 0xff, 0xff, 0x0f) : bytes(0))
      })
    },
  },
  {
    name: 'lengths and numbers that are not in their shortest form, floats, keys out of order',
    codes: ['bytes.not-shortest', 'bytes.float', 'bytes.indefinite'],
    async run(attacker) {
      const wrong = [
        bytes(0x85, 0x00),
        bytes(3, 0x98, 1, 0xa0),
        bytes(4, 0x81, 0xf9, 0x3c, 0x00),
        bytes(2, 0x9f, 0xff),
      ]
      await each(attacker, 4, work.id, (stream, i) => {
        stream.send(wrong[i] ?? bytes(0))
      })
    },
  },
  {
    name: 'noise in frames of any length',
    codes: ['document.type'],
    async run(attacker) {
      await each(attacker, 6, work.id, async (stream, i) => {
        const frame = new Uint8Array(limits.frameBytesMax).map(() => attacker.draw())
        // The first byte says that it is no list.
        frame[0] = 0x40 | (i & 7)
        stream.send(bytes(0x80, 0x80, 0x10))
        stream.send(frame)
      })
    },
  },
  {
    name: 'half a frame, and then the end',
    codes: ['bytes.truncated'],
    async run(attacker) {
      await each(attacker, 4, call.id, (stream) => {
        stream.send(bytes(0x80, 0x04, 0xa1, 0x61))
        stream.end()
      })
    },
  },
  {
    name: 'questions before the answer to the last',
    codes: ['wire.message'],
    async run(attacker) {
      await each(attacker, 4, call.id, (stream) => {
        stream.send(attacker.questions(10))
      })
    },
  },
  {
    name: 'silence after the stream was opened, and one byte now and then',
    codes: ['wire.deadline'],
    async run(attacker) {
      const streams = await attacker.openMany(4, [work.id, call.id, follow.id])
      let open = streams.length
      for (const stream of streams) stream.over.then(() => open--)
      for (const [i, stream] of streams.entries()) if (i % 2 === 0) stream.send(bytes(0x90, 0x4e))
      while (open > 0) {
        for (const [i, stream] of streams.entries()) if (i % 2 === 0) stream.send(bytes(0x81))
        await sleep(50)
      }
    },
  },
  {
    name: 'answers and entries that are never read',
    codes: ['wire.deadline'],
    async run(attacker) {
      const askers = await attacker.openMany(4, [call.id])
      const followers = await attacker.openMany(4, [follow.id])
      for (const stream of [...askers, ...followers]) stream.stopReading()
      for (const stream of followers) stream.send(attacker.follows())
      for (let i = 0; i < 2000; i++) {
        for (const stream of askers) stream.send(attacker.questions(1))
        if (i % 50 === 0) await sleep(1)
      }
      await Promise.all(followers.map((stream) => stream.over))
    },
  },
  {
    name: 'a thousand streams of one peer',
    codes: ['wire.rate'],
    async run(attacker) {
      for (let i = 0; i < 50; i++) {
        const streams = await attacker.openMany(20, [work.id])
        for (const stream of streams) stream.reset()
      }
    },
  },
  {
    name: 'small messages as fast as they go',
    codes: [],
    async run(attacker) {
      const stream = await attacker.open(work.id)
      const alive = attacker.alive(64)
      for (let i = 0; i < 20_000 && stream?.isOpen; i++) {
        if (!stream.send(alive)) await Promise.race([stream.room(), sleep(2000)])
      }
      stream?.reset()
    },
  },
  {
    name: 'a thousand connections that say nothing',
    codes: [],
    async run(attacker) {
      const { host, port } = attacker.target
      const sockets = Array.from({ length: 1000 }, () =>
        connect({ host, port, localAddress: attacker.localAddress }).on('error', () => {}),
      )
      await sleep(3000)
      for (const socket of sockets) socket.destroy()
    },
  },
  {
    name: 'two hundred peers with four streams each',
    codes: [],
    async run(attacker) {
      for (let i = 0; i < 20; i++) {
        // Some are turned away at the door, as they should be.
        await Promise.allSettled(
          Array.from({ length: 10 }, async () => {
            const other = await attacker.another()
            await other.openMany(4, [work.id])
          }),
        )
      }
      await attacker.stopOthers()
    },
  },
  {
    name: 'a frame of yamux that has no end',
    codes: [],
    async run(attacker) {
      const raw = await attacker.rawConnection()
      raw.send(bytes(0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff))
      for (let i = 0; i < 4096 && raw.isOpen; i++) {
        raw.send(new Uint8Array(64 * 1024))
        await sleep(0)
      }
    },
  },
  {
    name: 'pings whose answers are never read',
    codes: [],
    async run(attacker) {
      const raw = await attacker.rawConnection()
      raw.stopReading()
      const pings = new Uint8Array(12 * 4096)
      for (let at = 0; at < pings.length; at += 12) pings.set(bytes(0, 2, 0, 1), at)
      for (let i = 0; i < 2000 && raw.isOpen; i++) {
        raw.send(pings)
        await sleep(0)
      }
    },
  },
  {
    name: 'a window in frames of one byte, to who does not read',
    codes: [],
    async run(attacker) {
      const peers = await Promise.all(Array.from({ length: 4 }, () => attacker.another()))
      for (const peer of peers) {
        await peer.dribble(call.id, bytes(0x80, 0x80, 0x02), limits.streamWindowBytes - 1024)
      }
      await attacker.stopOthers()
    },
  },
]
