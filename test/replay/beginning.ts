import { type CoordinatorId, type Fact, rosterDocument } from '../../specs/index.ts'
import { leastQuorum } from './cast.ts'
import { amendment, orderDeeds } from './order-deeds.ts'
import type { Scene } from './scene.ts'

/** How often a roster is tried that names who writes the chain: some are signed by too few. */
const triesMax = 40

/**
 * The entries that a chain begins with. Whoever was not founded in has the changes first that lead
 * to a roster with its name: in one entry, or in several, each with what may come before or not.
 */
export function* beginning(scene: Scene): Generator<Fact[]> {
  const { writer, chance } = scene
  const fences: Fact = { type: 'fences', below: 20 }
  if (!scene.isLater) {
    yield [writer.genesis, fences]
    return
  }
  if (chance.once(2)) yield [writer.genesis]
  for (let tries = 0; tries < triesMax && !scene.isNamed; tries++) {
    scene.turn()
    const first: Fact[] = scene.known.entries.length === 0 ? [writer.genesis] : []
    if (first.length > 0) scene.suppose(first)
    const more = chance.once(3) ? orderDeeds.rates?.[0](scene) : naming(scene)
    yield [...first, ...(more ?? []), ...(chance.once(2) ? [fences] : [])]
  }
}

/** The roster, with who writes the chain as one more member. */
function naming(scene: Scene): Fact[] {
  const { governance, book } = scene
  const named = [...new Set([...governance.members, book.author as CoordinatorId])].sort()
  const value = {
    ...amendment(scene),
    members: named.map((coordinator) => ({ coordinator, addresses: [] })),
    quorum: leastQuorum(named.length),
  }
  return [{ type: 'roster', roster: scene.signed(rosterDocument, value) }]
}
