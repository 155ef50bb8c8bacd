import type { Fact, NodeId, Opening } from '../../specs/index.ts'
import { passFacts, waitingNode } from './anchor-deeds.ts'
import { beginning } from './beginning.ts'
import { nodes } from './cast.ts'
import { claimDeeds } from './claim-deeds.ts'
import { creditDeeds } from './credit-deeds.ts'
import { Disagreement, Duel } from './duel.ts'
import { happenings } from './happenings.ts'
import { joinedDeeds } from './joined-deeds.ts'
import { orderDeeds } from './order-deeds.ts'
import { type Deed, type Deeds, Scene } from './scene.ts'
import { possible } from './spots.ts'
import type { Tally } from './tally.ts'
import { verdictDeeds } from './verdict-deeds.ts'
import { workDeeds } from './work-deeds.ts'
import { type Wrong, wronged } from './wrongs.ts'

const all: Deeds = {
  ...orderDeeds,
  ...workDeeds,
  ...verdictDeeds,
  ...creditDeeds,
  ...claimDeeds,
  ...joinedDeeds,
}

/** Deeds that a history has more of than of others; each seed has its theme. */
const themes: readonly (readonly string[])[] = [
  [],
  ['job', 'receipt', 'verdict', 'meter', 'settle', 'refund', 'end'],
  ['receipt', 'verdict', 'meter', 'settle', 'cancel', 'reopen', 'refund', 'end'],
  ['delegation', 'revocation', 'receipt', 'verdict', 'reopen'],
  ['claim', 'depart', 'bond', 'settle', 'cancel', 'trap'],
  ['roster', 'rates', 'seal', 'change', 'draw', 'fences', 'receipt', 'verdict'],
  ['receipt', 'verdict', 'reopen', 'again', 'crowd', 'trap', 'meter'],
]

/** All deeds, each as often as its weight says; those of a theme four times as often. */
const deeds: readonly (readonly Deed[])[] = themes.map((theme) => {
  return Object.entries(all).flatMap(([name, [deed, often]]) => {
    return Array.from({ length: often * (theme.includes(name) ? 4 : 1) }, () => deed)
  })
})

/** Makes the history of a seed, and has it read twice. */
export function relive(seed: number, steps: number, opening: Opening, tally: Tally): void {
  const scene = new Scene(seed, new Duel(opening))
  try {
    for (const facts of beginning(scene)) step(scene, facts, tally)
    if (!scene.isNamed) throw new Error(`seed ${seed}: the chain does not begin`)
    for (let i = 0; i < 4; i++) {
      scene.turn()
      step(scene, claimDeeds.claim?.[0](scene) ?? [], tally)
    }
    for (let i = 0; i < steps; i++) {
      if (i === 0 && seed % 9 === 0)
        pass(scene, nodes[7]?.id as NodeId, seed % 45 === 0 ? 2000 : 100, tally)
      const late = i === Math.floor(steps / 2) ? waitingNode(scene) : undefined
      if (late !== undefined) pass(scene, late, 100, tally)
      scene.turn()
      step(scene, factsOf(scene, deeds[seed % themes.length] ?? []), tally)
    }
  } catch (cause) {
    if (!(cause instanceof Disagreement)) throw cause
    throw new Disagreement(`seed ${seed}: ${cause.message}`, { cause })
  }
  tally.histories++
}

/** Makes a node an anchor, or nearly; or has it pass until a strike is forgiven. */
function pass(scene: Scene, node: NodeId, about: number, tally: Tally): void {
  scene.careful = true
  scene.turn()
  for (const facts of passFacts(scene, node, about)) {
    give(scene, { what: 'as it should be', facts }, tally)
    scene.turn()
  }
  scene.careful = false
}

/** Facts of one deed, or of some of which each knows what those before it do. */
function factsOf(scene: Scene, deeds: readonly Deed[]): Fact[] {
  const { chance } = scene
  const facts: Fact[] = []
  for (let tries = 0; tries < 12 && facts.length < 40; tries++) {
    const deed = chance.one(deeds)
    const more = possible(() => deed(scene)) ?? []
    facts.push(...more)
    if (more.length > 0 && (!scene.suppose(facts) || !chance.once(3))) break
  }
  return facts
}

/** Gives both readers what is right, and often something like it that is not before it. */
function step(scene: Scene, facts: readonly Fact[], tally: Tally): void {
  if (facts.length === 0) return
  if (scene.chance.once(2)) give(scene, wronged(scene, facts), tally)
  give(scene, { what: 'as it should be', facts }, tally)
}

function give(scene: Scene, wrong: Wrong | undefined, tally: Tally): void {
  if (wrong === undefined) return
  const { facts, entry, spoil = (bytes: Uint8Array) => bytes } = wrong
  // What a change made may be outside of every schema.
  const bytes = possible(() => scene.bytesOf(facts, entry))
  if (bytes === undefined) return
  const { known } = scene
  const broken = taken(scene, spoil(bytes), wrong)
  if (broken !== undefined) {
    tally.refuse(broken)
    return
  }
  tally.take(happenings(facts, known, scene.known))
  if (wrong.what !== 'as it should be') tally.unharmed++
  scene.past.push(...wrong.facts)
}

function taken(scene: Scene, bytes: Uint8Array, { what, facts }: Wrong): string | undefined {
  try {
    return scene.take(bytes)
  } catch (cause) {
    if (!(cause instanceof Disagreement)) throw cause
    const at = `entry ${scene.book.entries.length} at ${scene.now}, ${what}`
    const told = facts.map((fact) => JSON.stringify(fact, brief)).join('\n  ')
    throw new Disagreement(`${at}: ${cause.message}\n  ${told}`, { cause })
  }
}

function brief(key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return value.length > 32 ? `${value.length} bytes` : [...value]
  return key === 'signatures' ? undefined : value
}
