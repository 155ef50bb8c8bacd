import { rm } from 'node:fs/promises'
import { type Answer, refuse } from '@nexapod/specs'
import { anchored } from './anchor.ts'
import { Build, type BuildListening } from './build.ts'
import { Damage } from './damage.ts'
import { Disk } from './disk.ts'
import { examine } from './examine.ts'
import {
  cannotWrite,
  copyLevel,
  found,
  isOfMachine,
  locked,
  placesOf,
  replaceNow,
  undoReplacement,
} from './folder.ts'
import { unreadable } from './probed.ts'
import type { Store } from './store.ts'
import type { Tip } from './tip.ts'
import type { KeptChange } from './writes.ts'

/**
 * Copies a store to an empty directory while it is in use: every entry is read, checked and
 * written anew, so that a backup of something damaged is refused rather than made.
 */
export async function backup(
  store: Store,
  to: string,
  listening: BuildListening = {},
): Promise<Answer<Tip>> {
  const held = await store.held()
  if (!held.ok) return held
  const { tip, rows } = held.value
  let refusal: Answer<never> | undefined
  async function* entries(): AsyncGenerator<Uint8Array> {
    for await (const answer of store.pages(0, tip.size, listening.signal)) {
      if (answer.ok) yield* answer.value
      else refusal = answer
    }
  }
  try {
    return await make(to, rows, entries(), () => refusal, listening)
  } catch (error) {
    if (isOfMachine(error)) return cannotWrite(to, error)
    throw error
  }
}

/**
 * Makes a store from a backup, in an empty directory. Its gate signs nothing before the witnesses
 * were asked, and then nothing below what they have seen.
 */
export async function restore(
  from: string,
  to: string,
  listening: BuildListening = {},
): Promise<Answer<Tip>> {
  const there = await found(from)
  if (!there.ok) return there
  if (there.value === 'nothing') return refuse('ledger.unknown', { detail: `no ledger in ${from}` })
  return await lookedInto(from, placesOf(to).scratch, ({ tip, rows, entries }) => {
    return make(to, rows, entries(tip.size), () => undefined, listening)
  })
}

/**
 * Cuts a store that nobody has open back to its first entries, with all of its rows: who follows a
 * chain was sent what its coordinator did not sign. A crash leaves what was there, or what is left.
 * Where another writes it from then on, it is cut bare: its rows go.
 */
export async function cut(directory: string, size: number, bare = false): Promise<Answer<Tip>> {
  const lock = await locked(directory)
  if (!lock.ok) return lock
  await using _ = lock.value
  await undoReplacement(directory)
  const there = await found(directory)
  if (!there.ok) return there
  return await lookedInto(directory, placesOf(directory).scratch, async (sound) => {
    if (size > sound.tip.size) return refuse('ledger.unknown', { detail: `of ${sound.tip.size}` })
    const built = await build(directory, bare ? [] : sound.rows, sound.entries(size))
    if (!built.ok) return built
    const before = await replaceNow(directory)
    if (before !== undefined) await rm(before, { recursive: true })
    return built
  })
}

/** What of a store is sound, for who makes another of it. */
interface Sound {
  readonly tip: Tip
  readonly rows: readonly KeptChange[]
  /** Its entries below a size. */
  entries(size: number): AsyncGenerator<Uint8Array>
}

/** Opens a copy of a store, and does something with what is in it. */
async function lookedInto(
  from: string,
  scratch: string,
  act: (sound: Sound) => Promise<Answer<Tip>>,
): Promise<Answer<Tip>> {
  try {
    await copyLevel(placesOf(from).level, scratch)
    await using disk = await Disk.open(scratch, { passing: true })
    const { tip } = await examine(disk, await anchored(placesOf(from).now), 1)
    const rows: KeptChange[] = []
    for await (const row of disk.kept()) rows.push(row)
    async function* entries(size: number): AsyncGenerator<Uint8Array> {
      for await (const page of disk.pages(0, size)) yield* page.entries
    }
    return await act({ tip, rows, entries })
  } catch (error) {
    if (error instanceof Damage) return error.refused()
    if (isOfMachine(error)) return cannotWrite(scratch, error)
    return unreadable(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function make(
  to: string,
  rows: readonly KeptChange[],
  entries: AsyncIterable<Uint8Array>,
  refused: () => Answer<never> | undefined,
  listening: BuildListening,
): Promise<Answer<Tip>> {
  const lock = await locked(to)
  if (!lock.ok) return lock
  await using _ = lock.value
  const there = await found(to)
  if (!there.ok) return there
  if (there.value === 'store') return refuse('ledger.other', { detail: `${to} holds one already` })
  const built = await build(to, rows, entries, listening, refused)
  if (!built.ok) return built
  await replaceNow(to)
  return built
}

/** Makes a store in the place of the next one of a directory. */
async function build(
  directory: string,
  rows: readonly KeptChange[],
  entries: AsyncIterable<Uint8Array>,
  listening: BuildListening = {},
  refused: () => Answer<never> | undefined = () => undefined,
): Promise<Answer<Tip>> {
  await using build = await Build.begin(directory)
  const taken = await build.take(entries, listening)
  return refused() ?? (taken.ok ? await build.keep(rows) : taken)
}
