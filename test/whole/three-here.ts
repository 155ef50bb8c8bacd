import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, connect } from '../../cli/index.ts'
import { usualRules } from '../../coordinator/index.ts'
import { type Coordinator, openCoordinator, usualRates } from '../../coordinator/shell/index.ts'
import { freePorts } from '../../coordinator/test/ports.ts'
import { type Node, openNode } from '../../node/shell/index.ts'
import { usualLimits } from '../../node/shell/limits-file.ts'
import {
  type Answer,
  type CoordinatorId,
  ed25519,
  type JobId,
  type Mesh,
  meshDocument,
  meshId,
  parseInvitation,
  type Roster,
  rosterDocument,
  type Signed,
  type Signer,
  sign,
  toHex,
} from '../../specs/index.ts'

/** A coordinator of the three: where it is, and itself while it runs. */
export interface Seat {
  readonly id: CoordinatorId
  readonly signer: Signer
  readonly directory: string
  readonly address: string
  coordinator: Coordinator | undefined
}

const rates = { ...usualRates, apart: 'owners' as const, settleMs: 1000, auditPermille: 0 }

/** A mesh of three coordinators in this process, with nodes in it that lend a core each. */
export class ThreeHere implements AsyncDisposable {
  readonly seats: readonly Seat[]
  readonly invitation: string
  readonly #directory: string
  readonly #mesh: Signed<Mesh>
  readonly #release = new AsyncDisposableStack()

  private constructor(
    directory: string,
    { seats, mesh, invitation }: { seats: Seat[]; mesh: Signed<Mesh>; invitation: string },
  ) {
    this.#directory = directory
    this.#mesh = mesh
    this.seats = seats
    this.invitation = invitation
    this.#release.defer(() => rm(directory, { recursive: true, force: true }))
    for (const seat of seats) this.#release.defer(() => this.close(seat))
  }

  static async open(): Promise<ThreeHere> {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-three-'))
    const free = await freePorts(3)
    const places = free.map((port, i) => {
      const seed = crypto.getRandomValues(new Uint8Array(32))
      const signer = ed25519.signer(seed)
      const at = join(directory, `coordinator-${i}`)
      return { seed, signer, directory: at, address: `/ip4/127.0.0.1/tcp/${port}` }
    })
    const ordered = places.toSorted((a, b) => (a.signer.id < b.signer.id ? -1 : 1))
    const signers = ordered.map(({ signer }) => signer)
    const members = ordered.map(({ signer, address }) => {
      return { coordinator: signer.id as CoordinatorId, addresses: [address] }
    })
    const founding: Mesh = {
      ...{ v: 1, name: 'three', founded: Date.now(), nonce: new Uint8Array(16) },
      ...{ members, quorum: 2, rates, bootstrap: [] },
    }
    const mesh = sign(meshDocument, founding, ...signers)
    const seats: Seat[] = []
    for (const { signer, seed, directory: at, address } of places) {
      await mkdir(at)
      await writeFile(join(at, 'key'), `${toHex(seed)}\n`, { mode: 0o600 })
      const id = signer.id as CoordinatorId
      seats.push({ id, signer, directory: at, address, coordinator: undefined })
    }
    const opened = await Promise.all(seats.map((seat) => openSeat(seat, mesh)))
    const [first] = opened
    if (first === undefined) throw new Error('nobody coordinates')
    return new ThreeHere(directory, { seats, mesh, invitation: first.invitation() })
  }

  /** Those who are there. */
  get coordinators(): readonly Coordinator[] {
    return this.seats.flatMap(({ coordinator }) => coordinator ?? [])
  }

  /** Opens one again that was closed. */
  async open(seat: Seat): Promise<void> {
    await openSeat(seat, this.#mesh)
  }

  async close(seat: Seat): Promise<void> {
    const { coordinator } = seat
    seat.coordinator = undefined
    await coordinator?.[Symbol.asyncDispose]()
  }

  /** Takes one that is gone out of the roster: the two others sign that, and take it in. */
  async expel(seat: Seat): Promise<void> {
    const left = this.seats.filter((one) => one !== seat).sort((a, b) => (a.id < b.id ? -1 : 1))
    const members = left.map(({ id, address }) => ({ coordinator: id, addresses: [address] }))
    const signers = left.map(({ id }) => id)
    const roster: Roster = {
      ...{ v: 1, mesh: meshId(this.#mesh), revision: 1, prev: meshId(this.#mesh) },
      ...{ issued: Date.now(), signers, members, quorum: 2 },
    }
    const keys = left.map(({ signer }) => signer)
    const change = { type: 'roster' as const, roster: sign(rosterDocument, roster, ...keys) }
    for (const { ask } of this.coordinators) {
      const said = await ask({ type: 'amend', change }, AbortSignal.timeout(30_000))
      if (said.type !== 'done') throw new Error(JSON.stringify(said))
    }
  }

  /** A node in this process that lends one core. */
  async node(name: string): Promise<Node> {
    const invitation = valued(parseInvitation(this.invitation))
    const usual = usualLimits()
    const one = { cores: 1, cpuPercent: 100, ramBytes: 500_000_000 }
    const limits = { ...usual, inUse: one, idle: one, diskBytes: 1_000_000_000 }
    const directory = join(this.#directory, name)
    const node = valued(
      await openNode({
        ...{ directory, invitation, tell: () => {} },
        limits: { path: join(directory, 'limits.json'), limits, said: [] },
      }),
    )
    return this.#release.use(node)
  }

  /** A publisher with a key of its own. */
  async publisher(): Promise<Connection> {
    const key = crypto.getRandomValues(new Uint8Array(32))
    return this.#release.use(valued(await connect({ invitation: this.invitation, key })))
  }

  /** Publishes units that take some milliseconds, to one of the three or to any. */
  async publish(by: Connection, units: number, to?: CoordinatorId): Promise<JobId> {
    const written = {
      nexapod: 'v1',
      name: 'comers',
      executors: [{ module: './unit.wasm', command: ['{{i}}', '1000'], stdout: '/out/digest' }],
      outputs: [{ path: '/out/digest' }],
      resources: { ram_gb: 0.01, disk_gb: 0.001 },
      sweep: { i: { from: 1, to: units } },
      replicas: { quorum: 1, max: 4 },
    }
    const what = { written, directory: join(import.meta.dirname, '../bench/whole') }
    return valued(await by.publish(what, AbortSignal.timeout(60_000), to)).id
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release[Symbol.asyncDispose]()
  }
}

async function openSeat(seat: Seat, mesh: Signed<Mesh>): Promise<Coordinator> {
  const quiet = () => {}
  const opened = await openCoordinator({
    ...{ directory: seat.directory, mesh, listen: [seat.address], rules: usualRules },
    log: { info: quiet, warn: quiet, error: quiet },
  })
  seat.coordinator = valued(opened)
  return seat.coordinator
}

/** What an answer gives; its refusal is an error of the test. */
export function valued<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  const { code, at = '', detail = '' } = answer.refusal
  throw new Error(`${code} ${at} ${detail}`)
}
