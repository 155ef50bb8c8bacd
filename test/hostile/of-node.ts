import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleOf } from '../../examples/job.ts'
import {
  acknowledgementDocument,
  cidOf,
  ed25519,
  type FromCoordinator,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type Lease,
  leaseDocument,
  type NodeId,
  type PublisherId,
  receiptId,
  type Signed,
  sha256,
  sign,
} from '../../specs/index.ts'
import { NodeProcess, type Told } from '../whole/mesh-here.ts'
import { hugeJob } from './envelopes.ts'
import { inTheNameOf } from './forged.ts'
import { outcomeOf } from './honest-unit.ts'
import { HostileCoordinator, type Talk } from './hostile-coordinator.ts'
import type { Try } from './try.ts'

const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0]
const exported = [...text('memory'), 2, 0, ...text('_start'), 0, 0]
const endless = [0x0a, 9, 1, 7, 0, 3, 0x40, 0x0c, 0, 0x0b, 0x0b]
const pages = [0x80, 0x80, 4]
const exporting = [7, exported.length + 1, 2, ...exported]

/** Modules that are none, that want 4 GiB at once, and that never end. */
const modules = {
  junk: Uint8Array.from([1, 2, 3, 4]),
  greedy: Uint8Array.from([...head, 5, 8, 1, 1, ...pages, ...pages, ...exporting, ...endless]),
  endless: Uint8Array.from([...head, 5, 4, 1, 1, 1, 1, ...exporting, ...endless]),
}

function text(of: string): number[] {
  return [of.length, ...Buffer.from(of)]
}

/** A coordinator that one node has joined, and what the node makes of it. */
class Duel implements AsyncDisposable {
  readonly evil: HostileCoordinator
  readonly node: NodeProcess
  readonly id: NodeId
  readonly #release: AsyncDisposableStack
  #fences = 0

  private constructor(
    evil: HostileCoordinator,
    node: NodeProcess,
    id: NodeId,
    release: AsyncDisposableStack,
  ) {
    this.evil = evil
    this.node = node
    this.id = id
    this.#release = release
  }

  static async open(): Promise<Duel> {
    await using release = new AsyncDisposableStack()
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-duel-'))
    release.defer(() => rm(directory, { recursive: true, force: true }))
    const evil = release.use(await HostileCoordinator.open())
    const at = join(directory, 'node')
    await mkdir(at)
    // One core waits for what nobody gives, the other goes on.
    await writeFile(join(at, 'limits.json'), '{"inUse":{"cores":2}}')
    const node = new NodeProcess(at, evil.invitation)
    release.defer(async () => void (await node.end('SIGKILL')))
    const { node: id } = await node.tells('opening')
    return new Duel(evil, node, id as NodeId, release.move())
  }

  lease(job: JobId, changed: Partial<Lease> = {}, signer = this.evil.signer): FromCoordinator {
    const { chain, id: coordinator } = this.evil
    const fence = ++this.#fences
    const lease: Lease = {
      ...{ v: 1, chain, coordinator, job, unit: 0, slot: 0, epoch: 0, fence, node: this.id },
      ...{ issued: Date.now(), leaseMs: 60_000, ...changed },
    }
    return { type: 'lease', lease: sign(leaseDocument, lease, signer) }
  }

  /** A job of one module, which is given under its name, or under that of another. */
  job(module: Uint8Array, given = module): Signed<Job> {
    const cid = cidOf('raw', sha256(module))
    this.evil.blocks.set(cid, given)
    const executors: Job['executors'] = [
      { type: 'wasm', module: cid, command: [], env: {}, ignoreError: false },
    ]
    const small = { cores: 1, ramBytes: 2 ** 28, diskBytes: 1e8, gpus: 0, gpuRamBytes: 0 }
    const resources = { ...small, fuel: 1e9, unitMs: 60_000 }
    return this.#signed(hugeJob(this.evil.chain, this.evil.signer, { executors, resources }))
  }

