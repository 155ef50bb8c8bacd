import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Answer, accept, fromHex, refuse, toHex } from '@nexapod/specs'

/**
 * The secret seed in a key file, made at first use with the directory that it is to be in. It is
 * complete and there for good, or not there at all, whenever the power fails; nobody but its owner
 * may read it.
 */
export async function seedIn(path: string): Promise<Answer<Uint8Array>> {
  for (;;) {
    const found = await existing(path)
    if (found !== undefined) return found
    await make(path)
  }
}

async function existing(path: string): Promise<Answer<Uint8Array> | undefined> {
  try {
    const { mode } = await stat(path)
    const isOpen = process.platform !== 'win32' && (mode & 0o077) !== 0
    if (isOpen) return refuse('key.file', { at: path, detail: 'others may read it' })
    const seed = fromHex((await readFile(path, 'utf8')).trim())
    if (seed?.length === 32) return accept(seed)
    return refuse('key.file', { at: path, detail: 'expected 64 hexadecimal digits' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

/** Puts a new key there, unless somebody else just did. */
async function make(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${toHex(randomBytes(8))}`
  try {
    {
      await using file = await open(draft, 'wx', 0o600)
      await file.writeFile(`${toHex(randomBytes(32))}\n`)
      await file.sync()
    }
    await link(draft, path)
    await using folder = await open(dirname(path))
    await folder.sync()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    await rm(draft, { force: true })
  }
}
