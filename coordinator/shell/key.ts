import { randomBytes } from 'node:crypto'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fromHex, toHex } from '@nexapod/specs'

const seedBytes = 32
const ownerOnly = 0o600
const ofOthers = 0o077

/** The secret seed in a file, which is made at first use; its owner alone may read it. */
export async function seedIn(path: string): Promise<Uint8Array> {
  const found = await read(path)
  if (found !== undefined) return found
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const unfinished = `${path}.unfinished`
  {
    await using file = await open(unfinished, 'w', ownerOnly)
    await file.chmod(ownerOnly)
    await file.writeFile(`${toHex(new Uint8Array(randomBytes(seedBytes)))}\n`)
    await file.sync()
  }
  await rename(unfinished, path)
  await using folder = await open(dirname(path))
  await folder.sync()
  const made = await read(path)
  if (made === undefined) throw new Error(`${path}: the key was made, and is not there`)
  return made
}

async function read(path: string): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(path)
    const { mode } = await file.stat()
    if ((mode & ofOthers) !== 0) throw new Error(`${path}: others may read the key: chmod 600 it`)
    const seed = fromHex((await file.readFile('utf8')).trim())
    if (seed?.length !== seedBytes) throw new Error(`${path}: no key of ${seedBytes} bytes`)
    return seed
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
