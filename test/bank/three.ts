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
import { CoordinatorProcess, type Said } from '../whole/coordinator-process.ts'

/** What is earned is soon somebody's, and nothing is audited. */
const rates: Rates = { ...usualRates, settleMs: 1000 }

/** One of the coordinators. */
export interface One {
  readonly process: CoordinatorProcess
  readonly said: Said
}

/** Three coordinators on loopback, each in a process of its own. */
export class Three implements AsyncDisposable {
  readonly all: readonly One[]
  readonly #directory: string

  private constructor(directory: string, all: readonly One[]) {
    this.#directory = directory
    this.all = all
  }

  static async open(): Promise<Three> {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-bank-'))
    const ports = await freePorts(members.length)
    const addresses = ports.map((port) => `/ip4/127.0.0.1/tcp/${port}`)
    const file = join(directory, 'mesh')
    const mesh = sign(
      meshDocument,
      {
        ...{ v: 1, name: 'bank', founded: Date.now(), nonce: new Uint8Array(16) },
        ...{ quorum: 2, rates, bootstrap: [] },
        members: members.map(({ id }, i) => {
          return { coordinator: id as CoordinatorId, addresses: [addresses[i] as string] }
        }),
      },
      ...members,
    )
    await writeFile(file, encode(signedSchema(meshDocument, members.length), mesh))
    const all = await Promise.all(
      members.map(async (signer, i): Promise<One> => {
        const own = join(directory, String(i))
        await mkdir(own)
        await writeFile(join(own, 'key'), `${toHex(seedOf(signer))}\n`, { mode: 0o600 })
        const place = { through: [], listen: addresses[i] as string, logged: () => {} }
        const process = new CoordinatorProcess(own, rates, ['--mesh', file], place)
        return { process, said: await process.begin() }
      }),
    )
    return new Three(directory, all)
  }

  /** The chains that they founded. */
  get chains(): readonly ChainId[] {
    return this.all.map(({ said }) => said.chain)
  }

  get invitation(): string {
    return this.all[0]?.said.invitation ?? ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.all) await process.end('SIGKILL')
    await rm(this.#directory, { recursive: true, force: true })
  }
}
