import type { StreamMuxer } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { expect, test } from 'vitest'
import { unheld } from './decoder.ts'
import { free, lendTo, own } from './lent.ts'

const [fin, syn] = [4, 1]

function frame(kind: number, flag: number, length: number, data: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(12))
  head.setUint8(1, kind)
  head.setUint16(2, flag)
  head.setUint32(4, 7)
  head.setUint32(8, length)
  return Buffer.concat([new Uint8Array(head.buffer), data])
}

type Frames = Iterable<{ header: { flag: number; length: number }; data?: Uint8ArrayList }>

function reading(streams: unknown[] = []) {
  const muxer = { decoder: undefined, streams } as unknown as StreamMuxer
  const { decoder } = unheld(muxer) as StreamMuxer & {
    decoder: { emitFrames(data: Uint8Array): Frames }
  }
  return (data: Uint8Array) => [...decoder.emitFrames(data)]
}

const body = Uint8Array.from({ length: 1000 }, (_, i) => i)
const wire = Buffer.concat([
  frame(1, syn, 0, new Uint8Array()),
  frame(0, syn | fin, body.length, body),
  frame(0, 0, 0, new Uint8Array()),
])

test.each([1, 5, 12, 13, 400, wire.length])(
  'a frame in pieces of %i bytes goes on as it comes, opened by the first and ended by the last',
  (pieceBytes) => {
    const read = reading()
    const heard = []
    for (let at = 0; at < wire.length; at += pieceBytes) {
      heard.push(...read(own(Uint8Array.from(wire.subarray(at, at + pieceBytes)))))
    }
    const parts = heard.slice(1, -1)
    expect(Buffer.concat(parts.map(({ data }) => data?.subarray() ?? body))).toEqual(
      Buffer.from(body),
    )
    expect(parts.every(({ header, data }) => header.length === data?.byteLength)).toBe(true)
    expect(parts.map(({ header }) => header.flag & syn)).toEqual(parts.map((_, i) => +(i === 0)))
    expect(parts.findIndex(({ header }) => header.flag & fin)).toBe(parts.length - 1)
    expect(heard[0]?.data).toBeUndefined()
    expect(heard.at(-1)?.data?.byteLength).toBe(0)
  },
)

test('a frame in little messages goes on when it is whole', () => {
  const read = reading()
  const heard = []
  for (const byte of wire) heard.push(...read(Uint8Array.of(byte)))
  expect(heard.map(({ header }) => header.length)).toEqual([0, body.length, 0])
  expect(heard[1]?.header.flag).toBe(syn | fin)
  expect(heard[1]?.data?.subarray()).toEqual(body)
})

test('what is freed later is copied for a stream, unless its reader copies', () => {
  const stream = { streamId: 7 }
  const read = reading([stream])
  const lent = () => own(Uint8Array.from(frame(0, 0, body.length, body)))
  const first = lent()
  const [kept] = read(first)
  lendTo(stream as unknown as Parameters<typeof lendTo>[0])
  const second = lent()
  const [seen] = read(second)
  free(first)
  free(second)
  expect(kept?.data?.subarray()).toEqual(body)
  expect(seen?.data?.subarray()).toHaveLength(0)
})

test('a frame of another version is refused', () => {
  expect(() => reading()(new Uint8Array(12).fill(1))).toThrow('version')
})
