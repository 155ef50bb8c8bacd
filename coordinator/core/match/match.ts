import { allows, type Lending } from './lending.ts'
import { kindBits, type Needs } from './needs.ts'
import type { Reason } from './reasons.ts'

type Rule = readonly [Reason, (needs: Needs, lending: Lending) => boolean]

/** What stands against a unit on a node, each by itself, in the order of the table of reasons. */
const rules: readonly Rule[] = [
  ['full', (_, { offer }) => offer.units === 0],
  ['executor', ({ kinds }, lending) => (kinds & lending.kinds) === 0],
  ['image', ({ images }, lending) => images.length > 0 && !allowsAll(images, lending)],
  [
    'project',
    ({ project }, { projects }) =>
      projects.size > 0 && project !== undefined && !projects.has(project),
  ],
  [
    'avoided-project',
    ({ project }, { avoidedProjects }) => project !== undefined && avoidedProjects.has(project),
  ],
  [
    'avoided-publisher',
    ({ publisher }, { avoidedPublishers }) =>
      publisher !== undefined && avoidedPublishers.has(publisher),
  ],
  ['tier', ({ gpus }, { offer }) => gpus > 0 && offer.tier === 'cpu'],
  ['gpus', ({ gpus }, { offer }) => offer.gpus.length < gpus],
  ['gpu-memory', ({ gpus, gpuRamBytes }, { offer }) => gpus > holding(offer, gpuRamBytes)],
  ['cores', ({ cores }, { offer }) => offer.cores < cores],
  ['memory', ({ ramBytes }, { offer }) => offer.ramBytes < ramBytes],
  ['disk', ({ diskBytes }, { offer }) => offer.diskBytes < diskBytes],
  ['window', (needs, lending) => lending.offer.windowMs < stayMs(needs, lending)],
]

/** The first reason why a unit does not fit what a node lends now; none if it fits. */
export function against(needs: Needs, lending: Lending): Reason | undefined {
  for (const [reason, stands] of rules) if (stands(needs, lending)) return reason
  return undefined
}

/** All reasons why a unit does not fit what a node lends now. */
export function allAgainst(needs: Needs, lending: Lending): Reason[] {
  return rules.filter(([, stands]) => stands(needs, lending)).map(([reason]) => reason)
}

/**
 * How long a unit keeps a node busy at most: until its fuel is burnt at the measured speed, or its
 * time is over, whichever comes first.
 */
export function stayMs({ kinds, fuel, unitMs }: Needs, lending: Lending): number {
  if ((kinds & lending.kinds & kindBits.wasm) === 0) return unitMs
  return Math.min(unitMs, (fuel / lending.fuelPerSecond) * 1000)
}

function allowsAll(images: readonly string[], { anyImage, images: list }: Lending): boolean {
  return anyImage || images.every((image) => allows(list, image))
}

function holding({ gpus }: Lending['offer'], ramBytes: number): number {
  let count = 0
  for (const gpu of gpus) if (gpu.ramBytes >= ramBytes) count++
  return count
}
