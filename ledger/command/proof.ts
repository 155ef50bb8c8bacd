import {
  type Answer,
  accept,
  digestText,
  leafHash,
  refuse,
  rootOfPath,
  toHex,
} from '@nexapod/specs'
import type { Store } from '../store/index.ts'
import type { Given } from './command.ts'
import { noNumber, numberOf } from './numbers.ts'
import { reading } from './reading.ts'
import { printJson, type Shell, typed } from './shell.ts'
import { exits, type Trouble } from './trouble.ts'

/** Proves that an entry is in a ledger, or that the ledger at a size is the beginning of it. */
export async function proof(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const [directory = '', word] = given.words
  const from = given.value('from')
  const help = typed(shell, 'proof', '--help')
  if ((word === undefined) === (from === undefined)) {
    const what = 'Either an entry is proven, or the growth from a size.'
    const why = word === undefined ? 'neither SEQ nor --from is there' : 'both are there'
    return { exit: exits.usage, what, why, next: [help] }
  }
  const typedNumbers = [word, from, given.value('size')].filter((one) => one !== undefined)
  const wrong = typedNumbers.find((one) => numberOf(one) === undefined)
  if (wrong !== undefined) return noNumber(wrong, 'number of entries', [help])
  return await reading(directory, shell, { whole: false }, async (store) => {
    const size = numberOf(given.value('size') ?? '') ?? store.tip.size
    const made =
      word === undefined
        ? await consistency(store, numberOf(from ?? '') ?? 0, size)
        : await inclusion(store, numberOf(word) ?? 0, size)
    if (!made.ok) return made
    await printJson(shell, made.value)
    return accept(undefined)
  })
}

async function inclusion(store: Store, seq: number, size: number): Promise<Answer<object>> {
  const path = await store.inclusion(seq, size)
  if (!path.ok) return path
  const entry = await store.entry(seq)
  if (!entry.ok) return entry
  const leaf = leafHash(entry.value)
  const root = rootOfPath(leaf, seq, size, path.value)
  if (root === undefined) return refuse('proof.false', { detail: `entry ${seq} of ${size}` })
  const { chain } = store.tip
  const hashes = path.value.map(toHex)
  return accept({ chain, seq, size, leaf: toHex(leaf), root: digestText(root), path: hashes })
}

async function consistency(store: Store, from: number, size: number): Promise<Answer<object>> {
  const path = await store.consistency(from, size)
  if (!path.ok) return path
  const [before, after] = [await rootAt(store, from), await rootAt(store, size)]
  if (!before.ok) return before
  if (!after.ok) return after
  const { chain } = store.tip
  const hashes = path.value.map(toHex)
  return accept({ chain, from, size, fromRoot: before.value, root: after.value, path: hashes })
}

/** The root of the chain at a size, by way of its last entry. */
async function rootAt(store: Store, size: number): Promise<Answer<string>> {
  const [path, last] = [await store.inclusion(size - 1, size), await store.entry(size - 1)]
  if (!path.ok) return path
  if (!last.ok) return last
  const root = rootOfPath(leafHash(last.value), size - 1, size, path.value)
  if (root === undefined) return refuse('proof.false', { detail: `the root at ${size}` })
  return accept(digestText(root))
}
