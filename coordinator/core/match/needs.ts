import type { Job, PublisherId } from '@nexapod/specs'

/** The bit of each kind of executor. */
export const kindBits = { wasm: 1, docker: 2 } as const

/** What a node has shown: 0 nothing yet, 1 that it is an anchor, 2 that it is the mesh's own. */
export type Trust = 0 | 1 | 2

/**
 * All of a job that a match looks at: what its units need. Jobs alike in it are one class. The
 * least of several classes has the same shape, so that what fits none of them is seen at once.
 */
export interface Needs {
  /** The kind of executor as a bit; of several classes, those of all. */
  readonly kinds: number
  /** The images that are run; of several classes, those that all run. */
  readonly images: readonly string[]
  readonly cores: number
  readonly ramBytes: number
  readonly diskBytes: number
  readonly gpus: number
  readonly gpuRamBytes: number
  readonly fuel: number
  readonly unitMs: number
  /** Left out where the classes are of several publishers. */
  readonly publisher?: PublisherId
  /** Empty for a job without a project; left out where the classes are of several. */
  readonly project?: string
  /** What a node must have shown at least, for an execution that asks for it. */
  readonly trust?: Trust
  /** The one platform that an execution asks for, as `os/arch`. */
  readonly platform?: string
  /** Platforms that a job was put aside on; of several classes, those of all. */
  readonly without?: readonly string[]
}

/** What the units of one class of jobs need. */
export interface JobNeeds extends Needs {
  readonly publisher: PublisherId
  readonly project: string
}

/** What the units of a job need. */
export function needsOf(job: Job): JobNeeds {
  const { cores, ramBytes, diskBytes, gpus, gpuRamBytes, fuel, unitMs } = job.resources
  const images = job.executors.flatMap((one) => (one.type === 'docker' ? [one.image] : []))
  return {
    kinds: images.length > 0 ? kindBits.docker : kindBits.wasm,
    images: [...new Set(images)].sort(),
    cores,
    ramBytes,
    diskBytes,
    gpus,
    gpuRamBytes,
    fuel,
    unitMs,
    publisher: job.publisher,
    project: job.project ?? '',
  }
}

/** The name of the class: the same for jobs that every offer fits alike. */
export function classKey(needs: JobNeeds): string {
  const { kinds, cores, ramBytes, diskBytes, gpus, gpuRamBytes, fuel, unitMs } = needs
  const sizes = [kinds, cores, ramBytes, diskBytes, gpus, gpuRamBytes, fuel, unitMs]
  const names = [needs.publisher, needs.project, ...needs.images]
  // Few jobs have any of these, and no image is named like one.
  const aside = (needs.without ?? []).map((platform) => `-${platform}`)
  return [...sizes, ...names, ...aside].join(' ')
}

/**
 * The least of two: what fits either of them fits it, so what does not fit it fits neither. It is
 * `a` itself where `b` needs nothing less, so that a caller sees whether something changed.
 */
export function least(a: Needs, b: Needs): Needs {
  if (a === b || isLeast(a, b)) return a
  if (isLeast(b, a)) return b
  return {
    kinds: a.kinds | b.kinds,
    images: a.images.filter((image) => b.images.includes(image)),
    cores: Math.min(a.cores, b.cores),
    ramBytes: Math.min(a.ramBytes, b.ramBytes),
    diskBytes: Math.min(a.diskBytes, b.diskBytes),
    gpus: Math.min(a.gpus, b.gpus),
    gpuRamBytes: Math.min(a.gpuRamBytes, b.gpuRamBytes),
    fuel: Math.min(a.fuel, b.fuel),
    unitMs: Math.min(a.unitMs, b.unitMs),
    ...(a.publisher !== undefined && a.publisher === b.publisher ? { publisher: a.publisher } : {}),
    ...(a.project !== undefined && a.project === b.project ? { project: a.project } : {}),
    ...leastAsked(a, b),
  }
}

/** Which jobs compete for the same nodes, coarsely: by kind of executor, with GPUs or not. */
export function poolOf({ kinds, gpus }: Needs): number {
  return kinds * 2 + (gpus > 0 ? 1 : 0)
}

/** The least of what is asked of the node itself, which most units ask nothing of. */
function leastAsked(a: Needs, b: Needs): Pick<Needs, 'trust' | 'platform' | 'without'> {
  const trust = Math.min(a.trust ?? 0, b.trust ?? 0) as Trust
  const without = a.without?.filter((platform) => b.without?.includes(platform)) ?? []
  return {
    ...(trust > 0 ? { trust } : {}),
    ...(a.platform !== undefined && a.platform === b.platform ? { platform: a.platform } : {}),
    ...(without.length > 0 ? { without } : {}),
  }
}

/** Whether `a` needs no more than `b` in anything. */
function isLeast(a: Needs, b: Needs): boolean {
  return (
    (b.kinds & ~a.kinds) === 0 &&
    a.cores <= b.cores &&
    a.ramBytes <= b.ramBytes &&
    a.diskBytes <= b.diskBytes &&
    a.gpus <= b.gpus &&
    a.gpuRamBytes <= b.gpuRamBytes &&
    a.fuel <= b.fuel &&
    a.unitMs <= b.unitMs &&
    (a.publisher === undefined || a.publisher === b.publisher) &&
    (a.project === undefined || a.project === b.project) &&
    (a.trust ?? 0) <= (b.trust ?? 0) &&
    (a.platform === undefined || a.platform === b.platform) &&
    (a.without === undefined || a.without.every((one) => b.without?.includes(one))) &&
    a.images.every((image) => b.images.includes(image))
  )
}
