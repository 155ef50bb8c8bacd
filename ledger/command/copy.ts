import { stat } from 'node:fs/promises'
import { type Answer, accept } from '@nexapod/specs'
import {
  type BuildListening,
  backup as backupStore,
  restore as restoreStore,
  type Tip,
} from '../store/index.ts'
import { Source } from '../store/source.ts'
import type { Given } from './command.ts'
import { noLedgerIn, notEmpty } from './directory.ts'
import { writeEntries } from './entry-file.ts'
import { bytes, count, instant, rows } from './figures.ts'
import { making } from './making.ts'
import { alreadyThere, writeNew } from './new-file.ts'
import { Progress } from './progress.ts'
import { reading } from './reading.ts'
import { refusedBy } from './refused.ts'
import { print, printJson, type Shell, typed } from './shell.ts'
import type { Trouble } from './trouble.ts'

/** Copies a ledger, each entry checked. */
export async function backup(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const [from, to] = [given.word(0), given.word(1)]
  const full = await notEmpty(to)
  if (full) return full
  return await reading(from, shell, { whole: true }, async (store) => {
    const made = await watched(to, shell, store.tip.size, async (listening) => {
      return await backupStore(store, to, listening)
    })
    if (!made.ok) return made
    await say(made.value, to, given, shell)
    return accept(undefined)
  })
}

/** Makes a ledger from a backup, each entry checked. */
export async function restore(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const [from, to] = [given.word(0), given.word(1)]
  const unfit = (await noLedgerIn(from, shell)) ?? (await notEmpty(to))
  if (unfit) return unfit
  const made = await restored(from, to, shell)
  if (!made.ok) {
    shell.signal.throwIfAborted()
    return await refusedBy(made.refusal, from, shell)
  }
  await say(made.value, to, given, shell)
  return undefined
}

async function restored(from: string, to: string, shell: Shell): Promise<Answer<Tip>> {
  const held = await Source.hold(from)
  if (!held.ok) return held
  await using source = held.value
  const readable = await source.readable(shell.signal)
  if (!readable.ok) return readable
  return await watched(to, shell, undefined, async (listening) => {
    return await restoreStore(from, to, listening)
  })
}

/** Makes a store, says how far that is, and leaves nothing behind if it fails. */
async function watched(
  to: string,
  shell: Shell,
  size: number | undefined,
  make: (listening: BuildListening) => Promise<Answer<Tip>>,
): Promise<Answer<Tip>> {
  using progress = new Progress(shell, 'writing')
  const onProgress = (done: number) => progress.reached(done, size)
  return await making(to, async () => await make({ signal: shell.signal, onProgress }))
}

async function say(tip: Tip, to: string, given: Given, shell: Shell): Promise<void> {
  const { chain, size, time, head, root } = tip
  if (given.has('json')) {
    await printJson(shell, { directory: to, chain, size, time, head, root })
    return
  }
  const last = size === 0 ? '' : `, the last of ${instant(time)}`
  await print(
    shell,
    rows([
      ['made', to],
      ['chain', chain],
      ['entries', `${count(size)}${last}`],
      ['head', head],
      ['root', root],
      ['next', typed(shell, 'audit', to)],
    ]),
  )
}

/** Writes all entries of a ledger to one file. */
export async function exportEntries(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const [from, path] = [given.word(0), given.word(1)]
  const there = await alreadyThere(path)
  if (there) return there
  return await reading(from, shell, { whole: true }, async (store) => {
    using progress = new Progress(shell, 'writing')
    const { chain, size, head } = store.tip
    const written = await writeNew(path, async (file) => {
      return await writeEntries(file, store, shell.signal, (done) => progress.reached(done, size))
    })
    if (!written.ok) return written
    const { size: fileBytes } = await stat(path)
    if (given.has('json')) {
      await printJson(shell, { file: path, bytes: fileBytes, chain, size, head })
      return accept(undefined)
    }
    const file = `${path}, ${bytes(fileBytes)}`
    await print(
      shell,
      rows([
        ['written', file],
        ['chain', chain],
        ['entries', count(size)],
        ['head', head],
      ]),
    )
    return accept(undefined)
  })
}
