import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Connection, connect } from '../../cli/index.ts'
import { folder } from '../../examples/build.ts'
import { writtenOf } from '../../examples/job.ts'
import { draws } from '../../mesh/test/time.ts'
import { type Fact, type JobId, limits, type NodeId, refuse } from '../../specs/index.ts'
import { CoordinatorProcess, type Said } from '../whole/coordinator-process.ts'
import { NodeProcess } from '../whole/mesh-here.ts'
import { type Counted, counted } from './count.ts'
import { HostilePeer } from './peer.ts'
import type { Done } from './publisher.ts'

const command = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const publisher = fileURLToPath(new URL('publisher.ts', import.meta.url))
const rates = { apart: 'owners', settleMs: 1000, auditPermille: 0 }

/** What the honest work is. */
export interface Work {
  readonly nodes: number
  readonly units: number
  readonly points: number
}

/**
 * A mesh of processes: a coordinator with its API, nodes, and a publisher who publishes one job
 * after the other. Whoever is hostile has this process, and networks of loopback of its own.
 */
export class Scene implements AsyncDisposable {
  readonly said: Said
  /** Where the API is. */
  readonly http: string
  readonly draw: () => number
  /** Jobs of the honest publisher that have ended. */
  readonly done: Done[] = []
  /** Of the hostile, those who have delivered what is right, and are to be paid for it once. */
  readonly owed = new Set<string>()
  /** The job that it published last. */
  job: JobId
  readonly #coordinator: CoordinatorProcess
  readonly #publisher: ChildProcess
  readonly #nodes: readonly NodeProcess[]
  readonly #directory: string
  readonly #release: AsyncDisposableStack
  readonly #seeds = new Map<NodeId, number>()
  #networks = 0

