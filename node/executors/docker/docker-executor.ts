import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { limits } from '@nexapod/specs'
import type { ImageInspectInfo } from 'dockerode'
import type { Capability, Content, Executed, Executor, OnLog, UnitSpec } from '../executor.ts'
import { Gpus, gpusHere } from '../gpus.ts'
import { Crate, sweep } from './crate.ts'
import { type Docker, engineAt, isGone, isOfEngine } from './engine.ts'
import { Gauge } from './gauge.ts'
import { type Archives, Images, type ImageWanted } from './images.ts'
import { type Sandbox, sandboxOf } from './sandbox.ts'
import { UnitRun } from './unit-run.ts'

/** What runs containers for a node. */
export interface DockerConfig {
  /** What the node is called: it takes away what bears its name, and nothing else. */
  readonly node: string
  /** A directory that is this executor's alone. */
  readonly directory: string
  readonly content: Content & Archives
  /** Of all images that are kept between units. */
  readonly imageBytesMax: number
  /** Whether images beyond the list of the owner are lent for; who leases looks at the list. */
  readonly anyImage: boolean
  /** How many accelerators are lent. */
  readonly gpus: number
  /** Where the engine listens; where `DOCKER_HOST` says, if it is left out. */
  readonly socket?: string
  /** Tells what of a container was not as it was to be, and that it was not started. */
  readonly onUnfit?: (faults: readonly string[]) => void
}

/** How long after an engine did not do what it was asked for it is asked again. */
const againMs = 2000

/** Runs images in containers of an engine. */
export function openDockerExecutor(config: DockerConfig): Executor {
  return new DockerExecutor(config)
}

interface Lent {
  readonly runtime: 'runc' | 'runsc'
  readonly gpus: Gpus
}

class DockerExecutor implements Executor {
  readonly kind = 'docker'
  readonly #config: DockerConfig
  readonly #docker: Docker
  readonly #images: Images
  readonly #gauge: Gauge
  readonly #runs = new Map<string, UnitRun>()
  readonly #still = new Set<string>()
  readonly #ending = new AbortController()
  readonly #settled = new Set<Promise<unknown>>()
  /** Labels of units of which something may be left. */
  readonly #left = new Set<string>()
  #lent: Lent | undefined
  #cpuPercent = 100
  #again: NodeJS.Timeout | undefined

  constructor(config: DockerConfig) {
    const { directory, content: archives, imageBytesMax: bytesMax } = config
    this.#config = config
    this.#docker = engineAt(config.socket)
    this.#images = new Images({ docker: this.#docker, archives, directory, bytesMax })
    this.#gauge = new Gauge(this.#docker)
  }

