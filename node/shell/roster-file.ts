import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Changes } from '@nexapod/ledger'
import {
  type Change,
  changeSchema,
  decode,
  encode,
  fromHex,
  type Invitation,
  limits,
  meshDocument,
  openInvited,
  signedSchema,
  toHex,
} from '@nexapod/specs'
import { replaceFile } from './kept-file.ts'

/** A line that is longer is asked for again at the next start. */
const fileBytesMax = 4 * 1024 * 1024

const name = 'roster.json'
const foundingSchema = signedSchema(meshDocument, limits.rosterMax)

/** Keeps the line of changes in a directory, for the next start. */
export async function keepLine(directory: string, line: Changes): Promise<void> {
  const text = JSON.stringify({
    founding: toHex(encode(foundingSchema, line.founding)),
    changes: line.after(0).map((change) => toHex(encode(changeSchema, change))),
  })
  if (text.length <= fileBytesMax) await replaceFile(join(directory, name), text)
}

/**
 * The line that was kept in a directory, if it is of the mesh of an invitation. All of it is
 * checked again; what cannot be read is asked for again, from the founding on.
 */
export async function lineIn(
  directory: string,
  invitation: Invitation,
): Promise<Changes | undefined> {
  const text = await readFile(join(directory, name), 'utf8').catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined
      throw cause
    },
  )
  const kept = text === undefined ? undefined : keptIn(text)
  if (kept === undefined) return undefined
  if (!openInvited(invitation, kept.founding).ok) return undefined
  const begun = Changes.begin(kept.founding)
  if (!begun.ok) return undefined
  for (const change of kept.changes) if (!begun.value.take(change).ok) break
  return begun.value
}

interface Kept {
  readonly founding: Changes['founding']
  readonly changes: readonly Change[]
}

function keptIn(text: string): Kept | undefined {
  let read: { founding?: unknown; changes?: unknown } | null
  try {
    read = JSON.parse(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
  const founding = bytesOf(read?.founding)
  const signed = founding && decode(foundingSchema, founding)
  if (!signed?.ok || !Array.isArray(read?.changes)) return undefined
  const changes: Change[] = []
  for (const hex of read.changes) {
    const bytes = bytesOf(hex)
    const change = bytes && decode(changeSchema, bytes)
    if (!change?.ok) break
    changes.push(change.value)
  }
  return { founding: signed.value, changes }
}

function bytesOf(hex: unknown): Uint8Array | undefined {
  return typeof hex === 'string' ? fromHex(hex) : undefined
}
