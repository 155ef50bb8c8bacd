import { realpath } from 'node:fs/promises'
import { type Answer, type Refusal, refusals } from '@nexapod/specs'
import { codesOf } from '../store/damage.ts'
import { type Repaired, repair as repairStore } from '../store/index.ts'
import type { Given } from './command.ts'
import { isLedger, notEmpty } from './directory.ts'
import { type EntrySource, openEntrySource } from './entry-source.ts'
import { count, counted, instant, rows } from './figures.ts'
import { making } from './making.ts'
import { Progress } from './progress.ts'
import { aSource, refusedBy } from './refused.ts'
import { print, printJson, type Shell, typed } from './shell.ts'
import { exits, type Trouble } from './trouble.ts'

/** What was taken from a source, and why no more. */
interface Taken {
  readonly name: string
  entries: number
  refusal?: Refusal
}

/** Makes a damaged ledger anew from other copies. */
export async function repair(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const [directory, paths] = [given.word(0), given.values('from')]
  const unfit = await unfitFor(directory, paths, shell)
  if (unfit) return unfit
  const taken: Taken[] = []
  const answer = await repaired(directory, paths, taken, shell)
  if ('exit' in answer) return answer
  if (!answer.ok) {
    shell.signal.throwIfAborted()
    return await notRepaired(answer.refusal, taken, directory, shell)
  }
  await say(answer.value, taken, directory, given, shell)
  return incomplete(answer.value, directory, shell)
}

async function unfitFor(
  directory: string,
  paths: readonly string[],
  shell: Shell,
): Promise<Trouble | undefined> {
  const next = [typed(shell, 'repair', directory, '--from', 'SOURCE'), aSource]
  if (paths.length === 0) {
    const why = 'what is damaged can be taken from a copy alone'
    return { exit: exits.usage, what: 'Without a source nothing can be repaired.', why, next }
  }
  const here = await whereIs(directory)
  for (const path of paths) {
    if ((await whereIs(path)) !== here) continue
    const why = 'what is left in it is taken anyway'
    return { exit: exits.usage, what: `${path} is not repaired from itself.`, why, next }
  }
  return (await isLedger(directory)) ? undefined : await notEmpty(directory)
}

async function whereIs(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (codesOf(error).includes('ENOENT')) return path
    throw error
  }
}

async function repaired(
  directory: string,
  paths: readonly string[],
  taken: Taken[],
  shell: Shell,
): Promise<Answer<Repaired> | Trouble> {
  await using sources = new AsyncDisposableStack()
  const opened: EntrySource[] = []
  for (const path of paths) {
    const source = await openEntrySource(path, shell)
    if ('exit' in source) return source
    opened.push(sources.use(source))
  }
  using progress = new Progress(shell, 'writing')
  const onProgress = (size: number) => progress.reached(size)
  return await making(directory, async () => {
    return await repairStore(directory, entriesOf(opened, taken), {
      signal: shell.signal,
      onProgress,
    })
  })
}

/** The entries of all sources: each goes on where the one before ends. */
async function* entriesOf(
  sources: readonly EntrySource[],
  all: Taken[],
): AsyncGenerator<Uint8Array> {
  let next = 0
  for (const { name, pages } of sources) {
    const taken: Taken = { name, entries: 0 }
    all.push(taken)
    for await (const page of pages(next)) {
      if (!page.ok) taken.refusal = page.refusal
      for (const bytes of page.ok ? page.value : []) {
        yield bytes
        // Who takes entries asks for the next one when this one was right.
        taken.entries++
        next++
      }
    }
  }
}

async function notRepaired(
  refusal: Refusal,
  taken: readonly Taken[],
  directory: string,
  shell: Shell,
): Promise<Trouble> {
  const { code, at, detail } = refusal
  if (code.startsWith('ledger.')) return await refusedBy(refusal, directory, shell)
  const why = [refusals[code].what, at, detail].filter((part) => part !== undefined).join(' ')
  const last = taken.at(-1)
  const names = taken.map(({ name }) => typed(shell, 'show', name))
  if (code === 'chain.checkpoint' || last === undefined) {
    const what = 'The sources have another history: nothing was changed.'
    const next = ['take sources of the same chain; these show what they hold:', ...names]
    return { exit: exits.error, what, why, next, refusal }
  }
  const seq = taken.reduce((sum, { entries }) => sum + entries, 0)
  return {
    exit: exits.error,
    what: `Entry ${count(seq)} of ${last.name} cannot be taken: nothing was changed.`,
    why,
    next: ['leave this source out, or take another in its place'],
    refusal,
  }
}

async function say(
  { tip, quarantine, known, rows: kept }: Repaired,
  taken: readonly Taken[],
  directory: string,
  given: Given,
  shell: Shell,
): Promise<void> {
  const { chain, size, time, head, root } = tip
  const left = size - taken.reduce((sum, { entries }) => sum + entries, 0)
  if (given.has('json')) {
    const found = { chain, size, time, head, root, known: known?.size, kept, quarantine }
    await printJson(shell, { directory, ...found, taken, left })
    return
  }
  const from = taken.map((one) => `${count(one.entries)} from ${one.name}${endOf(one)}`)
  const all = left > 0 ? [...from, `${count(left)} from what was left in ${directory}`] : from
  const lost = 'some are lost: the coordinator must ask what it has promised'
  await print(
    shell,
    rows([
      ['made', directory],
      ['chain', chain],
      ['entries', `${count(size)}, the last of ${instant(time)}:`],
      ...all.map((line) => ['', line] as const),
      ['head', head],
      ['root', root],
      ['kept rows', kept === 'all' ? 'all are as they were' : lost],
      ...(quarantine === undefined ? [] : [['damaged', `moved to ${quarantine}`] as const]),
      ['next', typed(shell, 'audit', directory)],
    ]),
  )
}

function endOf({ refusal }: Taken): string {
  if (refusal === undefined) return ''
  const { code, at, detail } = refusal
  return `, which ends there: ${[code, at, detail].filter((part) => part !== undefined).join(', ')}`
}

/** What was made is sound, but more is known to have been there. */
function incomplete(
  { tip, known }: Repaired,
  directory: string,
  shell: Shell,
): Trouble | undefined {
  if (known === undefined || known.size <= tip.size) return undefined
  const missing = known.size - tip.size
  return {
    exit: exits.error,
    what: `${counted(missing, 'entry is', 'entries are')} still missing.`,
    why: `${count(known.size)} were there or seen; before all are here, nothing is signed`,
    next: [typed(shell, 'repair', directory, '--from', 'SOURCE'), aSource],
  }
}
