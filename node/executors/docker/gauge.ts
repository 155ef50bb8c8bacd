import type { Dirent } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '@nexapod/specs'
import { type Docker, ifThere, isOfEngine } from './engine.ts'

/** What may lie in some volumes together. */
export interface Most {
  readonly bytes: number
  readonly nodes: number
}

interface Watched {
  readonly volumes: readonly string[]
  readonly most: Most
  readonly over: () => void
}

/**
 * Looks what containers have on the disk while they run. An engine has no quota on most file
 * systems; so a unit is ended when it is seen to have too much, and what it has is looked at often.
 */
export class Gauge {
  readonly #docker: Docker
  readonly #watched = new Set<Watched>()
  #timer: NodeJS.Timeout | undefined
  #isLooking = false

  constructor(docker: Docker) {
    this.#docker = docker
  }

  /** Watches some volumes until what it gives is called. */
  watch(volumes: readonly string[], most: Most, over: () => void): () => void {
    const watched = { volumes, most, over }
    this.#watched.add(watched)
    this.#lookAfter(limits.containerLookMs)
    return () => this.#watched.delete(watched)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#watched.clear()
  }

  #lookAfter(ms: number): void {
    if (this.#isLooking || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#look()
    }, ms)
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    const from = performance.now()
    let sizes: ReadonlyMap<string, number> | undefined
    for (const watched of [...this.#watched]) {
      try {
        const left = { ...watched.most }
        for (const volume of watched.volumes) {
          const seen = await this.#seen(volume, left)
          if (seen) continue
          sizes ??= await this.#sizes()
          left.bytes -= sizes.get(volume) ?? 0
        }
        if (left.bytes < 0 || left.nodes < 0) watched.over()
      } catch (cause) {
        // A volume goes, or an engine, while somebody looks; who runs the unit finds that out.
        if (!isOfEngine(cause)) throw cause
      }
    }
    this.#isLooking = false
    // Looking at many files takes long: it shall not take more than a tenth of the time.
    const tookMs = performance.now() - from
    if (this.#watched.size > 0) this.#lookAfter(Math.max(limits.containerLookMs, 9 * tookMs))
  }

  /** Counts what lies in a volume, if its directory can be seen from here. */
  async #seen(volume: string, left: { bytes: number; nodes: number }): Promise<boolean> {
    const found = await ifThere(this.#docker.getVolume(volume).inspect())
    if (found === undefined) return true
    return await count(found.Mountpoint, left)
  }

  /** Bytes of volumes, as the engine counts them: of files it does not tell the number. */
  async #sizes(): Promise<ReadonlyMap<string, number>> {
    const { Volumes }: { readonly Volumes: readonly Sized[] | null } = await this.#docker.df()
    return new Map(Volumes?.map(({ Name, UsageData }) => [Name, UsageData?.Size ?? 0]))
  }
}

/** A volume, as an engine counts it. */
interface Sized {
  readonly Name: string
  readonly UsageData?: { readonly Size: number } | null
}

/** False where a directory cannot be read: it is another machine's, or another user's. */
async function count(directory: string, left: { bytes: number; nodes: number }): Promise<boolean> {
  let entries: AsyncIterable<Dirent>
  try {
    entries = await opendir(directory)
  } catch (cause) {
    if (isOfEngine(cause)) return false
    throw cause
  }
  for await (const entry of entries) {
    left.nodes--
    if (left.nodes < 0 || left.bytes < 0) return true
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await count(path, left)
    else if (entry.isFile()) left.bytes -= await bytesAt(path)
  }
  return true
}

/** What a file takes, or would take if it had no holes: it is read whole at the end. */
async function bytesAt(path: string): Promise<number> {
  try {
    return (await lstat(path)).size
  } catch (cause) {
    if (isOfEngine(cause)) return 0
    throw cause
  }
}
