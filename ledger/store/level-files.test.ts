import { mkdtempSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BadBytes, LevelFile } from './level-file.ts'
import { badBytes } from './level-files.ts'
import { badInTable } from './level-table.ts'

const root = mkdtempSync(join(tmpdir(), 'nexapod-level-'))
const location = join(root, 'level')
const kinds = { table: /\.ldb$/, log: /\.log$/, manifest: /^MANIFEST/, current: /^CURRENT$/ }
const blockBytes = 32_768
let places = 0

beforeAll(async () => {
  // LevelDB may be closed while it still makes a table of the log before: then there are two logs.
  do {
    await rm(location, { recursive: true, force: true })
    await fill(location, 2000, 1)
  } while ((await named(location, 'log')).length > 1)
  await bury(location)
})
afterAll(() => rm(root, { recursive: true }))

describe('nothing is found', () => {
  test('in what LevelDB writes, however much it is and however often it was opened', async () => {
    for (const rows of [0, 1, 10, 500]) {
      const place = join(root, `rows-${rows}`)
      for (let times = 0; times < 4; times++) {
        await fill(place, rows, times)
        expect(await found(place)).toEqual([])
      }
    }
    expect(await found(location)).toEqual([])
    expect((await named(location, 'table')).length).toBeGreaterThan(3)
    expect((await theLog(location)).bytes.length).toBeGreaterThan(3 * blockBytes)
  })

  test('in files that count no more, whatever they hold, or in one with an old name', async () => {
    const place = await copied()
    const before = await readdir(place)
    // The same rows again, so that there is something to merge.
    await fill(place, 2000, 1)
    const level = open(place) as ReturnType<typeof open> & Merging
    await level.open()
    await level.compactRange(Uint8Array.of(0), Uint8Array.of(255, 255))
    await level.close()
    const after = await readdir(place)
    const dead = before.filter((name) => !after.includes(name))
    expect(dead.filter((name) => kinds.table.test(name)).length).toBeGreaterThan(3)
    const alive = after.find((name) => kinds.table.test(name)) as string
    await rename(join(place, alive), join(place, alive.replace('ldb', 'sst')))
    for (const name of [...dead, '000001.log', '000001.ldb', '999999.ldb']) {
      await writeFile(join(place, name), 'dead')
    }
    expect(await found(place)).toEqual([])
  })

  test('in a log that a crash cut, or left zeros at the end of', async () => {
    const place = await copied()
    const { path, bytes } = await theLog(place)
    const draw = drawOf(7)
    for (let left = bytes.length; left > 0; left -= 1 + draw(2000)) {
      await truncate(path, left)
      expect(await found(place), `cut at ${left}`).toEqual([])
    }
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(2 * blockBytes)]))
    expect(await found(place)).toEqual([])
  })
})

describe('one bit is found, with no more than its record or block', () => {
  test.each(Object.keys(kinds) as (keyof typeof kinds)[])('in a %s', async (kind) => {
    const draw = drawOf(kind.length)
    const files = await named(location, kind)
    for (let time = 0; time < 60; time++) {
      const name = files[draw(files.length)] as string
      await flip(name, (bytes) => draw(bytes.length), draw(8))
    }
  })

  test('anywhere in a footer', async () => {
    const [name] = (await named(location, 'table')) as [string]
    for (let bit = 0; bit < 48 * 8; bit++) {
      await flip(name, (bytes) => bytes.length - 1 - (bit >> 3), bit & 7)
    }
  })

  test('anywhere in the header of the first record of a log, and of the last', async () => {
    const { name } = await theLog(location)
    for (let bit = 0; bit < 7 * 8; bit++) {
      await flip(name, () => bit >> 3, bit & 7)
      await flip(name, (bytes) => lastRecord(bytes) + (bit >> 3), bit & 7)
    }
  })
})

