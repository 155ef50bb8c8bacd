import { chmod, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Folders } from '../test/scripted-mesh.ts'
import { seedIn } from './key.ts'

const folders = new Folders()
afterAll(() => folders.remove())

describe('the key of a coordinator', () => {
  test('is made at first use, for its owner alone, and is the same from then on', async () => {
    const path = join(folders.next(), 'key')
    const seed = await seedIn(path)
    expect(seed.length).toBe(32)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await seedIn(path)).toEqual(seed)
    expect(await seedIn(join(folders.next(), 'key'))).not.toEqual(seed)
  })

  test('is refused where others may read it, or where it is none', async () => {
    const path = join(folders.next(), 'key')
    await seedIn(path)
    await chmod(path, 0o640)
    await expect(seedIn(path)).rejects.toThrow('chmod 600')
    await chmod(path, 0o600)
    await writeFile(path, 'abc\n')
    await expect(seedIn(path)).rejects.toThrow('no key')
  })
})
