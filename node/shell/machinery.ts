import { join } from 'node:path'
import { limits as bounds } from '@nexapod/specs'
import type { Limits } from '../core/limits/limits.ts'
import type { Archives } from '../executors/docker/images.ts'
import type { Capability, Content, Executor } from '../executors/executor.ts'
import { openWasmExecutor } from '../executors/wasm/wasm-executor.ts'

/** Opens what runs units. */
export type OpenExecutors = (
  cores: number,
  content: Content & Archives,
) => readonly Executor[] | Promise<readonly Executor[]>

/** Where the executors of a machine keep things, for whom, and what is lent of them. */
export interface ExecutorConfig {
  readonly node: string
  readonly directory: string
  readonly limits: Limits
  /** A container was made otherwise than it was to be, and not started. */
  readonly onUnfit: (faults: readonly string[]) => void
}

/** The executors of this machine, as far as its owner allows them. */
export function usualExecutors(config: ExecutorConfig): OpenExecutors {
  const { node, directory, limits, onUnfit } = config
  const { executors, diskBytes, gpus } = limits
  return async (cores, content) => {
    // It costs nothing until it runs something, and its owner may allow it while the node runs.
    const opened: Executor[] = [openWasmExecutor(cores, content, true)]
    if (!executors.docker) return opened
    // It is large, and most nodes lend no containers.
    const { openDockerExecutor } = await import('../executors/docker/docker-executor.ts')
    const docker = openDockerExecutor({
      ...{ node, content, gpus, anyImage: executors.anyImage },
      directory: join(directory, 'images'),
      imageBytesMax: Math.floor(diskBytes / 2),
      onUnfit,
    })
    return [...opened, docker]
  }
}

/** What executors can do here, each measured; one that computes wrongly can do nothing. */
export async function capabilities(executors: readonly Executor[]): Promise<readonly Capability[]> {
  const probed = await Promise.all(
    executors.map((one) => one.probe(AbortSignal.timeout(bounds.probeMs))),
  )
  return probed.filter((one) => one !== undefined)
}
