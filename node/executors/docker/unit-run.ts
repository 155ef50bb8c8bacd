import { limits } from '@nexapod/specs'
import type { ImageInspectInfo } from 'dockerode'
import { Clock } from '../clock.ts'
import type { Ended, Executed, OnLog, UnitSpec } from '../executor.ts'
import { bounded } from '../log.ts'
import { containerOptions, type Wanted } from './container-options.ts'
import { type Crate, file } from './crate.ts'
import type { Docker } from './engine.ts'
import type { Gauge } from './gauge.ts'
import { fileIn, outputsIn } from './outputs.ts'
import { Program } from './program.ts'
import type { ProgramOf, Sandbox } from './sandbox.ts'

type Reason = Extract<Executed, { type: 'failed' }>['reason']

/** What a unit runs on. */
export interface Bench {
  readonly docker: Docker
  readonly gauge: Gauge
  readonly runtime: Wanted['runtime']
  readonly labels: Readonly<Record<string, string>>
  /** Tells what of a container was not as it was to be. */
  readonly onUnfit: (faults: readonly string[]) => void
}

/** What a unit has of the machine while it runs. */
export interface Share {
  readonly crate: Crate
  readonly gpus: readonly string[]
  cpuPercent: number
}

/** The programs of one unit, one after the other, in its volumes. */
export class UnitRun {
  readonly #bench: Bench
  readonly #unit: UnitSpec
  readonly #sandbox: Sandbox
  readonly #share: Share
  readonly #onLog: OnLog
  /** Why the machine ended it, if it did. */
  #why: Reason | undefined
  #program: Program | undefined
  #clock: Clock | undefined
  #still = false
  #used = { cpuMs: 0, ramBytesPeak: 0 }

  constructor(bench: Bench, unit: UnitSpec, sandbox: Sandbox, share: Share, onLog: OnLog) {
    this.#bench = bench
    this.#unit = unit
    this.#sandbox = sandbox
    this.#share = share
    this.#onLog = bounded(onLog)
  }

