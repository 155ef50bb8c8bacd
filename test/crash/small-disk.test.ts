import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit, lookHere, openStore, repair, restore } from '../../ledger/store/index.ts'
import { codeOf, entries, filled } from '../../ledger/test/stores.ts'
import { missing } from '../config.ts'
import { count, foundAt, write, writerOf } from './crash.ts'
import { differences, type Image, imageOf, writeImage } from './power/image.ts'
import { canMount, SmallDisk } from './small-disk.ts'

const size = 600
const pageBytes = 4096
const kibibyte = 2 ** 10
const mebibyte = 2 ** 20
let root = ''
let base = ''
let image: Image = new Map()

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nexapod-full-'))
  base = join(root, 'base')
  await (await filled(base, size))[Symbol.asyncDispose]()
  image = await imageOf(base)
})
afterAll(() => rm(root, { recursive: true }))

/** What is done on a disk that is full, in small steps of free pages: a child takes its time. */
const deeds: Readonly<Record<string, readonly [number, (at: string) => Promise<string>]>> = {
  'a new store': [2, (at) => opening(`${at}-new`)],
  'an open': [1, (at) => opening(at)],
  'an open by a child': [6, (at) => opening(at, {})],
  'a restore': [2, async (at) => codeOf(await restore(base, `${at}-new`))],
  'a repair': [2, async (at) => codeOf(await repair(at, entries.slice(0, 300), here))],
}

describe.skipIf(missing('mount', canMount))('a disk that is full', () => {
  test('stops the store that filled it, loses nothing, and may grow', async () => {
    await using disk = await SmallDisk.make(3 * mebibyte)
    const directory = join(disk.root, 'store')
    const writer = writerOf(directory, 2, 20 * kibibyte)
    const { acknowledged, refused } = await write(writer)
    expect(refused[0]).toMatch(/^ledger\.stopped: .*no space/i)
    expect(acknowledged).toBeGreaterThan(0)
    disk.fill()
    for (const options of [here, {}]) {
      const detail = expect.stringMatching(/no space/i)
      const answer = await openStore({ directory, ...options })
      expect(answer).toMatchObject({ refusal: { code: 'ledger.stopped', detail } })
    }
    disk.clear()
    await disk.become(`size=${64 * mebibyte}`)
    expect(await foundAt(directory, acknowledged)).not.toHaveProperty('wrong')
    expect(await write(writer)).toEqual({ acknowledged: count, refused: [] })
    expect(await foundAt(directory, count)).not.toHaveProperty('wrong')
  })

  test.each(Object.entries(deeds))('refuses %s until there is room', async (name, [step, deed]) => {
    await using disk = await SmallDisk.make(16 * mebibyte)
    const directory = join(disk.root, 'store')
    const codes = new Set<string>()
    for (let free = 0; !codes.has('ok'); free += step * pageBytes) {
      await writeImage(directory, image)
      disk.fill(free)
      const code = await deed(directory)
      codes.add(code)
      disk.clear()
      if (code !== 'ok' && !name.includes('open')) expect(await changedIn(directory)).toEqual([])
      expect(await sizeOf(directory)).toBe(size)
    }
    expect([...codes]).toEqual(['ledger.stopped', 'ok'])
    expect(differences(await imageOf(base), image)).toEqual([])
  })

  test('or may not be written gives an audit, and nothing else', async () => {
    await using disk = await SmallDisk.make(16 * mebibyte)
    const directory = join(disk.root, 'store')
    await writeImage(directory, image)
    await disk.become('ro')
    expect(await openStore({ directory })).toMatchObject({
      refusal: { code: 'ledger.stopped', detail: expect.stringMatching(/read-only/i) },
    })
    expect(codeOf(await audit(directory, here))).toBe('ok')
    expect(differences(await imageOf(directory), image)).toEqual([])
    await disk.become('rw')
    expect(await sizeOf(directory)).toBe(size)
  })
})

const here = { look: lookHere }

/** What an opening says; what it opened is closed. */
async function opening(directory: string, options: { look?: typeof lookHere } = here) {
  const answer = await openStore({ directory, ...options })
  if (answer.ok) await answer.value[Symbol.asyncDispose]()
  return codeOf(answer)
}

async function sizeOf(directory: string): Promise<number | string> {
  const answer = await openStore({ directory, ...here })
  if (!answer.ok) return answer.refusal.code
  await using store = answer.value
  return store.tip.size
}

/** What is not as it was in the store that is served. */
async function changedIn(directory: string): Promise<string[]> {
  const others = differences(await imageOf(directory), image)
  return others.filter((path) => path.startsWith('now'))
}
