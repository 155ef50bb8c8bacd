import {
  bytes as bytesOf,
  decode,
  encode,
  type FromNode,
  fromNode,
  limits,
  list,
  type Refusal,
  type Schema,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { draws } from '../test/time.ts'
import { FrameReader } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import { sides } from './side.ts'

const blob = bytesOf({ max: 200_000 })
const blobs: Schema<readonly Uint8Array[]> = {
  ...list(blob, { min: 1, max: limits.perFrameMax }),
  bytesMax: limits.frameBytesMax,
}
const alive: FromNode = { type: 'alive' }
const aliveBytes = encode(fromNode, alive)

interface Collected {
  readonly reader: FrameReader
  readonly frames: Uint8Array[]
  held: number
  heldMost: number
}

function collecting(bytesMax: number, go: () => boolean = () => true): Collected {
  const collected: Collected = {
    frames: [],
    held: 0,
    heldMost: 0,
    reader: new FrameReader(bytesMax, {
      take(frame) {
        collected.frames.push(frame)
        return go()
      },
      hold(bytes) {
        collected.held += bytes
        collected.heldMost = Math.max(collected.heldMost, collected.held)
        return true
      },
      release(bytes) {
        collected.held -= bytes
      },
    }),
  }
  return collected
}

function codeOf(read: number | Refusal): string | number {
  return typeof read === 'number' ? read : read.code
}

test('frames are found whatever pieces their bytes come in', () => {
  const draw = draws(7)
  const bodies = Array.from({ length: 200 }, () => new Uint8Array(1 + (draw() % 600)).fill(draw()))
  const bytes = Buffer.concat(bodies.map((body) => Buffer.concat([varint(body.length), body])))
  for (let round = 0; round < 20; round++) {
    const { reader, frames, held } = collecting(1000)
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + (draw() % (round < 10 ? 4 : 5000)))
      if (reader.read(bytes.subarray(at, end)) !== end - at) throw new Error('it stopped')
      at = end
    }
    expect(same(frames, bodies)).toBe(true)
    expect(reader.isBetween).toBe(true)
    expect(held).toBe(0)
  }
})

test('a length is refused before anything behind it is looked at or set aside', () => {
  const read = (bytes: number[], bytesMax = 1000) => {
    const collected = collecting(bytesMax)
    const found = codeOf(collected.reader.read(Uint8Array.from(bytes)))
    expect(collected.heldMost).toBe(0)
    return found
  }
  expect(read([0])).toBe('bytes.truncated')
  expect(read([0xe9, 0x07])).toBe('bytes.too-large')
  expect(read([0xe8, 0x07])).toBe(2)
  expect(read([0x80, 0x80])).toBe('bytes.too-large')
  expect(read([0x80, 0x00])).toBe('bytes.not-shortest')
  expect(read([0x81, 0x00])).toBe('bytes.not-shortest')
  expect(read([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])).toBe('bytes.too-large')
  expect(read([0xff, 0xff, 0x0f], limits.frameBytesMax)).toBe(3)
  expect(read([0x81, 0x80, 0x10], limits.frameBytesMax)).toBe('bytes.too-large')
})

test('never more than twice of what came is set aside, however long a frame says it is', () => {
  const collected = collecting(limits.frameBytesMax)
  collected.reader.read(varint(limits.frameBytesMax))
  expect(collected.held).toBe(0)
  for (let came = 1; came < 5000; came++) {
    collected.reader.read(Uint8Array.of(1))
    expect(collected.held).toBeLessThanOrEqual(Math.max(256, came * 2))
  }
})

test('a frame is memory of its own, so that nothing keeps the piece that it came in', () => {
  const { reader, frames } = collecting(1000)
  const piece = Uint8Array.of(2, 8, 9, 1, 7)
  reader.read(piece)
  piece.fill(0)
  expect(frames).toEqual([Uint8Array.of(8, 9), Uint8Array.of(7)])
  expect(frames[1]?.buffer.byteLength).toBe(1)
})

test('who takes frames can stop behind each of them', () => {
  const { reader, frames } = collecting(1000, () => false)
  expect(reader.read(Uint8Array.of(1, 7, 1, 8, 1, 9))).toBe(2)
  expect(reader.read(Uint8Array.of(1, 8, 1, 9))).toBe(2)
  expect(frames).toEqual([Uint8Array.of(7), Uint8Array.of(8)])
})

test('what is written is canonical frames of at most perFrameMax, in one batch', () => {
  for (const count of [1, 2, 23, 24, limits.perFrameMax, limits.perFrameMax + 1, 1000]) {
    const writer = new FrameWriter(sides.work.opens.out)
    for (let i = 0; i < count; i++) writer.add(aliveBytes)
    const { reader, frames } = collecting(limits.frameBytesMax)
    reader.read(writer.take() ?? new Uint8Array())
    const { frame } = sides.work.opens.out
    if (frame === undefined) throw new Error('work travels in frames')
    const lists = Array.from({ length: Math.ceil(count / limits.perFrameMax) }, (_, i) =>
      Array.from(
        { length: Math.min(limits.perFrameMax, count - i * limits.perFrameMax) },
        () => alive,
      ),
    )
    expect(frames.map((one) => Buffer.from(one))).toEqual(
      lists.map((list) => Buffer.from(encode(frame, list))),
    )
    expect(writer.bytes).toBe(0)
    expect(writer.take()).toBeUndefined()
  }
})

test('frames of any sizes are within their bound, and come out as they went in', () => {
  const draw = draws(11)
  const direction = { message: blob, frame: blobs }
  for (let round = 0; round < 20; round++) {
    const writer = new FrameWriter(direction)
    const written = Array.from({ length: 40 }, () => new Uint8Array(draw() % 60_000).fill(draw()))
    for (const one of written) writer.add(encode(blob, one))
    const { reader, frames } = collecting(limits.frameBytesMax)
    for (let batch = writer.take(); batch !== undefined; batch = writer.take()) {
      expect(reader.read(batch)).toBe(batch.length)
      expect(batch.length).toBeLessThan(2 * limits.frameBytesMax + 10)
    }
    const read = frames.flatMap((one) => {
      const decoded = decode(blobs, one)
      return decoded.ok ? decoded.value : []
    })
    expect(same(read, written)).toBe(true)
    expect(frames.length).toBeLessThan(written.length)
  }
})

function varint(length: number): Uint8Array {
  const bytes: number[] = []
  for (let left = length; ; left >>>= 7) {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0))
    if (left <= 0x7f) return Uint8Array.from(bytes)
  }
}

function same(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return (
    some.length === others.length &&
    some.every((one, i) => Buffer.compare(one, others[i] ?? one) === 0)
  )
}
