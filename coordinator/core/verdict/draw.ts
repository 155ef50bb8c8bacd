import { hexInto, type JobId, sha256Into } from '@nexapod/specs'

/**
 * Whether a unit is drawn for an audit: by the seed that the chain has committed to, so that
 * nobody can tell before the seed is shown, and everybody can check it afterwards.
 */
export function isDrawn(seed: Uint8Array, job: JobId, unit: number, permille: number): boolean {
  drawn.set(seed)
  hexInto(job, drawn, hashBytes)
  drawnView.setUint32(2 * hashBytes, unit)
  sha256Into(drawn, hash, 0)
  return hashView.getUint32(0) * 1000 < permille * 2 ** 32
}

const hashBytes = 32
/** Room for what is hashed, a seed, a job and a unit; and for the hash. */
const drawn = new Uint8Array(2 * hashBytes + 4)
const drawnView = new DataView(drawn.buffer)
const hash = new Uint8Array(hashBytes)
const hashView = new DataView(hash.buffer)
