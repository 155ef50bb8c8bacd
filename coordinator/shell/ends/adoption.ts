import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cut, openStore, recover, type Store, type Tip } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type ChainId,
  type Code,
  type CoordinatorId,
  decode,
  entrySchema,
  type Invitation,
  type JobId,
  jobId,
  meshDocument,
  meshId,
  open,
  refuse,
  type Seal,
} from '@nexapod/specs'
import type { Begun } from '../../core/begin.ts'
import { rowsFrom } from '../../core/recover.ts'
import type { Named } from '../../core/row.ts'
import { genesisIn } from '../founding.ts'
import type { HomeChain } from '../home/home-ground.ts'
import { type Beginning, begunFrom } from '../home/recovery.ts'
import { givenOf } from '../home/rows.ts'
import type { Log } from '../log.ts'
import { isRemembered } from './begun.ts'
import type { Memory } from './memory.ts'

/** Rows that are written at once. */
const rowsAtOnce = 512

/** Where the ledgers of a coordinator are. */
export function ledgersIn(directory: string) {
  return {
    /** Its own chain. */
    own: join(directory, 'ledger'),
    /** The chains that it goes on with, each with what its home notes. */
    homes: join(directory, 'homes'),
    /** The chains that it follows. */
    copies: join(directory, 'copies'),
    /** What it must not forget, whatever becomes of those. */
    memory: join(directory, 'memory'),
  }
}

/**
 * Puts each ledger where it belongs, by the seals that are known: what was sealed away from here
 * becomes a copy, and what goes on here a home. It is done before any of them is opened, and is
 * the same when it is done again.
 */
export async function arrange(
  directory: string,
  { memory, own, log }: { readonly memory: Memory; readonly own: CoordinatorId; readonly log: Log },
): Promise<Answer<unknown>> {
  const seals = await memory.seals()
  if (!seals.ok) return seals
  const last = new Map<ChainId, Seal>()
  for (const seal of seals.value) {
    if (seal.epoch >= (last.get(seal.chain)?.epoch ?? 0)) last.set(seal.chain, seal)
  }
  const places = ledgersIn(directory)
  const written = [...last].length > 0 ? await chainIn(places.own) : accept(undefined)
  if (!written.ok) return written
  for (const [chain, seal] of last) {
    const { epoch, size, successor } = seal
    const home = join(places.homes, chain)
    const isHome = await isThere(home)
    if (successor === own) {
      const isWritten = await isThere(join(home, 'ledger'))
      if (isWritten || !(await mayBecomeHome(join(places.copies, chain), epoch))) continue
      // Who may have begun it and forgotten that asks the others first, once they can be heard.
      if (!(await isRemembered(memory, seal))) continue
      const moved = await becomeHome(directory, seal)
      // What is not here yet is followed first; another history comes again from the others.
      if (!moved.ok && moved.refusal.code === 'ledger.forked') {
        await comesAgain(join(places.copies, chain))
      } else if (!moved.ok && moved.refusal.code !== 'ledger.behind') return moved
    } else if (isHome || written.value === chain) {
      const to = join(places.copies, chain)
      const from = isHome ? join(home, 'ledger') : places.own
      // The own chain is mended, since what is beside it is nowhere else.
      const again: Code[] = ['ledger.forked', ...(isHome ? ['ledger.damaged' as const] : [])]
      const moved = await becomeCopy({ from, to, again }, seal)
      if (!moved.ok) return moved
      // What it noted was of this chain.
      await rm(isHome ? home : join(directory, 'kept'), { recursive: true, force: true })
      log.info({ chain, epoch, size, successor }, 'its chain goes on elsewhere')
    }
  }
  return accept(undefined)
}

/**
 * The mesh of a coordinator whose own chain goes on elsewhere: it joins that one again, as it is
 * now, however it was founded or joined at first.
 */
