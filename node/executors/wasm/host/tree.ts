import { limits } from '@nexapod/specs/wasm'
import { Ending } from './ending.ts'

/** What the files of a unit may come to. Whoever writes beyond it has ended. */
export class Quota {
  readonly #bytesMax: number
  #bytes = 0
  #bytesMost = 0
  #nodes = 0
  #inodes = 0n

  constructor(bytesMax: number) {
    this.#bytesMax = Math.min(bytesMax, limits.wasmFileBytesMax)
  }

  /** Takes bytes before they are written, or gives back those of what is gone. */
  take(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#bytesMost) this.#bytesMost = this.#bytes
    if (this.#bytes > this.#bytesMax) throw new Ending({ type: 'output-limit' })
  }

  /** The most that they came to at one time. */
  get bytesMost(): number {
    return this.#bytesMost
  }

  /** Counts one more file or directory, or one less. */
  count(nodes: 1 | -1): void {
    this.#nodes += nodes
    if (this.#nodes > limits.wasmNodesMax) throw new Ending({ type: 'output-limit' })
  }

  /** The next number for a file or directory: numbers are of the unit, not of the process. */
  inode(): bigint {
    this.#inodes += 1n
    return this.#inodes
  }
}

/** What is remembered of a file or directory beside its content: nothing of when and by whom. */
class Entry {
  readonly inode: bigint
  /** What nobody may change: the inputs, and the directories that a sandbox begins with. */
  readonly fixed: boolean
  /** Zero until the unit itself says otherwise. */
  accessed = 0n
  modified = 0n
  /** Whether a directory holds it. */
  linked = true
  /** How many descriptors hold it. */
  opened = 0
  readonly quota: Quota

  constructor(quota: Quota, fixed: boolean) {
    this.quota = quota
    this.fixed = fixed
    this.inode = quota.inode()
    if (!fixed) quota.count(1)
  }

  /** Called when a directory or a descriptor has let go: what nobody holds counts no more. */
  released(): void {
    if (this.linked || this.opened > 0 || this.fixed) return
    this.quota.count(-1)
    this.free()
  }

  protected free(): void {
    // A directory has nothing else that counts.
  }
}

/** A file in memory. */
export class File extends Entry {
  /** Room, of which the first `size` bytes are the file. What lies beyond is zero. */
  #room: Uint8Array
  /** Whether the room is that of an input, which others read too. */
  #shared: boolean
  #charged = 0
  size: number

  constructor(quota: Quota, content?: { readonly bytes: Uint8Array; readonly fixed: boolean }) {
    super(quota, content?.fixed ?? false)
    this.#room = content?.bytes ?? new Uint8Array(0)
    this.#shared = content !== undefined
    this.size = this.#room.length
  }

  /** What is in it. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.size)
  }

  /** Makes it shorter, or longer by zeros, which count like any other bytes. */
  resize(size: number): void {
    this.#reserve(size)
    if (size < this.size) this.#shrink(size)
    this.size = size
  }

  /** Writes bytes at a place, which may lie beyond the end. */
  write(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length
    this.#reserve(Math.max(end, this.size))
    this.#room.set(bytes, at)
    if (end > this.size) this.size = end
  }

  /**
   * Counts first. Room grows by half, so that small writes cost what they write, and is given back
   * with the file.
   */
  #reserve(size: number): void {
    if (size !== this.#charged) {
      this.quota.take(size - this.#charged)
      this.#charged = size
    }
    if (!this.#shared && size <= this.#room.length) return
    const grown = Math.max(size, this.size)
    const room = new Uint8Array(this.#shared ? grown : Math.ceil(1.5 * grown) + 64)
    room.set(this.bytes)
    this.#room = room
    this.#shared = false
  }

  /** Room that does not count any more is not held either. */
  #shrink(size: number): void {
    if (this.#room.length > 2 * size + 64) this.#room = this.#room.slice(0, size)
    else this.#room.fill(0, size, this.size)
  }

  protected override free(): void {
    this.quota.take(-this.#charged)
    this.#charged = 0
    this.#room = new Uint8Array(0)
    this.size = 0
  }
}

/** A directory in memory. Names that differ in case alone collide, as they do in a job. */
export class Directory extends Entry {
  readonly #entries = new Map<string, { readonly name: string; readonly node: Node }>()
  #sorted: readonly string[] | undefined
  /** How many directories it lies in. */
  depth: number

  constructor(quota: Quota, depth: number, fixed = false) {
    super(quota, fixed)
    this.depth = depth
  }

  get empty(): boolean {
    return this.#entries.size === 0
  }

  get(name: string): Node | undefined {
    const entry = this.#entries.get(name.toLowerCase())
    return entry?.name === name ? entry.node : undefined
  }

  /** Whether a new entry could not have this name. */
  taken(name: string): boolean {
    return this.#entries.has(name.toLowerCase())
  }

  put(name: string, node: Node): void {
    this.#entries.set(name.toLowerCase(), { name, node })
    this.#sorted = undefined
    node.linked = true
  }

  remove(name: string): void {
    const node = this.get(name)
    this.#entries.delete(name.toLowerCase())
    this.#sorted = undefined
    if (node === undefined) return
    node.linked = false
    node.released()
  }

  /** Takes an entry out that is put elsewhere at once. */
  detach(name: string): void {
    this.#entries.delete(name.toLowerCase())
    this.#sorted = undefined
  }

  /** The names in the order of their bytes, whatever was there first. */
  get names(): readonly string[] {
    this.#sorted ??= [...this.#entries.values()].map(({ name }) => name).sort()
    return this.#sorted
  }
}

/** What a path leads to. */
export type Node = File | Directory
