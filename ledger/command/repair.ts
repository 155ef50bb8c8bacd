import { realpath } from 'node:fs/promises'
import { type Answer, decode, entrySchema, type Refusal, refusals } from '@nexapod/specs'
import { anchored } from '../store/anchor.ts'
import { codesOf, Damage } from '../store/damage.ts'
import { placesOf } from '../store/folder.ts'
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
  const found = foundOf(answer.value, taken, directory)
  const lack = incomplete(answer.value, directory, shell)
  if (!given.has('json')) await print(shell, rows(tableOf(answer.value, taken, directory, shell)))
  else if (lack === undefined) await printJson(shell, found)
  return lack && { ...lack, found }
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
  const strange = await otherChain(directory, opened, shell)
  if (strange) return strange
  using progress = new Progress(shell, 'writing')
  const onProgress = (size: number) => progress.reached(size)
  return await making(directory, async () => {
    return await repairStore(directory, entriesOf(opened, taken), {
      signal: shell.signal,
      onProgress,
    })
  })
}

/** The trouble with a source of another chain than the one that was here. */
async function otherChain(
  directory: string,
  sources: readonly EntrySource[],
  shell: Shell,
): Promise<Trouble | undefined> {
  const here = await knownChain(directory)
  for (const source of sources) {
    const there = await chainOf(source)
    if (here === undefined || there === undefined || there === here) continue
    const why = `${source.name} is of chain ${there}, ${directory} of chain ${here}`
    return otherHistory(why, [source.name], shell)
  }
  return undefined
}

/** The chain that a store was of, as far as it remembers. */
async function knownChain(directory: string): Promise<string | undefined> {
  try {
    const { tip } = await anchored(placesOf(directory).now)
    return tip.size === 0 ? undefined : tip.chain
  } catch (error) {
    if (error instanceof Damage) return undefined
    throw error
  }
}

async function chainOf({ pages }: EntrySource): Promise<string | undefined> {
  for await (const page of pages(0)) {
    const [first] = page.ok ? page.value : []
    const entry = first && decode(entrySchema, first)
    return entry?.ok ? entry.value.chain : undefined
  }
  return undefined
}

function otherHistory(why: string, names: readonly string[], shell: Shell): Trouble {
  const what = 'The sources have another history: nothing was changed.'
  const shows = names.map((name) => typed(shell, 'show', name))
  const next = ['take sources of the same chain; this shows what they hold:', ...shows]
  return { exit: exits.error, what, why, next }
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
  if (code === 'chain.checkpoint' || last === undefined) {
    const names = taken.map(({ name }) => name)
    return { ...otherHistory(why, names, shell), refusal }
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

function foundOf(repaired: Repaired, taken: readonly Taken[], directory: string) {
  const { tip, quarantine, known, rows: kept } = repaired
  const { chain, size, time, head, root } = tip
  const made = { directory, chain, size, time, head, root, known: known?.size, kept, quarantine }
  return { ...made, taken, left: leftOf(repaired, taken) }
}

/** How many entries were taken from what was left of the old store. */
function leftOf({ tip }: Repaired, taken: readonly Taken[]): number {
  return tip.size - taken.reduce((sum, { entries }) => sum + entries, 0)
}

function tableOf(
  repaired: Repaired,
  taken: readonly Taken[],
  directory: string,
  shell: Shell,
): (readonly [string, string])[] {
  const { tip, quarantine, rows: kept } = repaired
  const { chain, size, time, head, root } = tip
  const left = leftOf(repaired, taken)
  const from = taken.map((one) => `${count(one.entries)} from ${one.name}${endOf(one)}`)
  const all = left > 0 ? [...from, `${count(left)} from what was left in ${directory}`] : from
  const lost = 'some are lost: the coordinator must ask what it has promised'
  return [
    ['made', directory],
    ['chain', chain],
    ['entries', `${count(size)}, the last of ${instant(time)}:`],
    ...all.map((line) => ['', line] as const),
    ['head', head],
    ['root', root],
    ['kept rows', kept === 'all' ? 'all are as they were' : lost],
    ...(quarantine === undefined ? [] : [['damaged', `moved to ${quarantine}`] as const]),
    ['next', typed(shell, 'audit', directory)],
  ]
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
