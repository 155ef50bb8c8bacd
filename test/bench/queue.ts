import { lendingOf } from '../../coordinator/core/match/lending.ts'
import { against } from '../../coordinator/core/match/match.ts'
import { type JobNeeds, kindBits, type Trust } from '../../coordinator/core/match/needs.ts'
import { usualPolicy } from '../../coordinator/core/queue/policy.ts'
import { type Given, Queue } from '../../coordinator/core/queue/queue.ts'
import type { Asker } from '../../coordinator/core/queue/search.ts'
import type { Wanted } from '../../coordinator/core/verdict/vote.ts'
import type { JobId, NodeId, Offer, PublisherId } from '../../specs/index.ts'
import { type Figure, type Measure, measured } from './harness.ts'

const nodeCount = 1000
const ownerCount = 300
/** Leases that are remembered, so that something can happen to them. */
const leasesMax = 4096

const anybody: Wanted = { from: 'any', referee: false }
const anchor: Wanted = { from: 'anchor', referee: false }

/**
 * What one call of the queue costs in a steady mixture of them, asks for the most part, and what a
 * unit wants that was begun by one: by open units, by jobs, and by publishers, beside what it costs
 * to find and change one of as many things in a Map. Then an ask that finds little or nothing.
 */
export function figures(): Figure[] {
  const sizes = [
    ...[1e3, 1e4, 1e5, 1e6, 1e7].map((units) => ({ units, jobs: 100, publishers: 10 })),
    ...[1, 10, 1e3, 1e4, 1e5].map((jobs) => ({ units: 1e6, jobs, publishers: Math.min(jobs, 10) })),
    ...[1, 1e3, 1e5].map((publishers) => ({ units: 1e6, jobs: 1e5, publishers })),
  ]
  // One after the other, so that only one of the large queues is in memory.
  return [
    ...sizes.flatMap((size) => {
      const world = new World(size)
      const { units, jobs, publishers } = size
      const name = `a call: ${units} units, ${jobs} jobs, ${publishers} publishers`
      return measured([{ name, run: (i) => world.call(i), beside: bareMap(jobs) }])
    }),
    ...nothing(),
  ]
}

interface Size {
  readonly units: number
  readonly jobs: number
  readonly publishers: number
}

interface Leased {
  readonly job: JobId
  readonly unit: number
  readonly owner: string
}

/** A queue whose jobs are renewed as they run out, and nodes that do what nodes do. */
class World {
  readonly #queue = new Queue(usualPolicy)
  readonly #nodes = Array.from({ length: nodeCount }, (_, i) => nodeAt(i))
  readonly #leases: Leased[] = []
  readonly #size: Size
  #leased = 0
  #admitted = 0
  #now = 1_700_000_000_000
  readonly #chance = chance()

  constructor(size: Size) {
    this.#size = size
    for (let i = 0; i < size.jobs; i++) this.#admit()
  }

  /** Of sixteen calls twelve are asks; else a lease ends, or a unit is decided or cost less. */
  call(i: number): void {
    const kind = i % 16
    if (kind === 0) this.#now++
    const leased = kind < 12 ? undefined : this.#leases[this.#draw(this.#leases.length)]
    if (leased === undefined) this.#ask()
    else if (kind < 14) this.#need(leased, [anybody])
    else if (kind === 14) this.#need(leased, [])
    else this.#queue.settle(leased.job, 500)
  }

