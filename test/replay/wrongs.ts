import type { Digest, Entry, Fact } from '../../specs/index.ts'
import type { Scene } from './scene.ts'
import { otherThan, possible, spotsOf } from './spots.ts'

/** Facts of which one thing is wrong, or what is wrong with the entry that they stand in. */
export interface Wrong {
  readonly what: string
  readonly facts: readonly Fact[]
  readonly entry?: Partial<Entry>
  /** What is done to its bytes. */
  readonly spoil?: (bytes: Uint8Array) => Uint8Array
}

/** Makes one thing of a right entry wrong, if it can. */
export function wronged(scene: Scene, facts: readonly Fact[]): Wrong | undefined {
  const { chance } = scene
  const doing = chance.below(50)
  const [what, make] = wrongs.find(([, , until]) => doing < until) ?? []
  if (what === undefined || make === undefined) return undefined
  const made = make(scene, facts)
  return made === undefined || made.facts?.length === 0 ? undefined : { what, facts, ...made }
}

type Making = (scene: Scene, facts: readonly Fact[]) => Partial<Wrong> | undefined

const change: Making = ({ book, chain, chance, elsewhere }, facts) => {
  const digests = [chain, ...elsewhere.map((other) => other.chain), book.head, ...book.jobs.keys()]
  const ids = [...book.transfers.keys()]
  const pool = { digests: [...digests, ...ids], accounts: [...book.balances.keys()] }
  const spots = spotsOf(facts)
  // What is outside of every schema is tried again elsewhere.
  for (let i = 0; i < 5; i++) {
    const { path, value, put } = chance.one(spots)
    const made = possible(() => put(otherThan(chance, pool, value)) as Fact[])
    if (made !== undefined) return { what: `changed ${path}`, facts: made }
  }
  return undefined
}

const missing: Making = ({ chance }, facts) => {
  return { facts: facts.toSpliced(chance.below(facts.length), 1) }
}

const twice: Making = ({ chance }, facts) => {
  return { facts: facts.toSpliced(chance.below(facts.length + 1), 0, chance.one(facts)) }
}

const shuffled: Making = (scene, facts) => ({ facts: scene.shuffled(facts) })

const exchanged: Making = ({ chance }, facts) => {
  const at = chance.below(facts.length - 1)
  const [one, other] = facts.slice(at)
  if (one === undefined || other === undefined) return undefined
  return { facts: facts.toSpliced(at, 2, other, one) }
}

const again: Making = ({ chance, past }, facts) => {
  const old = chance.any(past)
  if (old === undefined) return undefined
  return { facts: chance.once(2) ? [old] : facts.toSpliced(chance.below(2), 0, old) }
}

const seq: Making = ({ book, chance }) => {
  return { entry: { seq: Math.max(0, book.entries.length + chance.one([-1, 1])) } }
}

const prev: Making = ({ book, chain }) => {
  return { entry: { prev: (book.head === chain ? book.head : chain) as Digest } }
}

const epoch: Making = (scene) => {
  return { entry: { epoch: Math.max(0, scene.epoch + scene.chance.one([-1, 1])) } }
}

const chain: Making = ({ chance, elsewhere }) => {
  return { entry: { chain: chance.one(elsewhere).chain } }
}

const time: Making = ({ chance, last }) => {
  return { entry: { time: Math.max(0, last - 1 - (chance.once(2) ? 0 : chance.below(100))) } }
}

const bytes: Making = ({ chance }) => {
  const cut = chance.once(4)
  return {
    spoil: (bytes) => {
      const at = chance.below(bytes.length)
      return cut ? bytes.slice(0, at) : bytes.with(at, (bytes[at] ?? 0) ^ (1 << chance.below(8)))
    },
  }
}

/** What can be wrong, and how often it is: each until a number of fifty. */
const wrongs: readonly (readonly [string, Making, number])[] = [
  ['a bit changed', bytes, 2],
  ['a value changed', change, 26],
  ['a fact missing', missing, 29],
  ['a fact twice', twice, 32],
  ['another order', shuffled, 35],
  ['neighbours exchanged', exchanged, 40],
  ['an old fact again', again, 45],
  ['another seq', seq, 46],
  ['another prev', prev, 47],
  ['another epoch', epoch, 48],
  ['another chain', chain, 49],
  ['a time before', time, 50],
]
