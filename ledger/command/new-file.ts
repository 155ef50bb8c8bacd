import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import type { Answer } from '@nexapod/specs'
import { codesOf } from '../store/damage.ts'
import { exits, type Trouble } from './trouble.ts'

/** What is wrong with the name of a file that is to be made: there is one already. */
export async function alreadyThere(path: string): Promise<Trouble | undefined> {
  try {
    await stat(path)
    const next = ['name another file, or take it away first']
    return { exit: exits.error, what: `${path} was not written.`, why: 'it is there already', next }
  } catch (error) {
    if (codesOf(error).includes('ENOENT')) return undefined
    throw error
  }
}

/** Writes a file that is whole or not there, and on the disk when this resolves. */
export async function writeNew<T>(
  path: string,
  write: (file: FileHandle) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const unfinished = `${path}.unfinished`
  let isDone = false
  try {
    const written = await synced(unfinished, write)
    if (!written.ok) return written
    await rename(unfinished, path)
    isDone = true
    return written
  } finally {
    if (!isDone) await rm(unfinished, { force: true })
  }
}

async function synced<T>(
  path: string,
  write: (file: FileHandle) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  await using file = await open(path, 'w')
  const written = await write(file)
  await file.sync()
  return written
}
