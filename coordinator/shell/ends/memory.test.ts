import { type FileHandle, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainId, type CoordinatorId, digestText, sha256 } from '@nexapod/specs'
import { afterAll, expect, test, vi } from 'vitest'
import { keyNamed } from '../../test/cast.ts'
import { Folders, valued } from '../../test/scripted-mesh.ts'
import { Memory } from './memory.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const chain = digestText(sha256(Uint8Array.of(1))) as unknown as ChainId
const by = keyNamed('ann').id as CoordinatorId
const vow = (number: number) => ({ epoch: 0, pledge: { ballot: { number, by } } })

test('what could not be kept is not said, and no other promise is made', async () => {
  await using memory = valued(await Memory.open(folders.next()))
  valued(await memory.keepVow(chain, vow(1)))
  await using file = await open(import.meta.filename)
  const handles: FileHandle = Object.getPrototypeOf(file)
  const failed = Object.assign(new Error('EIO'), { code: 'EIO' })
  const spy = vi.spyOn(handles, 'datasync').mockRejectedValueOnce(failed)
  expect(await memory.keepVow(chain, vow(2))).toMatchObject({ ok: false })
  spy.mockRestore()
  expect(await memory.failed).toMatchObject({ code: 'ledger.stopped' })
  expect(await memory.keepVow(chain, vow(3))).toMatchObject({ ok: false })
  expect(await memory.vow(chain, 0)).toMatchObject({ ok: false })
})

test('one that is damaged is for its operator, who is told where it is', async () => {
  const directory = folders.next()
  {
    await using memory = valued(await Memory.open(directory))
    valued(await memory.keepVow(chain, vow(1)))
  }
  await writeFile(join(directory, 'now', 'anchor'), new Uint8Array(8192))
  const refusal = { code: 'ledger.forgotten', at: directory, detail: expect.any(String) }
  expect(await Memory.open(directory)).toEqual({ ok: false, refusal })
})
