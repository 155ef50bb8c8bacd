import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { accept, limits } from '@nexapod/specs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importPath } from './importing-disk.ts'
import { importTar } from './importing-tar.ts'

const run = promisify(execFile)
const sink = async () => accept(undefined)
const bounds = { bytesMax: 10_000_000 }

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-tar-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** A directory, and the tar that the tool of the system makes of what is in it. */
async function tarOf(name: string, fill: (path: string) => Promise<void>): Promise<Buffer> {
  const path = join(directory, name)
  await mkdir(path)
  await fill(path)
  const file = join(directory, `${name}.tar`)
  await run('tar', ['--format=ustar', '-cf', file, '-C', path, '.'])
  return await readFile(file)
}

test('a directory has in a tar the CID that it has on a disk', async () => {
  const tar = await tarOf('plain', async (path) => {
    await mkdir(join(path, 'deep/er'), { recursive: true })
    await mkdir(join(path, 'empty'))
    await writeFile(join(path, 'deep/er/large'), new Uint8Array(3_000_000).fill(7))
    await writeFile(join(path, 'deep/none'), '')
    for (let i = 0; i < 50; i++) await writeFile(join(path, `${i}.csv`), `${i}\n`)
  })
  const there = await importPath(join(directory, 'plain'), sink, bounds)
  const here = await importTar(new Blob([new Uint8Array(tar)]), sink, bounds)
  expect(here).toEqual(there)
})

test('what is no file or directory, what is cut, and what leads out is refused', async () => {
  const linked = await tarOf('linked', (path) => symlink('/etc/passwd', join(path, 'a')))
  const good = await tarOf('good', (path) => writeFile(join(path, 'a'), 'a'.repeat(2000)))
  const codeOf = async (bytes: Uint8Array) => {
    const built = await importTar(new Blob([new Uint8Array(bytes)]), sink, bounds)
    return built.ok ? 'none' : built.refusal.code
  }
  expect(await codeOf(good)).toBe('none')
  expect(await codeOf(linked)).toBe('data.kind')
  expect(await codeOf(good.subarray(0, 2048))).toBe('bytes.truncated')
  expect(await codeOf(good.with(3, 1))).toBe('data.form')
  expect(await codeOf(Buffer.from('no tar at all'.repeat(100)))).toBe('data.form')
  expect(await codeOf(new Uint8Array(1024))).toBe('none')
  for (const name of ['../a', 'a/../../b', '/etc/a', 'a//b', 'x\u0001', '.', '..']) {
    expect(await codeOf(headed(name)), name).toMatch(/unsafe-path|data.form|collision/)
  }
  expect(await codeOf(Buffer.concat([headed('a'), headed('a')]))).toBe('job.path-collision')
  expect(await codeOf(Buffer.concat([headed('a'), headed('a/b')]))).toBe('job.path-collision')
  expect(await codeOf(headed('a/'.repeat(40)))).toBe('data.too-large')
})

test('directories that only paths name count: a small tar is no million of blocks', async () => {
  const deep = '/a'.repeat(30)
  const heads = Array.from({ length: Math.ceil(limits.uploadEntriesMax / 31) + 1 }, (_, i) => {
    return new Uint8Array(headed(i.toString(36) + deep))
  })
  let blocks = 0
  const counting = async () => {
    blocks++
    return accept(undefined)
  }
  const built = await importTar(new Blob(heads), counting, bounds)
  expect(built).toMatchObject({ ok: false, refusal: { code: 'data.too-large' } })
  expect(blocks).toBe(0)
})

/** The head of an empty file of this name. */
function headed(name: string): Buffer {
  const head = Buffer.alloc(512)
  head.write(name, 0)
  head.write('0000644\0', 100)
  head.write('00000000000\0', 124)
  head.write('        ', 148)
  head.write('0', 156)
  head.write('ustar\u000000', 257)
  const sum = head.reduce((all, byte) => all + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}