  /** An honest job: pi, of one unit. */
  async pi(): Promise<Signed<Job>> {
    const { job, content } = exampleOf('pi', ['--points', '1000'])
    for (const one of job.executors) {
      if (one.type !== 'wasm') continue
      const room = { bytesMax: 1_000_000, filesMax: 1 }
      this.evil.blocks.set(one.module, (await content.file(one.module, room)) ?? new Uint8Array())
    }
    const publisher = this.evil.signer.id as PublisherId
    const now = Date.now()
    const times = { issued: now - 1000, expires: now + 600_000 }
    return this.#signed({ ...job, home: this.evil.chain, publisher, ...times })
  }

  /** What comes of a unit: why it was given back, or how it ended. */
  async given(talk: Talk, job: Signed<Job>): Promise<string> {
    talk.say(this.lease(jobId(job)), { type: 'job', job })
    const came = await Promise.race([talk.next('abort'), talk.next('deliver')])
    if (came.type === 'abort') return came.why
    const { receipt, manifest } = came
    const { chain, id: coordinator, signer } = this.evil
    const says = { v: 1 as const, chain, epoch: 0, coordinator, size: 1 }
    const receipts = [receiptId(receipt)]
    const acknowledgement = sign(acknowledgementDocument, { ...says, receipts }, signer)
    talk.say({ type: 'acknowledge', acknowledgement })
    const { outcome } = manifest
    if (outcome.ended.type !== 'exit') return outcome.ended.type
    const [output] = outcome.outputs
    return output?.cid === (await outcomeOf(job)) ? 'right' : 'wrong'
  }

  /** What the node refused so far. */
  get codes(): string[] {
    const refused = this.node.told.filter(({ type }) => type === 'refused')
    return refused.map(({ refusal }) => (refusal as { code: string }).code)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#release[Symbol.asyncDispose]()
  }

  #signed(job: Job): Signed<Job> {
    return sign(jobDocument, job, this.evil.signer)
  }
}

/** What a coordinator tries with a node. */
export const triesOfNode: readonly Try[] = [
  {
    name: 'a coordinator against a node: leases, jobs, blocks and modules that are wrong',
    expects: [
      ...['wire.message', 'signature.false', 'wire.message', 'lease.unknown', 'wire.message'],
      ...['signature.false', 'trap', 'trap', 'out-of-fuel', 'right'],
      ...['never executed', 'back'],
    ],
    async run() {
      await using duel = await Duel.open()
      const { evil } = duel
      const other = ed25519.signer(sha256(Buffer.from('another')))
      const pi = await duel.pi()
      const early = await evil.met()
      early.say(duel.lease(jobId(pi)))
      await early.over
      const talk = await evil.met()
      const { chain, id: coordinator } = evil
      const says = { v: 1 as const, chain, epoch: 0, coordinator, size: 1 }
      const false_ = sign(
        acknowledgementDocument,
        { ...says, receipts: [receiptId({ body: new Uint8Array(), signatures: [] })] },
        inTheNameOf(coordinator, other),
      )
      talk.say(
        evil.welcome(),
        duel.lease(jobId(pi), {}, inTheNameOf(coordinator, other)),
        duel.lease(jobId(pi), { node: other.id as NodeId }),
        duel.lease(jobId(pi), { chain: jobId(pi) as string as Lease['chain'] }),
        { type: 'job', job: pi },
        { type: 'acknowledge', acknowledgement: false_ },
      )
      const wrong = duel.job(Uint8Array.of(9), modules.endless)
      talk.say(duel.lease(jobId(wrong)), { type: 'job', job: wrong })
      const ends = [
        await duel.given(talk, duel.job(modules.junk)),
        await duel.given(talk, duel.job(modules.greedy)),
        await duel.given(talk, duel.job(modules.endless)),
        await duel.given(talk, pi),
      ]
      const ran = duel.node.told.filter(({ type }) => type === 'executing')
      const isOf = ({ key }: Told) => String(key).includes(jobId(wrong))
      if (evil.given.has(modules.endless) && !ran.some(isOf)) ends.push('never executed')
      talk.pipe.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f))
      await talk.over
      const again = await evil.met()
      again.say(evil.welcome())
      const back = await duel.given(again, await duel.pi())
      return [...duel.codes, ...ends, back === 'right' ? 'back' : back]
    },
  },
]
