import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importTree } from '../../mesh/data/importing.ts'
import { directory, file, temporary, yes } from '../../mesh/data/test/rig.ts'
import { accept } from '../../specs/index.ts'
import { resume } from './resume.ts'
import { Side } from './sides.ts'

const MiB = 1024 * 1024

test.each(['noise', 'gateway'] as const)(
  'a fetch over %s that is killed goes on where it was, and fetches nothing twice',
  async (way) => {
    const moved = await resume({ bytes: 48 * MiB + 5, kills: 2, seed: 7, way })
    expect(moved.equal).toBe(true)
    const [first = 0, second = 0] = moved.had
    expect(first).toBeGreaterThan(12 * MiB)
    expect(second).toBeGreaterThan(first)
    expect(moved.lastBytes).toBe(moved.bytes - second)
    expect(moved.lastBytes).toBeGreaterThan(0)
  },
)

test('one directory has one CID in two processes and in memory', async () => {
  await using place = await temporary()
  const path = join(place.path, 'given')
  await mkdir(join(path, 'inner'), { recursive: true })
  const files = { a: file(3 * MiB + 1, 1), b: file(0, 2) }
  const inner = { c: file(77, 3), d: file(MiB, 4) }
  for (const [name, one] of Object.entries(files)) await put(join(path, name), one)
  for (const [name, one] of Object.entries(inner)) await put(join(path, 'inner', name), one)
  const cids = await Promise.all(
    [1, 2].map(async (seed) => {
      await using side = new Side()
      await side.tell({ do: 'open', directory: join(place.path, `${seed}`), seed })
      return (await side.tell({ do: 'add', path })).text
    }),
  )
  const tree = directory({ ...files, inner: directory(inner) })
  const { cid } = yes(await importTree(tree, async () => accept(undefined), { bytesMax: 10 * MiB }))
  expect(cids).toEqual([cid, cid])
})

async function put(path: string, one: ReturnType<typeof file>): Promise<void> {
  if ('bytes' in one) await writeFile(path, one.bytes)
}
