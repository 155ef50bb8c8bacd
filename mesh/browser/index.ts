/** The half of the mesh that runs in a tab: what data is called by, from its bytes alone. */
import { type Answer, accept, type Cid, refuse } from '@nexapod/specs'
import { type Bytes, importBytes, importTar } from '../data/importing-tar.ts'

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
  const built = await importBytes(file, async () => accept(undefined), bounds, looked)
  return built.ok ? accept(built.value.cid) : built
}

/** The CID of the directory that lies in a tar: the one that it has on a disk. */
export async function nameOfTar(file: Bytes, bytesMax: number): Promise<Answer<Cid>> {
  const built = await importTar(file, async () => accept(undefined), { bytesMax })
  return built.ok ? accept(built.value.cid) : built
}
