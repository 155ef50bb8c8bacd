import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync } from 'node:fs'
import { mkdir, readdir, readFile, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ed25519 } from '../../specs/index.ts'
import type { Host } from '../road/netns.ts'
import { CoordinatorProcess } from '../whole/coordinator-process.ts'
import { Disk } from './disk.ts'
import { forger } from './mistakes.ts'
import { through } from './preload.ts'
import type { Late } from './slow-road.ts'

const road = fileURLToPath(new URL('./slow-road.ts', import.meta.url))

/** Where coordinators are dialled, and where they listen behind that. */
const ports = { road: 4001, own: 4002 }

/** What a coordinator of the roster is made from. */
export interface Membership {
  readonly name: string
  readonly host: Host
  readonly seed: Uint8Array
  /** What all of it is mutated by, by name. */
  readonly mutations: readonly string[]
  /** Where its log goes. */
  readonly logs: string
  /** Is told when its process ends and nobody has ended it. */
  down(name: string, why: string): void
}

/** Times that one is begun which does not come up. */
const triesMax = 3

/** Where a coordinator is dialled that is on a host. */
export function addressOf(host: Host): string {
  return `/ip4/${host.address}/tcp/${ports.road}`
}

/** A coordinator of the roster: a process with a disk and a host of its own. */
export class Member implements AsyncDisposable {
  readonly disk: Disk
  readonly #with: Membership
  readonly #road: ChildProcess
  #process: CoordinatorProcess | undefined
  #chain = ''
  /** Whether its process is to be there. */
  #isWanted = false
  #fell: Promise<void> = Promise.resolve()

  private constructor(made: Membership, disk: Disk, way: ChildProcess) {
    this.#with = made
    this.disk = disk
    this.#road = way
  }

  /** Makes its disk and its road; it is not begun. */
  static async make(made: Membership, mesh: Uint8Array): Promise<Member> {
    const disk = await Disk.make(256 * 2 ** 20)
    await writeFile(join(disk.root, 'mesh'), mesh)
    await mkdir(join(disk.root, 'own'), { mode: 0o700 })
    await writeFile(join(disk.root, 'own', 'key'), Buffer.from(made.seed).toString('hex'), {
      mode: 0o600,
    })
    disk.sync()
    const args = [road, made.host.address, String(ports.road), String(ports.own)]
    const [command = '', ...rest] = [...made.host.command, process.execPath, ...args]
    const way = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await once(way, 'message')
    return new Member(made, disk, way)
  }

  get name(): string {
    return this.#with.name
  }

  /** Who it is on the mesh. */
  get id(): string {
    return ed25519.signer(this.#with.seed).id
  }

  get host(): Host {
    return this.#with.host
  }

  /** Where its key, its ledger and its copies are. */
  get directory(): string {
    return join(this.disk.root, 'own')
  }

  /** Where one of the chains is that it writes. */
  ledgerBy(draw: number): string {
    const homes = join(this.directory, 'homes')
    const adopted = existsSync(homes) ? readdirSync(homes).sort() : []
    const all = ['ledger', ...adopted.map((chain) => join('homes', chain, 'ledger'))]
    return join(this.directory, all[draw % all.length] as string)
  }

  /** Its own chain, as it said when it was begun. */
  get chain(): string {
    return this.#chain
  }

  /**
   * Begins it, with a clock that is off by so much; it serves when this resolves. One that does not
   * come up is begun again some times, as its operator would, and then that is told.
   */
  async start(clockMs = 0): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#begin(clockMs)
        return
      } catch (cause) {
        if (tries < triesMax) continue
        this.#with.down(this.name, String(cause))
        return
      }
    }
  }

  /** A second process with its key, in a copy of its directory, on another host; if it comes up. */
  async twin(copy: string, host: Host) {
    const { logs, name } = this.#with
    const twin = new CoordinatorProcess(copy, {}, ['--mesh', join(this.disk.root, 'mesh')], {
      through: through(host.command, 0, [forger]),
      listen: addressOf(host),
      logged: (line) => appendFileSync(join(logs, `${name}-twin.log`), `${line}\n`),
    })
    try {
      const { chain } = await twin.begin()
      return { process: twin, chain }
    } catch (cause) {
      // Nothing was forked by one that has said nothing.
      appendFileSync(join(logs, `${name}-twin.log`), `${cause}\n`)
      return undefined
    }
  }

  async #begin(clockMs: number): Promise<void> {
    const { host, mutations, logs, name, down } = this.#with
    const more = ['--mesh', join(this.disk.root, 'mesh'), '--announce', addressOf(host)]
    const child = new CoordinatorProcess(this.directory, {}, more, {
      through: through(host.command, clockMs, mutations),
      listen: `/ip4/127.0.0.1/tcp/${ports.own}`,
      logged: (line) => appendFileSync(join(logs, `${name}.log`), `${line}\n`),
    })
    this.#isWanted = true
    const said = await child.begin()
    this.#chain = said.chain
    this.#process = child
    this.#fell = child.gone().then((code) => {
      if (this.#process === child) this.#process = undefined
      if (this.#isWanted) down(name, `it ended by itself, with ${code}`)
    })
  }

  /** How much memory and disk it has, and how many chains; nothing while it is down. */
  async weigh() {
    const { pid = 0 } = this.#process ?? {}
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      const [, kib] = /VmRSS:\s+(\d+) kB/.exec(status) ?? []
      const { blocks, bfree, bsize } = await statfs(this.disk.root)
      const [writes = 0, follows = 0] = await Promise.all(
        ['homes', 'copies'].map(async (of) => (await namesIn(join(this.directory, of))).length),
      )
      // One that has just ended has none.
      if (kib === undefined) return undefined
      const memoryBytes = Number(kib) * 1024
      return { memoryBytes, diskBytes: (blocks - bfree) * bsize, writes: 1 + writes, follows }
    } catch (cause) {
      // It was there a moment ago.
      const { code = '' } = cause as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ESRCH') return undefined
      throw cause
    }
  }

  /** Nobody wonders any more when it ends by itself. */
  expectEnd(): void {
    this.#isWanted = false
  }

  /** Has it get a signal. */
  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#isWanted = false
    const { pid = 0 } = this.#process ?? {}
    if (pid > 0) process.kill(pid, signal)
  }

  /** Ends it by a signal, and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.signal(signal)
    await this.#fell
  }

  /** What comes here or goes out is late from now on. */
  late(late: Late): void {
    this.#road.send(late)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    const ended = once(this.#road, 'exit')
    this.#road.kill('SIGKILL')
    await ended
    await this.disk[Symbol.asyncDispose]()
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return existsSync(directory) ? await readdir(directory) : []
}
