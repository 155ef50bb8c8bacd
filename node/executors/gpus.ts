import { execFile } from 'node:child_process'
import { limits } from '@nexapod/specs'

/** An accelerator that a container can be given. */
export interface Gpu {
  /** What its driver calls it, whatever else is plugged in. */
  readonly uuid: string
  readonly name: string
  readonly ramBytes: number
}

const megabyte = 1024 * 1024
const query = ['--query-gpu=uuid,name,memory.total', '--format=csv,noheader,nounits']

/** The accelerators of this machine, as the tool of their driver lists them; none without it. */
export async function gpusHere(): Promise<readonly Gpu[]> {
  const said = await new Promise<string>((resolve) => {
    const options = { timeout: limits.probeMs, maxBuffer: 64 * 1024 }
    execFile('nvidia-smi', query, options, (error, stdout) => resolve(error ? '' : stdout))
  })
  return said
    .split('\n')
    .flatMap((line): Gpu[] => {
      const [uuid = '', name = '', megabytes = ''] = line.split(',').map((part) => part.trim())
      const ramBytes = Number(megabytes) * megabyte
      const isOne = /^GPU-[0-9a-f-]{8,64}$/.test(uuid) && ramBytes > 0
      return isOne ? [{ uuid, name: plain(name), ramBytes }] : []
    })
    .slice(0, limits.gpusMax)
}

/** Accelerators that are lent, of which each is given to one unit at a time. */
export class Gpus {
  readonly #free: Gpu[]

  constructor(lent: readonly Gpu[]) {
    this.#free = [...lent]
  }

  /** So many that are large enough, the smallest of them; undefined if there are not. */
  take(count: number, ramBytes: number): readonly Gpu[] | undefined {
    const fit = this.#free
      .filter((gpu) => gpu.ramBytes >= ramBytes)
      .sort((a, b) => a.ramBytes - b.ramBytes)
      .slice(0, count)
    if (fit.length < count) return undefined
    for (const gpu of fit) this.#free.splice(this.#free.indexOf(gpu), 1)
    return fit
  }

  give(gpus: readonly Gpu[]): void {
    this.#free.push(...gpus)
  }
}

/** A name as an offer has it: what a driver calls its device may be anything. */
function plain(name: string): string {
  return (
    name
      .replaceAll(/[^ -~]/g, '')
      .trim()
      .slice(0, limits.lineBytesMax) || 'unknown'
  )
}
