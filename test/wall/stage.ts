import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Http, openHttp } from '../../coordinator/shell/http/http.ts'
import { builtWall } from '../../dashboard/index.ts'
import { exampleOf } from '../../examples/job.ts'
import type { JobId } from '../../specs/index.ts'
import { MeshHere } from '../whole/mesh-here.ts'

const quiet = () => {}

/** A coordinator with its wall, and a mesh at work behind it: nodes in processes of their own. */
export class Stage implements AsyncDisposable {
  readonly mesh: MeshHere
  readonly http: Http
  readonly #directory: string
  #published = 0

  private constructor(mesh: MeshHere, http: Http, directory: string) {
    this.mesh = mesh
    this.http = http
    this.#directory = directory
  }

  static async open(): Promise<Stage> {
    const wall = await builtWall()
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-wall-'))
    const mesh = await MeshHere.open()
    const http = await openHttp(mesh.coordinator, {
      ...{ host: '127.0.0.1', port: 0, origins: [], directory, wall },
      log: { info: quiet, warn: quiet, error: quiet },
    })
    return new Stage(mesh, http, directory)
  }

  /** Publishes pi with so many units of so many points, as a job of its own each time. */
  async publishPi(units: number, points: number): Promise<JobId> {
    const { job, content } = exampleOf('pi')
    const [executor] = job.executors
    if (executor?.type !== 'wasm') throw new Error('pi is no module')
    const room = { bytesMax: 1_000_000, filesMax: 1 }
    await this.mesh.keep((await content.file(executor.module, room)) ?? new Uint8Array())
    const command = ['--seed', '{{seed}}', '--points', `${points}`]
    const nonce = new Uint8Array(16)
    nonce[0] = ++this.#published
    return await this.mesh.publish({
      ...{ ...job, nonce, replicas: { quorum: 2, max: 6 } },
      executors: [{ ...executor, command }],
      sweep: [{ type: 'range', name: 'seed', from: 1, step: 1, count: units, digits: 0 }],
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]()
    await this.mesh[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
