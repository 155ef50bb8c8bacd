import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestBytes, leafHash, merkleTree } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import type { Taken } from '../chain/chain.ts'
import { meshOf, Writer } from '../test/chains.ts'
import {
  all,
  codeOf,
  entries,
  filled,
  opened,
  Places,
  taken,
  takenOf,
  valued,
  writer,
} from '../test/stores.ts'
import { extendsTree, includes } from '../tree/proof.ts'
import type { SnapshotName } from './index.ts'

const places = new Places()
const place = () => places.next()
afterAll(() => places.remove())

const state = '7'.repeat(64) as Digest

describe('a store', () => {
  test('gives back what was appended, after it was closed too', async () => {
    const directory = place()
    {
      await using store = await filled(directory, 600)
      expect(store.tip).toMatchObject({ size: 600, chain: writer.chain })
      expect(await all(store)).toEqual(entries.slice(0, 600).map((one) => Buffer.from(one)))
    }
    await using store = await opened(directory)
    expect(await all(store, 590)).toEqual(entries.slice(590, 600).map((one) => Buffer.from(one)))
    expect(Buffer.compare(valued(await store.entry(3)), entries[3] as Uint8Array)).toBe(0)
    expect(codeOf(await store.entry(600))).toBe('ledger.unknown')
    expect(valued(await store.append(taken.slice(600))).size).toBe(700)
  })

  test('that is being closed ends what is read of it, and refuses what is asked then', async () => {
    const directory = place()
    const store = await filled(directory, 600)
    const pages = store.pages(0)
    valued((await pages.next()).value as never)
    const reads = Array.from({ length: 20 }, () => store.consistency(1, 600))
    const closed = store[Symbol.asyncDispose]()
    expect(codeOf(await store.entry(3))).toBe('wire.closing')
    for (const read of reads) expect((await read).ok).toBe(true)
    await closed
    expect(codeOf(await store.inclusion(3))).toBe('wire.closing')
    expect(codeOf((await pages.next()).value as never)).toBe('wire.closing')
    expect((await pages.next()).done).toBe(true)
  })

  test('keeps together what was given at once, however much it is', async () => {
    const directory = place()
    {
      await using store = await opened(directory)
      expect(valued(await store.append(taken))).toMatchObject({ size: taken.length, turn: 1 })
    }
    await using store = await opened(directory)
    expect((await all(store)).length).toBe(taken.length)
  })

  test('proves its entries and its growth', async () => {
    await using store = await filled(place(), 300)
    const leaves = entries.slice(0, 300).map(leafHash)
    const rootAt = (size: number) => merkleTree(leaves.slice(0, size)).root
    for (const [seq, size] of [
      [0, 1],
      [5, 6],
      [0, 300],
      [299, 300],
      [128, 257],
    ] as const) {
      const path = valued(await store.inclusion(seq, size))
      expect(includes(rootAt(size), size, seq, leaves[seq] as Uint8Array, path)).toBe(true)
    }
    for (const [from, to] of [
      [1, 300],
      [256, 300],
      [299, 300],
      [300, 300],
    ] as const) {
      const path = valued(await store.consistency(from, to))
      const trees = [from, to].map((size) => ({ size, root: rootAt(size) }))
      expect(extendsTree(trees[0] as (typeof trees)[0], trees[1] as (typeof trees)[0], path)).toBe(
        true,
      )
    }
    expect(Buffer.compare(digestBytes(store.tip.root), rootAt(300))).toBe(0)
    expect(codeOf(await store.inclusion(300))).toBe('ledger.unknown')
    expect(codeOf(await store.consistency(0, 300))).toBe('ledger.unknown')
  })

  test('takes nothing that does not follow, and goes on after it', async () => {
    await using store = await filled(place(), 10)
    const other = takenOf(new Writer(meshOf(3, 2)).fill(20).entries)
    for (const wrong of [[taken[9]], [taken[11]], [other[10]], [taken[10], taken[12]]]) {
      expect(codeOf(await store.append(wrong as Taken[]))).toBe('chain.link')
    }
    expect(valued(await store.append(taken.slice(10, 11))).size).toBe(11)
  })

  test('refuses more than it can hold in its queue, and keeps what it took', async () => {
    await using store = await opened(place())
    const long = takenOf(new Writer().fill(4500).entries)
    const groups = Array.from({ length: 18 }, (_, i) => long.slice(i * 250, (i + 1) * 250))
    const answers = await Promise.all(groups.map((group) => store.append(group)))
    expect(answers.map(codeOf)).toEqual([...Array(16).fill('ok'), 'wire.full', 'wire.full'])
    expect(valued(await store.append(long.slice(4000, 4200))).size).toBe(4200)
  })

  test('keeps the rows that are given with entries', async () => {
    const directory = place()
    {
      await using store = await filled(directory, 5)
      const rows = ['out/1', 'out/2', 'id/1'].map((key) => ({ key: bytes(key), value: bytes(key) }))
      valued(await store.append(taken.slice(5, 6), rows))
      valued(await store.append(taken.slice(6, 7), [{ key: bytes('out/1') }]))
      valued(await store.give([{ key: bytes('id/1'), value: bytes('again') }]))
    }
    await using store = await opened(directory)
    expect(store.givenKeys(bytes('out/')).map((key) => Buffer.from(key).toString())).toEqual([
      'out/2',
    ])
    expect(Buffer.from(valued(await store.given(bytes('id/1'))) ?? []).toString()).toBe('again')
    expect(valued(await store.given(bytes('out/1')))).toBeUndefined()
  })

  test('keeps the last two snapshots of its chain, and finds what is wrong with one', async () => {
    const directory = place()
    await using store = await filled(directory, 20)
    expect(valued(await store.snapshots())).toEqual([])
    const nameAt = (size: number) => {
      return { size, head: Buffer.from(leafHash(entries[size - 1] as Uint8Array)).toString('hex') }
    }
    for (const size of [5, 10, 15]) {
      const parts = [bytes(`at ${size}`), bytes('and more')]
      valued(await store.keepSnapshot(nameAt(size) as SnapshotName, parts))
    }
    const [last, before, ...none] = valued(await store.snapshots())
    expect([last?.size, before?.size, none]).toEqual([15, 10, []])
    const read = async () => {
      const parts: (string | undefined)[] = []
      for await (const part of store.snapshot(last as SnapshotName)) {
        parts.push(part && new TextDecoder().decode(part))
      }
      return parts
    }
    expect(await read()).toEqual(['at 15', 'and more'])
    const path = join(directory, 'now', 'snapshots', `15-${last?.head}`)
    const file = await readFile(path)
    for (const change of [file.with(60, 1), file.subarray(0, 100), file.subarray(0, 49)]) {
      await writeFile(path, change)
      expect((await read()).at(-1)).toBeUndefined()
    }
    valued(await store.keepSnapshot({ size: 18, head: state }, [bytes('of another')]))
    expect(valued(await store.snapshots()).map(({ size }) => size)).toEqual([15])
  })
})

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
