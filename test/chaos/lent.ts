import { join } from 'node:path'
import type { Host } from '../road/netns.ts'
import { NodeProcess, type Told } from '../whole/mesh-here.ts'
import { through } from './preload.ts'

/** What a node is made from. */
export interface Lending {
  readonly name: string
  readonly host: Host
  readonly directory: string
  readonly invitation: string
  readonly mutations: readonly string[]
  /** Is told when its process ends and nobody has ended it. */
  down(name: string, why: string): void
}

/** A node of a volunteer: a process on a host of its own. */
export class Lent implements AsyncDisposable {
  readonly #with: Lending
  #process: NodeProcess | undefined
  #isWanted = false

  constructor(made: Lending) {
    this.#with = made
  }

  get name(): string {
    return this.#with.name
  }

  /** Where its key, its journal and its data are. */
  get directory(): string {
    return join(this.#with.directory, this.name)
  }

  get host(): Host {
    return this.#with.host
  }

  /** Begins it, with a clock that is off by so much. */
  start(clockMs = 0): void {
    const { host, directory, invitation, mutations, name, down } = this.#with
    const before = through(host.command, clockMs, mutations)
    const more = ['--limits', join(directory, 'limits.json')]
    const child = new NodeProcess(this.directory, invitation, before, undefined, more)
    this.#process = child
    this.#isWanted = true
    void child.exit.then((code) => {
      if (this.#isWanted && this.#process === child) down(name, `it ended by itself, with ${code}`)
    })
  }

  /** Resolves when a coordinator has taken it in. */
  async welcomed(): Promise<void> {
    await this.#process?.tells('welcomed')
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal)
  }

  async stop(): Promise<void> {
    this.#isWanted = false
    await this.#process?.end('SIGKILL')
  }

  /** What it has told since it was asked last. */
  told(): readonly Told[] {
    return this.#process?.told.splice(0) ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