  /** Runs it, each program in the image of its place. */
  async run(images: readonly ImageInspectInfo[]): Promise<Executed> {
    const { crate } = this.#share
    const { diskBytes, unitMs } = this.#unit.job.resources
    const begun = performance.now()
    const most = {
      bytes: diskBytes + limits.containerSlackBytes,
      nodes: limits.containerNodesMax,
    }
    const written = crate.volumes.flatMap(({ name, writes }) => (writes ? [name] : []))
    const unwatch = this.#bench.gauge.watch(written, most, () => this.end('unavailable'))
    this.#clock = new Clock(unitMs, () => this.end('timeout'), this.#share.cpuPercent)
    if (this.#still) this.#clock.stop()
    try {
      const ended = await this.#programs(images)
      if (typeof ended === 'string') return { type: 'failed', reason: ended }
      const outputs = await outputsIn(crate, this.#unit.job.outputs, this.#room)
      const wallMs = Math.min(Math.round(performance.now() - begun), limits.unitMsMax)
      const remarks = { wallMs, ...this.#used }
      if (outputs !== 'too much') return { type: 'ran', ended, outputs, remarks }
      const { executor } = ended
      return { type: 'ran', ended: { type: 'output-limit', executor }, outputs: [], remarks }
    } finally {
      unwatch()
      this.#clock.stop()
    }
  }

  /** Ends it for something that the machine did. */
  end(why: Reason): void {
    this.#why ??= why
    this.#program?.kill()
  }

  /** Lets it stand still: its time does not go on. */
  still(still: boolean): void {
    this.#still = still
    if (still) this.#clock?.stop()
    else this.#clock?.start()
    this.#program?.still(still)
  }

  /** Gives it another share of its cores. */
  pace(cpuPercent: number): void {
    this.#share.cpuPercent = cpuPercent
    this.#clock?.pace(cpuPercent)
    this.#program?.pace(this.#unit.job.resources.cores, cpuPercent)
  }

  get #room() {
    const { diskBytes } = this.#unit.job.resources
    return {
      bytesMax: Math.min(diskBytes, limits.containerFileBytesMax),
      filesMax: limits.containerFilesMax,
    }
  }

  async #programs(images: readonly ImageInspectInfo[]): Promise<Ended | Reason> {
    let last: Ended = { type: 'exit', executor: 0, code: 0 }
    for (const [executor, program] of this.#sandbox.programs.entries()) {
      const image = images[executor]
      if (image === undefined) throw new Error('each program has its image')
      const ended = await this.#one(executor, program, image)
      if (typeof ended === 'string') return ended
      last = ended
      const isWell = last.type === 'exit' && (last.code === 0 || program.ignoreError)
      if (!isWell) break
    }
    return last
  }

  async #one(
    executor: number,
    program: ProgramOf,
    image: ImageInspectInfo,
  ): Promise<Ended | Reason> {
    if (this.#why !== undefined) return this.#why
    const { crate } = this.#share
    const { docker, onUnfit } = this.#bench
    await using made = new Program(docker, containerOptions(this.#wanted(program, image)))
    this.#program = made
    const faults = await made.make()
    if (faults.length > 0) {
      onUnfit(faults)
      return 'unavailable'
    }
    const { bytesMax } = this.#room
    const stdin = program.stdin
    const input = stdin && ((await fileIn(crate, stdin, bytesMax)) ?? new Uint8Array())
    const streams = new Streams(program, bytesMax, this.#onLog, () => made.kill())
    if (this.#still) made.still(true)
    made.pace(this.#unit.job.resources.cores, this.#share.cpuPercent)
    if (this.#why !== undefined) return this.#why
    const stopped = await made.run(input || undefined, streams.take)
    this.#program = undefined
    this.#used = {
      cpuMs: this.#used.cpuMs + made.used.cpuMs,
      ramBytesPeak: Math.max(this.#used.ramBytesPeak, made.used.ramBytesPeak),
    }
    if (this.#why !== undefined) return this.#why
    if (stopped.type === 'memory') return 'memory'
    if (streams.isOver) return { type: 'output-limit', executor }
    // Nobody here did it. A program that ends itself so cannot be told from one that was killed.
    if (stopped.code === killedCode) return 'killed'
    const files = streams.files
    if (files.length > 0) await crate.put(files)
    return { type: 'exit', executor, code: stopped.code }
  }

  #wanted(program: ProgramOf, image: ImageInspectInfo): Wanted {
    const { cores, ramBytes, diskBytes, unitMs } = this.#unit.job.resources
    const { crate, gpus, cpuPercent } = this.#share
    const { runtime, labels } = this.#bench
    const { Entrypoint, Cmd, Volumes } = image.Config
    const entrypoint = listOf(Entrypoint)
    // A program that is named takes the place of the one that the image would run.
    const command = program.command.length > 0 ? program.command : listOf(Cmd)
    return {
      ...{ image: image.Id, entrypoint, command, cores, cpuPercent, ramBytes, diskBytes, unitMs },
      ...{ gpus, runtime, labels, volumes: crate.volumes, sharesTmp: this.#sandbox.sharesTmp },
      variables: program.env,
      workdir: program.workdir,
      readsInput: program.stdin !== undefined,
      covered: Object.keys(Volumes ?? {}),
    }
  }
}

/** 128 and SIGKILL. */
const killedCode = 137

function listOf(said: string | readonly string[] | null | undefined): readonly string[] {
  if (said === null || said === undefined) return []
  return typeof said === 'string' ? [said] : said
}

/** What a program says: into files where its job names them, and else into the log. */
class Streams {
  readonly #paths: readonly [string | undefined, string | undefined]
  readonly #pieces: readonly [Uint8Array[], Uint8Array[]] = [[], []]
  readonly #onLog: OnLog
  readonly #over: () => void
  #left: number

  constructor({ stdout, stderr }: ProgramOf, bytesMax: number, onLog: OnLog, over: () => void) {
    this.#paths = [stdout, stderr]
    this.#left = bytesMax
    this.#onLog = onLog
    this.#over = over
  }

  /** Whether it said more than there is room for. */
  get isOver(): boolean {
    return this.#left < 0
  }

  readonly take: OnLog = (stream, bytes) => {
    const at = stream === 1 ? 0 : 1
    if (this.#paths[at] === undefined) {
      this.#onLog(stream, bytes)
      return
    }
    if (this.isOver) return
    this.#left -= bytes.length
    if (this.isOver) this.#over()
    else this.#pieces[at].push(Uint8Array.from(bytes))
  }

  get files() {
    return this.#paths.flatMap((path, at) => {
      const pieces = this.#pieces[at as 0 | 1]
      return path === undefined ? [] : [file(path.slice(1), Buffer.concat(pieces))]
    })
  }
}
