import { stat } from 'node:fs/promises'
import { type Answer, accept } from '@nexapod/specs'
import { codesOf } from '../store/damage.ts'
import { Source } from '../store/source.ts'
import { noLedgerIn } from './directory.ts'
import { entriesOf, isEntryFile } from './entry-file.ts'
import { aSource, refusedBy } from './refused.ts'
import { type Shell, typed } from './shell.ts'
import { exits, type Trouble } from './trouble.ts'

/** Where entries are taken from: another store, or a file. It stays as it is. */
export interface EntrySource extends AsyncDisposable {
  readonly name: string
  /** The entries from one on; a refusal, which is the last answer, says why there are no more. */
  readonly pages: (from: number) => AsyncIterable<Answer<readonly Uint8Array[]>>
}

/** Opens a source by its path. */
export async function openEntrySource(path: string, shell: Shell): Promise<EntrySource | Trouble> {
  if (await isDirectory(path)) return await ofStore(path, shell)
  try {
    if (await isEntryFile(path)) {
      const nothing = async () => {}
      return { name: path, pages: (from) => entriesOf(path, from), [Symbol.asyncDispose]: nothing }
    }
  } catch (error) {
    if (!codesOf(error).includes('ENOENT')) throw error
    const what = `There is no source ${path}.`
    return { exit: exits.missing, what, why: 'it is not there', next: [aSource] }
  }
  const next = [`${aSource}:`, typed(shell, 'export', 'DIR', 'FILE')]
  const why = 'it is a file that export did not write'
  return { exit: exits.error, what: `${path} is no source.`, why, next }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (codesOf(error).includes('ENOENT')) return false
    throw error
  }
}

async function ofStore(path: string, shell: Shell): Promise<EntrySource | Trouble> {
  const missing = await noLedgerIn(path, shell)
  if (missing) return missing
  const held = await Source.hold(path)
  if (!held.ok) return await refusedBy(held.refusal, path, shell)
  const release = new AsyncDisposableStack()
  const source = release.use(held.value)
  const close = { [Symbol.asyncDispose]: async () => await release.disposeAsync() }
  try {
    const readable = await source.readable(shell.signal)
    const opened = readable.ok ? await source.open() : readable
    if (opened.ok) {
      const store = release.use(opened.value)
      const pages = (from: number) => store.pages(from, undefined, shell.signal)
      return { name: path, pages, ...close }
    }
    shell.signal.throwIfAborted()
    if (opened.refusal.code === 'ledger.damaged') {
      // A child gives what is sound before the damage.
      return { name: path, pages: (from) => salvaged(source, from, opened, shell), ...close }
    }
    await release.disposeAsync()
    return await refusedBy(opened.refusal, path, shell)
  } catch (error) {
    await release.disposeAsync()
    throw error
  }
}

async function* salvaged(
  source: Source,
  from: number,
  refused: Answer<never>,
  { signal }: Shell,
): AsyncGenerator<Answer<readonly Uint8Array[]>> {
  yield accept(await source.salvage(from, signal))
  yield refused
}
