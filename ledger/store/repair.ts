import {
  type Answer,
  accept,
  checkpointDocument,
  decode,
  digestBytes,
  open,
  refuse,
  signedSchema,
} from '@nexapod/specs'
import { type Anchored, anchored } from './anchor.ts'
import { Build, type BuildListening } from './build.ts'
import { Damage } from './damage.ts'
import {
  cannotWrite,
  isOfMachine,
  locked,
  namesIn,
  placesOf,
  replaceNow,
  undoReplacement,
} from './folder.ts'
import { ownSeen, ownSeenRow, type Seen } from './gate.ts'
import { lookInChild } from './in-child.ts'
import { checkOf, equal, keptKinds } from './row.ts'
import type { Look, Salvage, SalvagedRow } from './task.ts'
import { summed, type Tip } from './tip.ts'

/** What a repair made, and what it could not save. */
export interface Repaired {
  readonly tip: Tip
  /** Where the damaged store is now, if there was one. */
  readonly quarantine: string | undefined
  /** The most that is known to have been here or seen: below it nothing is signed. */
  readonly known: Seen | undefined
  /** Whether every kept row was saved: if not, the coordinator must ask what it has promised. */
  readonly rows: 'all' | 'some'
}

/** How a repair is watched, and what is known of the chain from elsewhere. */
export interface RepairOptions extends BuildListening {
  /** The highest checkpoint that others have cosigned, as opened. */
  readonly known?: Seen
  /** Looks through the old store: in a child, unless this process is one itself. */
  readonly look?: Look
}

/**
 * Makes a store anew from the entries of a follower or a file, then from what is left of the old
 * one, which goes into quarantine. A source with another history is refused, and nothing changes.
 */
export async function repair(
  directory: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: RepairOptions = {},
): Promise<Answer<Repaired>> {
  const lock = await locked(directory)
  if (!lock.ok) return lock
  await using _ = lock.value
  try {
    return await repaired(directory, source, options)
  } catch (error) {
    if (error instanceof Damage) return error.refused()
    if (isOfMachine(error)) return cannotWrite(directory, error)
    throw error
  }
}

async function repaired(
  directory: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { known, signal, onProgress, look = lookInChild }: RepairOptions,
): Promise<Answer<Repaired>> {
  const listening = { signal, onProgress }
  await undoReplacement(directory)
  const anchor = await lastAnchored(directory)
  let most: Seen | undefined
  let rows: Repaired['rows']
  let tip: Tip
  {
    await using build = await Build.begin(directory)
    const taken = await build.take(source, listening)
    if (!taken.ok) return taken
    const { size, chain } = build.tip
    if (anchor && size > 0 && anchor.tip.size > 0 && anchor.tip.chain !== chain) {
      return refuse('ledger.other', { detail: `here was the chain ${anchor.tip.chain}` })
    }
    const salvage = await salvageOf(directory, size, look, signal)
    const left = await build.take(salvage.entries, listening)
    if (!left.ok && build.tip.size === size) {
      const detail = `what is left here does not follow at ${size}; this is another history`
      return refuse('chain.checkpoint', { detail })
    }
    const seen = [known, anchor?.tip, ...seenIn(salvage)].filter((one) => one !== undefined)
    for (const one of seen) {
      if (one.size === 0 || one.size > build.tip.size) continue
      if (equal(await build.headAt(one.size), digestBytes(one.head))) continue
      const detail = `another entry is known at ${one.size}; this is another history`
      return refuse('chain.checkpoint', { detail })
    }
    most = highest(seen)
    const own = most ? [ownSeenRow(most)] : []
    const kept = await build.keep([...salvage.kept, ...own])
    if (!kept.ok) return kept
    const sum = salvage.kept.reduce<Uint8Array>(
      (all, { key, value }) => summed(all, checkOf(key, value)),
      new Uint8Array(32),
    )
    rows = anchor !== undefined && equal(sum, anchor.tip.kept) ? 'all' : 'some'
    tip = build.tip
  }
  const quarantine = await replaceNow(directory)
  return accept({ tip, quarantine, known: most, rows })
}

function highest(all: readonly Seen[]): Seen | undefined {
  const [first, ...others] = all.filter(({ size }) => size > 0)
  if (first === undefined) return undefined
  const { epoch, size, head, root } = others.reduce((a, b) => (a.size >= b.size ? a : b), first)
  return { epoch, size, head, root }
}

/** What was acknowledged last in a directory, if that can still be read. */
export async function anchorOf(directory: string): Promise<Tip | undefined> {
  return (await lastAnchored(directory))?.tip
}

async function lastAnchored(directory: string): Promise<Anchored | undefined> {
  try {
    return await anchored(placesOf(directory).now)
  } catch (error) {
    if (error instanceof Damage) return undefined
    throw error
  }
}

/** What is left of the old store: a child that dies of it has given what it found before. */
async function salvageOf(
  directory: string,
  size: number,
  look: Look,
  signal: AbortSignal | undefined,
): Promise<Salvage> {
  const { now, scratch } = placesOf(directory)
  const kept: SalvagedRow[] = []
  const entries: Uint8Array[] = []
  if (!(await namesIn(now)).includes('level')) return { kept, entries }
  await look(
    { task: 'salvage', directory, scratch, size },
    {
      signal,
      onSalvage: (some) => {
        kept.push(...some.kept)
        entries.push(...some.entries)
      },
    },
  )
  return { kept, entries }
}

/** What the kept rows say was signed here, or seen of this chain by others. */
function seenIn({ kept }: Salvage): Seen[] {
  const schema = signedSchema(checkpointDocument)
  return kept.flatMap(({ key, value }) => {
    if (key[1] === keptKinds.seen) {
      const seen = ownSeen(key, value)
      return seen ? [seen] : []
    }
    if (key[1] !== keptKinds.checkpoint) return []
    const signed = decode(schema, value)
    const opened = signed.ok ? open(checkpointDocument, signed.value) : signed
    return opened.ok ? [opened.value] : []
  })
}