  /** Looks what engine there is, and takes away what an earlier process has left there. */
  async probe(): Promise<Capability | undefined> {
    const { node, directory, anyImage, gpus } = this.#config
    await rm(directory, { recursive: true, force: true })
    try {
      const isolation = isolationOf(await this.#docker.info())
      if (isolation === undefined) return undefined
      await sweep(this.#docker, `${nodeLabel}=${node}`)
      const lent = (await gpusHere()).slice(0, gpus)
      this.#lent = { runtime: isolation, gpus: new Gpus(lent) }
      return { type: 'docker', isolation, anyImage }
    } catch (cause) {
      if (!isOfEngine(cause)) throw cause
      return undefined
    }
  }

  async run(unit: UnitSpec, signal: AbortSignal, onLog: OnLog): Promise<Executed> {
    const either = AbortSignal.any([signal, this.#ending.signal])
    const running = this.#runThrough(unit, either, onLog)
    this.#settled.add(running)
    try {
      return await running
    } finally {
      this.#settled.delete(running)
      this.#still.delete(unit.key)
    }
  }

  freeze(key: string): void {
    this.#still.add(key)
    this.#runs.get(key)?.still(true)
  }

  thaw(key: string): void {
    this.#still.delete(key)
    this.#runs.get(key)?.still(false)
  }

  pace(cpuPercent: number): void {
    this.#cpuPercent = cpuPercent
    for (const run of this.#runs.values()) run.pace(cpuPercent)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await Promise.allSettled(this.#settled)
    this.#gauge.close()
    clearTimeout(this.#again)
  }

  /**
   * Runs a unit, and once more if the engine went away under it and is back soon: whoever restarts
   * an engine has not given up a unit, and who gives one back is not given it again.
   */
  async #runThrough(unit: UnitSpec, signal: AbortSignal, onLog: OnLog): Promise<Executed> {
    for (let isAgain = false; ; isAgain = true) {
      try {
        return await this.#run(unit, signal, onLog)
      } catch (cause) {
        if (!isOfEngine(cause)) throw cause
        if (signal.aborted) return killed
        if (isAgain || !isGone(cause) || !(await this.#isBack(signal))) return unavailable
      }
    }
  }

  /** Whether the engine answers again soon. */
  async #isBack(signal: AbortSignal): Promise<boolean> {
    const until = performance.now() + limits.engineMs
    while (!signal.aborted && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, againMs / 4))
      try {
        await this.#docker.ping()
        return true
      } catch (cause) {
        if (!isOfEngine(cause)) throw cause
      }
    }
    return false
  }

  async #run(unit: UnitSpec, signal: AbortSignal, onLog: OnLog): Promise<Executed> {
    const lent = this.#lent
    if (lent === undefined) return unavailable
    const sandbox = await sandboxOf(unit, this.#config.content)
    if (sandbox === undefined) return unavailable
    const wanted: readonly ImageWanted[] = sandbox.programs
    const images: ImageInspectInfo[] = []
    for (const one of wanted) {
      const image = await this.#images.have(one, signal)
      if (image === undefined) return signal.aborted ? killed : unavailable
      images.push(image)
    }
    const { gpus: count, gpuRamBytes } = unit.job.resources
    const gpus = lent.gpus.take(count, gpuRamBytes)
    if (gpus === undefined) return unavailable
    try {
      return await this.#inCrate(unit, sandbox, lent, signal, async (crate, bench) => {
        const share = {
          ...{ crate, cpuPercent: this.#cpuPercent },
          gpus: gpus.map(({ uuid }) => uuid),
        }
        const run = new UnitRun(bench, unit, sandbox, share, onLog)
        this.#runs.set(unit.key, run)
        if (this.#still.has(unit.key)) run.still(true)
        const abort = () => run.end('killed')
        signal.addEventListener('abort', abort)
        try {
          return await run.run(images)
        } finally {
          signal.removeEventListener('abort', abort)
          this.#runs.delete(unit.key)
        }
      })
    } finally {
      lent.gpus.give(gpus)
    }
  }

  /** Does something with the volumes of a unit, which are gone afterwards, sooner or later. */
  async #inCrate(
    { key }: UnitSpec,
    { shelves, things }: Sandbox,
    { runtime }: Lent,
    signal: AbortSignal,
    work: (crate: Crate, bench: ConstructorParameters<typeof UnitRun>[0]) => Promise<Executed>,
  ): Promise<Executed> {
    const docker = this.#docker
    const token = randomBytes(8).toString('hex')
    const labels = { [nodeLabel]: this.#config.node, [runLabel]: token, [unitLabel]: key }
    const onUnfit = this.#config.onUnfit ?? (() => {})
    const bench = { docker, gauge: this.#gauge, runtime, labels, onUnfit }
    try {
      const crate = await Crate.open(docker, shelves, labels)
      if (things.length > 0) await crate.put(things)
      const executed = signal.aborted ? killed : await work(crate, bench)
      await crate.close()
      return executed
    } catch (cause) {
      this.#left.add(`${runLabel}=${token}`)
      await this.#clear()
      throw cause
    }
  }

  /** Takes away what is left of units; what an engine does not do now, it is asked for again. */
  async #clear(): Promise<void> {
    clearTimeout(this.#again)
    for (const label of this.#left) {
      try {
        await sweep(this.#docker, label)
        this.#left.delete(label)
      } catch (cause) {
        if (!isOfEngine(cause)) throw cause
      }
    }
    if (this.#left.size === 0 || this.#ending.signal.aborted) return
    this.#again = setTimeout(() => void this.#clear(), againMs)
  }
}

const nodeLabel = 'nexapod.node'
const runLabel = 'nexapod.run'
const unitLabel = 'nexapod.unit'

const unavailable: Executed = { type: 'failed', reason: 'unavailable' }
const killed: Executed = { type: 'failed', reason: 'killed' }

/** What keeps containers apart on an engine; undefined if it cannot bound them as it has to. */
function isolationOf(info: Readonly<Record<string, unknown>>): Lent['runtime'] | undefined {
  const bounds = ['MemoryLimit', 'SwapLimit', 'PidsLimit', 'CpuCfsQuota', 'CPUShares'] as const
  const profile = Array.isArray(info.SecurityOptions) ? info.SecurityOptions.map(String) : []
  const isFiltered = profile.some((one) => {
    return one.startsWith('name=seccomp') && !one.includes('unconfined')
  })
  if (info.OSType !== 'linux' || !isFiltered || bounds.some((one) => info[one] !== true)) {
    return undefined
  }
  const runtimes = Object(info.Runtimes)
  if (Object.hasOwn(runtimes, 'runsc')) return 'runsc'
  return Object.hasOwn(runtimes, 'runc') ? 'runc' : undefined
}
