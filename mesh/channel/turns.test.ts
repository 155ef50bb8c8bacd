import { setImmediate } from 'node:timers/promises'
import { limits } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { addressOf, nextStream, openHost } from '../test/hosts.ts'
import { rawConnection } from '../test/raw.ts'

/** A line of multistream-select. */
function line(text: string): Buffer {
  return Buffer.concat([Uint8Array.of(text.length + 1), Buffer.from(`${text}\n`)])
}

/** A data frame of yamux on the first stream that a dialler opens. */
function frame(flags: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(flags, 2)
  head.writeUInt32BE(1, 4)
  head.writeUInt32BE(body.length, 8)
  return Buffer.concat([head, body])
}

test('frames that came at once are taken in turns of the loop, and all in order', async () => {
  const count = 4000
  const seed = Date.now() % 2 ** 32
  const host = await openHost(seed)
  const raw = await rawConnection(seed + 1, addressOf(host), '127.0.0.1')
  const coming = nextStream(host, '/turns/1')
  raw.send(frame(1, Buffer.concat([line('/multistream/1.0.0'), line('/turns/1')])))
  const [stream] = await coming
  let turn = 0
  const [bytes, inTurn]: [number[], Map<number, number>] = [[], new Map()]
  stream.addEventListener('message', ({ data }) => {
    bytes.push(...data.subarray())
    inTurn.set(turn, (inTurn.get(turn) ?? 0) + data.byteLength)
  })
  // One message of noise.
  raw.send(Buffer.concat(Array.from({ length: count }, (_, i) => frame(0, Uint8Array.of(i)))))
  for (; bytes.length < count; turn++) await setImmediate()
  expect(bytes, `seed ${seed}`).toEqual(Array.from({ length: count }, (_, i) => i % 256))
  // Two at the most: its turn in the row may come in the same round as what it brings anew.
  expect(Math.max(...inTurn.values())).toBeLessThanOrEqual(2 * limits.turnFramesMax)
  await raw.stop()
  await host.stop()
})
