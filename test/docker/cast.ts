import { writeFile } from 'node:fs/promises'
import { openDockerExecutor } from '../../node/executors/docker/docker-executor.ts'
import type { Archives } from '../../node/executors/docker/images.ts'
import type { Executed, Executor, UnitSpec } from '../../node/executors/executor.ts'
import { Fetched, unitOf } from '../../node/executors/wasm/test/job.ts'
import type { Cid, Job } from '../../specs/index.ts'
import { busyboxIn, EngineHere } from './engine.ts'

/** Data that was fetched, and that can be written to a disk. */
export class Stocked extends Fetched implements Archives {
  async save(cid: Cid, path: string, bytesMax: number): Promise<boolean> {
    const bytes = await this.file(cid, { bytesMax, filesMax: 1 })
    if (bytes === undefined || bytes.length > bytesMax) return false
    await writeFile(path, bytes)
    return true
  }
}

/** What a unit came to, and all that it said. */
export interface Came {
  readonly executed: Executed
  readonly log: string
}

/** An engine, an executor on it, and an image of busybox that it has. */
export class Rig implements AsyncDisposable {
  readonly engine: EngineHere
  readonly executor: Executor
  readonly stock: Stocked
  readonly image: string
  /** What containers were not, though they were to be. */
  readonly faults: readonly string[]

  private constructor(fields: Omit<Rig, 'run' | 'unit' | typeof Symbol.asyncDispose>) {
    this.engine = fields.engine
    this.executor = fields.executor
    this.stock = fields.stock
    this.image = fields.image
    this.faults = fields.faults
  }

  static async open(settings: object = {}, gpus = 0): Promise<Rig> {
    const engine = await EngineHere.open(settings)
    const stock = new Stocked()
    const faults: string[] = []
    const executor = executorOn(engine, stock, (some) => faults.push(...some), { gpus })
    await executor.probe(AbortSignal.timeout(60_000))
    const image = await busyboxIn(engine.docker, 'CMD ["/bin/sh", "-c", "echo nothing said"]')
    return new Rig({ engine, stock, executor, image, faults })
  }

  /** Runs a unit of some programs, each a script of a shell or what a test says of it. */
  async run(
    programs: readonly (string | Partial<ImageOf>)[],
    changes: Partial<Job> = {},
    { key = 'a unit', signal = new AbortController().signal }: RunOptions = {},
  ): Promise<Came> {
    let log = ''
    const unit = { ...this.unit(programs, changes), key }
    const executed = await this.executor.run(unit, signal, (_, bytes) => {
      log += Buffer.from(bytes).toString()
    })
    return { executed, log }
  }

  unit(programs: readonly (string | Partial<ImageOf>)[], changes: Partial<Job> = {}): UnitSpec {
    const executors = programs.map((program): ImageOf => {
      const more = typeof program === 'string' ? { command: scriptOf(program) } : program
      const usual = { image: this.image, command: [], env: {}, ignoreError: false }
      const isNamed = more.image?.includes('@') ?? false
      return { type: 'docker', ...usual, ...(isNamed ? {} : { archive: anywhere }), ...more }
    })
    const { resources = {}, ...rest } = changes
    return unitOf({ executors, ...rest, resources: { ...usualResources, ...resources } })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.executor[Symbol.asyncDispose]()
    await this.engine[Symbol.asyncDispose]()
  }
}

/** What may be said of a run. */
interface RunOptions {
  readonly key?: string
  readonly signal?: AbortSignal
}

type ImageOf = Extract<Job['executors'][number], { type: 'docker' }>

/** What a unit of a test may use, if it does not say. */
export const usualResources = {
  ...{ cores: 1, ramBytes: 128_000_000, diskBytes: 10_000_000, gpus: 0, gpuRamBytes: 0 },
  ...{ fuel: 1, unitMs: 60_000 },
}

/** An image without a name has an archive; that of an image that is there is not looked for. */
const anywhere = new Fetched().addFile(new Uint8Array())

/** A command that runs a script. */
export function scriptOf(script: string): string[] {
  return ['/bin/sh', '-c', script]
}

/** An executor of a node of this name. */
export function executorOn(
  engine: EngineHere,
  stock: Stocked,
  onUnfit: (faults: readonly string[]) => void = () => {},
  more: { readonly node?: string; readonly imageBytesMax?: number; readonly gpus?: number } = {},
): Executor {
  return openDockerExecutor({
    ...{ node: 'ann', directory: `${engine.directory}/archives`, content: stock },
    ...{ imageBytesMax: 100_000_000, anyImage: true, gpus: 0, socket: engine.socket, onUnfit },
    ...more,
  })
}
