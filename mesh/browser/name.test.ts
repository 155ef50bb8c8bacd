import { accept, limits } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { importTree } from '../data/importing.ts'
import { nameOfFile } from './index.ts'

test.each([0, 1, limits.chunkBytes - 1, limits.chunkBytes, 3 * limits.chunkBytes + 5])(
  'a file of %i bytes has in a tab the CID that it has on a disk',
  async (size) => {
    const bytes = new Uint8Array(size).map((_, i) => i * 7)
    const bounds = { bytesMax: size }
    const here = await importTree({ bytes }, async () => accept(undefined), bounds)
    const looked: number[] = []
    const named = await nameOfFile(new Blob([bytes]), size, (so) => looked.push(so))
    expect(named.ok && named.value).toBe(here.ok && here.value.cid)
    expect(looked.at(-1)).toBe(size === 0 ? 0 : size)
  },
)

test('a file that is too long is refused before a byte of it is read', async () => {
  const looked: number[] = []
  const named = await nameOfFile(new Blob([new Uint8Array(9)]), 8, (so) => looked.push(so))
  expect(named).toMatchObject({ ok: false, refusal: { code: 'data.too-large' } })
  expect(looked).toEqual([])
})
