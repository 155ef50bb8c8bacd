import {
  type Acknowledgement,
  acknowledgementDocument,
  type Beacon,
  beaconDocument,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cidOf,
  cosignatureDocument,
  type Digest,
  digestText,
  type Execution,
  ed25519,
  type FromCoordinator,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type Lease,
  leaseDocument,
  type Manifest,
  type MeshId,
  type NodeId,
  type PublisherId,
  type ReceiptId,
  type Signed,
  type Signer,
  sha256,
  sign,
} from '@nexapod/specs'
import type { Limits } from '../core/limits/limits.ts'
import type { Machine, Observations } from '../core/limits/observations.ts'
import type { Setting } from '../core/state.ts'

/** The key of somebody by name. */
export function keyNamed(name: string): Signer {
  return ed25519.signer(sha256(new TextEncoder().encode(`nexapod node test ${name}`)))
}

/** A digest that stands for something. */
export function digestNamed<Id extends Digest>(name: string): Id {
  return digestText<Id>(sha256(new TextEncoder().encode(name)))
}

/** The node of the tests, and one that is not. */
export const node = keyNamed('node')
const publisher = keyNamed('publisher')

/** A coordinator with the chain that it writes. */
export interface Writer {
  readonly signer: Signer
  readonly id: CoordinatorId
  readonly chain: ChainId
}

/** The coordinators of the tests. */
export const writers: readonly Writer[] = ['kim', 'lou', 'max'].map((name) => {
  const signer = keyNamed(name)
  return { signer, id: signer.id as CoordinatorId, chain: digestNamed<ChainId>(`chain of ${name}`) }
})

export const [kim] = writers as [Writer, ...Writer[]]

/** The mesh that they make. */
const mesh = digestNamed<MeshId>('the mesh')

/** 2026-11-20T12:00:00Z, when tests begin. */
export const noon = 1_795_176_000_000

export const GB = 1_000_000_000

/** A machine with four cores. */
export const machine: Machine = {
  node: node.id as NodeId,
  tier: 'cpu',
  platform: { os: 'linux', arch: 'arm64' },
  cores: 4,
  gpus: [],
  executors: [{ type: 'wasm', profile: 1, fuelPerSecond: 1_000_000_000 }],
}

/** One core while somebody uses it, and all of them while nobody does. */
export const ownLimits: Limits = {
  v: 1,
  inUse: { cores: 1, cpuPercent: 50, ramBytes: 4 * GB },
  idle: { cores: 4, cpuPercent: 100, ramBytes: 8 * GB },
  idleAfterMs: 60_000,
  onReturn: 'freeze',
  hours: [],
  metered: false,
  diskBytes: 20 * GB,
  transfers: {},
  programs: [],
  projects: [],
  publishers: [],
  avoids: { projects: [], publishers: [] },
  executors: { wasm: true, docker: true, anyImage: false, images: [] },
  tiers: ['cpu', 'gpu', 'hpc'],
  gpus: 1,
  owner: { remote: false },
}

/** Nobody is there, and nothing stands against it. */
export const quietHour: Observations = {
  clock: { day: 'fri', minute: 12 * 60 },
  idleMs: 3_600_000,
  power: 'mains',
  metered: false,
  programs: [],
  transferred: { downBytes: 0, upBytes: 0 },
  has: [],
}

/** What the node of the tests is told when it begins. */
export const setting: Setting = {
  signer: node,
  mesh,
  machine,
  roster: { members: writers.map(({ id }) => ({ coordinator: id, addresses: [] })), quorum: 2 },
  limits: ownLimits,
  observations: quietHour,
}

/** A job of a chain, with as many units as are asked for. */
export function jobOn(
  chain: ChainId,
  name: string,
  needs: Partial<Job['resources']> = {},
  more: Partial<Job> = {},
): { signed: Signed<Job>; id: JobId; job: Job } {
  const job: Job = {
    v: 1,
    home: chain,
    publisher: publisher.id as PublisherId,
    nonce: sha256(new TextEncoder().encode(name)).subarray(0, 16),
    issued: noon,
    expires: noon + 1_000_000_000,
    name,
    tags: {},
    executors: [
      {
        type: 'wasm',
        module: cidOf('raw', sha256(new Uint8Array(1))),
        command: [],
        env: {},
        ignoreError: false,
      },
    ],
    inputs: [],
    outputs: [{ kind: 'file', path: '/out/a' }],
    volumes: [],
    resources: {
      cores: 1,
      ramBytes: GB,
      diskBytes: GB,
      gpus: 0,
      gpuRamBytes: 0,
      fuel: 1,
      unitMs: 3_600_000,
      ...needs,
    },
    sweep: [{ type: 'range', name: 'i', from: 0, step: 1, count: 1000, digits: 0 }],
    compare: [],
    priority: 5,
    ...more,
  }
  const signed = sign(jobDocument, job, publisher)
  return { signed, id: jobId(signed), job }
}

