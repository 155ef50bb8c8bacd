import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { usualRates } from '../../coordinator/test/cast.ts'
import { freePorts } from '../../coordinator/test/ports.ts'
import {
  type ChainId,
  type CoordinatorId,
  encode,
  meshDocument,
  type Rates,
  sign,
  signedSchema,
  toHex,
} from '../../specs/index.ts'
import { members, seedOf } from '../sim/bank/cast.ts'
import type { Control } from '../sim/bank/controls.ts'
import { CoordinatorProcess, type Said } from '../whole/coordinator-process.ts'
import { Line } from './line.ts'

/** What is earned is soon somebody's, and nothing is audited. */
const rates: Rates = { ...usualRates, settleMs: 1000 }

/** One of the coordinators. */
export interface One {
  readonly process: CoordinatorProcess
  /** What it said of itself at first. */
  readonly said: Said
  /** The ways by which it reaches the others, each by its place among all. */
  readonly lines: ReadonlyMap<number, Line>
}

/** Three coordinators on loopback, each in a process of its own: they can be parted, and killed. */
export class Three implements AsyncDisposable {
  readonly all: readonly One[]
  readonly #heard: Set<(line: string) => void>
  readonly #release: AsyncDisposable

  private constructor(
    all: readonly One[],
    heard: Set<(line: string) => void>,
    release: AsyncDisposable,
  ) {
    this.all = all
    this.#heard = heard
    this.#release = release
  }

  /** Begins them, all with the same rule broken if one is named. */
  static async open(broken?: Control): Promise<Three> {
    await using release = new AsyncDisposableStack()
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-bank-'))
    release.defer(() => rm(directory, { recursive: true, force: true }))
    const ports = await freePorts(members.length)
    const file = join(directory, 'mesh')
    await writeFile(file, foundedAt(ports))
    const heard = new Set<(line: string) => void>()
    const logged = (line: string) => {
      for (const hear of heard) hear(line)
    }
    const all = await Promise.all(
      members.map(async (signer, i): Promise<One> => {
        const own = join(directory, String(i))
        await mkdir(own)
        await writeFile(join(own, 'key'), `${toHex(seedOf(signer))}\n`, { mode: 0o600 })
        const lines = new Map<number, Line>()
        for (const [j, port] of ports.entries()) {
          if (j !== i) lines.set(j, release.use(await Line.to(port)))
        }
        const ways = [...lines].map(([j, { port }]) => [`${ports[j]}`, `${port}`] as const)
        const through = loading(ways, broken)
        const place = { through, listen: addressAt(ports[i] as number), logged }
        const process = new CoordinatorProcess(own, rates, ['--mesh', file], place)
        release.use(process)
        return { process, said: await process.begin(), lines }
      }),
    )
    return new Three(all, heard, release.move())
  }

  /** The chains that they founded. */
  get chains(): readonly ChainId[] {
    return this.all.map(({ said }) => said.chain)
  }

  get invitation(): string {
    return this.all[0]?.said.invitation ?? ''
  }

  /** Two of them hear nothing of each other, until that is taken back. */
  part(one: One, other: One): Disposable {
    const [i, j] = [this.all.indexOf(one), this.all.indexOf(other)]
    const lines = [one.lines.get(j), other.lines.get(i)]
    for (const line of lines) line?.hold()
    return {
      [Symbol.dispose]: () => {
        for (const line of lines) line?.letGo()
      },
    }
  }

  /** Resolves when one of them logs this. */
  logs(what: string): Promise<void> {
    return new Promise((resolve) => {
      const hear = (line: string) => {
        if (!line.includes(`"what":"${what}"`)) return
        this.#heard.delete(hear)
        resolve()
      }
      this.#heard.add(hear)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release[Symbol.asyncDispose]()
  }
}

/** The command that runs the rest of its line with its ways to the others, and what is broken. */
function loading(
  ways: readonly (readonly [string, string])[],
  broken: Control | undefined,
): readonly string[] {
  const detour = new URL('./detour.ts', import.meta.url)
  detour.search = `${new URLSearchParams(ways.map((way) => [...way]))}`
  const loaded = [detour]
  if (broken !== undefined) {
    const mistake = new URL('./mistake.ts', import.meta.url)
    mistake.searchParams.set('name', broken.name)
    loaded.push(mistake)
  }
  return ['env', `NODE_OPTIONS=${loaded.map(({ href }) => `--import=${href}`).join(' ')}`]
}

/** The mesh of all, as it is founded. */
function foundedAt(ports: readonly number[]): Uint8Array {
  const mesh = sign(
    meshDocument,
    {
      ...{ v: 1, name: 'bank', founded: Date.now(), nonce: new Uint8Array(16) },
      ...{ quorum: 2, rates, bootstrap: [] },
      members: members.map(({ id }, i) => {
        return { coordinator: id as CoordinatorId, addresses: [addressAt(ports[i] as number)] }
      }),
    },
    ...members,
  )
  return encode(signedSchema(meshDocument, members.length), mesh)
}

function addressAt(port: number): string {
  return `/ip4/127.0.0.1/tcp/${port}`
}
