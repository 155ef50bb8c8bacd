import { open, rename } from 'node:fs/promises'

/** Puts a file in place of one: the old one or the new one is there, whenever the power fails. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = `${path}.new`
  {
    await using file = await open(draft, 'w', 0o600)
    await file.writeFile(bytes)
    await file.sync()
  }
  await rename(draft, path)
}