/** A lease, with what is usual where nothing else is said. */
export function leaseOf(
  writer: Writer,
  job: JobId,
  unit: number,
  more: Partial<Lease> = {},
): { signed: Signed<Lease>; lease: Lease; message: FromCoordinator; execution: Execution } {
  const execution = { job, unit, slot: 0, epoch: 0, fence: unit + 1 }
  const lease: Lease = {
    v: 1,
    chain: writer.chain,
    coordinator: writer.id,
    ...execution,
    node: node.id as NodeId,
    issued: noon,
    leaseMs: 60_000,
    ...more,
  }
  const { slot, epoch, fence } = lease
  const signed = sign(leaseDocument, lease, keyOfCoordinator(lease.coordinator))
  return {
    signed,
    lease,
    message: { type: 'lease', lease: signed },
    execution: { job: lease.job, unit: lease.unit, slot, epoch, fence },
  }
}

/** What a unit gave. */
export function manifestOf(job: JobId, unit: number): Manifest {
  return {
    outcome: {
      v: 1,
      job,
      unit,
      ended: { type: 'exit', executor: 0, code: 0 },
      fuel: 7,
      outputs: [],
    },
    whole: [],
    remarks: { wallMs: 10, cpuMs: 10, ramBytesPeak: 1000 },
  }
}

/** A coordinator's word that receipts are on its disk. */
export function acknowledgementOf(
  writer: Writer,
  receipts: readonly ReceiptId[],
  more: Partial<Acknowledgement> = {},
): FromCoordinator {
  const acknowledgement: Acknowledgement = {
    v: 1,
    chain: writer.chain,
    epoch: 0,
    coordinator: writer.id,
    size: 10,
    receipts,
    ...more,
  }
  return {
    type: 'acknowledge',
    acknowledgement: sign(acknowledgementDocument, acknowledgement, writer.signer),
  }
}

/** The verdicts on executions, below a checkpoint that these witnesses cosigned. */
export function decidedOn(
  writer: Writer,
  executions: readonly Execution[],
  witnesses: readonly Writer[],
  more: Partial<Checkpoint> = {},
): FromCoordinator {
  const checkpoint: Checkpoint = {
    v: 1,
    chain: writer.chain,
    epoch: 0,
    coordinator: writer.id,
    size: 20,
    root: digestNamed('root'),
    head: digestNamed('head'),
    state: digestNamed('state'),
    time: noon,
    ...more,
  }
  const signed = sign(checkpointDocument, checkpoint, writer.signer)
  const cosignatures = witnesses.map((witness) => {
    const { chain, epoch, size } = checkpoint
    const said: Cosignature = {
      v: 1,
      chain,
      epoch,
      size,
      checkpoint: checkpointId(signed),
      witness: witness.id,
      time: noon,
    }
    return sign(cosignatureDocument, said, witness.signer)
  })
  return { type: 'decided', executions, checkpoint: signed, cosignatures }
}

/** A coordinator's sign of life. */
export function beaconOf(
  writer: Writer,
  issued: number,
  more: Partial<Beacon> = {},
): Signed<Beacon> {
  const beacon: Beacon = {
    v: 1,
    mesh,
    coordinator: writer.id,
    chain: writer.chain,
    epoch: 0,
    size: 1,
    addresses: [],
    openUnits: 5,
    takesJobs: true,
    issued,
    ...more,
  }
  return sign(beaconDocument, beacon, writer.signer)
}

function keyOfCoordinator(id: CoordinatorId): Signer {
  const found = writers.find((writer) => writer.id === id)
  if (found === undefined) throw new Error(`${id} is no coordinator of the tests`)
  return found.signer
}
