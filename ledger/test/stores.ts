import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Answer } from '@nexapod/specs'
import { Chain, type Taken } from '../chain/chain.ts'
import { lookHere, openStore, type Store } from '../store/index.ts'
import { Writer } from './chains.ts'

/** A chain that the stores of the tests hold the beginning of. */
export const writer = new Writer().fill(700)

/** Its entries. */
export const { entries } = writer

/** The same, as a chain takes them: what a store is given. */
export const taken = takenOf(entries)

/** Entries as a chain takes them from its genesis on. */
export function takenOf(all: readonly Uint8Array[]): Taken[] {
  const chain = new Chain()
  return all.map((bytes) => valued(chain.append(bytes)))
}

/** A folder of stores that a test file makes, and takes away at its end. */
export class Places {
  readonly #root = mkdtempSync(join(tmpdir(), 'nexapod-store-'))
  #made = 0

  /** A path where nothing is yet. */
  next(): string {
    return join(this.#root, String(this.#made++))
  }

  /** Takes all of them away. */
  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true })
  }
}

/** The value of an answer that must have one. */
export function valued<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal))
  return answer.value
}

/** What an answer refuses with, or ok. */
export function codeOf(answer: Answer<unknown>): string {
  return answer.ok ? 'ok' : answer.refusal.code
}

/** Opens a store, looking at it in this process: a test has sound files, or is quick to see. */
export async function opened(directory: string): Promise<Store> {
  return valued(await openStore({ directory, look: lookHere }))
}

/** Opens a new store and gives it the first so many entries. */
export async function filled(directory: string, size: number): Promise<Store> {
  const store = await opened(directory)
  await Promise.all(taken.slice(0, size).map((one) => store.append([one])))
  return store
}

/** The entries that a store gives. */
export async function all(store: Store, from?: number, to?: number): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const answer of store.pages(from, to)) found.push(...valued(answer))
  return found
}
