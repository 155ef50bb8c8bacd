import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { limits } from '@nexapod/specs'
import { type Entry, NoArchive, type Packed, unpack } from './tar.ts'

/** An archive of an image, of which every byte that an engine is given was looked at. */
export interface ImageArchive {
  readonly bytes: number
  /** The same image as a new archive: no tags, no names of the old one, nothing beside it. */
  readonly things: readonly Packed[]
}

interface Hashed extends Entry {
  readonly digest: string
}

/**
 * Reads an archive as `docker save` makes it, and looks whether the image in it is the one of this
 * digest: that of its configuration, which names the digest of each layer. Undefined if it is not.
 * An engine does not look itself: it takes other bytes for a layer whose digest it knows, and moves
 * tags of its owner as the archive says.
 */
export async function readImageArchive(
  path: string,
  digest: string,
): Promise<ImageArchive | undefined> {
  try {
    const entries = await hashed(path)
    const listed = JSON.parse(await textOf(path, follow(entries, 'manifest.json')))
    const { Config, Layers } = onlyOf(listed)
    const config = follow(entries, Config)
    if (`sha256:${config.digest}` !== digest) return undefined
    const layers = Layers.map((name) => follow(entries, name))
    const said = diffIdsIn(JSON.parse(await textOf(path, config)))
    if (said.length !== layers.length) return undefined
    if (said.some((one, i) => one !== `sha256:${layers[i]?.digest}`)) return undefined
    return repacked(path, config, layers)
  } catch (cause) {
    // What somebody sent as an archive of an image is none.
    if (cause instanceof NoArchive || cause instanceof SyntaxError) return undefined
    throw cause
  }
}

async function hashed(path: string): Promise<ReadonlyMap<string, Hashed>> {
  const entries = new Map<string, Hashed>()
  for await (const { entry, bytes } of unpack(createReadStream(path))) {
    const hash = createHash('sha256')
    for await (const some of bytes) hash.update(some)
    entries.set(entry.name, { ...entry, digest: hash.digest('hex') })
    if (entries.size > 16 * limits.imageLayersMax) throw new NoArchive('too many files')
  }
  return entries
}

/** A file by its name; a layer that occurs twice is a link to the first. */
function follow(entries: ReadonlyMap<string, Hashed>, name: unknown): Hashed {
  let at = entries.get(String(name))
  if (at?.type === 'symlink') {
    const from = at.name.split('/').slice(0, -1)
    const steps = at.target.split('/')
    for (const step of steps) {
      if (step === '..') from.pop()
      else from.push(step)
    }
    at = entries.get(from.join('/'))
  } else if (at?.type === 'link') {
    at = entries.get(at.target)
  }
  if (at?.type !== 'file') throw new NoArchive(`there is no ${String(name).slice(0, 100)}`)
  return at
}

async function textOf(path: string, { offset, size }: Hashed): Promise<string> {
  if (size > limits.imageConfigBytesMax) throw new NoArchive('the image says too much of itself')
  if (size === 0) return ''
  const pieces: Buffer[] = []
  for await (const some of createReadStream(path, { start: offset, end: offset + size - 1 })) {
    pieces.push(some)
  }
  return Buffer.concat(pieces).toString()
}

function onlyOf(listed: unknown): {
  readonly Config: unknown
  readonly Layers: readonly unknown[]
} {
  const [image, second] = Array.isArray(listed) ? listed : []
  if (typeof image !== 'object' || image === null || second !== undefined) {
    throw new NoArchive('it is not one image')
  }
  const { Config, Layers } = image
  if (!Array.isArray(Layers) || Layers.length > limits.imageLayersMax) {
    throw new NoArchive('it has no layers')
  }
  return { Config, Layers }
}

function diffIdsIn(config: unknown): readonly unknown[] {
  const fields = typeof config === 'object' && config !== null ? config : {}
  const { rootfs } = fields as { rootfs?: { type?: unknown; diff_ids?: unknown } }
  const ids = rootfs?.type === 'layers' ? rootfs.diff_ids : undefined
  if (!Array.isArray(ids)) throw new NoArchive('the image names no layers')
  return ids
}

function repacked(path: string, config: Hashed, layers: readonly Hashed[]): ImageArchive {
  const name = `${config.digest}.json`
  const layerName = ({ digest }: Hashed) => `${digest}/layer.tar`
  const manifest = [{ Config: name, RepoTags: null, Layers: layers.map(layerName) }]
  const rest = { mode: 0o444, owner: 0, seconds: 0 }
  const from = ({ offset, size }: Hashed) => ({
    size,
    from: size === 0 ? empty() : createLazily(path, offset, size),
  })
  const distinct = new Map(layers.map((layer) => [layer.digest, layer]))
  const things: Packed[] = [
    { path: name, content: from(config), ...rest },
    ...[...distinct.values()].flatMap((layer): Packed[] => [
      { path: layer.digest, mode: 0o755, owner: 0, seconds: 0 },
      { path: layerName(layer), content: from(layer), ...rest },
    ]),
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)), ...rest },
  ]
  const bytes = [...distinct.values()].reduce((sum, { size }) => sum + size, 0)
  return { bytes, things }
}

async function* createLazily(
  path: string,
  offset: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { start: offset, end: offset + size - 1 })
}

async function* empty(): AsyncGenerator<Uint8Array> {}