describe('what is bad in several places is found', () => {
  test('in the order of files and bytes', async () => {
    const place = await copied()
    const flips: { file: string; at: number }[] = []
    for (const file of await named(place, 'table')) {
      const bytes = await readFile(join(place, file))
      for (const at of [5, bytes.length >> 2, bytes.length >> 1]) {
        bytes[at] = (bytes[at] as number) ^ 4
        flips.push({ file, at })
      }
      await writeFile(join(place, file), bytes)
    }
    const bad = await found(place)
    expect(bad).toHaveLength(flips.length)
    for (const [i, { file, at }] of flips.entries()) expectCovered(bad.slice(i, i + 1), file, at)
  })

  test('in a sector that cannot be read, with the blocks that reach into it', async () => {
    const [name] = (await named(location, 'table')) as [string]
    const bytes = await readFile(join(location, name))
    const [from, to] = [12_288, 12_800]
    const source = {
      close: async () => {},
      read: async (into: Uint8Array, at: number, length: number, start: number) => {
        if (start < to && start + length > from) {
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
        }
        into.set(bytes.subarray(start, start + length), at)
        return { bytesRead: length }
      },
    }
    await using file = new LevelFile(name, bytes.length, source)
    const bad = await all(badInTable(file, bytes.length))
    expect(bad.length).toBeLessThanOrEqual(2)
    expect(bad[0]?.found).toBe('it cannot be read: EIO: i/o error, read')
    expect(bad[0]?.from).toBeLessThanOrEqual(from)
    expect(bad.at(-1)?.to).toBeGreaterThanOrEqual(to)
  })
})

describe('what is gone is found', () => {
  test('if it is a table or a log', async () => {
    for (const kind of ['table', 'log'] as const) {
      const place = await copied()
      const name = (await named(place, kind)).at(-1) as string
      await rm(join(place, name))
      const [manifest] = await named(place, 'manifest')
      const told = `the file is not there, though ${manifest} names it`
      expect(await found(place)).toEqual([{ file: name, from: 0, to: 0, found: told }])
    }
  })

  test('if it is the MANIFEST, or CURRENT, or all', async () => {
    const place = await copied()
    const [manifest] = await named(place, 'manifest')
    await rm(join(place, manifest as string))
    const told = `it names ${manifest}, which is not there`
    expect(await found(place)).toEqual([{ file: 'CURRENT', from: 0, to: 16, found: told }])
    await writeFile(join(place, 'CURRENT'), '')
    expect(await found(place)).toMatchObject([{ file: 'CURRENT', from: 0, to: 0 }])
    await rm(join(place, 'CURRENT'))
    await mkdir(join(place, 'CURRENT'))
    const [folder] = await found(place)
    expect(folder?.found).toMatch(/^it cannot be read: EISDIR/)
    const nothing = { file: 'CURRENT', from: 0, to: 0, found: 'the file is not there' }
    expect(await found(join(root, 'nowhere'))).toEqual([nothing])
  })

  test('if it is the end of a table, or all of a MANIFEST', async () => {
    const place = await copied()
    const [table, manifest] = [await named(place, 'table'), await named(place, 'manifest')]
    const [file, list] = [table[0] as string, manifest[0] as string]
    const { length } = await readFile(join(place, file))
    await truncate(join(place, file), 1000)
    expect(await found(place)).toMatchObject([{ file, from: 1000, to: length }])
    await truncate(join(place, file), length + 9)
    expect(await found(place)).toMatchObject([
      { file, from: length - 48, to: length },
      { file, from: length, to: length + 9 },
    ])
    await truncate(join(place, list), 0)
    expect(await found(place)).toMatchObject([{ file: list, from: 0, to: 0 }])
  })
})

