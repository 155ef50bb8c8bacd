import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../../coordinator/test/ports.ts'

/** What was measured of Celery: microseconds a unit, and of one at a time. */
export interface CeleryFigures {
  readonly us: number
  readonly p50?: number
  readonly p99?: number
}

/** Debian's Python has what Debian's packages install; another one may stand before it. */
const pythons = ['/usr/bin/python3', 'python3']
const needed = 'import celery, redis, nacl'
const names = ['a', 'b'] as const
const yardstick = join(import.meta.dirname, 'yardstick.py')
const readyMs = 20_000

/** The Python that has all that is needed; none where Celery or Redis are not installed. */
function pythonHere(): string | undefined {
  const hasRedis = spawnSync('redis-server', ['--version']).status === 0
  return pythons.find((one) => hasRedis && spawnSync(one, ['-c', needed]).status === 0)
}

/** Celery on Redis, two workers of one process each, in memory; none where they are missing. */
export class Celery implements AsyncDisposable {
  readonly #python: string
  readonly #redis: string
  readonly #release: AsyncDisposableStack

  private constructor(python: string, redis: string, release: AsyncDisposableStack) {
    this.#python = python
    this.#redis = redis
    this.#release = release
  }

  static async open(): Promise<Celery | undefined> {
    const python = pythonHere()
    if (python === undefined) return undefined
    await using release = new AsyncDisposableStack()
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-yardstick-'))
    release.defer(() => rm(directory, { recursive: true, force: true }))
    const port = await freePort()
    const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory]
    const inMemory = ['--save', '', '--appendonly', 'no']
    const redis = await begun('redis-server', [...place, ...inMemory], 'Ready to accept')
    release.defer(() => ended(redis, 'SIGTERM'))
    const address = `redis://127.0.0.1:${port}/0`
    const workers = await Promise.all(names.map((name) => workerOf(python, name, address)))
    for (const worker of workers) release.defer(() => ended(worker, 'SIGTERM'))
    return new Celery(python, address, release.move())
  }

  /** Runs so many units of a workload, and after those so many one at a time. */
  async measure(what: 'w1' | 'w2', units: number, alone = 0): Promise<CeleryFigures> {
    const args = ['-B', yardstick, this.#redis, what, String(units), String(alone)]
    return JSON.parse((await promisify(execFile)(this.#python, args)).stdout)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release[Symbol.asyncDispose]()
  }
}

async function workerOf(python: string, name: string, redis: string): Promise<ChildProcess> {
  const alone = ['--without-gossip', '--without-mingle', '--without-heartbeat']
  const broker = ['-b', redis, '--result-backend', redis]
  const args = ['-B', '-m', 'celery', '-A', 'tasks', ...broker, 'worker', '-c', '1', '-l', 'INFO']
  const queues = ['-n', `${name}@yardstick`, '-Q', `units,${name}`]
  return await begun(python, [...args, ...alone, ...queues], 'ready.')
}

/** Begins a process, and waits until it has said that it is ready. */
async function begun(
  command: string,
  args: readonly string[],
  word: string,
): Promise<ChildProcess> {
  const child = spawn(command, args, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(said.join(''))), readyMs)
    const hear = (text: Buffer) => {
      if (said.length < 100) said.push(String(text))
      if (!said.join('').includes(word)) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', (code) => reject(new Error(`${command}: ${code} ${said.join('')}`)))
  })
  return child
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
