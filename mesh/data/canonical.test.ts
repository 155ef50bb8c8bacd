import { readFileSync } from 'node:fs'
import { decode as decodePb } from '@ipld/dag-pb'
import { accept, limits } from '@nexapod/specs'
import { MemoryBlockstore } from 'blockstore-core'
import fc from 'fast-check'
import { UnixFS } from 'ipfs-unixfs'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { expect, test } from 'vitest'
import { type Block, blockOf } from './block.ts'
import { FileTree } from './build.ts'
import { importTree, type Tree } from './importing.ts'
import { nodeOf } from './node.ts'
import { directory, drawnBytes, file, yes } from './test/rig.ts'

const bounds = { bytesMax: limits.storageBytesMax }
const profile = 'unixfs-v1-2025'
const chunk = limits.chunkBytes

interface Vector {
  readonly name: string
  readonly tree: Written
  readonly cid: string
}
type Written =
  | { text: string }
  | { repeat: string; bytes: number }
  | { entries: Record<string, Written> }
  | { files: number; name: string }

const path = new URL('../../specs/data/vectors.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: readonly Vector[] }

test.each(vectors)('$name has the CID of the vectors', async ({ tree, cid }) => {
  expect(await cidOf(treeOf(tree))).toBe(cid)
})

test.each([0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk])(
  'a file of %i bytes has the CID of the profile',
  async (bytes) => {
    expect(await cidOf(file(bytes))).toBe(await cidByOthers(file(bytes)))
  },
)

test.each([1023, 1024, 1025, 2048, 2049, 1024 * 3 + 1])(
  'a file of %i chunks is balanced as others balance it',
  async (chunks) => {
    const chunkBytes = 8
    const bytes = drawnBytes(chunks * chunkBytes, chunks)
    const tree = new FileTree(async () => accept(undefined))
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      yes(await tree.add(blockOf('raw', bytes.subarray(at, at + chunkBytes))))
    }
    const options = {
      profile,
      chunker: fixedSize({ chunkSize: chunkBytes }),
      layout: balanced({ maxChildrenPerNode: limits.fileLinksMax }),
    } as const
    let others = ''
    for await (const { cid } of importer([{ content: bytes }], new MemoryBlockstore(), options)) {
      others = cid.toString()
    }
    expect(yes(await tree.root()).cid).toBe(others)
  },
)

test('sizes beyond 2 GiB are written in full', async () => {
  const same = blockOf('raw', new Uint8Array(chunk))
  for (const chunks of [2048, 2049, 4096, 4097, 9000]) {
    let last: Block = same
    const tree = new FileTree(async (block) => {
      last = block
      return accept(undefined)
    })
    for (let i = 0; i < chunks; i++) yes(await tree.add(same))
    expect(yes(await tree.root()).bytes).toBe(chunks * chunk)
    const { Data = new Uint8Array(0), Links } = decodePb(last.bytes)
    const unixFs = UnixFS.unmarshal(Data)
    expect(unixFs.fileSize()).toBe(BigInt(chunks * chunk))
    expect(Links.reduce((sum, { Tsize = 0 }) => sum + Tsize, 0)).toBeGreaterThan(chunks * chunk)
    expect(yes(nodeOf(last))).toMatchObject({ kind: 'file' })
  }
})

test('any directory of files has the CID of the profile', async () => {
  const name = fc.stringMatching(/^[a-z0-9_+=@,-]{1,20}$/)
  const content = fc.uint8Array({ maxLength: 64 }).map((bytes): Tree => ({ bytes }))
  const flat = fc.dictionary(name, content, { minKeys: 1, maxKeys: 40 }).map(directory)
  const nested = fc.dictionary(name, flat, { minKeys: 1, maxKeys: 8 }).map(directory)
  await fc.assert(
    fc.asyncProperty(nested, async (tree) => {
      expect(await cidOf(tree)).toBe(await cidByOthers(tree))
    }),
    { numRuns: 50 },
  )
})

test.each([3000, 4500, 5000])('a directory of %i files is whole or in shards', async (count) => {
  const tree = many(count, 'file')
  expect(await cidOf(tree)).toBe(await cidByOthers(tree))
})

test('the order of entries makes no difference', async () => {
  const entries = { b: file(1), a: file(2), c: directory({ z: file(3), y: file(4) }) }
  const turned = directory(Object.fromEntries(Object.entries(entries).toReversed()))
  expect(await cidOf(turned)).toBe(await cidOf(directory(entries)))
})

function many(count: number, name: string): Tree {
  const entries = Array.from({ length: count }, (_, i) => [`${name}-${i}.csv`, file(i % 9)])
  return directory(Object.fromEntries(entries))
}

function treeOf(written: Written): Tree {
  if ('text' in written) return { bytes: Buffer.from(written.text) }
  if ('repeat' in written) return { bytes: Buffer.alloc(written.bytes, written.repeat) }
  if ('files' in written) {
    const names = Array.from({ length: written.files }, (_, i) => `${written.name}${i}`)
    return directory(Object.fromEntries(names.map((name) => [name, { bytes: Buffer.from(name) }])))
  }
  const entries = Object.entries(written.entries)
  return directory(Object.fromEntries(entries.map(([name, inner]) => [name, treeOf(inner)])))
}

async function cidOf(tree: Tree): Promise<string> {
  return yes(await importTree(tree, async () => accept(undefined), bounds)).cid
}

/** The CID that the importer of the IPFS project gives, by the profile. */
async function cidByOthers(tree: Tree): Promise<string> {
  const candidates = 'entries' in tree ? [...walk(tree, 'root')] : [{ content: tree.bytes }]
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
