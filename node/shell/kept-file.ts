import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'

/** Puts a file in place of one: the old one or the new one is there, whenever the power fails. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  // Of two at the same moment the last one wins, and neither writes into the other's.
  const draft = `${path}.${randomUUID()}.new`
  try {
    await using file = await open(draft, 'wx', 0o600)
    await file.writeFile(bytes)
    await file.sync()
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  }
}
