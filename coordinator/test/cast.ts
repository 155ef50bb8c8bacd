import {
  accept,
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  cidOf,
  digestText,
  ed25519,
  type Fact,
  type FromNode,
  type Job,
  type JobId,
  type Lease,
  type Manifest,
  meshDocument,
  type NodeId,
  type Offer,
  type OwnerId,
  type PublisherId,
  type Rates,
  receiptDocument,
  resultId,
  type Signed,
  type Signer,
  sha256,
  sign,
} from '@nexapod/specs'

/** 2026-11-20T12:00:00Z, when tests begin. */
export const noon = 1_795_176_000_000

/** The key of somebody by name. */
export function keyNamed(name: string): Signer {
  return ed25519.signer(seedNamed(name))
}

/** The secret seed of somebody by name. */
export function seedNamed(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`nexapod coordinator test ${name}`))
}

/** The key of a node by name. */
export function nodeNamed(name: string): NodeId {
  return keyNamed(name).id as NodeId
}

/** The key of an owner by name. */
export function ownerNamed(name: string): OwnerId {
  return keyNamed(name).id as OwnerId
}

/** The rate card of the tests: a unit earns 2000, nothing is audited, a minute until it is paid. */
export const usualRates: Rates = {
  microPerGigafuel: 1000,
  microPerCoreSecond: 10,
  microPerGpuSecond: 10,
  bondMicro: 0,
  auditPermille: 0,
  settleMs: 60_000,
  apart: 'owners',
}

/** The beginning of a chain in a mesh of one coordinator, which may write several. */
export function genesisOf(rates: Rates, number = 0): Fact & { readonly type: 'genesis' } {
  const kim = keyNamed('kim')
  const coordinator = kim.id as CoordinatorId
  const mesh = sign(
    meshDocument,
    {
      v: 1,
      name: 'rig',
      founded: noon,
      nonce: new Uint8Array(16),
      members: [{ coordinator, addresses: [] }],
      quorum: 1,
      rates,
      bootstrap: [],
    },
    kim,
  )
  return { type: 'genesis', mesh, coordinator, nonce: new Uint8Array(16).fill(number) }
}

/** What a small machine offers: eight units at once, if nothing else is said. */
export function offerOf(name: string, more: Partial<Offer> = {}): Offer {
  return {
    v: 1,
    node: nodeNamed(name),
    tier: 'cpu',
    platform: { os: 'linux', arch: 'x86_64' },
    cores: 8,
    ramBytes: 16e9,
    diskBytes: 1e11,
    gpus: [],
    executors: [
      { type: 'wasm', profile: 1, fuelPerSecond: 1e9 },
      { type: 'docker', isolation: 'runc', anyImage: true },
    ],
    units: 8,
    windowMs: 8 * 3_600_000,
    projects: [],
    avoids: { projects: [], publishers: [] },
    has: [],
    ...more,
  }
}

/** What a node brings with a lease. */
export type Delivery = FromNode & { readonly type: 'deliver' }

/** What a node brings for a lease, with a result by name; `!` in front says that it failed. */
export function deliveryOf(
  name: string,
  signed: Signed<Lease>,
  lease: Lease,
  says: string,
  fuel: number | 'none' = 2_000_000_000,
): Delivery {
  const { chain, job, unit, slot, epoch, fence, node } = lease
  const manifest = manifestOf(job, unit, says, fuel)
  const salt = sha256(new TextEncoder().encode(`${name} ${fence}`))
  const receipt = sign(
    receiptDocument,
    {
      ...{ v: 1, chain, job, unit, slot, epoch, fence, node, salt },
      result: resultId(manifest.outcome),
      issued: noon,
    },
    keyNamed(name),
  )
  return { type: 'deliver', lease: signed, receipt, manifest }
}

/** The output of a unit, as a node has it that says so. */
export function outputOf(unit: number, says: string): Uint8Array {
  return new TextEncoder().encode(`${unit} ${says}`)
}

/** What a unit is said to have given. */
export function manifestOf(
  job: JobId,
  unit: number,
  says: string,
  fuel: number | 'none' = 2_000_000_000,
): Manifest {
  const given = outputOf(unit, says)
  return {
    outcome: {
      ...{ v: 1, job, unit },
      ended: { type: 'exit', executor: 0, code: says.startsWith('!') ? 1 : 0 },
      ...(fuel === 'none' ? {} : { fuel }),
      outputs: [
        { path: '/out/a', cid: cidOf('raw', sha256(given)), bytes: given.length },
      ] as Manifest['outcome']['outputs'],
    },
    whole: [],
    remarks: { wallMs: 10, cpuMs: 10, ramBytesPeak: 1000 },
  }
}

/** What was said by an outcome, if it is one of the words that tests use. */
export function saidIn({ job, unit, outputs }: Manifest['outcome']): string {
  const is = (says: string) =>
    manifestOf(job, unit, says).outcome.outputs[0]?.cid === outputs[0]?.cid
  return ['right', 'wrong'].find(is) ?? 'else'
}

/** A small job of modules. */
export function jobFor(home: ChainId, { id }: Signer, number: number): Job {
  const nonce = new Uint8Array(16)
  new DataView(nonce.buffer).setUint32(0, number + 1)
  return {
    v: 1,
    home,
    publisher: id as PublisherId,
    nonce,
    issued: noon,
    expires: noon + 1_000_000_000,
    name: `job ${number}`,
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
    outputs: [{ kind: 'file', path: '/out/a' }] as Job['outputs'],
    volumes: [],
    resources: {
      cores: 1,
      ramBytes: 1e9,
      diskBytes: 1e9,
      gpus: 0,
      gpuRamBytes: 0,
      fuel: 1e12,
      unitMs: 3_600_000,
    },
    compare: [],
    priority: 5,
  }
}

/** What makes a job a sweep over so many units. */
export function sweepOf(count: number): Pick<Job, 'sweep'> {
  return { sweep: [{ type: 'range', name: 'n', from: 0, step: 1, count, digits: 0 }] }
}

/** What makes a job one of containers. */
export const inContainers: Pick<Job, 'executors'> = {
  executors: [
    {
      type: 'docker',
      image: `lab/tool@sha256:${'a'.repeat(64)}`,
      command: [],
      env: {},
      ignoreError: false,
    } as Job['executors'][number],
  ],
}

/** What makes a job compare numbers instead of bytes. */
export const withTolerance = {
  compare: [
    { type: 'tolerance', path: '/out/a', format: 'json', absolute: '0.1', relative: '0' },
  ] as unknown as Job['compare'],
}

/** What a member answers who shows where an epoch stands, as somebody has signed it. */
export function standShown(by: Signer, chain: ChainId, epoch: number) {
  const digest = digestText(sha256(Uint8Array.of(1)))
  const at = { size: 5, head: digest, root: digest, state: digest, time: noon }
  const says = { v: 1 as const, coordinator: by.id as CoordinatorId, chain, epoch, ...at }
  const checkpoint = sign(checkpointDocument, says, by)
  return accept({ type: 'promised' as const, stand: { checkpoint, cosignatures: [] } })
}
