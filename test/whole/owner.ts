import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Limits } from '../../node/index.ts'

/** Lends both cores while nobody is there, and nothing at all while somebody is. */
export const aloneOnly: Limits = {
  v: 1,
  inUse: { cores: 0, cpuPercent: 100, ramBytes: 1_000_000_000 },
  idle: { cores: 2, cpuPercent: 100, ramBytes: 2_000_000_000 },
  ...{ idleAfterMs: 60_000, onReturn: 'freeze', hours: [], metered: true },
  ...{ diskBytes: 1_000_000_000, transfers: {}, programs: [], projects: [] },
  publishers: [],
  avoids: { projects: [], publishers: [] },
  executors: { wasm: true, docker: false, anyImage: false, images: [] },
  tiers: ['cpu'],
  gpus: 0,
  owner: { remote: false },
}

/** A manager of logins on the path, of a machine that has an owner. */
export class OwnerHere implements AsyncDisposable {
  /** What is to stand before all else on the path. */
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  /** Nobody has been there for an hour. */
  static async away(): Promise<OwnerHere> {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-owner-'))
    const owner = new OwnerHere(directory)
    const command = join(directory, 'loginctl')
    await owner.#say('yes', Date.now() - 3_600_000)
    await writeFile(command, `#!/bin/sh\ncat '${directory}/said'\n`)
    await chmod(command, 0o755)
    return owner
  }

  /** Somebody touches the machine. */
  async comes(): Promise<void> {
    await this.#say('no', Date.now())
  }

  /** Nobody has touched it for an hour. */
  async goes(): Promise<void> {
    await this.#say('yes', Date.now() - 3_600_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true })
  }

  async #say(hint: string, since: number): Promise<void> {
    const path = join(this.directory, 'said')
    await writeFile(`${path}.new`, `IdleHint=${hint}\nIdleSinceHint=${since * 1000}\n`)
    await rename(`${path}.new`, path)
  }
}

/** A process that a node runs units in. */
interface Child {
  /** How the system shows it: T stands still. */
  readonly state: string
  /** What it has used of a processor. */
  readonly cpuMs: number
}

/** All processes that a node runs units in. */
export function childrenOf(pid: number): readonly Child[] {
  const ids = textAt(`/proc/${pid}/task/${pid}/children`).split(' ')
  return ids.flatMap((id): Child[] => {
    if (!textAt(`/proc/${id}/cmdline`).includes('pool/child.ts')) return []
    const stat = textAt(`/proc/${id}/stat`)
    const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Ten milliseconds are a tick.
    return [{ state, cpuMs: 10 * (Number(rest[10]) + Number(rest[11])) }]
  })
}

/** Waits until something is so; gives how long that took. */
export async function until(isSo: () => boolean): Promise<number> {
  const from = performance.now()
  while (!isSo()) await sleep(5)
  return performance.now() - from
}

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    // It ended while somebody looked.
    if (cause instanceof Error && 'code' in cause) return ''
    throw cause
  }
}
