import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BadBytes, LevelFile } from './level-file.ts'
import { type Piece, piecesOf } from './level-log.ts'

const [one, two, three] = [32_768, 65_536, 98_304]
/** A log of two records: one that all but fills a block, and one that goes over three. */
let log = Buffer.alloc(0)

beforeAll(async () => {
  const place = await mkdtemp(join(tmpdir(), 'nexapod-log-'))
  const level = new Level<Uint8Array, Uint8Array>(place, {
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  // Header, sequence, count, kind, key and lengths take 25 bytes; three are left of the block.
  await level.put(Uint8Array.of(1), new Uint8Array(one - 25 - 3).fill(7))
  await level.put(Uint8Array.of(2), new Uint8Array(80_000).fill(7))
  await level.close()
  const name = (await readdir(place)).find((each) => each.endsWith('.log')) as string
  log = await readFile(join(place, name))
  await rm(place, { recursive: true })
})

describe('a log', () => {
  test('is read in the pieces that it was written in', async () => {
    const pieces = await read(log)
    expect(pieces).toMatchObject([
      { from: 0, to: one - 3, first: true, last: true },
      { from: one, to: two, first: true, last: false },
      { from: two, to: three, first: false, last: false },
      { from: three, to: log.length, first: false, last: true },
    ])
    expect(await read(new Uint8Array())).toEqual([])
  })

  test('may be cut by a crash wherever it was, or go on with zeros', async () => {
    for (let left = 0; left <= log.length; left += 97) {
      expect(await badIn(log.subarray(0, left)), `cut at ${left}`).toEqual([])
    }
    for (const zeros of [1, 6, 7, 8, one, two]) {
      expect(await badIn(Buffer.concat([log, Buffer.alloc(zeros)])), `${zeros} zeros`).toEqual([])
    }
  })

  test('that was cut, and had a bit flipped before the cut, is bad there', async () => {
    expect(await badIn(Buffer.from(log.subarray(0, three)).fill(1, 99, 100))).toMatchObject([
      { from: 0, to: one - 3, found: 'the checksum of a record does not match' },
    ])
  })
})

describe('a log is bad where there is', () => {
  test.each<[string, (all: Buffer) => Buffer, number, number, RegExp]>([
    ['padding that is not zero', (all) => all.fill(1, one - 2, one - 1), one - 3, one, /padding/],
    ['zeros before the end', (all) => all.fill(0, two, three), two, three, /there are zeros/],
    ['half of a block zeros', (all) => all.fill(0, two + 9, three), two, three, /checksum/],
    ['one beginning too many', twice, one, two, /does not end/],
    [
      'no beginning',
      (all) => Buffer.concat([all.subarray(0, one), all.subarray(two)]),
      one,
      two,
      /gone/,
    ],
    ['noise over two blocks', (all) => all.fill(9, one - 99, one + 99), 0, two, /checksum/],
    ['another length', (all) => all.fill(0xff, 4, 6), 0, one - 3, /length/],
    ['a length and bytes that are wrong', (all) => all.fill(0xff, 4, 99), 0, one, /goes over/],
    ['another type', (all) => all.fill(9, 6, 7), 0, one - 3, /checksum/],
  ])('%s', async (_, change, from, to, said) => {
    const bad = await badIn(change(Buffer.from(log)))
    expect([bad[0]?.from, bad.at(-1)?.to]).toEqual([from, to])
    expect(bad[0]?.found).toMatch(said)
  })
})

function twice(all: Buffer): Buffer {
  return all.fill(all.subarray(one, two), two, three)
}

async function badIn(bytes: Uint8Array): Promise<BadBytes[]> {
  return (await read(bytes)).filter((part) => 'found' in part)
}

async function read(bytes: Uint8Array): Promise<(Piece | BadBytes)[]> {
  const source = {
    close: async () => {},
    read: async (into: Uint8Array, at: number, length: number, from: number) => {
      into.set(bytes.subarray(from, from + length), at)
      return { bytesRead: length }
    },
  }
  await using file = new LevelFile('000003.log', bytes.length, source)
  const parts: (Piece | BadBytes)[] = []
  for await (const part of piecesOf(file)) parts.push(part)
  return parts
}
