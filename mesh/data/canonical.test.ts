import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accept, limits } from '@nexapod/specs'
import { MemoryBlockstore } from 'blockstore-core'
import fc from 'fast-check'
import { importer } from 'ipfs-unixfs-importer'
import { expect, test } from 'vitest'
import { importPath, importTree, type Tree } from './importing.ts'

const bounds = { bytesMax: limits.storageBytesMax }
const nowhere = async () => accept(undefined)

test('an empty file and an empty directory have the CIDs that all the world knows', async () => {
  expect(await cidOf(file(0))).toBe('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
  expect(await cidOf(directory({}))).toBe(
    'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
  )
})

test.each([
  ['one chunk', limits.chunkBytes],
  ['one chunk and a byte', limits.chunkBytes + 1],
  ['three chunks', 3 * limits.chunkBytes],
  ['a byte', 1],
])('a file of %s has the CID of the profile', async (_, bytes) => {
  expect(await cidOf(file(bytes))).toBe(await cidByOthers(file(bytes)))
})

test.each([1023, 1024, 1025])('a file of %i chunks is balanced', async (chunks) => {
  // Chunks of one buffer: what is tried is the tree above them.
  const tree = { bytes: Buffer.alloc(chunks * limits.chunkBytes, 7) }
  expect(await cidOf(tree)).toBe(await cidByOthers(tree))
})

test('any directory of files has the CID of the profile', async () => {
  const name = fc.stringMatching(/^[a-z0-9_+=@,-]{1,20}$/)
  const content = fc.uint8Array({ maxLength: 64 })
  const flat = fc.dictionary(name, content, { minKeys: 1, maxKeys: 40 })
  const nested = fc.dictionary(name, flat, { minKeys: 1, maxKeys: 8 })
  await fc.assert(
    fc.asyncProperty(nested, async (given) => {
      const tree = directory(
        Object.fromEntries(
          Object.entries(given).map(([key, files]) => [
            key,
            directory(
              Object.fromEntries(Object.entries(files).map(([k, bytes]) => [k, { bytes }])),
            ),
          ]),
        ),
      )
      expect(await cidOf(tree)).toBe(await cidByOthers(tree))
    }),
    { numRuns: 50 },
  )
})

test.each([3000, 5000, 12000])('a directory of %i files is whole or in shards', async (count) => {
  const tree = directory(
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`file-${i}.csv`, file(i % 9)])),
  )
  expect(await cidOf(tree)).toBe(await cidByOthers(tree))
})

function file(bytes: number): Tree {
  return { bytes: Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 31) & 255)) }
}

function directory(entries: Record<string, Tree>): Tree {
  return { entries: new Map(Object.entries(entries)) }
}

async function cidOf(tree: Tree): Promise<string> {
  const built = await importTree(tree, nowhere, bounds)
  if (!built.ok) throw new Error(built.refusal.code)
  return built.value.cid
}

/** The CID that the importer of the IPFS project gives, by the profile. */
async function cidByOthers(tree: Tree): Promise<string> {
  const candidates = 'entries' in tree ? [...walk(tree, 'root')] : [{ content: tree.bytes }]
  const profile = 'unixfs-v1-2025'
  let last = ''
  for await (const { cid } of importer(candidates, new MemoryBlockstore(), { profile })) {
    last = cid.toString()
  }
  return last
}

function* walk(tree: Tree, path: string): Generator<{ path: string; content?: Uint8Array }> {
  if (!('entries' in tree)) yield { path, content: tree.bytes }
  else for (const [name, child] of tree.entries) yield* walk(child, `${path}/${name}`)
}
