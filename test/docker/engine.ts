import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Docker, engineAt } from '../../node/executors/docker/engine.ts'
import { type Packed, pack } from '../../node/executors/docker/tar.ts'

const programs = ['dockerd', 'containerd', 'runc'] as const

/** Whether an engine of a test's own can be started here. */
export const hasEngine =
  process.getuid?.() === 0 &&
  existsSync('/bin/busybox') &&
  programs.every((name) => spawnSync(name, ['--version']).status === 0)

/** An engine of a test's own: that of the machine is not touched. */
export class EngineHere implements AsyncDisposable {
  readonly directory: string
  readonly socket: string
  readonly docker: Docker
  readonly #more: object
  #process: ChildProcess | undefined
  #exit: Promise<unknown> = Promise.resolve()

  private constructor(directory: string, more: object) {
    this.directory = directory
    this.#more = more
    this.socket = join(directory, 'socket')
    this.docker = engineAt(this.socket)
  }

  /** Starts one, with what else stands in its file of settings. */
  static async open(more: object = {}): Promise<EngineHere> {
    const engine = new EngineHere(await mkdtemp(join(tmpdir(), 'nexapod-engine-')), more)
    await engine.start()
    return engine
  }

  /** Starts it, or starts it again. */
  async start(): Promise<void> {
    const at = (name: string) => join(this.directory, name)
    await writeFile(
      at('settings'),
      JSON.stringify({
        ...{ 'data-root': at('data'), 'exec-root': at('exec'), pidfile: at('pid') },
        ...{ hosts: [`unix://${this.socket}`], iptables: false, bridge: 'none' },
        ...this.#more,
      }),
    )
    // Who was killed with its engine may not be gone from the table of processes.
    await rm(at('exec/containerd/containerd.pid'), { force: true })
    const child = spawn('dockerd', ['--config-file', at('settings'), '--log-level', 'error'], {
      stdio: 'ignore',
    })
    this.#process = child
    this.#exit = new Promise((resolve) => child.once('exit', resolve))
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`the engine has ended with ${child.exitCode}`)
      await sleep(50)
    }
  }

  /** Ends it by a signal, and waits until it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#process?.kill(signal)
    await this.#exit
  }

  /** Where a volume lies. */
  volumes(): string {
    return join(this.directory, 'data/volumes')
  }

  /** What there is of ours: names of containers that run or not, and of volumes. */
  async left(): Promise<readonly string[]> {
    const { Volumes } = await this.docker.listVolumes()
    const containers = await this.docker.listContainers({ all: true })
    return [...containers.flatMap(({ Names }) => Names), ...(Volumes ?? []).map(({ Name }) => Name)]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM')
    const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n')
    for (const path of mounts.map((line) => line.split(' ')[1] ?? '').reverse()) {
      if (path.startsWith(`${this.directory}/`)) spawnSync('umount', ['-l', path])
    }
    await rm(this.directory, { recursive: true, force: true })
  }

  async #answers(): Promise<boolean> {
    return await this.docker.ping().then(
      () => true,
      () => false,
    )
  }
}

/** Makes an image of busybox alone, and gives its id; what else it says stands in `changes`. */
export async function busyboxIn(docker: Docker, ...changes: readonly string[]): Promise<string> {
  const content = await readFile('/bin/busybox')
  const rest = { mode: 0o755, owner: 0, seconds: 0 }
  const files: Packed[] = [
    { path: 'bin', ...rest },
    { path: 'bin/sh', content, ...rest },
    { path: 'etc', ...rest },
    { path: 'etc/secret', content: Buffer.from('secret'), ...rest, mode: 0o600 },
  ]
  const said = await docker.importImage(Readable.from(pack(files)), { changes })
  let id = ''
  for await (const bytes of said as Readable) {
    id = /sha256:[0-9a-f]{64}/.exec(String(bytes))?.[0] ?? id
  }
  return id
}

/** An image as `docker save` gives it. */
export async function savedFrom(docker: Docker, id: string): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const bytes of (await docker.getImage(id).get()) as Readable) pieces.push(bytes)
  return Buffer.concat(pieces)
}
