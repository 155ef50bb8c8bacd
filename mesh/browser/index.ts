/** The half of the mesh that runs in a tab: what a file is called by, from its bytes alone. */
import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import { importFrom, type Opened } from '../data/importing.ts'

/** What a file gives of itself: a `File` or `Blob` of a browser has more. */
export interface Bytes {
  readonly size: number
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

/** The CID of a file, the same as everywhere; tells how many of its bytes were looked at. */
export async function nameOfFile(
  file: Bytes,
  bytesMax: number,
  looked: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Answer<Cid>> {
  if (file.size > bytesMax) {
    return refuse('data.too-large', { detail: `${file.size} bytes, at most ${bytesMax}` })
  }
  const bounds = { bytesMax, ...(signal === undefined ? {} : { signal }) }
  const built = await importFrom(file, opened(looked), async () => accept(undefined), bounds)
  return built.ok ? accept(built.value.cid) : built
}

function opened(looked: (bytes: number) => void) {
  return async (file: Bytes): Promise<Answer<Opened<Bytes>>> => {
    return accept({
      kind: 'file',
      async *chunks() {
        for (let at = 0; at === 0 || at < file.size; at += limits.chunkBytes) {
          const to = Math.min(at + limits.chunkBytes, file.size)
          yield new Uint8Array(await file.slice(at, to).arrayBuffer())
          looked(to)
        }
      },
    })
  }
}
