import { createHash, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Callers } from '../../../cli/sdk/callers.ts'
import { publish } from '../../../cli/sdk/publishing.ts'
import { openFork } from '../../../ledger/index.ts'
import {
  follow,
  machineClock,
  openStockedMesh,
  type StockedMesh,
  throwing,
  waited,
} from '../../../mesh/index.ts'
import {
  type Answer,
  type Beacon,
  type Cid,
  type CoordinatorId,
  cidOf,
  decode,
  ed25519,
  entrySchema,
  type Fact,
  fromHex,
  type JobId,
  parseInvitation,
} from '../../../specs/index.ts'

/** What is published: so many units, from a number on, that go through so many rounds. */
export interface Work {
  readonly quorum: 1 | 2
  readonly from: number
  readonly count: number
  readonly rounds: number
}

/** An accepted unit: what it gave. */
export interface Given {
  readonly unit: number
  readonly cid: Cid
}

type Verdict = Fact & { readonly type: 'verdict' }

/** Files that are asked for at once. */
const togetherMax = 64
const never = new AbortController().signal
const directory = import.meta.dirname

/** Publishes over the mesh, and hears what became of it as the chain tells it. */
export class Publisher implements AsyncDisposable {
  readonly #release: AsyncDisposableStack
  readonly #mesh: StockedMesh
  readonly #callers: Callers
  readonly #key: Uint8Array
  readonly #home: CoordinatorId
  readonly #heard = new Map<JobId, Given[]>()
  #hear = Promise.withResolvers<void>()

  private constructor(
    parts: { readonly mesh: StockedMesh; readonly callers: Callers; readonly key: Uint8Array },
    home: CoordinatorId,
    release: AsyncDisposableStack,
  ) {
    this.#mesh = parts.mesh
    this.#callers = parts.callers
    this.#key = parts.key
    this.#home = home
    this.#release = release
  }

  /** Joins a mesh, as `connect` of the SDK does. */
  static async open(invitation: string): Promise<Publisher> {
    await using release = new AsyncDisposableStack()
    const { mesh: id, members } = valued(parseInvitation(invitation))
    const store = await mkdtemp(join(tmpdir(), 'nexapod-bench-'))
    release.defer(() => rm(store, { recursive: true, force: true }))
    const key = crypto.getRandomValues(new Uint8Array(32))
    const mesh = release.use(
      await openStockedMesh({
        ...{ mesh: id, seed: key, listen: [], known: [], roster: members, openFork, now: Date.now },
        data: { directory: store, bytesMax: 1_000_000_000, mayServe: () => true },
      }),
    )
    const callers = release.use(new Callers(mesh, members, async () => false))
    const [home] = valued(await callers.homes(never))
    if (home === undefined) throw new Error('who is there writes a chain')
    const gone = new AbortController()
    const publisher = new Publisher({ mesh, callers, key }, home.coordinator, release.move())
    publisher.#release.defer(() => gone.abort())
    throwing(publisher.#follow(home.beacon, gone.signal))
    return publisher
  }

  /** Publishes units; resolves when they were taken, which is on the disk then. */
  async publish({ quorum, from, count, rounds }: Work): Promise<JobId> {
    const written = {
      nexapod: 'v1',
      name: 'bench',
      executors: [
        {
          module: './unit.wasm',
          command: ['{{i}}', String(rounds)],
          stdout: '/out/digest',
        },
      ],
      outputs: [{ path: '/out/digest' }],
      resources: { ram_gb: 0.01, disk_gb: 0.001 },
      sweep: { i: { from, to: from + count - 1 } },
      replicas: { quorum, max: 4 },
    }
    const parts = { data: this.#mesh.data, callers: this.#callers }
    const signer = ed25519.signer(this.#key)
    const wanted = { signal: never, coordinator: this.#home }
    return valued(await publish({ written, directory }, { ...parts, signer }, wanted)).id
  }

  /** What all units of a job gave, as soon as the verdicts on them have been heard. */
  async accepted(id: JobId, count: number): Promise<readonly Given[]> {
    for (;;) {
      const given = this.#heard.get(id) ?? []
      if (given.length >= count) return given
      await this.#hear.promise
    }
  }

  /** Fetches what units gave, each checked by its CID, as soon as their home has it. */
  async fetched(given: readonly Given[]): Promise<readonly Uint8Array[]> {
    const { data } = this.#mesh
    const coordinator = this.#home
    const bytes: Uint8Array[] = []
    for (let i = 0; i < given.length; i += togetherMax) {
      const wanted = given.slice(i, i + togetherMax).map(({ cid }) => ({ cid, bytesMax: 1000 }))
      for (;;) {
        const here = await data.fetchRoots(wanted, coordinator, never)
        if (wanted.every(({ cid }) => here.has(cid))) break
        await waited(machineClock, 2, never)
      }
      for (const { cid } of wanted) {
        const tree = valued(await data.exportTree(cid, { bytesMax: 1000 }))
        bytes.push('bytes' in tree ? tree.bytes : new Uint8Array())
      }
    }
    return bytes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release[Symbol.asyncDispose]()
  }

  async #follow({ chain, size }: Beacon, signal: AbortSignal): Promise<void> {
    await follow(
      chain,
      size,
      {
        clock: machineClock,
        ahead: true,
        draw: () => randomInt(2 ** 32),
        dial: (within) => this.#mesh.streams.open('follow', this.#home, within),
        take: async (messages) => {
          for (const message of messages) {
            if (message.type !== 'entry') continue
            for (const fact of valued(decode(entrySchema, message.entry)).facts) {
              if (fact.type === 'verdict') this.#learn(fact)
            }
          }
          this.#hear.resolve()
          this.#hear = Promise.withResolvers()
          return undefined
        },
      },
      signal,
    )
  }

  #learn({ job, unit, decided }: Verdict): void {
    if (decided.type !== 'accepted') throw new Error(`unit ${unit} was not accepted`)
    const [output] = decided.outcome.outputs
    if (output === undefined) throw new Error(`unit ${unit} gave nothing`)
    const given = this.#heard.get(job) ?? []
    given.push({ unit, cid: output.cid })
    this.#heard.set(job, given)
  }
}

/** What a unit has to give: computed here, by other code. */
function expectedOf(i: number, rounds: number): string {
  const hex = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  let found = hex(hex(`payload:${i}`).repeat(16))
  for (let round = 0; round < rounds; round++) found = hex(fromHex(found) as Uint8Array)
  return found
}

/** Whether a CID is that of the digest that a unit has to give. */
export function isRight({ unit, cid }: Given, { from, rounds }: Work): boolean {
  const text = expectedOf(from + unit, rounds)
  return cid === cidOf('raw', createHash('sha256').update(text).digest())
}

/** The value of an answer; a refusal is a mistake here. */
function valued<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(JSON.stringify(answer.refusal))
}
