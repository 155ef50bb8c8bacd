import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { foundMesh } from '../../coordinator/shell/founding.ts'
import { keyNamed, seedNamed, usualRates } from '../../coordinator/test/cast.ts'
import { freePorts } from '../../coordinator/test/ports.ts'
import type { Target } from '../../coordinator/test/scripted-node.ts'
import {
  type ChainId,
  encode,
  limits,
  meshDocument,
  signedSchema,
  toHex,
} from '../../specs/index.ts'

const program = fileURLToPath(new URL('../../coordinator/shell/main.ts', import.meta.url))

/** A line of a log. */
export interface Line {
  readonly at: number
  readonly what: string
  readonly [fact: string]: unknown
}

/** A coordinator of the mesh in a process of its own. */
export class MemberProcess implements AsyncDisposable {
  readonly name: string
  readonly log: Line[] = []
  target: Target | undefined
  chain: ChainId | undefined
  readonly #args: readonly string[]
  #child: ChildProcess | undefined
  #news = Promise.withResolvers<void>()

  constructor(name: string, args: readonly string[]) {
    this.name = name
    this.#args = args
  }

  /** Begins it, and waits until it serves. */
  async begin(): Promise<void> {
    const child = spawn(process.execPath, [program, ...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    createInterface({ input: child.stderr }).on('line', (line) => {
      const said = line.startsWith('{') ? JSON.parse(line) : { what: line }
      this.log.push({ ...said, at: Date.now() })
      this.#changed()
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { mesh, coordinator, addresses, chain } = JSON.parse(line)
      this.target = { mesh, coordinator, addresses }
      this.chain = chain
      this.#changed()
    })
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${this.name} has ended: ${JSON.stringify(this.log.slice(-5))}`)
    })
    this.target = undefined
    await Promise.race([this.served(60_000), ended])
    ended.catch(() => 'it has begun, and ends some day')
  }

  /** Waits until it serves, or serves in another way. */
  served(withinMs: number, isIt: (said: MemberProcess) => boolean = () => true): Promise<Target> {
    return this.#until(withinMs, 'serve', () => (isIt(this) ? this.target : undefined))
  }

  /** Waits for a line of its log. */
  logs(what: string, withinMs: number, from = 0): Promise<Line> {
    return this.#until(withinMs, `say ${what}`, () => {
      return this.log.find((line) => line.what === what && line.at >= from)
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Kills it, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  #changed(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }

  async #until<T>(withinMs: number, what: string, look: () => T | undefined): Promise<T> {
    const until = AbortSignal.timeout(withinMs)
    const late = new Promise<void>((resolve) => until.addEventListener('abort', () => resolve()))
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (until.aborted) throw new Error(`${this.name} does not ${what}`)
      await Promise.race([this.#news.promise, late])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

/** Three coordinators who have founded a mesh together; none has begun. */
export async function meshOfThree(directory: string, names: readonly string[]) {
  const ports = await freePorts(names.length)
  const members = names.map((name, i) => {
    return { name, signer: keyNamed(name), addresses: [`/ip4/127.0.0.1/tcp/${ports[i]}`] }
  })
  const founded = foundMesh({ name: 'three', rates: usualRates }, members, Date.now())
  if (!founded.ok) throw new Error(founded.refusal.code)
  const mesh = join(directory, 'mesh')
  await mkdir(directory, { recursive: true })
  await writeFile(mesh, encode(signedSchema(meshDocument, limits.rosterMax), founded.value))
  return await Promise.all(
    members.map(async ({ name, addresses }) => {
      const own = join(directory, name)
      await mkdir(own)
      await writeFile(join(own, 'key'), `${toHex(seedNamed(name))}\n`, { mode: 0o600 })
      const args = ['--dir', own, '--listen', addresses[0] ?? '', '--mesh', mesh]
      return new MemberProcess(name, args)
    }),
  )
}
