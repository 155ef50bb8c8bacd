import { allows, type Lending } from './lending.ts'
import { kindBits, type Needs } from './needs.ts'
import { type Reason, reasons } from './reasons.ts'

const order = Object.keys(reasons) as Reason[]
const bit = Object.fromEntries(order.map((reason, i) => [reason, 1 << i])) as Bits

type Bits = Readonly<Record<Reason, number>>

/** The first reason why a unit does not fit what a node lends now; none if it fits. */
export function against(needs: Needs, lending: Lending): Reason | undefined {
  const bits = standing(needs, lending)
  return bits === 0 ? undefined : order[31 - Math.clz32(bits & -bits)]
}

/** All reasons why a unit does not fit what a node lends now. */
export function allAgainst(needs: Needs, lending: Lending): Reason[] {
  const bits = standing(needs, lending)
  return order.filter((reason) => (bits & bit[reason]) !== 0)
}

/**
 * How long a unit keeps a node busy at most: until its fuel is burnt at the measured speed, or its
 * time is over, whichever comes first.
 */
export function stayMs({ kinds, fuel, unitMs }: Needs, lending: Lending): number {
  if ((kinds & lending.kinds & kindBits.wasm) === 0) return unitMs
  return Math.min(unitMs, (fuel / lending.fuelPerSecond) * 1000)
}

/** What stands against a unit on a node, a bit each: the queue asks this for every lease. */
function standing(needs: Needs, lending: Lending): number {
  const { offer } = lending
  const { gpus, images } = needs
  let bits = wishes(needs, lending)
  if (offer.units === 0) bits |= bit.full
  if ((needs.kinds & lending.kinds) === 0) bits |= bit.executor
  if (images.length > 0 && !allowsAll(images, lending)) bits |= bit.image
  if (gpus > 0) {
    if (offer.tier === 'cpu') bits |= bit.tier
    if (offer.gpus.length < gpus) bits |= bit.gpus
    if (holding(offer, needs.gpuRamBytes) < gpus) bits |= bit['gpu-memory']
  }
  if (offer.cores < needs.cores) bits |= bit.cores
  if (offer.ramBytes < needs.ramBytes) bits |= bit.memory
  if (offer.diskBytes < needs.diskBytes) bits |= bit.disk
  if (offer.windowMs < stayMs(needs, lending)) bits |= bit.window
  if (!isAskedOf(needs, lending.platform)) bits |= bit.platform
  if (needs.trust !== undefined && (lending.trusts[needs.kinds] ?? 0) < needs.trust)
    bits |= bit.trust
  return bits
}

function isAskedOf({ platform, without }: Needs, own: string): boolean {
  return (platform === undefined || platform === own) && !without?.includes(own)
}

/** What the volunteer wants and avoids. The least of several classes may have no one project. */
function wishes({ project, publisher }: Needs, lending: Lending): number {
  const { projects, publishers, avoidedProjects, avoidedPublishers } = lending
  let bits = 0
  if (project !== undefined) {
    if (projects.size > 0 && !projects.has(project)) bits |= bit.project
    if (avoidedProjects.size > 0 && avoidedProjects.has(project)) bits |= bit['avoided-project']
  }
  if (publisher !== undefined) {
    if (publishers.size > 0 && !publishers.has(publisher)) bits |= bit.publisher
    if (avoidedPublishers.size > 0 && avoidedPublishers.has(publisher)) {
      bits |= bit['avoided-publisher']
    }
  }
  return bits
}

function allowsAll(images: readonly string[], { anyImage, images: list }: Lending): boolean {
  return anyImage || images.every((image) => allows(list, image))
}

function holding({ gpus }: Lending['offer'], ramBytes: number): number {
  let count = 0
  for (const gpu of gpus) if (gpu.ramBytes >= ramBytes) count++
  return count
}
