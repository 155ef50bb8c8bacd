import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seedIn } from './key-file.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-key-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('a key is made once, whoever comes at the same time, for its owner alone', async () => {
  const path = join(directory, 'of', 'mine', 'key')
  const seeds = await Promise.all(Array.from({ length: 8 }, () => seedIn(path)))
  const texts = seeds.map((seed) => (seed.ok ? Buffer.from(seed.value).toString('hex') : 'refused'))
  expect(new Set(texts).size).toBe(1)
  expect(texts[0]).toMatch(/^[0-9a-f]{64}$/)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(dirname(path))).toEqual(['key'])
})

test('a file that others may read, or that holds no key, is refused and left alone', async () => {
  const path = join(directory, 'key')
  await writeFile(path, 'no key\n', { mode: 0o600 })
  expect(await seedIn(path)).toMatchObject({ ok: false, refusal: { code: 'key.file', at: path } })
  await writeFile(path, `${'00'.repeat(32)}\n`)
  expect((await seedIn(path)).ok).toBe(true)
  await chmod(path, 0o644)
  expect(await seedIn(path)).toMatchObject({ ok: false, refusal: { code: 'key.file', at: path } })
})
