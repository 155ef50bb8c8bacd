import type { Offer } from '@nexapod/specs'
import { kindBits, type Trust } from './needs.ts'

/** What a node has shown, by the bits of the kinds of executors: with any of them. */
export type Trusts = readonly [Trust, Trust, Trust, Trust]

const trusts: readonly (readonly Trusts[])[] = ([0, 1, 2] as const).map((wasm) => {
  return ([0, 1, 2] as const).map((docker) => [0, wasm, docker, Math.max(wasm, docker) as Trust])
})

/** What a node has shown with each kind: of the same two it is the same list. */
export function trustsOf(wasm: Trust, docker: Trust): Trusts {
  return trusts[wasm]?.[docker] as Trusts
}

/** An offer as a match looks at it, made once for each offer and not once for each question. */
export interface Lending {
  readonly offer: Offer
  readonly kinds: number
  /** Of one core, in WebAssembly; 0 where that is not offered. */
  readonly fuelPerSecond: number
  readonly anyImage: boolean
  /** Images that the owner is known to allow: see `allows`. */
  readonly images: readonly string[]
  /** These projects alone; none means all. */
  readonly projects: ReadonlySet<string>
  /** Jobs of these publishers alone; none means all. */
  readonly publishers: ReadonlySet<string>
  readonly avoidedProjects: ReadonlySet<string>
  readonly avoidedPublishers: ReadonlySet<string>
  readonly trusts: Trusts
  /** As `os/arch`. */
  readonly platform: string
}

/** What an offer lends, with the images that its owner is known to allow and what it has shown. */
export function lendingOf(offer: Offer, images: readonly string[] = [], trust: Trust = 0): Lending {
  let kinds = 0
  let fuelPerSecond = 0
  let anyImage = false
  for (const executor of offer.executors) {
    kinds |= kindBits[executor.type]
    if (executor.type === 'wasm') fuelPerSecond = executor.fuelPerSecond
    else anyImage = executor.anyImage
  }
  return {
    offer,
    kinds,
    fuelPerSecond,
    anyImage,
    images,
    projects: setOf(offer.projects),
    publishers: setOf(offer.publishers ?? []),
    avoidedProjects: setOf(offer.avoids.projects),
    avoidedPublishers: setOf(offer.avoids.publishers),
    trusts: trustsOf(trust, trust),
    platform: platformText(offer.platform),
  }
}

/** Whether two offers say the same, whatever of it. */
export function isSameOffer(a: Offer, b: Offer | undefined): boolean {
  return b !== undefined && isSame(a, b)
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return isSameList(a, b)
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  // Both are plain, and have no keys but their own: no list of those has to be made.
  let left = 0
  for (const _ in other) left++
  for (const key in one) {
    if (!isSame(one[key], other[key])) return false
    left--
  }
  return left === 0
}

function isSameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!isSame(a[i], b[i])) return false
  return true
}

const none: ReadonlySet<string> = new Set()

/** Most offers wish and avoid nothing, and come with every unit. */
function setOf(list: readonly string[]): ReadonlySet<string> {
  return list.length === 0 ? none : new Set(list)
}

/** A platform as the queue and the verdict name it: `os/arch`. */
export function platformText({ os, arch }: Offer['platform']): string {
  return `${os}/${arch}`
}

/**
 * Whether a list allows an image: by its whole reference, by its name for every digest, or by what
 * a name begins with if that ends in a slash, such as `ghcr.io/lab/`.
 */
export function allows(list: readonly string[], image: string): boolean {
  const [name = ''] = image.split('@')
  return list.some(
    (one) => one === image || one === name || (one.endsWith('/') && name.startsWith(one)),
  )
}
