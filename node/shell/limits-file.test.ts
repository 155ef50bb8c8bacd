import {
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changeLimits, limitsIn, limitsStatus, usualLimits } from './limits-file.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-limits-'))
  path = join(directory, 'limits.json')
})
afterEach(() => rm(directory, { recursive: true }))

test('without a file all is as usual: in use a machine keeps half of its cores', async () => {
  const found = await limitsIn(path)
  expect(found).toEqual({ ok: true, value: { path, limits: usualLimits(), said: [] } })
  const { inUse, idle, executors } = usualLimits()
  expect(inUse.cores).toBeLessThanOrEqual(Math.max(1, idle.cores / 2))
  expect(executors.docker).toBe(false)
})

test('a file says what differs, and who reads it sees where each comes from', async () => {
  await changeLimits(path, 'idle.cores', '1')
  const found = await changeLimits(path, 'hours', 'mon-fri 20:00-08:00')
  if (!found.ok) throw new Error(found.refusal.code)
  expect(found.value.said).toEqual(['idle.cores', 'hours'])
  const { rows } = limitsStatus(found.value, [])
  expect(rows.filter(({ from }) => from === 'file')).toMatchObject([
    { key: 'idle.cores', says: '1', value: 1 },
    { key: 'hours', says: 'mon-fri 20:00-08:00' },
  ])
  expect(Object.keys(JSON.parse(await readFile(path, 'utf8')))).toEqual(['v', 'idle', 'hours'])
  expect(await limitsIn(path)).toEqual(found)
  await changeLimits(path, 'idle.cores', undefined)
  expect(JSON.parse(await readFile(path, 'utf8'))).not.toHaveProperty('idle')
})

test('what would be wrong is refused at its place, and the file is as it was', async () => {
  await changeLimits(path, 'idle.cores', '1')
  const before = await readFile(path, 'utf8')
  expect(await changeLimits(path, 'idle.cpuPercent', '120')).toMatchObject({
    refusal: { code: 'document.bounds', at: `idle.cpuPercent of ${path}` },
  })
  expect((await changeLimits(path, 'idle.heat', '1')).ok).toBe(false)
  expect((await changeLimits(path, 'executors.images', 'busybox:latest')).ok).toBe(false)
  expect(await readFile(path, 'utf8')).toBe(before)
  expect(await readdir(directory)).toEqual(['limits.json'])
})

test('a file that is none is refused, and never written over', async () => {
  for (const text of ['{', '[]', 'null', '', '"x"']) {
    await writeFile(path, text)
    expect((await limitsIn(path)).ok, text).toBe(false)
    expect((await changeLimits(path, 'gpus', '1')).ok, text).toBe(false)
    expect(await readFile(path, 'utf8')).toBe(text)
  }
})

test('one wrong limit in a file can be mended by saying it right', async () => {
  await writeFile(path, '{"idle":{"cores":-1}}')
  expect((await limitsIn(path)).ok).toBe(false)
  expect((await changeLimits(path, 'idle.cores', '2')).ok).toBe(true)
})

test('a file that cannot be read or written is refused in the words of the system', async () => {
  await rm(directory, { recursive: true })
  await writeFile(directory, '')
  expect(await limitsIn(path)).toMatchObject({ refusal: { code: 'limits.file', at: path } })
  await rm(directory)
  // What is not there yet is made, for its owner alone.
  expect((await changeLimits(path, 'gpus', '1')).ok).toBe(true)
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
})

test('a link stays a link', async () => {
  const real = join(directory, 'real.json')
  await writeFile(real, '{"v":1}')
  await symlink(real, path)
  expect((await changeLimits(path, 'gpus', '1')).ok).toBe(true)
  expect(await readlink(path)).toBe(real)
  expect(JSON.parse(await readFile(real, 'utf8'))).toEqual({ v: 1, gpus: 1 })
})
