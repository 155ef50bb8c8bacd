import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keyNamed, seedNamed, usualRates } from '../../coordinator/test/cast.ts'
import { freePorts } from '../../coordinator/test/ports.ts'
import type { Folders } from '../../coordinator/test/scripted-mesh.ts'
import {
  type CoordinatorId,
  encode,
  limits,
  type MeshId,
  meshDocument,
  meshId,
  sign,
  signedSchema,
  toHex,
} from '../../specs/index.ts'
import { CoordinatorProcess } from './process.ts'

/** One of three coordinators: its directory, and how its process is begun. */
export interface Place {
  readonly name: string
  readonly directory: string
  readonly args: readonly string[]
}

/** Three coordinators of one mesh, as processes that can be ended and begun again. */
export class Three implements AsyncDisposable {
  readonly mesh: MeshId
  readonly places: readonly Place[]
  readonly #processes = new Map<string, CoordinatorProcess>()

  private constructor(mesh: MeshId, places: readonly Place[]) {
    this.mesh = mesh
    this.places = places
  }

  /** A mesh that all three have signed; none of them has begun. */
  static async founded(folders: Folders): Promise<Three> {
    const names = ['kim', 'lea', 'mia']
    const free = await freePorts(names.length)
    const all = names.map((name, i) => {
      return { name, signer: keyNamed(name), address: `/ip4/127.0.0.1/tcp/${free[i]}` }
    })
    const ordered = all.toSorted((a, b) => (a.signer.id < b.signer.id ? -1 : 1))
    const mesh = sign(
      meshDocument,
      {
        ...{ v: 1, name: 'three', founded: Date.now(), nonce: new Uint8Array(16) },
        members: ordered.map(({ signer, address }) => {
          return { coordinator: signer.id as CoordinatorId, addresses: [address] }
        }),
        ...{ quorum: 2, rates: usualRates, bootstrap: [] },
      },
      ...ordered.map(({ signer }) => signer),
    )
    const places = await Promise.all(
      all.map(async ({ name, address }) => {
        const directory = folders.next()
        const file = `${directory}.mesh`
        await mkdir(directory)
        await keyed(directory, name)
        await writeFile(file, encode(signedSchema(meshDocument, limits.rosterMax), mesh))
        return { name, directory, args: ['--listen', address, '--mesh', file] }
      }),
    )
    return new Three(meshId(mesh), places)
  }

  place(name: string): Place {
    const place = this.places.find((one) => one.name === name)
    if (place === undefined) throw new Error(`nobody is called ${name}`)
    return place
  }

  /** Begins one of them, or another process with its key in a directory of its own. */
  async begin(name: string, directory = this.place(name).directory): Promise<CoordinatorProcess> {
    const { args, directory: usual } = this.place(name)
    // Two cannot listen at one address: a twin is where nobody dials it.
    const own = directory === usual ? args : args.slice(2)
    const begun = await CoordinatorProcess.begin(directory, { args: own })
    this.#processes.set(directory, begun)
    return begun
  }

  /** Begins all. */
  async beginAll(): Promise<CoordinatorProcess[]> {
    return await Promise.all(this.places.map(({ name }) => this.begin(name)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#processes.values()) await one[Symbol.asyncDispose]()
  }
}

/** Puts the key of somebody into a directory. */
export async function keyed(directory: string, name: string): Promise<void> {
  await writeFile(join(directory, 'key'), `${toHex(seedNamed(name))}\n`, { mode: 0o600 })
}