test('noise that makes a file longer is found, and nothing is thrown', async () => {
  const place = await copied()
  const draw = drawOf(5)
  for (const name of await readdir(location)) {
    if (!Object.values(kinds).some((kind) => kind.test(name))) continue
    const bytes = await readFile(join(location, name))
    for (let time = 0; time < 20; time++) {
      const from = draw(bytes.length)
      const noise = Uint8Array.from({ length: 1 + draw(2 ** draw(16)) }, () => draw(256))
      const parts = [bytes.subarray(0, from), noise, bytes.subarray(from + draw(noise.length))]
      await writeFile(join(place, name), Buffer.concat(parts))
      const [bad] = await found(place)
      expect(bad?.file, `${name}: ${noise.length} from ${from}`).toBe(name)
    }
    await writeFile(join(place, name), bytes)
  }
})

/** What LevelDB can do, and the types of level leave out, because a browser cannot. */
interface Merging {
  compactRange(from: Uint8Array, to: Uint8Array): Promise<void>
}

/** What is found in a folder. */
async function found(place: string): Promise<BadBytes[]> {
  return await all(badBytes(place))
}

async function all(given: AsyncIterable<BadBytes>): Promise<BadBytes[]> {
  const bad: BadBytes[] = []
  for await (const one of given) bad.push(one)
  return bad
}

/** Flips one bit of a file, expects that it is found, and flips it back. */
async function flip(name: string, where: (bytes: Buffer) => number, bit: number): Promise<void> {
  const path = join(location, name)
  const bytes = await readFile(path)
  const at = where(bytes)
  await writeFile(path, bytes.with(at, (bytes[at] as number) ^ (1 << bit)))
  const bad = await found(location)
  await writeFile(path, bytes)
  expectCovered(bad, name, at)
}

function expectCovered(bad: readonly BadBytes[], file: string, at: number): void {
  const place = `${file} at ${at}: ${JSON.stringify(bad)}`
  expect(bad, place).toMatchObject([{ file }])
  const [{ from, to }] = bad as [BadBytes]
  expect(from <= at && at < to && to - from <= blockBytes, place).toBe(true)
}

/** Writes rows, each by itself, and closes; the last goes over several blocks of the log. */
async function fill(place: string, rows: number, seed: number): Promise<void> {
  const draw = drawOf(seed)
  const level = open(place)
  await level.open()
  for (let row = 0; row < rows; row++) {
    const key = Uint8Array.of(seed, row >> 8, row)
    await level.put(
      key,
      Uint8Array.from({ length: 200 + draw(300) }, () => draw(256)),
    )
  }
  if (rows > 0) await level.put(Uint8Array.of(255, seed), new Uint8Array(100_000).fill(seed))
  await level.close()
}

/** Takes tables away that do not count: LevelDB may be closed while it makes or drops some. */
async function bury(place: string): Promise<void> {
  for (const name of await named(place, 'table')) {
    const path = join(place, name)
    await rename(path, `${path}.gone`)
    if ((await found(place)).length > 0) await rename(`${path}.gone`, path)
    else await rm(`${path}.gone`)
  }
}

function open(place: string): Level<Uint8Array, Uint8Array> {
  return new Level<Uint8Array, Uint8Array>(place, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    compression: false,
    writeBufferSize: 2 ** 17,
  })
}

/** A copy of the files, to do things to. */
async function copied(): Promise<string> {
  const place = join(root, `copy-${places++}`)
  await cp(location, place, { recursive: true })
  return place
}

async function named(place: string, kind: keyof typeof kinds): Promise<string[]> {
  return (await readdir(place)).filter((name) => kinds[kind].test(name)).sort()
}

async function theLog(place: string): Promise<{ name: string; path: string; bytes: Buffer }> {
  const name = (await named(place, 'log')).at(-1) as string
  const path = join(place, name)
  return { name, path, bytes: await readFile(path) }
}

/** Where the last record of a log begins. */
function lastRecord(bytes: Buffer): number {
  let last = 0
  for (let at = 0; at < bytes.length; ) {
    last = at
    at += 7 + bytes.readUInt16LE(at + 4)
    if (blockBytes - (at % blockBytes) < 7) at += blockBytes - (at % blockBytes)
  }
  return last
}

/** A stream of numbers that a seed gives: xorshift over 32 bits. */
function drawOf(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
