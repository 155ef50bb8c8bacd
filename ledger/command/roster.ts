import { open as openFile } from 'node:fs/promises'
import {
  type Answer,
  digest,
  fromJson,
  type Infer,
  int,
  limits,
  type MeshId,
  refuse,
  rosterFields,
  struct,
  toJson,
} from '@nexapod/specs'
import type { Governance } from '../chain/stand.ts'

/** The longest roster takes a quarter of it; a file that is longer is something else. */
const rosterBytesMax = 2 ** 18

const rosterFile = struct({
  mesh: digest<MeshId>(),
  revision: int({ min: 0, max: limits.entriesMax, about: 'How often it was changed.' }),
  ...rosterFields,
})

/** The roster of a mesh in a file of its own: what is enough to check a certificate. */
export type RosterFile = Infer<typeof rosterFile>

/** The roster of who governs, as it goes into a file. */
export function rosterOf({ mesh, revision, members, quorum }: Governance) {
  return toJson(rosterFile, { mesh, revision, members, quorum })
}

/** Reads a roster from its file. */
export async function readRoster(path: string): Promise<Answer<RosterFile>> {
  const text = await readAtMost(path, rosterBytesMax)
  try {
    return fromJson(rosterFile, JSON.parse(Buffer.from(text).toString('utf8')))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return refuse('document.form', { detail: 'it is no JSON' })
  }
}

/** The bytes of a file, but no more than one beyond so many. */
export async function readAtMost(path: string, bytesMax: number): Promise<Uint8Array> {
  await using file = await openFile(path)
  const into = new Uint8Array(bytesMax + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(into, length, into.length - length)
    length += bytesRead
    if (bytesRead === 0 || length === into.length) return into.subarray(0, length)
  }
}
