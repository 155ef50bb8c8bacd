import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openFork } from '@nexapod/ledger'
import { anchorOf, openStore, repair, type Seen } from '@nexapod/ledger/store'
import { type HostedMesh, openMesh } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type ChainId,
  type CoordinatorId,
  type Invitation,
  leastQuorum,
  limits,
  type MeshId,
  meshDocument,
  meshId,
  open,
  type Refusal,
  refuse,
} from '@nexapod/specs'
import type { Source } from '../founding.ts'
import type { Log } from '../log.ts'
import { Copy } from '../others/copy.ts'
import { Following } from '../others/following.ts'
import { learnerThreads } from '../others/learner-threads.ts'
import { Others } from '../others/others.ts'
import type { Threads } from '../threads/threads.ts'
import { type Time, within } from '../time.ts'
import { ledgersIn } from './adoption.ts'
import { leave, putAside } from './leaving.ts'

/** How long who mends waits for more of what somebody has seen: it may be that nobody has it. */
const moreMs = 2 * 60_000

/** A ledger whose disk holds other bytes than were written there. */
export interface Damaged {
  readonly directory: string
  readonly source: Source
  readonly own: CoordinatorId
  readonly seed: Uint8Array
  readonly listen: readonly string[]
  readonly time: Time
  readonly log: Log
}

/**
 * Mends the own ledger from what others have of it, and from what is left. If all that was
 * acknowledged is there again, it goes on; else the chain is left to the others, as one is that
 * they have sealed meanwhile. Where nothing was acknowledged in it, it is as if it had never been.
 */
export async function mend(
  damaged: Damaged,
  refusal: Refusal,
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  const { directory, source, own, seed, listen, time, log } = damaged
  const ledger = ledgersIn(directory).own
  const last = await anchorOf(ledger)
  const place = placeOf(source)
  const isAlone =
    place === undefined || place.members.every(({ coordinator }) => coordinator === own)
  // With nobody to ask, what is left is all there is: that is for the operator to decide.
  if (isAlone || last === undefined) return { ok: false, refusal }
  // Nothing was ever acknowledged in it, unless its anchor is that of another day.
  if (last.turn === 0 && refusal.at !== 'anchor') {
    log.error({ refusal }, 'begun again, as nothing was in it')
    await rm(ledger, { recursive: true })
    return accept(undefined)
  }
  if (last.size === 0) return { ok: false, refusal }
  const { chain } = last
  log.error({ chain, refusal }, 'mending')
  const roster = place.members
  await using mesh = await openMesh({
    ...{ mesh: place.mesh, seed, listen, known: [], roster, openFork, now: time.wall },
  })
  const electorate = { members: roster, quorum: leastQuorum(roster.length) }
  await using others = new Others(mesh, electorate, own, { time, log })
  const seen = await others.seen(chain, signal)
  const known = highest(seen.filter(({ coordinator }) => coordinator === own))
  const isGone = seen.some(({ coordinator, epoch }) => coordinator !== own && epoch > 0)
  await using threads = learnerThreads()
  const copying = { damaged, threads, chain, mesh, others, isGone }
  const copied = await copyUpTo(copying, known, signal)
  if (!copied.ok) return copied
  const copy = copied.value
  if (signal.aborted) {
    // Who is told to go has not heard all: what is here stays as it is.
    await copy[Symbol.asyncDispose]()
    return refuse('wire.closing')
  }
  if (isEnded(copy, own)) {
    // What is left here may be another history than the one that counts.
    await copy[Symbol.asyncDispose]()
    await putAside(directory, log)
    return accept(undefined)
  }
  const repaired = await repair(ledger, entriesOf(copy), known === undefined ? {} : { known })
  await copy[Symbol.asyncDispose]()
  if (!repaired.ok) return repaired
  const { tip, rows, known: most } = repaired.value
  const isWhole = rows === 'all' && (most?.size ?? 0) <= tip.size
  log.error({ chain, size: tip.size, seen: most?.size, rows, isWhole }, 'mended')
  if (isWhole) {
    await rm(copyOf(directory, chain), { recursive: true })
    return accept(undefined)
  }
  const store = await openStore({ directory: ledger })
  if (!store.ok) return store
  await leave(directory, store.value, log)
  return accept(undefined)
}

/** What a chain says of the mesh is heard by whoever goes on with it. */
const unheard = {
  ...{ amended: () => {}, sealed: () => {}, banned: () => {} },
  ...{ admitted: () => {}, ended: () => {} },
}

interface Copying {
  readonly threads: Threads
  readonly damaged: Damaged
  readonly chain: ChainId
  readonly mesh: Pick<HostedMesh, 'id'>
  readonly others: Others
  /** Whether somebody says that another goes on with it: that may be a lie. */
  readonly isGone: boolean
}

/**
 * A copy of the own chain, as far as somebody has seen what is signed here: checked as that of
 * anybody else. What another signs says nothing of it, unless a seal comes with it.
 */
async function copyUpTo(
  { damaged, threads, chain, mesh, others, isGone }: Copying,
  known: Seen | undefined,
  signal: AbortSignal,
): Promise<Answer<Copy>> {
  const { directory, time, log } = damaged
  const opened = await Copy.open({
    ...{ directory: copyOf(directory, chain), chain, mesh: mesh.id, threads },
    ...{ isFrozen: () => false, ...unheard },
  })
  if (!opened.ok || (known === undefined && !isGone)) return opened
  const copy = opened.value
  const enough = new AbortController()
  const unproven = async () => {}
  const evidence = { heard: unproven, inquire: unproven, doubted: unproven }
  const heard = () => {}
  const early = known === undefined ? [AbortSignal.timeout(limits.answerMs)] : []
  const until = AbortSignal.any([signal, enough.signal, ...early])
  const following = new Following(copy, undefined, { others, evidence, time, log, heard }, until)
  const size = known?.size ?? Number.POSITIVE_INFINITY
  const isEnough = () => copy.trueSize >= size || isEnded(copy, damaged.own)
  const grows = async (from: number) => {
    while (copy.size === from && !isEnough() && !until.aborted) await copy.feed.news(until)
  }
  for (let from = -1; copy.size !== from && !isEnough() && !until.aborted; ) {
    from = copy.size
    await within(time, moreMs, [grows(from)])
  }
  enough.abort()
  await following.ended
  return opened
}

/** Whether a quorum has ended the epoch, and another goes on with the chain. */
function isEnded({ tip }: Copy, own: CoordinatorId): boolean {
  return tip !== undefined && tip.coordinator !== own
}

/** Where the copy of the own chain is while it is mended. */
function copyOf(directory: string, chain: ChainId): string {
  return join(ledgersIn(directory).copies, chain)
}

async function* entriesOf({ feed, trueSize }: Copy): AsyncGenerator<Uint8Array> {
  for await (const page of feed.store.pages(0, trueSize)) {
    if (!page.ok) return
    yield* page.value
  }
}

function highest(seen: readonly Seen[]): Seen | undefined {
  return [...seen].sort((a, b) => b.size - a.size)[0]
}

/** Which mesh it is of, and who is in it, as far as the operator said. */
function placeOf(
  source: Source,
): { readonly mesh: MeshId; readonly members: Invitation['members'] } | undefined {
  if ('members' in source) return source
  if (!('body' in source)) return undefined
  const founded = open(meshDocument, source)
  return founded.ok ? { mesh: meshId(source), members: founded.value.members } : undefined
}
