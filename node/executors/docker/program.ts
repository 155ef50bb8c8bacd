import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ContainerCreateOptions } from 'dockerode'
import type { OnLog } from '../executor.ts'
import { faultsOf, quotaUs } from './container-options.ts'
import { removeContainer } from './crate.ts'
import { type Docker, isOfEngine, statusOf } from './engine.ts'

/** How a program ended. */
export type Stopped =
  | { readonly type: 'exit'; readonly code: number }
  /** A process of it wanted more memory than there is for it. */
  | { readonly type: 'memory' }

/** What was used, as far as the engine was asked in time. */
export interface Used {
  readonly cpuMs: number
  readonly ramBytesPeak: number
}

/**
 * A container of one program, from its making to its end. It may be told to stand still, to be
 * slower and to end at any time, also before there is any.
 */
export class Program implements AsyncDisposable {
  readonly #docker: Docker
  readonly #options: ContainerCreateOptions
  #id: string | undefined
  #isStarted = false
  #isEnded = false
  #isKilled = false
  #still = false
  #paused = false
  #quota: number
  #given: number
  /** What is asked of the engine about this container, one thing after the other. */
  #turn: Promise<void> = Promise.resolve()
  used: Used = { cpuMs: 0, ramBytesPeak: 0 }

  constructor(docker: Docker, options: ContainerCreateOptions) {
    this.#docker = docker
    this.#options = options
    this.#quota = options.HostConfig?.CpuQuota ?? 0
    this.#given = this.#quota
  }

  /** Makes the container, and looks whether it is what was asked for. */
  async make(): Promise<readonly string[]> {
    const made = await this.#docker.createContainer(this.#options)
    this.#id = made.id
    return faultsOf(this.#options, await made.inspect())
  }

  /** Runs the program to its end. */
  async run(input: Uint8Array | undefined, onLog: OnLog): Promise<Stopped> {
    const container = this.#container
    const stream = await this.#attach(input !== undefined)
    const heard = this.#hear(stream, onLog)
    try {
      if (this.#isKilled) return { type: 'exit', code: 137 }
      await container.start()
      this.#isStarted = true
      this.#settle()
      if (input !== undefined) stream.end(Buffer.from(input))
      void this.#measure()
      await heard
      const { StatusCode: code } = await container.wait()
      this.#isEnded = true
      const { State } = await container.inspect()
      return State.OOMKilled ? { type: 'memory' } : { type: 'exit', code }
    } catch (cause) {
      this.#isEnded = true
      // What the image has no such program for, or none that may be run, ends as in a shell.
      if (this.#isStarted || statusOf(cause) !== 400) throw cause
      const { State } = await container.inspect()
      if (State.ExitCode !== 126 && State.ExitCode !== 127) throw cause
      return { type: 'exit', code: State.ExitCode }
    } finally {
      stream.destroy()
    }
  }

  /** Ends it at once. */
  kill(): void {
    this.#isKilled = true
    this.#settle()
  }

  /** Lets it stand still, or go on. */
  still(still: boolean): void {
    this.#still = still
    this.#settle()
  }

  /** Gives it another share of its cores. */
  pace(cores: number, cpuPercent: number): void {
    this.#quota = quotaUs(cores, cpuPercent)
    this.#settle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true
    await this.#turn
    if (this.#id !== undefined) await removeContainer(this.#docker, this.#id)
  }

  get #container(): Docker.Container {
    if (this.#id === undefined) throw new Error('a program is made before it runs')
    return this.#docker.getContainer(this.#id)
  }

  async #attach(stdin: boolean): Promise<Duplex> {
    const streams = { stream: true, stdin, stdout: true, stderr: true, hijack: true }
    return (await this.#container.attach(streams)) as Duplex
  }

  /** Hears all that it says; settles when it says no more. */
  async #hear(stream: Duplex, onLog: OnLog): Promise<void> {
    const frames = new Frames(onLog)
    stream.on('data', (bytes: Buffer) => frames.take(bytes))
    // An engine that is gone is found out by whoever asks it next.
    stream.on('error', () => stream.destroy())
    await finished(stream, { writable: false, error: false }).catch((cause: unknown) => {
      if (!isOfEngine(cause)) throw cause
    })
  }

  /** Brings the container to what it is to be; what has ended needs nothing any more. */
  #settle(): void {
    this.#turn = this.#turn.then(async () => {
      try {
        await this.#change()
      } catch (cause) {
        if (!isOfEngine(cause)) throw cause
      }
    })
  }

  async #change(): Promise<void> {
    if (!this.#isStarted || this.#isEnded) return
    const container = this.#container
    if (this.#isKilled) {
      await container.kill({ signal: 'SIGKILL' })
      return
    }
    if (this.#quota !== this.#given) {
      const wanted = this.#quota
      await container.update({ CpuQuota: wanted })
      this.#given = wanted
    }
    if (this.#still === this.#paused) return
    await (this.#still ? container.pause() : container.unpause())
    this.#paused = !this.#paused
  }

  /** Follows what it uses: remarks, which nothing depends on. */
  async #measure(): Promise<void> {
    try {
      const stats = (await this.#container.stats({ stream: true })) as NodeJS.ReadableStream
      let line = ''
      stats.on('data', (bytes: Buffer) => {
        const lines = `${line}${bytes}`.split('\n')
        line = lines.pop() ?? ''
        for (const one of lines) this.#count(JSON.parse(one))
      })
      await finished(stats)
    } catch (cause) {
      if (!isOfEngine(cause)) throw cause
    }
  }

  #count({ cpu_stats: cpu, memory_stats: memory }: Docker.ContainerStats): void {
    const cpuMs = Math.round((cpu?.cpu_usage?.total_usage ?? 0) / 1e6)
    const ramBytes = memory?.max_usage ?? memory?.usage ?? 0
    this.used = {
      cpuMs: Math.max(this.used.cpuMs, cpuMs),
      ramBytesPeak: Math.max(this.used.ramBytesPeak, ramBytes),
    }
  }
}

const headBytes = 8

/** Takes apart what an engine has put together: which stream, how many bytes, and those. */
class Frames {
  readonly #onLog: OnLog
  readonly #head = Buffer.alloc(headBytes)
  #have = 0
  #left = 0

  constructor(onLog: OnLog) {
    this.#onLog = onLog
  }

  take(bytes: Buffer): void {
    let rest = bytes
    while (rest.length > 0) {
      if (this.#left === 0) {
        const some = rest.subarray(0, headBytes - this.#have)
        some.copy(this.#head, this.#have)
        this.#have += some.length
        rest = rest.subarray(some.length)
        if (this.#have < headBytes) return
        this.#left = this.#head.readUInt32BE(4)
        this.#have = 0
        continue
      }
      const some = rest.subarray(0, this.#left)
      this.#left -= some.length
      rest = rest.subarray(some.length)
      this.#onLog(this.#head[0] === 2 ? 2 : 1, some)
    }
  }
}
