import { digestBytes, type JobId, sha256 } from '@nexapod/specs'

/**
 * Whether a unit is drawn for an audit: by the seed that the chain has committed to, so that
 * nobody can tell before the seed is shown, and everybody can check it afterwards.
 */
export function isDrawn(seed: Uint8Array, job: JobId, unit: number, permille: number): boolean {
  const id = digestBytes(job)
  const drawn = new Uint8Array(seed.length + id.length + 4)
  drawn.set(seed)
  drawn.set(id, seed.length)
  new DataView(drawn.buffer).setUint32(seed.length + id.length, unit)
  const hash = sha256(drawn)
  const number = new DataView(hash.buffer, hash.byteOffset).getUint32(0)
  return number * 1000 < permille * 2 ** 32
}