export async function meshBefore(
  directory: string,
  { memory, own }: { readonly memory: Memory; readonly own: CoordinatorId },
): Promise<Answer<Invitation | undefined>> {
  const seals = await memory.seals()
  if (!seals.ok) return seals
  for (const { chain } of seals.value.toReversed()) {
    const copy = join(ledgersIn(directory).copies, chain)
    if (!(await isThere(copy))) continue
    const opened = await openStore({ directory: copy })
    // What of a copy is damaged comes again from the others.
    if (!opened.ok && opened.refusal.code === 'ledger.damaged') continue
    if (!opened.ok) return opened
    await using store = opened.value
    const genesis = await genesisIn(store)
    if (!genesis.ok) return genesis
    if (genesis.value?.coordinator !== own) continue
    const ledger = await recover(store)
    if (!ledger.ok) return ledger
    const founded = open(meshDocument, genesis.value.mesh)
    if (!founded.ok) return founded
    const { members = [] } = ledger.value.chain.tip?.governance ?? {}
    return accept({ v: 1, mesh: meshId(genesis.value.mesh), name: founded.value.name, members })
  }
  return accept(undefined)
}

/** The chains that are written here beside the own one. */
export async function homesIn(directory: string): Promise<ChainId[]> {
  const { homes } = ledgersIn(directory)
  const all: ChainId[] = []
  // One without a ledger was about to become a copy, or to be begun.
  for (const chain of await namesIn(homes)) {
    if (await isThere(join(homes, chain, 'ledger'))) all.push(chain as ChainId)
  }
  return all
}

/**
 * Whether a copy can be gone on with behind the seal of this epoch. Of one that is damaged, what
 * is missing is followed first. Where the next epoch has begun, it was a home that was lost: what
 * it lacked might be signed twice, so the others end that epoch, too.
 */
async function mayBecomeHome(copy: string, epoch: number): Promise<boolean> {
  if (!(await isThere(copy))) return false
  const tip = await tipIn(copy)
  return tip.ok ? tip.value.epoch <= epoch : tip.refusal.code !== 'ledger.damaged'
}

/** Makes a home of a copy, which is closed: it has what its seal counts, and no more. */
async function becomeHome(directory: string, seal: Seal): Promise<Answer<unknown>> {
  const { copies, homes } = ledgersIn(directory)
  const copy = join(copies, seal.chain)
  const done = await cutAt(copy, seal)
  if (!done.ok) return done
  const home = join(homes, seal.chain)
  // What it noted when it was a home before.
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  await rename(copy, join(home, 'ledger'))
  return accept(undefined)
}

/** What a chain is begun with that was another's. */
interface Adopting {
  readonly directory: string
  readonly memory: Memory
  readonly beside: Omit<Beginning, 'first' | 'changes'>
}

/** Opens the home of a chain that was sealed to this coordinator, the first time or again. */
export async function adopted(
  { directory, memory, beside }: Adopting,
  chain: ChainId,
): Promise<Answer<HomeChain>> {
  const seals = await memory.seals()
  if (!seals.ok) return seals
  const last = seals.value.findLast((seal) => seal.chain === chain)
  const home = join(ledgersIn(directory).homes, chain)
  if (last !== undefined && !(await isThere(join(home, 'ledger')))) {
    // What was followed meanwhile may have gone on: it is put where it belongs by who begins anew.
    const isOwn = last.successor === beside.signer.id
    const copy = join(ledgersIn(directory).copies, chain)
    if (!isOwn || !(await mayBecomeHome(copy, last.epoch))) return refuse('ledger.sealed')
    const moved = await becomeHome(directory, last)
    if (!moved.ok) return moved
  }
  const opened = await openStore({ directory: join(home, 'ledger'), chain })
  if (!opened.ok) return opened
  const store = opened.value
  const behind = await store.gate.behind()
  const begun =
    behind.ok && behind.value !== undefined
      ? refuse('ledger.behind')
      : await goneOn(store, memory, beside)
  if (begun.ok) return accept({ directory: home, store, begun: begun.value })
  await store[Symbol.asyncDispose]()
  return begun
}

