import {
  type ChainId,
  cidOf,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type PublisherId,
  type Signed,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import { digestNamed } from './cast.ts'
import { between } from './draws.ts'
import type { JobKind } from './results.ts'

/** A job as its publisher signed it. */
export interface Published {
  readonly id: JobId
  readonly job: Job
  readonly signed: Signed<Job>
}

/** What a publisher wants to know of a job before it draws the rest. */
export interface Wish {
  readonly kind: JobKind
  readonly home: ChainId
  readonly publisher: Signer
  readonly name: string
  readonly time: number
  readonly units: number
  readonly budgetMicro?: number
}

const minute = 60_000

/** A job of a kind, the rest of it drawn. */
export function drawJob(chance: Chance, wish: Wish): Published {
  const { kind, home, publisher, name, time, units, budgetMicro } = wish
  const program = { command: [], env: {}, ignoreError: false }
  const isImage = kind === 'image'
  const module = cidOf('raw', digestNamed('module'))
  const image = `registry.example/tool@sha256:${'5e'.repeat(32)}`
  // Where machines differ or fail, votes may be wanted that nobody is there to give.
  const hasDeadline = (kind !== 'plain' && kind !== 'image') || chance.once(6)
  const plainQuorum = chance.once(4) && kind !== 'platform'
  const job: Job = {
    v: 1,
    home,
    publisher: publisher.id as PublisherId,
    nonce: digestNamed(name).subarray(0, 16),
    issued: time,
    expires: time + 30 * minute,
    name: `${kind} ${name}`,
    tags: {},
    executors: [
      isImage ? { type: 'docker', image, ...program } : { type: 'wasm', module, ...program },
    ],
    inputs: [],
    outputs: [{ kind: 'file', path: '/out/a' }],
    volumes: [],
    resources: {
      cores: 1,
      ramBytes: 1_000_000_000,
      diskBytes: 1_000_000_000,
      gpus: 0,
      gpuRamBytes: 0,
      // Where somebody pays for it, little more than is burnt: so that an escrow runs empty.
      fuel: budgetMicro === undefined ? 10_000_000_000 : 4_000_000_000,
      unitMs: 3 * minute,
    },
    sweep: [{ type: 'range', name: 'i', from: 0, step: 1, count: units, digits: 0 }],
    compare:
      kind === 'noisy'
        ? [{ type: 'tolerance', path: '/out/a', format: 'csv', absolute: '1e-6', relative: '0' }]
        : [],
    priority: chance.below(10),
    ...(plainQuorum ? { replicas: { quorum: between(chance, 1, 3), max: 6 } } : {}),
    ...(hasDeadline ? { deadline: time + between(chance, 1, 20) * minute } : {}),
    ...(budgetMicro === undefined ? {} : { budgetMicro }),
  }
  const signed = sign(jobDocument, job, publisher)
  return { id: jobId(signed), job, signed }
}
