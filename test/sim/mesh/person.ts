import type { Limits, Machine, Observations } from '../../../node/index.ts'
import {
  type Delegation,
  delegationDocument,
  type NodeId,
  type OwnerId,
  type Signed,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import { keyNamed, noon } from './cast.ts'
import { between } from './draws.ts'
import type { Place } from './network.ts'
import { brokenArch } from './results.ts'

const GB = 1_000_000_000
const day = 86_400_000

/** A machine with its keys: who it is, whose it is and where. */
export interface Person {
  readonly name: string
  readonly signer: Signer
  readonly id: NodeId
  /** Whose it is; itself without a delegation. */
  readonly owner: OwnerId
  readonly delegation?: Signed<Delegation>
  readonly place: Place
  readonly machine: Machine
  readonly limits: Limits
  readonly observations: Observations
}

/** What a person is made of. */
export interface Born {
  readonly name: string
  /** The key of its owner, if that is another. */
  readonly owner?: Signer
  readonly network: string
  readonly cores: number
  /** Whether it is on the platform that some jobs err on. */
  readonly broken?: boolean
}

/** Makes a machine and its keys. */
export function personOf(chance: Chance, { name, owner, network, cores, broken }: Born): Person {
  const signer = keyNamed(name)
  const id = signer.id as NodeId
  const delegation = owner === undefined ? undefined : delegated(owner, signer)
  const arch = broken ? brokenArch : chance.one(['x86-64', 'arm64'])
  return {
    name,
    signer,
    id,
    owner: (owner ?? signer).id as OwnerId,
    ...(delegation === undefined ? {} : { delegation }),
    place: { name, network },
    machine: {
      node: id,
      tier: 'cpu',
      platform: { os: 'linux', arch },
      cores,
      gpus: [],
      executors: [
        { type: 'wasm', profile: 1, fuelPerSecond: between(chance, 1, 20) * 100_000_000 },
        { type: 'docker', isolation: 'runc', anyImage: true },
      ],
    },
    limits: {
      ...usualLimits,
      inUse: { ...usualLimits.inUse, cores: Math.ceil(cores / 2) },
      idle: { ...usualLimits.idle, cores },
    },
    observations,
  }
}

/** An owner and a node say that they belong together. */
export function delegated(owner: Signer, node: Signer, time = noon - day): Signed<Delegation> {
  const delegation = {
    v: 1 as const,
    owner: owner.id as OwnerId,
    node: node.id as NodeId,
    issued: time,
    expires: time + 300 * day,
  }
  return sign(delegationDocument, delegation, owner, node)
}

const usualLimits: Limits = {
  v: 1,
  inUse: { cores: 1, cpuPercent: 50, ramBytes: 64 * GB },
  idle: { cores: 4, cpuPercent: 100, ramBytes: 64 * GB },
  idleAfterMs: 60_000,
  onReturn: 'freeze',
  hours: [],
  metered: false,
  diskBytes: 2000 * GB,
  transfers: {},
  programs: [],
  projects: [],
  publishers: [],
  avoids: { projects: [], publishers: [] },
  executors: { wasm: true, docker: true, anyImage: true, images: [] },
  tiers: ['cpu', 'gpu', 'hpc'],
  gpus: 1,
  owner: { remote: false },
}

const observations: Observations = {
  clock: { day: 'thu', minute: 12 * 60 },
  idleMs: 3_600_000,
  power: 'mains',
  metered: false,
  programs: [],
  transferred: { downBytes: 0, upBytes: 0 },
  has: [],
}
