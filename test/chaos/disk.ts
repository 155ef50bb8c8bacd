import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fillUp } from '../crash/small-disk.ts'

/** Makes a file system in a file, mounts it where nobody else sees it, and cuts its power. */
const script = `set -e
mount -o loop "$2" "$1"
echo done
while read -r word; do
  cp --sparse=always "$2" "$2.cut"
  umount -l "$1"
  mv "$2.cut" "$2"
  mount -o loop "$2" "$1"
  echo done
done
umount "$1"`

/** Whether a file can be mounted as a disk here. */
export const canLoop = ((): boolean => {
  const directory = mkdtempSync(join(tmpdir(), 'nexapod-loop-'))
  const image = join(directory, 'image')
  const tried = `truncate -s 8M ${image} && mkfs.ext4 -q ${image} && mount -o loop ${image} /mnt`
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', tried])
  rmSync(directory, { recursive: true })
  return status === 0
})()

/**
 * A small disk whose power can be cut: what was not synced is lost then, as the file system in it
 * has lost it, and not as anybody has imagined.
 */
export class Disk implements AsyncDisposable {
  readonly #holder: ChildProcess
  readonly #directory: string
  readonly #words: Interface

  private constructor(holder: ChildProcess, directory: string) {
    this.#holder = holder
    this.#directory = directory
    this.#words = createInterface({ input: holder.stdout as NodeJS.ReadableStream })
  }

  /** Makes one of so many bytes. */
  static async make(bytes: number): Promise<Disk> {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-disk-'))
    const image = join(directory, 'image')
    const file = await open(image, 'w')
    await file.truncate(bytes)
    await file.close()
    // Nothing is kept back for root, who all of these processes are.
    const made = spawnSync('mkfs.ext4', ['-q', '-m', '0', image], { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(made.stderr)
    const point = join(directory, 'point')
    spawnSync('mkdir', [point])
    const holder = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', point, image], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const disk = new Disk(holder, directory)
    await disk.#done()
    return disk
  }

  /** Where it is, for processes of any namespace. */
  get root(): string {
    return `/proc/${this.#holder.pid}/root${this.#directory}/point`
  }

  /** What no sync has made safe is lost. Nobody may have a file of it open. */
  async cut(): Promise<void> {
    this.#holder.stdin?.write('cut\n')
    await this.#done()
  }

  /** Makes all safe that is on it, as a machine is when it was set up long ago. */
  sync(): void {
    spawnSync('sync', ['-f', this.root])
  }

  /** Fills it to the last byte. */
  fill(): void {
    fillUp(this.#ballast)
  }

  /** Takes away what filled it. */
  clear(): void {
    rmSync(this.#ballast, { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, 'close')
    this.#holder.stdin?.end()
    await ended
    await rm(this.#directory, { recursive: true, force: true })
  }

  get #ballast(): string {
    return join(this.root, 'ballast')
  }

  async #done(): Promise<void> {
    const gone = once(this.#holder, 'close').then(() => 'gone')
    if ((await Promise.race([once(this.#words, 'line'), gone])) === 'gone') {
      throw new Error('the disk could not be mounted')
    }
  }
}
