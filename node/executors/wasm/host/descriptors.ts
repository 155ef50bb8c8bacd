import { limits } from '@nexapod/specs/wasm'
import { directoryRights, errno, fileRights, streamRights } from './codes.ts'
import { Directory, File } from './tree.ts'

/** A stream that is no file: a standard input without bytes, or one that only a log hears. */
interface Stream {
  readonly type: 'stream'
  /** Absent where nothing can be written. */
  readonly write?: (bytes: Uint8Array) => void
}

/** What a guest holds by a number. */
export interface Descriptor {
  readonly node: File | Directory | Stream
  rights: bigint
  /** What may at most be asked for of what is opened below it. */
  inheriting: bigint
  flags: number
  offset: number
  /** The path by which the guest knows it, if it was there from the beginning. */
  readonly preopened?: string
  /** The names that a listing began with. */
  listing?: readonly string[]
}

/** A descriptor with all that its kind can do. */
export function descriptorOf(node: Descriptor['node'], preopened?: string): Descriptor {
  const name = preopened === undefined ? {} : { preopened }
  const all = { flags: 0, offset: 0, ...name }
  if (node instanceof Directory) {
    return { node, rights: directoryRights, inheriting: directoryRights | fileRights, ...all }
  }
  if (node instanceof File) return { node, rights: fileRights, inheriting: 0n, ...all }
  const rights = node.write === undefined ? streamRights.in : streamRights.out
  return { node, rights, inheriting: 0n, ...all }
}

/** The open files of a program, by the smallest free number. */
export class Descriptors {
  readonly #open: (Descriptor | undefined)[] = []

  get(fd: number): Descriptor | undefined {
    return this.#open[fd]
  }

  /** The number of a new descriptor, or the number of why there is none. */
  add(descriptor: Descriptor): { readonly fd: number } | number {
    const free = this.#open.indexOf(undefined)
    const fd = free < 0 ? this.#open.length : free
    if (fd >= limits.wasmDescriptorsMax) return errno.mfile
    this.#open[fd] = descriptor
    if (descriptor.node instanceof File || descriptor.node instanceof Directory) {
      descriptor.node.opened++
    }
    return { fd }
  }

  close(fd: number): void {
    const descriptor = this.#open[fd]
    this.#open[fd] = undefined
    const node = descriptor?.node
    if (!(node instanceof File) && !(node instanceof Directory)) return
    node.opened--
    node.released()
  }

  /** Puts what one number holds under another, whose own is closed. */
  move(from: number, to: number): void {
    if (from === to) return
    const descriptor = this.#open[from]
    this.close(to)
    this.#open[to] = descriptor
    this.#open[from] = undefined
  }

  /** Closes all: a program that ended holds nothing. */
  closeAll(): void {
    for (const fd of this.#open.keys()) this.close(fd)
  }
}
