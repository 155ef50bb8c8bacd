import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { usualRules } from '../../coordinator/index.ts'
import { type Coordinator, openCoordinator, usualRates } from '../../coordinator/shell/index.ts'
import { exampleOf, publisher } from '../../examples/job.ts'
import { seedIn } from '../../mesh/index.ts'
import { type Limits, limitsSchema } from '../../node/index.ts'
import { claimNode } from '../../node/shell/index.ts'
import {
  type Account,
  type Cid,
  ed25519,
  type Fact,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type NodeId,
  type Signer,
  sign,
  toJson,
} from '../../specs/index.ts'

/** Room for a module of an example. */
const room = { bytesMax: 1_000_000, filesMax: 1 }

const program = fileURLToPath(new URL('../../node/shell/main.ts', import.meta.url))

const strange = fileURLToPath(new URL('./strange-node.ts', import.meta.url))

/** What a node told, a line of its output for each. */
export type Told = { readonly type: string; readonly [key: string]: unknown }

/** A node in a process of its own, in a directory that outlives it. */
export class NodeProcess {
  readonly told: Told[] = []
  readonly #child: ChildProcess
  /** What it exits with; null where a signal ended it. */
  readonly exit: Promise<number | null>
  #waits: { readonly type: string; readonly resolve: (told: Told) => void }[] = []

