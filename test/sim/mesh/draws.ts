import { Chance } from '../../fuzz/chance.ts'

/** A number for a text: which stream of chance it has, or what it adds to a trace. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** The chance of a seed for one purpose: what others draw changes nothing in it. */
export function chanceOf(seed: number, purpose: string): Chance {
  return new Chance(seed, numberOf(purpose))
}

/** A whole number from one to another, both included. */
export function between(chance: Chance, from: number, to: number): number {
  return from + chance.below(to - from + 1)
}

/** A time around another: mostly near it, seldom ten times as long. */
export function about(chance: Chance, ms: number): number {
  const ms2 = between(chance, Math.ceil(ms / 2), Math.ceil(ms * 1.5))
  return chance.once(20) ? ms2 * 10 : ms2
}

/** Some of a list, in another order. */
export function some<T>(chance: Chance, of: readonly T[], count: number): T[] {
  const left = [...of]
  const taken: T[] = []
  while (taken.length < count && left.length > 0) {
    taken.push(...left.splice(chance.below(left.length), 1))
  }
  return taken
}
