import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, accept, type Cid } from '@nexapod/specs'
import type { Tree } from './importing.ts'
import { type ReadBounds, Reading, type Source, type Taker } from './reading.ts'

/**
 * Writes a file or directory to a path where nothing is: beside it first, and there when it is
 * complete. What is refused leaves nothing behind.
 */
export async function exportTo(
  path: string,
  source: Source,
  root: Cid,
  bounds: ReadBounds,
): Promise<Answer<void>> {
  const aside = `${path}.${randomUUID()}`
  const writing = new Writing(aside)
  let done = false
  try {
    const read = await new Reading(source, bounds).all(root, writing)
    if (!read.ok) return read
    await rename(aside, path)
    done = true
    return read
  } finally {
    await writing.fileEnd()
    if (!done) await rm(aside, { recursive: true, force: true })
  }
}

/** Reads a file or directory into memory. */
export async function exportTree(
  source: Source,
  root: Cid,
  bounds: ReadBounds,
): Promise<Answer<Tree>> {
  const growing = new Growing()
  const read = await new Reading(source, bounds).all(root, growing)
  return read.ok ? accept(growing.tree) : read
}

/** Files on disk, as they come: one is open at a time. Names were checked by who calls. */
class Writing implements Taker {
  readonly #root: string
  #file: FileHandle | undefined

  constructor(root: string) {
    this.#root = root
  }

  async directory(path: string): Promise<void> {
    await mkdir(join(this.#root, path))
  }

  async file(path: string): Promise<void> {
    this.#file = await open(join(this.#root, path), 'wx')
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    await this.#file?.writeFile(bytes)
  }

  async fileEnd(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }
}

/** Files in memory, each of the size that it was said to have, within what may be read in all. */
class Growing implements Taker {
  readonly #directories = new Map<string, Map<string, Tree>>()
  #root: Tree = { entries: new Map() }
  #file = new Uint8Array(0)
  #at = 0

  get tree(): Tree {
    return this.#root
  }

  async directory(path: string): Promise<void> {
    const entries = new Map<string, Tree>()
    this.#directories.set(path, entries)
    this.#put(path, { entries })
  }

  async file(path: string, bytes: number): Promise<void> {
    this.#file = new Uint8Array(bytes)
    this.#at = 0
    this.#put(path, { bytes: this.#file })
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    this.#file.set(bytes, this.#at)
    this.#at += bytes.length
  }

  async fileEnd(): Promise<void> {}

  #put(path: string, tree: Tree): void {
    const slash = path.lastIndexOf('/')
    if (path === '') this.#root = tree
    else this.#directories.get(path.slice(0, Math.max(slash, 0)))?.set(path.slice(slash + 1), tree)
  }
}