  constructor(
    directory: string,
    invitation: string,
    through: readonly string[] = [],
    begun = program,
    more: readonly string[] = [],
  ) {
    const args = [process.execPath, begun, '--dir', directory, '--join', invitation, ...more]
    const [command = '', ...rest] = [...through, ...args]
    this.#child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.exit = new Promise((resolve) => this.#child.once('exit', resolve))
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const told: Told = JSON.parse(line)
      this.told.push(told)
      for (const wait of this.#waits.filter(({ type }) => type === told.type)) wait.resolve(told)
      this.#waits = this.#waits.filter(({ type }) => type !== told.type)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Something that it tells, from now on or before. */
  async tells(type: string): Promise<Told> {
    const before = this.told.find((one) => one.type === type)
    if (before !== undefined) return before
    return await new Promise((resolve) => this.#waits.push({ type, resolve }))
  }

  /** Ends it by a signal; gives what it exits with. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.signal(signal)
    return await this.exit
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }
}

/** A mesh on this machine: one coordinator in this process, nodes in their own. */
export class MeshHere implements AsyncDisposable {
  readonly coordinator: Coordinator
  /** What its coordinator warned of. */
  readonly warnings: readonly object[]
  readonly #directory: string
  readonly #nodes: NodeProcess[] = []
  #isGone = false
  #kept = 0

  private constructor(directory: string, coordinator: Coordinator, warnings: readonly object[]) {
    this.warnings = warnings
    this.#directory = directory
    this.coordinator = coordinator
  }

  static async open(): Promise<MeshHere> {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-whole-'))
    const quiet = () => {}
    const warnings: object[] = []
    const opened = await openCoordinator({
      directory: join(directory, 'coordinator'),
      // A unit that is drawn for an audit would wait a minute for an owner who is not there.
      mesh: {
        name: 'whole',
        rates: { ...usualRates, apart: 'owners', settleMs: 1000, auditPermille: 0 },
      },
      listen: ['/ip4/127.0.0.1/tcp/0'],
      rules: usualRules,
      log: { info: quiet, warn: (facts) => warnings.push(facts), error: quiet },
    })
    if (!opened.ok) throw new Error(opened.refusal.code)
    return new MeshHere(directory, opened.value, warnings)
  }

  /** Starts a node, or starts it again, through a command that runs another. */
  start(name: string, ...through: readonly string[]): NodeProcess {
    const invitation = this.coordinator.invitation()
    const node = new NodeProcess(join(this.#directory, name), invitation, through)
    this.#nodes.push(node)
    return node
  }

  /** Starts a node whose owner lends this. */
  async startLending(name: string, limits: Limits): Promise<NodeProcess> {
    const path = join(this.#directory, `${name}.json`)
    await writeFile(path, JSON.stringify(toJson(limitsSchema, limits)))
    const invitation = this.coordinator.invitation()
    const more = ['--limits', path]
    const node = new NodeProcess(join(this.#directory, name), invitation, [], program, more)
    this.#nodes.push(node)
    return node
  }

  /** Starts a node of which nothing but its outputs is strange: its name says how they are. */
  startStrange(name: string): NodeProcess {
    const invitation = this.coordinator.invitation()
    const node = new NodeProcess(join(this.#directory, name), invitation, [], strange)
    this.#nodes.push(node)
    return node
  }

  /** Where a node has its door, and all else. */
  directoryOf(name: string): string {
    return join(this.#directory, name)
  }

  /** A node, which was not started yet, becomes somebody's; of the mesh's own, if nobody says. */
  async claim(name: string, by?: Signer): Promise<void> {
    const seed = await seedIn(join(this.#directory, 'coordinator', 'key'))
    if (!seed.ok) throw new Error(seed.refusal.code)
    const now = Date.now()
    const owner = by ?? ed25519.signer(seed.value)
    const claimed = await claimNode(join(this.#directory, name), owner, now, now + 3_600_000)
    if (!claimed.ok) throw new Error(claimed.refusal.code)
  }

  /** Publishes pi with so many units, each of so many points. */
  async publishPi(
    units: number,
    points: number,
    replicas: Job['replicas'] | null = { quorum: 2, max: 6 },
    compare: Job['compare'] = [],
  ): Promise<JobId> {
    const { job, content } = exampleOf('pi')
    const executors = job.executors.map((executor) => {
      return { ...executor, command: ['--seed', '{{seed}}', '--points', `${points}`] }
    })
    for (const executor of executors) {
      if (executor.type !== 'wasm') continue
      await this.keep((await content.file(executor.module, room)) ?? new Uint8Array())
    }
    return await this.publish({
      ...{ ...job, executors, compare, ...(replicas === null ? {} : { replicas }) },
      sweep: [{ type: 'range', name: 'seed', from: 1, step: 1, count: units, digits: 0 }],
    })
  }

  /** Has a file where nodes find it. */
  async keep(bytes: Uint8Array): Promise<Cid> {
    const pin = `file ${this.#kept++}`
    const kept = { bytesMax: bytes.length, pin, sealed: false }
    const taken = await this.coordinator.data.importTree({ bytes }, kept)
    if (!taken.ok) throw new Error(taken.refusal.code)
    return taken.value.cid
  }

  /** Publishes a job here and now. */
  async publish(job: Job): Promise<JobId> {
    const { chain } = this.coordinator
    const now = Date.now()
    const wanted = { ...job, home: chain, issued: now - 1000, expires: now + 3_600_000 }
    const signed = sign(jobDocument, wanted, publisher)
    const said = await this.coordinator.ask(
      { type: 'publish', job: signed },
      AbortSignal.timeout(10_000),
    )
    if (said.type !== 'done') throw new Error(JSON.stringify(said))
    return jobId(signed)
  }

  /** Waits until a job has ended. */
  async ended(id: JobId): Promise<string> {
    for (;;) {
      const view = await this.coordinator.view.job(id)
      if (!view.ok) throw new Error(view.refusal.code)
      if (view.value?.ended !== undefined) return view.value.ended
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** All facts of one type, as they stand on the chain. */
  async factsOf<T extends Fact['type']>(type: T): Promise<(Fact & { readonly type: T })[]> {
    const facts: (Fact & { readonly type: T })[] = []
    const { size } = await this.status()
    let read = 0
    for await (const page of this.coordinator.view.entries(0, AbortSignal.timeout(30_000))) {
      if (!page.ok) throw new Error(page.refusal.code)
      for (const { entry } of page.value) {
        read = entry.seq + 1
        for (const fact of entry.facts) {
          if (fact.type === type) facts.push(fact as Fact & { readonly type: T })
        }
      }
      if (read >= size) break
    }
    return facts
  }

  async status() {
    const status = await this.coordinator.view.status()
    if (!status.ok) throw new Error(status.refusal.code)
    return status.value
  }

  /** What a node has earned: its own owner, and what is kept until it has shown itself. */
  async earned(node: NodeId): Promise<number> {
    const accounts = [`owner/${node}`, `bond/${node}`] as Account[]
    let micro = 0
    for (const account of accounts) {
      const balance = await this.coordinator.view.balance(account)
      if (balance.ok) micro += balance.value
    }
    return micro
  }

  /** The coordinator is gone. */
  async leave(): Promise<void> {
    if (this.#isGone) return
    this.#isGone = true
    await this.coordinator[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end('SIGKILL')))
    await this.leave()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
