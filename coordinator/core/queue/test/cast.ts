import type { JobId, PublisherId } from '@nexapod/specs'
import { type JobNeeds, kindBits } from '../../match/needs.ts'
import type { Admission, Given, Nothing, Queue } from '../queue.ts'
import type { Asker } from '../search.ts'

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

/** A job by a short name, of one slot a unit if nothing else is said. */
export function jobBy(
  publisher: string,
  id: string,
  { needs, ...more }: Partial<Omit<Admission, 'needs'>> & { needs?: Partial<JobNeeds> } = {},
): Admission {
  const base = { id: id as JobId, priority: 5, units: 10, slots: 1 }
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

/** What a node is given in so many asks at one moment. */
export function askedOf(queue: Queue, asker: Asker, times: number, now = 0): string[] {
  return Array.from({ length: times }, () => said(queue.ask(asker, now)))
}
