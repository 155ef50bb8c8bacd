import {
  type Cid,
  cidOf,
  type Job,
  type JobId,
  type Manifest,
  type Outcome,
} from '../../../specs/index.ts'
import { digestNamed } from './cast.ts'

/** What jobs of a kind do on the machines that run them. */
export const jobKinds = [
  'plain',
  'poison',
  'random',
  'platform',
  'noisy',
  'image',
  'probe',
] as const

/** A kind of job. */
export type JobKind = (typeof jobKinds)[number]

/** The platform on which jobs of one kind err. */
export const brokenArch = 'riscv64'

/** What somebody says that a unit gave: what it comes to, and noise that a comparison ignores. */
export interface Variant {
  readonly says: string
  readonly noise?: string
}

/** What a correct execution gives. */
export const right: Variant = { says: 'right' }

/** The kind of a job, by its name. */
export function kindOf(job: Job): JobKind {
  return jobKinds.find((kind) => job.name.startsWith(`${kind} `)) ?? 'plain'
}

/** What an honest machine says of a unit: not everything that is honest is right. */
export function honestVariant(job: Job, machine: { readonly name: string; readonly arch: string }) {
  const kind = kindOf(job)
  if (kind === 'random') return { says: machine.name }
  if (kind === 'platform' && machine.arch === brokenArch) return { says: 'broken' }
  if (kind === 'noisy') return { says: 'right', noise: machine.name }
  return right
}

/** Fuel is a function of the unit. */
export function fuelOf(unit: number): number {
  return 1_000_000_000 * (1 + (unit % 3)) + unit
}

/** What the outputs in this world mean, so that a comparison can see through their noise. */
export class Results {
  readonly #meanings = new Map<Cid, string>()

  /** The manifest of a unit. */
  manifest(job: Job, id: JobId, unit: number, { says, noise = '' }: Variant): Manifest {
    const fails = kindOf(job) === 'poison' && says === right.says
    const cid = cidOf('raw', digestNamed(`${id}/${unit}/${says}/${noise}`))
    this.#meanings.set(cid, says)
    const outcome: Outcome = {
      v: 1,
      job: id,
      unit,
      ended: fails ? { type: 'trap', executor: 0 } : { type: 'exit', executor: 0, code: 0 },
      ...(job.executors[0]?.type === 'wasm' ? { fuel: fuelOf(unit) } : {}),
      outputs: fails ? [] : [{ path: '/out/a', cid, bytes: 100 }],
    }
    return { outcome, whole: [], remarks: { wallMs: 10, cpuMs: 10, ramBytesPeak: 1000 } }
  }

  /** Whether two outcomes mean the same. */
  agree(a: Outcome, b: Outcome): boolean {
    return a.ended.type === b.ended.type && this.meaning(a) === this.meaning(b)
  }

  /** What an outcome says. */
  meaning({ outputs: [output] }: Outcome): string {
    return output === undefined ? right.says : (this.#meanings.get(output.cid) ?? 'unknown')
  }
}
