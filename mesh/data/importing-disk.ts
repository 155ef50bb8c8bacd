import { constants } from 'node:fs'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, accept, limits, refuse } from '@nexapod/specs'
import type { Built, Sink } from './build.ts'
import { type ImportBounds, importFrom, type Opened } from './importing.ts'
import { importTar } from './importing-tar.ts'

/** Makes the blocks of a file or directory on disk; the same bytes have the same CID everywhere. */
export async function importPath(
  path: string,
  sink: Sink,
  bounds: ImportBounds,
): Promise<Answer<Built>> {
  return await importFrom(path, onDisk, sink, bounds)
}

/** Makes the blocks of the directory that lies in a tar on disk. */
export async function importTarAt(
  path: string,
  sink: Sink,
  bounds: ImportBounds,
): Promise<Answer<Built>> {
  await using handle = await open(path)
  const { size } = await handle.stat()
  return await importTar({ size, slice: (from, to) => sliceOf(handle, from, to) }, sink, bounds)
}

function sliceOf(handle: FileHandle, from: number, to: number) {
  return {
    async arrayBuffer() {
      const bytes = new Uint8Array(to - from)
      for (let filled = 0; filled < bytes.length; ) {
        const room = bytes.length - filled
        const { bytesRead } = await handle.read(bytes, filled, room, from + filled)
        if (bytesRead === 0) throw new Error(`a file has become shorter: ${to} bytes were there`)
        filled += bytesRead
      }
      return bytes.buffer
    },
  }
}

async function onDisk(path: string, at: string): Promise<Answer<Opened<string>>> {
  const handle = await openPlain(path)
  if (handle === undefined) return refuse('data.kind', { at: at === '' ? path : at })
  const stat = await handle.stat()
  if (stat.isFile()) return accept({ kind: 'file', chunks: () => chunksOf(handle) })
  await handle.close()
  if (!stat.isDirectory()) return refuse('data.kind', { at })
  const names = await readdir(path)
  return accept({
    kind: 'directory',
    entries: names.map((name) => [name, join(path, name)] as const),
  })
}

/** Opens what is no link; a pipe or device without waiting for its other end. */
async function openPlain(path: string): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    return await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (isNoFile(error)) return undefined
    throw error
  }
}

function isNoFile(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return ['ELOOP', 'EMLINK', 'ENXIO'].includes(code)
}

/** Whole chunks, however the disk hands them out; the last is short, or the only one empty. */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; ; at += limits.chunkBytes) {
      const chunk = Buffer.allocUnsafeSlow(limits.chunkBytes)
      let filled = 0
      while (filled < chunk.length) {
        const { bytesRead } = await handle.read(chunk, filled, chunk.length - filled, at + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      if (filled > 0 || at === 0) yield shrunk(chunk, filled)
      if (filled < chunk.length) return
    }
  } finally {
    await handle.close()
  }
}

/** A short chunk in memory of its own size: many small files would hold a MiB each. */
function shrunk(chunk: Buffer, bytes: number): Uint8Array {
  return bytes === chunk.length ? chunk : Uint8Array.prototype.slice.call(chunk, 0, bytes)
}
