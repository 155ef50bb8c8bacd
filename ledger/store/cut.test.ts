import { readdir } from 'node:fs/promises'
import { toHex } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { all, codeOf, entries, filled, opened, Places, taken, valued } from '../test/stores.ts'
import { cut } from './index.ts'

const places = new Places()
const place = () => places.next()
afterAll(() => places.remove())

const key = Uint8Array.of(7)

describe('a store that is cut', () => {
  test('has its first entries and all of its rows, and goes on from there', async () => {
    const directory = place()
    {
      await using store = await filled(directory, 40)
      valued(await store.append(taken.slice(40, 300)))
      valued(await store.give([{ key, value: Uint8Array.of(1, 2) }]))
    }
    // In the midst of what was written at once.
    expect(valued(await cut(directory, 41)).size).toBe(41)
    await using store = await opened(directory)
    expect((await all(store)).map(toHex)).toEqual(entries.slice(0, 41).map(toHex))
    expect([...(valued(await store.given(key)) ?? [])]).toEqual([1, 2])
    expect(valued(await store.append(taken.slice(41, 60))).size).toBe(60)
    expect((await readdir(directory)).filter((name) => name.startsWith('quarantine'))).toEqual([])
  })

  test('is empty at 0, cannot become longer, and is not cut while it is open', async () => {
    const directory = place()
    {
      await using _store = await filled(directory, 5)
      expect(codeOf(await cut(directory, 3))).toBe('ledger.locked')
    }
    expect(codeOf(await cut(directory, 6))).toBe('ledger.unknown')
    expect(valued(await cut(directory, 0)).size).toBe(0)
    await using store = await opened(directory)
    expect(valued(await store.append(taken.slice(0, 2))).size).toBe(2)
  })
})
