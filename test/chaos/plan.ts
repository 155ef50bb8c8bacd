import { Chance } from '../fuzz/chance.ts'

/** Whom a fault can befall. */
type Side = 'coordinator' | 'node'

/** How long a fault lasts, in seconds, from and to; how often it is drawn where none is named. */
interface Kind {
  readonly side: Side
  readonly seconds: readonly [least: number, most: number]
  readonly weight: number
  /** How many it befalls: one, two of them or each. */
  readonly on: 'one' | 'two' | 'all'
  /** Whether it can be at most once in a run: what it leaves behind stays. */
  readonly once?: boolean
}

/** Every fault there is; chaos.md says what each is. */
export const kinds = {
  kill: { side: 'coordinator', seconds: [1, 8], weight: 3, on: 'one' },
  'kill-all': { side: 'coordinator', seconds: [1, 3], weight: 1, on: 'all' },
  'long-kill': { side: 'coordinator', seconds: [25, 40], weight: 1, on: 'one' },
  power: { side: 'coordinator', seconds: [1, 8], weight: 2, on: 'one' },
  'power-all': { side: 'coordinator', seconds: [1, 3], weight: 2, on: 'all' },
  pause: { side: 'coordinator', seconds: [2, 20], weight: 2, on: 'one' },
  part: { side: 'coordinator', seconds: [3, 20], weight: 2, on: 'two' },
  isolate: { side: 'coordinator', seconds: [3, 20], weight: 2, on: 'one' },
  delay: { side: 'coordinator', seconds: [5, 20], weight: 2, on: 'one' },
  full: { side: 'coordinator', seconds: [3, 10], weight: 2, on: 'one' },
  flip: { side: 'coordinator', seconds: [1, 5], weight: 1, on: 'one' },
  restore: { side: 'coordinator', seconds: [5, 15], weight: 1, on: 'one' },
  lose: { side: 'coordinator', seconds: [1, 8], weight: 1, on: 'one' },
  fork: { side: 'coordinator', seconds: [15, 20], weight: 1, on: 'one', once: true },
  clock: { side: 'coordinator', seconds: [8, 20], weight: 1, on: 'one' },
  'node-kill': { side: 'node', seconds: [1, 10], weight: 3, on: 'one' },
  'node-pause': { side: 'node', seconds: [2, 20], weight: 2, on: 'one' },
  'node-isolate': { side: 'node', seconds: [3, 20], weight: 2, on: 'one' },
  'node-delay': { side: 'node', seconds: [5, 20], weight: 1, on: 'one' },
  'node-clock': { side: 'node', seconds: [8, 20], weight: 1, on: 'one' },
} as const satisfies Readonly<Record<string, Kind>>

/** A fault by its name. */
export type FaultKind = keyof typeof kinds

/** The names of all faults. */
export const kindNames = Object.keys(kinds) as FaultKind[]

/** One fault of a plan. */
export interface Fault {
  readonly number: number
  readonly kind: FaultKind
  /** When it begins, and how long it lasts, in milliseconds. */
  readonly at: number
  readonly forMs: number
  /** Whom it befalls, by number. */
  readonly on: readonly number[]
  /** What else it draws by. */
  readonly draw: number
}

/** What a plan is drawn for. */
export interface Planned {
  readonly seed: number
  readonly ms: number
  readonly coordinators: number
  readonly nodes: number
  readonly only?: readonly FaultKind[]
}

/** Between the end of a fault and the next of its side, in seconds. */
const rest = { coordinator: [2, 10], node: [1, 8] } as const

/**
 * Draws which faults come when. Those of coordinators come one after the other, so that two of
 * three are there but where all are struck at once; those of nodes come beside them.
 */
export function plan({ seed, ms, coordinators, nodes, only }: Planned): Fault[] {
  const faults: Omit<Fault, 'number'>[] = []
  for (const [stream, side] of (['coordinator', 'node'] as const).entries()) {
    const chance = new Chance(seed, stream)
    let bag = (only ?? kindNames).flatMap((kind) => {
      const { weight, side: of } = kinds[kind]
      const length = only === undefined ? weight : Math.max(weight, 1)
      return of === side ? Array.from({ length }, () => kind) : []
    })
    const count = side === 'coordinator' ? coordinators : nodes
    let at = within(chance, rest[side])
    while (bag.length > 0) {
      const kind = chance.one(bag)
      const forMs = within(chance, kinds[kind].seconds)
      const on = drawn(chance, count, kinds[kind].on)
      const draw = chance.bits()
      if (at + forMs > ms) break
      faults.push({ kind, at, forMs, on, draw })
      if ('once' in kinds[kind]) bag = bag.filter((one) => one !== kind)
      at += forMs + within(chance, rest[side])
    }
  }
  faults.sort((a, b) => a.at - b.at)
  return faults.map((fault, number) => ({ number, ...fault }))
}

/** A fault in a line. */
export function lineOf({ number, kind, at, forMs, on }: Fault): string {
  const from = (at / 1000).toFixed(1).padStart(8)
  const lasts = (forMs / 1000).toFixed(1).padStart(5)
  return `${String(number).padStart(4)}${from} s  for${lasts} s  ${kind.padEnd(13)} ${on.join(' ')}`
}

function within(chance: Chance, [least, most]: readonly [number, number]): number {
  return 1000 * least + chance.below(1000 * (most - least) + 1)
}

function drawn(chance: Chance, count: number, on: Kind['on']): number[] {
  const left = Array.from({ length: count }, (_, i) => i)
  if (on === 'all') return left
  const taken = Array.from({ length: on === 'one' ? 1 : 2 }, () => {
    return left.splice(chance.below(left.length), 1)[0] as number
  })
  return taken.sort((a, b) => a - b)
}