  private constructor(parts: Parts, seed: number, job: JobId) {
    this.said = parts.said
    this.http = parts.said.http ?? ''
    this.#coordinator = parts.coordinator
    this.#publisher = parts.publisher
    this.#nodes = parts.nodes
    this.#directory = parts.directory
    this.#release = parts.release
    this.draw = draws(seed)
    this.job = job
    this.#publisher.on('message', (message: FromPublisher) => {
      if (message.type === 'done') this.done.push(message.done)
      else this.job = message.id
    })
  }

  /** All of it is up, and the first job was published. */
  static async open(seed: number, { nodes, units, points }: Work): Promise<Scene> {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-hostile-'))
    await using release = new AsyncDisposableStack()
    release.defer(() => rm(directory, { recursive: true, force: true }))
    const more = ['--http', '127.0.0.1:0']
    const coordinator = release.use(
      new CoordinatorProcess(join(directory, 'coordinator'), rates, more),
    )
    const said = await coordinator.begin()
    const lent = Array.from({ length: nodes }, (_, i) => {
      const node = new NodeProcess(join(directory, `node-${i}`), said.invitation)
      release.defer(async () => void (await node.end('SIGKILL')))
      return node
    })
    await Promise.all(lent.map((node) => node.tells('welcomed')))
    const args = [said.invitation, String(units), String(points)]
    const child = fork(publisher, args, { execArgv: [] })
    release.defer(async () => {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit')
    })
    const [first] = (await once(child, 'message')) as [FromPublisher]
    if (first.type !== 'published') throw new Error('a job is published before it is done')
    const parts = { said, coordinator, publisher: child, nodes: lent, directory }
    return new Scene({ ...parts, release: release.move() }, seed, first.id)
  }

  /** The address of the mesh that is attacked. */
  get address(): string {
    return this.said.addresses[0] ?? ''
  }

  /** A network of loopback that nobody has been in yet. */
  network(): string {
    this.#networks++
    return `127.${1 + (this.#networks >> 8)}.${this.#networks & 255}.1`
  }

  /** Somebody hostile, in a network of its own if none is named. */
  async peer(network = this.network()): Promise<HostilePeer> {
    const seed = this.draw()
    const peer = await HostilePeer.open(seed, this.address, network)
    this.#seeds.set(peer.id, seed)
    return peer
  }

  /** Somebody hostile with the key of one who was here before. */
  async peerAgain(id: NodeId): Promise<HostilePeer> {
    return await HostilePeer.open(this.#seeds.get(id) ?? 0, this.address, this.network())
  }

  /** One more publisher publishes honestly: `done`, or the code that it is refused with in time. */
  async publish(): Promise<string> {
    const seed = new Uint8Array(32).fill(9)
    await using publisher = ok(await connect({ invitation: this.said.invitation, key: seed }))
    const written = writtenOf('pi') as { readonly resources: object }
    // No node suits it, so that none is at it when it is cancelled.
    const resources = { ...written.resources, cpu_cores: limits.coresMax }
    const what = { written: { ...written, resources }, directory: join(folder, 'pi') }
    const signal = AbortSignal.timeout(20_000)
    const published = await publisher.publish(what, signal).catch((cause: unknown) => {
      if (signal.aborted) return refuse('wire.deadline')
      throw cause
    })
    if (!published.ok) return published.refusal.code
    ok(await publisher.cancel(published.value.id, AbortSignal.timeout(20_000)))
    return 'done'
  }

  /** The most memory that the coordinator has had since `forget`, and what it has. */
  async memory(): Promise<{ readonly most: number; readonly now: number }> {
    const status = await readFile(`/proc/${this.#coordinator.pid}/status`, 'utf8')
    const bytes = (name: string) =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024
    return { most: bytes('VmHWM'), now: bytes('VmRSS') }
  }

  /** The most memory is counted anew. */
  async forget(): Promise<void> {
    await writeFile(`/proc/${this.#coordinator.pid}/clear_refs`, '5')
  }

  /** Units of the honest that were acknowledged so far. */
  get acknowledged(): number {
    const all = this.#nodes.flatMap(({ told }) => told)
    return all.filter(({ type }) => type === 'acknowledged').length
  }

  /** What honest nodes were refused, lost, or had taken away. */
  get troubles(): readonly object[] {
    const bad = new Set(['lost', 'refusedBy', 'refused', 'damaged'])
    return this.#nodes.flatMap(({ told }) => told.filter(({ type }) => bad.has(type)))
  }

  /** The honest end what they are at; then all that was acknowledged is counted on the chain. */
  async end(): Promise<Ended> {
    if (this.#publisher.connected) {
      this.#publisher.send('enough')
      await once(this.#publisher, 'exit')
    }
    await using reader = ok(
      await connect({ invitation: this.said.invitation, key: new Uint8Array(32).fill(8) }),
    )
    const { facts, sum } = await read(reader)
    const acknowledged = this.#nodes.flatMap(({ told }) => {
      return told.flatMap((one) => (one.type === 'acknowledged' ? [String(one.key)] : []))
    })
    const owned = this.#nodes.map(({ told }) => String(told.find((one) => 'node' in one)?.node))
    const { errors } = this.#coordinator
    for (const node of this.#nodes) await node.end('SIGKILL')
    await this.#coordinator.end('SIGTERM')
    const audit = await audited(join(this.#directory, 'coordinator', 'ledger'))
    const count = counted(facts, acknowledged, owned)
    const found = { ...count, sum, audit, errors: [...errors] }
    return { ...found, faults: this.#faultsIn(found) }
  }

  #faultsIn(found: Omit<Ended, 'faults'>): string[] {
    const { lost, sealedTwice, paidTwice, unpaid, strangers, sum, audit, errors } = found
    const paid = Object.entries(strangers).filter(([id, times]) => {
      return times > (this.owed.has(id as NodeId) ? 1 : 0)
    })
    const wrong = this.done.filter(({ right }) => !right)
    return [
      ...lost.map((key) => `${key} was acknowledged, and is not on the chain`),
      ...sealedTwice.map((key) => `${key} has two receipts`),
      ...paidTwice.map((key) => `${key} was paid twice`),
      ...unpaid.map((key) => `${key} won, and was not paid`),
      ...paid.map(([id, times]) => `${id} is hostile, and was paid ${times} times`),
      ...wrong.map(({ id }) => `${id} has a wrong result`),
      ...(sum === 0 ? [] : [`all accounts together are ${sum}`]),
      ...(audit === 0 ? [] : [`the audit ended with ${audit}`]),
      ...errors.map((line) => `the coordinator says ${line}`),
    ]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release[Symbol.asyncDispose]()
  }
}

/** What was found when all had ended. */
export interface Ended extends Counted {
  /** Of all accounts together: credit comes from `mint`, whose balance is below 0. */
  readonly sum: number
  /** What `nexapod ledger audit` ended with. */
  readonly audit: number | null
  /** What the coordinator logged as errors. */
  readonly errors: readonly string[]
  /** All of it that is not as it must be, in words. */
  readonly faults: readonly string[]
}

interface Parts {
  readonly said: Said
  readonly coordinator: CoordinatorProcess
  readonly publisher: ChildProcess
  readonly nodes: readonly NodeProcess[]
  readonly directory: string
  readonly release: AsyncDisposableStack
}

type FromPublisher =
  | { readonly type: 'published'; readonly id: JobId }
  | { readonly type: 'done'; readonly done: Done }

async function read(reader: Connection): Promise<{ facts: Fact[]; sum: number }> {
  const facts: Fact[] = []
  const chain = ok(
    await reader.read(AbortSignal.timeout(120_000), (entry) => facts.push(...entry.facts)),
  )
  let sum = 0
  for (const [, { micro }] of chain.ledger.state.balances.entries()) sum += micro
  return { facts, sum }
}

async function audited(ledger: string): Promise<number | null> {
  const child = spawn(process.execPath, [command, 'ledger', 'audit', ledger], { stdio: 'ignore' })
  const [exit] = (await once(child, 'exit')) as [number | null]
  return exit
}

function ok<T>(answer: { ok: true; value: T } | { ok: false; refusal: { code: string } }): T {
  if (answer.ok) return answer.value
  throw new Error(answer.refusal.code)
}
