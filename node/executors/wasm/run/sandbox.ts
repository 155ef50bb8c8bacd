import type { FileAt, Output } from '../../executor.ts'
import { Directory, File, type Node, type Quota } from '../host/tree.ts'
import type { Task } from './task.ts'

/**
 * The file system of a unit: `/in`, which nobody may change, `/out`, `/scratch` and `/tmp`, with
 * the inputs and with the directories that its job names.
 */
export class Sandbox {
  readonly root: Directory
  readonly #quota: Quota

  constructor(quota: Quota, { files, directories, outputs, programs }: Task) {
    this.#quota = quota
    this.root = new Directory(quota, 0, true)
    for (const name of ['in', 'out', 'scratch', 'tmp']) {
      this.root.put(name, new Directory(quota, 1, name === 'in'))
    }
    for (const { path, bytes } of files) {
      const { directory, name, fixed } = this.#above(path)
      directory.put(name, new File(quota, { bytes, fixed }))
    }
    const streams = programs.flatMap(({ stdout, stderr }) => [stdout, stderr])
    const written = [...outputs.filter(({ kind }) => kind === 'file').map(({ path }) => path)]
    for (const path of [...written, ...streams]) if (path !== undefined) this.#above(path)
    const named = outputs.filter(({ kind }) => kind === 'directory').map(({ path }) => path)
    for (const path of [...directories, ...named]) this.#directory(path)
  }

  /** What is at a path, if anything is. */
  at(path: string): Node | undefined {
    let node: Node | undefined = this.root
    for (const name of namesOf(path)) {
      node = node instanceof Directory ? node.get(name) : undefined
    }
    return node
  }

  /** Makes an empty file at a path, in place of one that is there. */
  fresh(path: string): File | undefined {
    const there = this.at(path)
    if (there instanceof File) {
      there.resize(0)
      return there
    }
    const above = this.at(path.slice(0, path.lastIndexOf('/')))
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (!(above instanceof Directory) || above.taken(name)) return undefined
    const file = new File(this.#quota)
    above.put(name, file)
    return file
  }

  /** What there is of an output; nothing where its path leads to something of another kind. */
  collect({ path, kind }: Task['outputs'][number]): Output | undefined {
    const node = this.at(path)
    if (kind === 'file') {
      return node instanceof File ? { path, kind, files: [{ path, bytes: node.bytes }] } : undefined
    }
    return node instanceof Directory ? { path, kind, files: filesBelow(node, path) } : undefined
  }

  /** The directory that a path lies in, made where it is missing. */
  #above(path: string): { directory: Directory; name: string; fixed: boolean } {
    const cut = path.lastIndexOf('/')
    const directory = this.#directory(path.slice(0, cut))
    return { directory, name: path.slice(cut + 1), fixed: isInput(path) }
  }

  #directory(path: string): Directory {
    let directory = this.root
    for (const name of namesOf(path)) {
      const found = directory.get(name)
      const next = found ?? new Directory(this.#quota, directory.depth + 1, isInput(path))
      if (!(next instanceof Directory)) throw new Error(`${path} leads through a file`)
      if (found === undefined) directory.put(name, next)
      directory = next
    }
    return directory
  }
}

function filesBelow(directory: Directory, path: string): FileAt[] {
  return directory.names.flatMap((name) => {
    const node = directory.get(name)
    const below = `${path}/${name}`
    if (node instanceof File) return [{ path: below, bytes: node.bytes }]
    return node === undefined ? [] : filesBelow(node, below)
  })
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

function isInput(path: string): boolean {
  return path === '/in' || path.startsWith('/in/')
}