/** Begins the next epoch with its seal, unless it has begun. */
async function goneOn(
  store: Store,
  memory: Memory,
  beside: Adopting['beside'],
): Promise<Answer<Begun>> {
  const { chain, epoch } = store.tip
  const seal = await memory.seal(chain, epoch)
  if (!seal.ok) return seal
  if (seal.value === undefined) return await begunFrom(store, { ...beside, first: undefined })
  const rows = await rowsRegained(store)
  if (!rows.ok) return rows
  // It takes the place of what was signed: should this ledger be lost, the others are asked first.
  const kept = await memory.keepVow(chain, { epoch: epoch + 1 })
  if (!kept.ok) return kept
  return await begunFrom(store, { ...beside, first: { type: 'seal', seal: seal.value } })
}

/** Writes the rows beside an adopted chain that can be had from its entries. */
async function rowsRegained(store: Store): Promise<Answer<unknown>> {
  const rows = new Map<JobId, Named[]>()
  for await (const page of store.pages()) {
    if (!page.ok) return page
    for (const bytes of page.value) {
      const entry = decode(entrySchema, bytes)
      if (!entry.ok) throw new Error('an entry was written and is none')
      for (const fact of entry.value.facts) {
        if (fact.type === 'end') rows.delete(fact.job)
        if (fact.type !== 'job' && fact.type !== 'verdict') continue
        const job = fact.type === 'job' ? jobId(fact.job) : fact.job
        const of = rowsFrom({ ...entry.value, facts: [fact] })
        rows.set(job, [...(rows.get(job) ?? []), ...of])
      }
    }
  }
  const all = [...rows.values()].flat()
  for (let at = 0; at < all.length; at += rowsAtOnce) {
    const given = await store.give(givenOf(all.slice(at, at + rowsAtOnce)))
    if (!given.ok) return given
  }
  return accept(undefined)
}

interface Becoming {
  readonly from: string
  readonly to: string
  /** For what it is thrown away, and comes again from the others. */
  readonly again: readonly Code[]
}

async function becomeCopy({ from, to, again }: Becoming, seal: Seal): Promise<Answer<unknown>> {
  // It was moved before, and the process ended before what it noted was gone.
  if (!(await isThere(from))) return accept(undefined)
  const done = await cutAt(from, seal)
  // What is shorter than the seal follows; another history, or a damaged one, comes again.
  if (!done.ok && again.includes(done.refusal.code)) {
    await rm(from, { recursive: true })
    if (!(await isThere(to))) await comesAgain(to)
    return accept(undefined)
  }
  if (!done.ok && done.refusal.code !== 'ledger.behind') return done
  // What another process copied while it mended this one, and did not get to the end.
  await rm(to, { recursive: true, force: true })
  await mkdir(join(to, '..'), { recursive: true })
  await rename(from, to)
  return accept(undefined)
}

/** An empty copy is followed from its beginning, and its chain is not founded once more. */
async function comesAgain(copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true })
  await mkdir(copy, { recursive: true })
}

/** Leaves what a seal counts, and none of the rows beside it. */
async function cutAt(directory: string, { size, head }: Seal): Promise<Answer<unknown>> {
  const tip = await tipIn(directory)
  if (!tip.ok) return tip
  if (tip.value.size < size) return refuse('ledger.behind', { detail: `${size} entries count` })
  const done = await cut(directory, size, true)
  if (!done.ok || done.value.head === head) return done
  return refuse('ledger.forked', { detail: `another entry was here at ${size}` })
}

async function chainIn(directory: string): Promise<Answer<ChainId | undefined>> {
  if (!(await isThere(directory))) return accept(undefined)
  const tip = await tipIn(directory)
  return tip.ok ? accept(tip.value.size === 0 ? undefined : tip.value.chain) : tip
}

async function tipIn(directory: string): Promise<Answer<Tip>> {
  const opened = await openStore({ directory })
  if (!opened.ok) return opened
  await using store = opened.value
  return accept(store.tip)
}

async function isThere(path: string): Promise<boolean> {
  return (await namesIn(path)).length > 0
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cause
  }
}
