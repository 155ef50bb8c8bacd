import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'

// A namespace of its own: what is mounted there is gone with the process that holds it.
const unshare = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-r', '-m']
const [first = '', ...options] = unshare

/** Whether a file system can be mounted here. */
export const canMount =
  spawnSync(first, [...options, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0

/** Writes a file as long as there is room, but for so many bytes. */
export function fillUp(path: string, free = 0): void {
  const ballast = openSync(path, 'w')
  const page = new Uint8Array(4096)
  let size = 0
  try {
    for (;;) size += writeSync(ballast, page)
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ENOSPC') throw error
  } finally {
    ftruncateSync(ballast, Math.max(0, size - free))
    closeSync(ballast)
  }
}

const script = `mount -t tmpfs -o "size=$2" tmpfs "$1" && echo done || exit
while read -r change; do mount -o "remount,$change" tmpfs "$1" && echo done || exit; done`

/** A file system with a size of its own, in the memory of the machine. */
export class SmallDisk implements AsyncDisposable {
  readonly #holder: ChildProcess
  readonly #point: string
  readonly #words: Interface

  private constructor(holder: ChildProcess, point: string, words: Interface) {
    this.#holder = holder
    this.#point = point
    this.#words = words
  }

  /** Makes one of so many bytes. */
  static async make(bytes: number): Promise<SmallDisk> {
    const point = await mkdtemp(join(tmpdir(), 'nexapod-small-'))
    const holder = spawn(first, [...options, 'sh', '-c', script, 'sh', point, `${bytes}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const words = createInterface({ input: holder.stdout })
    const disk = new SmallDisk(holder, point, words)
    await disk.#done()
    return disk
  }

  /** Where it is, for processes of any namespace. */
  get root(): string {
    return `/proc/${this.#holder.pid}/root${this.#point}`
  }

  /** Mounts it again as something else: `size=...`, `ro`, `rw`. */
  async become(change: string): Promise<void> {
    this.#holder.stdin?.write(`${change}\n`)
    await this.#done()
  }

  /** Fills it but for so many bytes. */
  fill(free = 0): void {
    fillUp(this.#ballast, free)
  }

  /** Takes away what filled it. */
  clear(): void {
    rmSync(this.#ballast, { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, 'close')
    this.#holder.stdin?.end()
    await ended
    await rmdir(this.#point)
  }

  get #ballast(): string {
    return join(this.root, 'ballast')
  }

  async #done(): Promise<void> {
    const gone = once(this.#holder, 'close').then(() => 'gone')
    if ((await Promise.race([once(this.#words, 'line'), gone])) === 'gone') {
      throw new Error('the file system could not be mounted')
    }
  }
}
