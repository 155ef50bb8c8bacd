import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Writer } from '../test/chains.ts'
import { ctrlC, type } from '../test/shells.ts'
import { opened, Places, valued } from '../test/stores.ts'
import { cosign, grow, treeOf, workedChain } from '../test/worked.ts'
import { entriesOf, isEntryFile } from './entry-file.ts'

const writer = workedChain(6)
const size = writer.entries.length
const places = new Places()
const directory = places.next()
const exported = places.next()

beforeAll(async () => {
  await using store = await opened(directory)
  await grow(store, writer, size)
  await cosign(store, writer, 2)
})
afterAll(() => places.remove())

describe('backup and restore', () => {
  test('make stores that hold the same, and change nothing', async () => {
    const [copy, again] = [places.next(), places.next()]
    const before = treeOf(directory)
    const made = await type(`backup ${directory} ${copy}`)
    expect(made).toMatchObject({ exit: 0, err: '' })
    expect(made.out).toMatch(
      `made     ${copy}\nchain    ${writer.chain}\nentries  ${size}, the last`,
    )
    expect(made.out).toMatch(`next     nexapod ledger audit ${copy}\n`)
    expect(treeOf(directory)).toBe(before)
    const json = JSON.parse((await type(`restore ${copy} ${again} --json`)).out)
    expect(json).toMatchObject({ directory: again, size, head: writer.head })
    for (const one of [copy, again]) {
      expect(await readdir(one)).toEqual(['lock', 'now'])
      const audited = JSON.parse((await type(`audit ${one} --json`)).out)
      expect(audited).toMatchObject({ size, checkpoints: 1, cosignatures: 2 })
    }
  })

  test('write over nothing', async () => {
    const foreign = places.next()
    await mkdir(join(foreign, 'photos'), { recursive: true })
    for (const line of [`backup ${directory}`, `restore ${directory}`]) {
      for (const [to, there] of [
        [foreign, 'photos'],
        [directory, 'before-open'],
      ] as const) {
        const { exit, err } = await type(`${line} ${to}`)
        expect(exit).toBe(1)
        expect(err).toMatch(`error: ${to} is not empty.\n  why   there is ${there}\n`)
      }
    }
    expect(await readdir(foreign)).toEqual(['photos'])
  })

  test('leave nothing behind when they are ended, or refused', async () => {
    const [gone, empty, busy] = [places.next(), places.next(), places.next()]
    await mkdir(empty)
    for (const to of [gone, empty]) {
      const ended = await type(`restore ${directory} ${to}`, { signal: ctrlC() })
      expect(ended.exit).toBe(130)
    }
    await expect(readdir(gone)).rejects.toThrow()
    expect(await readdir(empty)).toEqual([])
    await using _ = await opened(busy)
    const refused = await type(`backup ${directory} ${busy}`)
    expect(refused.exit).toBe(1)
    expect(await readdir(busy)).toContain('now')
    expect(await readdir(directory)).toEqual(['before-open', 'lock', 'now'])
  })
})

describe('a file of entries', () => {
  beforeAll(async () => {
    const { exit, out } = await type(`export ${directory} ${exported}`)
    expect(exit).toBe(0)
    expect(out).toMatch(/^written {2}.*, 15 KiB\nchain .*\nentries {2}25\nhead /)
  })

  test('holds them all, and no name is written over', async () => {
    expect(await isEntryFile(exported)).toBe(true)
    expect(await read(exported, 0)).toEqual([writer.entries, undefined])
    expect(await read(exported, 20)).toEqual([writer.entries.slice(20), undefined])
    const { exit, err } = await type(`export ${directory} ${exported}`)
    expect(exit).toBe(1)
    expect(err).toMatch('it is there already')
    const json = JSON.parse((await type(`export ${directory} ${exported}2 --json`)).out)
    expect(json).toMatchObject({ size, bytes: (await stat(exported)).size, head: writer.head })
  })

  test('of many pieces is read piece by piece', async () => {
    const long = new Writer().fill(9000)
    const [store, file] = [places.next(), places.next()]
    {
      await using filled = await opened(store)
      await grow(filled, long, long.entries.length)
    }
    await type(`export ${store} ${file}`)
    expect((await stat(file)).size).toBeGreaterThan(2 ** 20)
    expect(await read(file, 8000)).toEqual([long.entries.slice(8000), undefined])
  })

  test('is refused where it is not as it was written, and no length is believed', async () => {
    const file = places.next()
    const whole = await readFile(exported)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(limits.entryBytesMax + 1)
    const broken = [
      ['bytes.truncated', size, whole.subarray(0, -4)],
      ['bytes.truncated', size - 1, whole.subarray(0, -5)],
      ['bytes.truncated', 0, whole.subarray(0, 20)],
      ['bytes.trailing', size, Buffer.concat([whole, length])],
      ['bytes.too-large', size, Buffer.concat([whole.subarray(0, -4), length, whole])],
      ['bytes.too-large', 0, Buffer.concat([whole.subarray(0, 18), Buffer.alloc(9, 0xff)])],
    ] as const
    for (const [code, count, bytes] of broken) {
      await writeFile(file, bytes)
      const [entries, found] = await read(file, 0)
      expect([found, entries.length]).toEqual([code, count])
    }
    await writeFile(file, whole.subarray(1))
    expect(await isEntryFile(file)).toBe(false)
    await using empty = await open(file, 'w')
    expect([await isEntryFile(file), empty.fd > 0]).toEqual([false, true])
  })
})

/** The entries of a file from one on, and what ended them. */
async function read(file: string, from: number): Promise<[Uint8Array[], string | undefined]> {
  const entries: Uint8Array[] = []
  for await (const page of entriesOf(file, from)) {
    if (!page.ok) return [entries, page.refusal.code]
    entries.push(...valued(page).map((bytes) => new Uint8Array(bytes)))
  }
  return [entries, undefined]
}
