import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { bytesBelow, drawnBytes, temporary } from '../../mesh/data/test/rig.ts'
import { Side } from './sides.ts'

/** How much is moved between two processes, and how often the one that fetches is killed. */
export interface Moving {
  readonly bytes: number
  readonly kills: number
  readonly seed: number
  readonly way: 'noise' | 'gateway'
}

/** What came of it. */
export interface Moved {
  readonly way: string
  readonly root: string
  /** Whether the file is the one that was given, and has the same CID on the other side. */
  readonly equal: boolean
  /** The bytes of blocks that were on the disk after each kill. */
  readonly had: readonly number[]
  /** The bytes of all blocks, and of those that came in the last try. */
  readonly bytes: number
  readonly lastBytes: number
}

/** Moves a file from one process to another, which is killed in the middle and goes on. */
export async function resume({ bytes, kills, seed, way }: Moving): Promise<Moved> {
  await using place = await temporary()
  const given = join(place.path, 'given')
  await draw(given, bytes, seed)
  await using from = new Side()
  const { address = '', gateway = '' } = await from.tell({
    do: 'open',
    directory: join(place.path, 'from'),
    seed: 1,
  })
  const { text: root = '' } = await from.tell({ do: 'add', path: given })
  const directory = join(place.path, 'to')
  const fetch = {
    do: 'fetch',
    steps: true,
    root,
    peers: way === 'noise' ? [address] : [],
    gateways: way === 'gateway' ? [gateway] : [],
  } as const
  const had: number[] = []
  for (let i = 0; i < kills; i++) {
    await using to = new Side()
    await to.tell({ do: 'open', directory, seed: 2 })
    const enough = (bytes * (i + 1)) / (kills + 1)
    let killed: Promise<void> | undefined
    await to
      .tell(fetch, (here) => {
        if (here > enough) killed ??= to.kill()
      })
      .catch((error: unknown) => {
        if (killed === undefined) throw error
      })
    await killed
    had.push(await bytesBelow(join(directory, 'blocks')))
  }
  await using to = new Side()
  await to.tell({ do: 'open', directory, seed: 2 })
  const last = await to.tell(fetch)
  const got = join(place.path, 'got')
  await to.tell({ do: 'export', root, path: got })
  const { text: again } = await to.tell({ do: 'add', path: got })
  const equal = again === root && (await digestOf(got)) === (await digestOf(given))
  return { way, root, equal, had, bytes: last.bytes ?? 0, lastBytes: last.fetchedBytes ?? 0 }
}

async function draw(path: string, bytes: number, seed: number): Promise<void> {
  const file = await open(path, 'w')
  const part = 16 * 1024 * 1024
  for (let at = 0; at < bytes; at += part) {
    await file.write(drawnBytes(Math.min(part, bytes - at), seed + at))
  }
  await file.close()
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
