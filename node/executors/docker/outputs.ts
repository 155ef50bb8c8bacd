import { inside, isBelow, type Job } from '@nexapod/specs'
import type { FileAt, Output, Room } from '../executor.ts'
import type { Crate } from './crate.ts'
import { unpack } from './tar.ts'

/**
 * What a unit left, of the outputs that its job names; `too much` where there is no room for it.
 * An output is files by plain names: a link, a device or another name is none, whatever it leads
 * to, and of two names that differ in case alone the first counts.
 */
export async function outputsIn(
  crate: Crate,
  outputs: Job['outputs'],
  room: Room,
): Promise<readonly Output[] | 'too much'> {
  const found: FileAt[] = []
  let { bytesMax, filesMax } = room
  for (const root of new Set(outputs.map(({ path }) => rootOf(path)))) {
    const wanted = outputs.flatMap(({ path }) => (rootOf(path) === root ? [path] : []))
    const read = await filesIn(crate, root, wanted, { bytesMax, filesMax })
    if (read === 'too much') return read
    for (const { bytes } of read) bytesMax -= bytes.length
    filesMax -= read.length
    found.push(...read)
  }
  return outputs
    .flatMap((output) => outputOf(output, found))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A file of the sandbox; undefined if there is none, or none that small. */
export async function fileIn(
  crate: Crate,
  path: string,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const archive = await crate.take(path)
  if (archive === undefined) return undefined
  for await (const { entry, bytes } of unpack(archive)) {
    if (entry.type !== 'file' || entry.size > bytesMax) return undefined
    return await whole(bytes)
  }
  return undefined
}

/** `/out` of a path in it. */
function rootOf(path: string): string {
  return `/${path.split('/')[1]}`
}

async function filesIn(
  crate: Crate,
  root: string,
  wanted: readonly string[],
  { bytesMax, filesMax }: Room,
): Promise<readonly FileAt[] | 'too much'> {
  const archive = await crate.take(root)
  if (archive === undefined) return []
  const files = new Map<string, FileAt>()
  let left = bytesMax
  for await (const { entry, bytes } of unpack(archive)) {
    const path = pathOf(root, entry.name)
    if (path === undefined || (entry.type !== 'file' && entry.type !== 'link')) continue
    // A second name of a file stands for the bytes under the first.
    const first = entry.type === 'link' ? (pathOf(root, entry.target) ?? '') : undefined
    const known = first === undefined ? undefined : files.get(first)?.bytes
    if (first !== undefined && known === undefined) continue
    left -= known?.length ?? entry.size
    if (left < 0 || files.size >= filesMax) return 'too much'
    files.set(path, { path, bytes: known ?? (await whole(bytes)) })
  }
  const kept = [...files.values()].filter(({ path }) => wanted.some((one) => inside(path, one)))
  return withoutTwins(kept.sort((a, b) => (a.path < b.path ? -1 : 1)))
}

/** Where an entry lies in the sandbox: archives begin with the last name of what was asked for. */
function pathOf(root: string, name: string): string | undefined {
  const slash = name.indexOf('/')
  const below = name.slice(slash + 1)
  return slash > 0 && isBelow(below) ? `${root}/${below}` : undefined
}

function withoutTwins(files: readonly FileAt[]): readonly FileAt[] {
  const spelled = new Map<string, string>()
  return files.filter(({ path }) => {
    const names = path.split('/')
    const aboves = names.map((_, i) => names.slice(0, i + 1).join('/'))
    const isFirst = aboves.every((one) => (spelled.get(one.toLowerCase()) ?? one) === one)
    if (isFirst) for (const one of aboves) spelled.set(one.toLowerCase(), one)
    return isFirst
  })
}

function outputOf({ path, kind }: Job['outputs'][number], found: readonly FileAt[]): Output[] {
  if (kind === 'file') {
    const file = found.find((one) => one.path === path)
    return file === undefined ? [] : [{ path, kind, files: [file] }]
  }
  const files = found.filter((one) => one.path.startsWith(`${path}/`))
  return files.length === 0 ? [] : [{ path, kind, files }]
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const some of bytes) pieces.push(some)
  return new Uint8Array(Buffer.concat(pieces))
}
