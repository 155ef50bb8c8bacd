import type { JobId, PublisherId } from '@nexapod/specs'
import { type JobNeeds, kindBits } from '../../match/needs.ts'
import type { Wanted } from '../../verdict/vote.ts'
import type { Admission, Given, Nothing, Queue } from '../queue.ts'
import type { Asker, Draw } from '../search.ts'

/** What a small unit of WebAssembly needs, for a publisher by a short name. */
export function needsBy(publisher: string, more: Partial<JobNeeds> = {}): JobNeeds {
  return {
    kinds: kindBits.wasm,
    images: [],
    cores: 1,
    ramBytes: 1000,
    diskBytes: 0,
    gpus: 0,
    gpuRamBytes: 0,
    fuel: 1_000_000_000,
    unitMs: 60_000,
    publisher: publisher as PublisherId,
    project: '',
    ...more,
  }
}

/** A job by a short name. */
export function jobBy(
  publisher: string,
  id: string,
  { needs, ...more }: Partial<Omit<Admission, 'needs'>> & { needs?: Partial<JobNeeds> } = {},
): Admission {
  const base = { id: id as JobId, priority: 5, units: 10 }
  return { ...base, needs: needsBy(publisher, needs), ...more }
}

/** A node of an owner, that fits everything if nothing else is said. */
export function nodeOf(owner: string, more: Partial<Asker> = {}): Asker {
  return {
    apart: [owner],
    swift: true,
    projects: [],
    near: [],
    fits: () => undefined,
    ...more,
  }
}

/** What a node is given, as `job/unit`; what is against it, in alphabetical order, if nothing. */
export function said(answer: Given | Nothing): string {
  if (answer.type === 'unit') return `${answer.job}/${answer.unit}`
  return [...answer.reasons.keys()].sort().join(' ')
}

/** No chance at all: each draw hits, and hits what came first. */
export const first: Draw = () => 0

/** The same numbers by chance for the same seed. */
export function chance(seed: number): Draw {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    const mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    const again = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return (again ^ (again >>> 16)) >>> 0
  }
}

/** So many executions for anybody, or for those that are said. */
export function wants(count: number, more: Partial<Wanted> = {}): Wanted[] {
  return Array.from({ length: count }, () => ({ from: 'any', referee: false, ...more }))
}

/** What a node is given; of a unit that it begins so many more executions are wanted then. */
export function ask(queue: Queue, asker: Asker, now = 0, more = 0): string {
  const answer = queue.ask(asker, now, first)
  if (answer.type === 'unit' && answer.fresh) {
    queue.need(answer.job, answer.unit, wants(more), asker.apart, now)
  }
  return said(answer)
}

/** What a node is given in so many asks at one moment. */
export function askedOf(queue: Queue, asker: Asker, times: number, now = 0, more = 0): string[] {
  return Array.from({ length: times }, () => ask(queue, asker, now, more))
}
