import type { Fact, OwnerId } from '@nexapod/specs'
import { meshOf } from './chains.ts'
import { Chance } from './chance.ts'
import { Dealings } from './dealings.ts'
import { spoilt } from './hostile.ts'
import type { Proposal } from './proposal.ts'
import { Settlements } from './settlements.ts'
import { Side, type Step } from './side.ts'
import { Works } from './work.ts'

/** One coordinator: its chain, what it knows, and what departed for the other. */
interface Coordinator {
  readonly side: Side
  readonly works: Works
  readonly settlements: Settlements
  readonly dealings: Dealings
  readonly departed: Step[]
  readonly taken: Step[]
}

/**
 * The entries of two chains of one mesh between which credit moves, as a list of integers chooses
 * them: with every kind of fact, and before many a right entry the same with one thing wrong. Each
 * entry is offered to chain and fold, and yielded with what they said. The genesis comes first.
 */
export function* history(choices: readonly number[]): Generator<Step> {
  const chance = new Chance(choices)
  const mesh = meshOf(3, 2)
  const coordinators = [0, 1].map((number): Coordinator => {
    const side = new Side(number, mesh)
    const banned = new Set<OwnerId>()
    const works = new Works(side, chance, banned)
    const settlements = new Settlements(side, chance, banned, works)
    const dealings = new Dealings(side, chance, banned)
    return { side, works, settlements, dealings, departed: [], taken: [] }
  })
  for (const { side } of coordinators) yield* offered(side, { facts: [side.genesis] })
  for (const { side, works } of coordinators) yield* offered(side, works.reserve())
  while (!chance.over) {
    const own = coordinators[chance.likely(75) ? 0 : 1] as Coordinator
    const other = coordinators[1 - own.side.number] as Coordinator
    own.side.time += chance.pick(100)
    const proposal = proposed(own, other, chance)
    if (proposal !== undefined) yield* tried(own, proposal, chance)
  }
}

/** The entry of a proposal, and before it perhaps one with something wrong. */
function* tried(own: Coordinator, proposal: Proposal, chance: Chance): Generator<Step> {
  const { side, taken, departed } = own
  const wrong = chance.likely(60) ? wrongFor(own, proposal, chance) : undefined
  const step = wrong && side.offer(wrong.facts, false, wrong.time)
  if (step !== undefined) yield step
  // What the coordinator knows would not be what its chain has.
  if (step !== undefined && step.refusal === undefined) throw new Error('what is wrong was taken')
  for (const step of offered(side, proposal)) {
    if (step.refusal === undefined) taken.push(step)
    if (step.refusal === undefined && step.entry.facts.some(isDeparture)) departed.push(step)
    yield step
  }
}

/** Facts that no fold may take now: too early, once more, or with one thing wrong. */
function wrongFor(
  { side, taken, works }: Coordinator,
  { facts, time = side.time, free }: Proposal,
  chance: Chance,
): Proposal | undefined {
  if (time > side.time && chance.likely(30)) return { facts }
  const reopened = chance.likely(10) ? works.reopenWrongly() : undefined
  if (reopened !== undefined) return { facts: [reopened] }
  const before = chance.likely(15) ? chance.one(taken)?.entry : undefined
  if (before !== undefined && !before.facts.some((fact) => mayComeAgain(fact, side.epoch))) {
    return { facts: before.facts }
  }
  const other = free === true ? undefined : spoilt(facts, { epoch: side.epoch, chance })
  return other && { facts: other, time }
}

/** Whether a fact that was right may be right once more. */
function mayComeAgain(fact: Fact, epoch: number): boolean {
  switch (fact.type) {
    // A node may be again what it was, and a draw may follow where a successor knows of none.
    case 'node':
    case 'draw':
    case 'reopen':
      return true
    // What a unit that is opened again has, it may have had before.
    case 'verdict':
      return fact.receipts.length === 0
    case 'receipt':
      return fact.epoch < epoch
    default:
      return false
  }
}

function isDeparture(fact: Fact): boolean {
  return fact.type === 'transfer' && fact.purpose.type === 'depart'
}

function* offered(side: Side, { facts, time, taken }: Proposal): Generator<Step> {
  const step = side.offer(facts, true, time)
  if (step === undefined) throw new Error('a right entry has no bytes')
  if (step.refusal === undefined) taken?.()
  yield step
}

/** What a coordinator does next. */
function proposed(
  { works, settlements, dealings }: Coordinator,
  other: Coordinator,
  chance: Chance,
): Proposal | undefined {
  const ways: (() => Proposal | undefined)[] = [
    ...repeated(3, () => works.admit()),
    ...repeated(8, () => works.seal()),
    ...repeated(7, () => works.decide()),
    ...repeated(4, () => works.reopen()),
    ...repeated(5, () => settlements.settle()),
    () => settlements.release(),
    ...repeated(8, () => works.meter()),
    ...repeated(3, () => works.end()),
    () => (chance.likely(40) ? works.cancel(dealings.counter) : undefined),
    () => works.reserve(),
    () => dealings.delegate(),
    () => dealings.revoke(),
    () => dealings.tell(),
    () => dealings.draw(),
    () => dealings.bond(),
    () => dealings.unbond(),
    ...repeated(2, () => dealings.depart(other.side.id)),
    ...repeated(4, () => claimed(dealings, other)),
    () => (chance.likely(60) ? dealings.amend() : undefined),
    () => (chance.likely(15) ? dealings.seal() : undefined),
  ]
  return chance.one(ways)?.()
}

function claimed(dealings: Dealings, other: Coordinator): Proposal | undefined {
  const [step] = other.departed
  if (step === undefined) return undefined
  const proposal = dealings.claim(other.side, step)
  return { ...proposal, taken: () => void other.departed.shift() }
}

function repeated<T>(times: number, one: T): T[] {
  return Array.from({ length: times }, () => one)
}
