import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accept, limits } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { type Block, blockOf } from './block.ts'
import { exportTo, exportTree } from './exporting.ts'
import { importTree } from './importing.ts'
import { importPath } from './importing-disk.ts'
import { nodeBlock, unixFsType } from './node.ts'
import { directory, file, summary, temporary, yes } from './test/rig.ts'

const bounds = { bytesMax: limits.storageBytesMax }

function shelf(...blocks: readonly Block[]) {
  const kept = new Map(blocks.map((block) => [block.cid, block]))
  return {
    sink: async (block: Block) => {
      kept.set(block.cid, block)
      return accept(undefined)
    },
    source: async (cid: Block['cid']) => kept.get(cid),
  }
}

const tree = directory({
  'a.csv': file(3_000_000),
  empty: file(0),
  inner: directory({ deep: directory({ b: file(17) }), none: directory({}) }),
})

test('what is exported to a disk has the CID that it had in memory', async () => {
  await using place = await temporary()
  const { sink, source } = shelf()
  const { cid, bytes } = yes(await importTree(tree, sink, bounds))
  expect(bytes).toBe(3_000_017)
  const path = join(place.path, 'out')
  yes(await exportTo(path, source, cid, bounds))
  expect(await readdir(place.path)).toEqual(['out'])
  expect(yes(await importPath(path, sink, bounds)).cid).toBe(cid)
  expect(summary(yes(await exportTree(source, cid, bounds)))).toEqual(summary(tree))
  const alone = yes(await importPath(join(path, 'inner', 'deep', 'b'), sink, bounds))
  yes(await exportTo(join(place.path, 'b'), source, alone.cid, bounds))
  expect((await readFile(join(place.path, 'b'))).length).toBe(17)
})

test.each([
  '..',
  '.',
  '',
  'a/b',
  '/etc',
  'a\\b',
  'a b',
  'ä',
  'con.',
  'a\0',
  '\u202e',
  'x'.repeat(256),
])('the name %j is refused, as it is made and as it is read', async (name) => {
  const { sink } = shelf()
  const refused = { ok: false, refusal: { code: 'job.unsafe-path' } }
  expect(await importTree(directory({ [name]: file(1) }), sink, bounds)).toMatchObject(refused)
  await using place = await temporary()
  const { root, source } = withNames(name)
  expect(await exportTo(join(place.path, 'out'), source, root, bounds)).toMatchObject(refused)
  expect(await exportTree(source, root, bounds)).toMatchObject(refused)
  expect(await readdir(place.path)).toEqual([])
})

test('names that some disks take for one are refused', async () => {
  const { sink } = shelf()
  const refused = { ok: false, refusal: { code: 'job.path-collision' } }
  expect(await importTree(directory({ a: file(1), A: file(2) }), sink, bounds)).toMatchObject(
    refused,
  )
  for (const names of [
    ['a', 'A'],
    ['a', 'a'],
  ]) {
    const { root, source } = withNames(...names)
    expect(await exportTree(source, root, bounds)).toMatchObject(refused)
  }
})

test('a path of too many names is refused', async () => {
  let deep = file(1)
  for (let i = 0; i <= limits.pathDepthMax; i++) deep = directory({ d: deep })
  const refused = { ok: false, refusal: { code: 'data.too-large' } }
  expect(await importTree(deep, shelf().sink, bounds)).toMatchObject(refused)
})

test('links, pipes and devices on a disk are refused, and nothing waits for them', async () => {
  await using place = await temporary()
  const refused = { ok: false, refusal: { code: 'data.kind' } }
  for (const make of [
    async (path: string) => await symlink('/etc/passwd', path),
    async (path: string) => await symlink('/etc', path),
    async (path: string) => void execFileSync('mkfifo', [path]),
  ]) {
    const inside = join(place.path, `${make}`.length.toString())
    await mkdir(inside, { recursive: true })
    await make(join(inside, 'odd'))
    expect(await importPath(inside, shelf().sink, bounds)).toMatchObject(refused)
  }
  expect(await importPath('/dev/zero', shelf().sink, bounds)).toMatchObject(refused)
})

test('a link inside data is refused', async () => {
  const link = nodeBlock({ type: 4, data: new TextEncoder().encode('/etc/passwd') }, [])
  const { source } = shelf(link)
  expect(await exportTree(source, link.cid, bounds)).toMatchObject({
    refusal: { code: 'data.form' },
  })
})

test('an import and an export of too many bytes are refused, and leave nothing', async () => {
  await using place = await temporary()
  const { sink, source } = shelf()
  const refused = { ok: false, refusal: { code: 'data.too-large' } }
  expect(await importTree(tree, sink, { bytesMax: 3_000_016 })).toMatchObject(refused)
  const { cid } = yes(await importTree(tree, sink, bounds))
  const path = join(place.path, 'out')
  expect(await exportTo(path, source, cid, { bytesMax: 3_000_016 })).toMatchObject(refused)
  expect(await exportTree(source, cid, { bytesMax: 3_000_016 })).toMatchObject(refused)
  expect(await readdir(place.path)).toEqual([])
})

test('an export of which a block is missing leaves nothing', async () => {
  await using place = await temporary()
  const { sink, source } = shelf()
  const { cid } = yes(await importTree(tree, sink, bounds))
  let left = 5
  const short = async (one: Block['cid']) => (left-- > 0 ? await source(one) : undefined)
  const path = join(place.path, 'out')
  expect(await exportTo(path, short, cid, bounds)).toMatchObject({
    refusal: { code: 'data.missing' },
  })
  expect(await readdir(place.path)).toEqual([])
})

test('an export does not write over what is there', async () => {
  await using place = await temporary()
  const { sink, source } = shelf()
  const { cid } = yes(await importTree(tree, sink, bounds))
  const path = join(place.path, 'out')
  await mkdir(path)
  await writeFile(join(path, 'mine'), 'mine')
  await expect(exportTo(path, source, cid, bounds)).rejects.toThrow(/ENOTEMPTY/)
  expect(await readdir(place.path)).toEqual(['out'])
  expect(await readFile(join(path, 'mine'), 'utf8')).toBe('mine')
})

/** A directory that somebody made who knows no rules about names. */
function withNames(...names: readonly string[]) {
  const empty = blockOf('raw', new Uint8Array(0))
  const links = names.map((name) => ({ cid: empty.cid, name, linked: 0 }))
  const root = nodeBlock({ type: unixFsType.directory }, links)
  return { root: root.cid, source: shelf(empty, root).source }
}