  #ask(): void {
    const node = this.#nodes[this.#draw(nodeCount)] as Asker
    const answer = this.#queue.ask(node, this.#now, this.#chance)
    if (answer.type === 'nothing') return
    const leased = leasedOf(answer, node)
    this.#leases[this.#leased++ % leasesMax] = leased
    if (answer.fresh) this.#need(leased, [this.#draw(4) === 0 ? anchor : anybody])
    const { fresh, begun } = this.#queue.open(answer.job)
    if (fresh + begun > 0) return
    this.#queue.end(answer.job, this.#now)
    this.#admit()
  }

  #need({ job, unit, owner }: Leased, wanted: readonly Wanted[]): void {
    this.#queue.need(job, unit, wanted, [owner], this.#now)
  }

  #admit(): void {
    const at = this.#admitted++
    const { units, jobs, publishers } = this.#size
    const admission = {
      id: idOf(at),
      needs: needsAt(at, at % publishers),
      priority: at % 10,
      units: Math.max(1, Math.round(units / jobs)),
      ...(at % 8 === 0 ? { deadline: this.#now + 86_400_000 } : {}),
    }
    this.#queue.admit(admission, this.#now)
  }

  #draw(below: number): number {
    return Math.floor((this.#chance() / 2 ** 32) * below)
  }
}

/** The same numbers in each run. */
function chance(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
}

/** A Map of so many things, of which each execution changes one. */
function bareMap(size: number): Required<Measure>['beside'] {
  const things = new Map(Array.from({ length: size }, (_, i) => [idOf(i), { rank: i }]))
  const ids = [...things.keys()]
  const run = (i: number) => {
    const thing = things.get(ids[(Math.imul(i, 7919) % size) >>> 0] as JobId)
    if (thing !== undefined) thing.rank++
  }
  return { name: 'a Map', run }
}

/** Asks that find little or nothing among a hundred thousand jobs, or a million begun units. */
function nothing(): Figure[] {
  const many = 1e5
  const draw = chance()
  const queueOf = (change: (i: number) => Partial<JobNeeds>): Queue => {
    const queue = new Queue(usualPolicy)
    for (let i = 0; i < many; i++) {
      const needs = { ...needsAt(1, i), ...change(i) }
      queue.admit({ id: idOf(i), needs, priority: 5, units: 1 }, 0)
    }
    return queue
  }
  const large = queueOf(() => ({ ramBytes: 1e12 }))
  const odd = queueOf((i) => (i % 2 === 0 ? { ramBytes: 1e12 } : { cores: 1024 }))
  const node = nodeAt(0)
  const all = begunBy(node, 1e6, () => node.apart)
  const most = begunBy(node, 1e6, (i) => (i % 100 === 0 ? [] : node.apart))
  let mark = 0
  return measured([
    { name: 'nothing: all 100000 need too much', run: () => large.ask(node, 0, draw) },
    {
      name: 'nothing: each of 100000 needs too much of something else',
      run: () => {
        mark = odd.ask({ ...node, mark }, 0, draw).mark ?? 0
      },
    },
    {
      name: 'nothing: the owner is in all of 1000000 begun units',
      run: () => all.ask(node, 0, draw),
    },
    {
      name: 'the owner is in 99 of 100 of 1000000 begun units',
      run: () => {
        const answer = most.ask(node, 0, draw)
        if (answer.type === 'unit') most.need(answer.job, answer.unit, [anybody], [], 0)
      },
    },
  ])
}

/** A queue of one job whose units have all been begun. */
function begunBy(node: Asker, units: number, held: (i: number) => readonly string[]): Queue {
  const queue = new Queue(usualPolicy)
  queue.admit({ id: idOf(0), needs: needsAt(1, 0), priority: 5, units }, 0)
  for (let i = 0; i < units; i++) queue.need(idOf(0), i, [anybody], held(i), 0)
  // It has passed once what it is barred from: 64 at a time.
  for (let i = 0; i < units / 64; i++) queue.ask(node, 0, () => 0)
  return queue
}

function leasedOf({ job, unit }: Given, { apart: [owner = ''] }: Asker): Leased {
  return { job, unit, owner }
}

function idOf(at: number): JobId {
  return `${at}`.padStart(64, '0') as JobId
}

/** Of ten jobs seven are modules; a few need more memory than small nodes have. */
function needsAt(at: number, publisher: number): JobNeeds {
  const isModule = at % 10 < 7
  return {
    kinds: isModule ? kindBits.wasm : kindBits.docker,
    images: isModule ? [] : [`lab/tool@sha256:${'a'.repeat(64)}`],
    cores: 1 + (at % 3),
    ramBytes: at % 5 === 0 ? 8e9 : 5e8,
    diskBytes: 1e9,
    gpus: 0,
    gpuRamBytes: 0,
    fuel: 1e12 * (1 + (at % 4)),
    unitMs: 3_600_000,
    publisher: `publisher ${publisher}` as PublisherId,
    project: `project ${at % 3}`,
  }
}

/** Of ten nodes two have no Docker, two little memory, two are slow, and four are anchors. */
function nodeAt(at: number): Asker {
  const offer: Offer = {
    v: 1,
    node: `node ${at}` as NodeId,
    tier: 'cpu',
    platform: { os: 'linux', arch: 'x86_64' },
    cores: 4,
    ramBytes: at % 10 < 2 ? 4e9 : 16e9,
    diskBytes: 1e11,
    gpus: [],
    executors: [
      { type: 'wasm', profile: 1, fuelPerSecond: 1e9 },
      ...(at % 10 === 2 || at % 10 === 3
        ? []
        : ([{ type: 'docker', isolation: 'runc', anyImage: true }] as const)),
    ],
    units: 8,
    windowMs: 8 * 3_600_000,
    projects: at % 10 === 9 ? ['project 1'] : [],
    avoids: { projects: [], publishers: [] },
    has: [],
  }
  const lending = lendingOf(offer, [], trustAt(at))
  return {
    apart: [`owner ${at % ownerCount}`],
    swift: at % 10 < 8,
    projects: offer.projects,
    near: [],
    fits: (needs) => against(needs, lending),
  }
}

function trustAt(at: number): Trust {
  return at % 100 === 0 ? 2 : at % 10 < 4 ? 1 : 0
}
