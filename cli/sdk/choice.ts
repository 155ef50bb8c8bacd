import {
  type Answer,
  accept,
  type CoordinatorId,
  type PublisherId,
  refuse,
  sha256,
  toHex,
} from '@nexapod/specs'
import type { Home } from './callers.ts'

/** Whose job it is, and which: it has no id before it has a home, so its nonce stands for it. */
export interface Ticket {
  readonly publisher: PublisherId
  readonly nonce: Uint8Array
}

/**
 * Where a job goes: of those that take jobs, the one whose key hashes highest together with the
 * publisher's and the job's nonce. So jobs spread over all that are there, nobody has to be asked
 * for that, and if one goes, only its share goes elsewhere. One that is named is taken, or nobody.
 */
export function chosenOf(
  homes: readonly Home[],
  { publisher, nonce }: Ticket,
  named?: CoordinatorId,
): Answer<Home> {
  const first = new Map<CoordinatorId, Home>()
  for (const home of homes) {
    const { coordinator, beacon } = home
    if (named !== undefined && coordinator !== named) continue
    // The chain that it founded stands before those that it took over.
    if (beacon.takesJobs && !first.has(coordinator)) first.set(coordinator, home)
  }
  const ranked = [...first.values()].map((home) => {
    const said = `${publisher} ${toHex(nonce)} ${home.coordinator}`
    return { home, rank: toHex(sha256(new TextEncoder().encode(said))) }
  })
  ranked.sort((a, b) => (a.rank > b.rank ? -1 : 1))
  const [best] = ranked
  if (best !== undefined) return accept(best.home)
  const isThere = homes.some(({ coordinator }) => named === undefined || coordinator === named)
  return isThere ? refuse('wire.closing') : refuse('wire.unreachable')
}

/** Letters that all keys begin with: they tell nothing. */
const prefix = '12D3KooW'
const leastLetters = 4

/** The coordinator that is meant by its key, or by the beginning of what tells it from others. */
export function coordinatorCalled(
  text: string,
  keys: readonly CoordinatorId[],
): CoordinatorId | undefined {
  const letters = text.startsWith(prefix) ? text.slice(prefix.length) : text
  if (letters.length < leastLetters) return undefined
  const found = keys.filter((key) => key.slice(prefix.length).startsWith(letters))
  return found.length === 1 ? found[0] : undefined
}
