import {
  type Answer,
  accept,
  decode,
  type Entry,
  entryHash,
  entrySchema,
  toJson,
} from '@nexapod/specs'
import type { Given } from './command.ts'
import { factLine } from './fact-line.ts'
import { bytes as bytesOf, count, instant, rows } from './figures.ts'
import { noNumber, numberOf } from './numbers.ts'
import { reading } from './reading.ts'
import { rosterOf } from './roster.ts'
import { print, printJson, type Shell, typed } from './shell.ts'
import { readStand } from './stand.ts'
import { summarize } from './summary.ts'
import { exits, type Trouble } from './trouble.ts'

/** Shows where a ledger stands, or some of its entries, or its roster. */
export async function show(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const [directory = '', range] = given.words
  if (range !== undefined) return await showEntries(directory, range, given, shell)
  return await reading(directory, shell, { whole: true }, async (store) => {
    if (!given.has('roster')) return await summarize(store, directory, given, shell)
    const stand = await readStand(store, shell)
    if (!stand.ok) return stand
    await printJson(shell, rosterOf(stand.value.governance))
    return accept(undefined)
  })
}

async function showEntries(
  directory: string,
  range: string,
  given: Given,
  shell: Shell,
): Promise<Trouble | undefined> {
  const help = typed(shell, 'show', '--help')
  if (given.has('roster')) {
    const why = 'a roster is that of the whole ledger'
    return { exit: exits.usage, what: `"${range}" does not go with --roster.`, why, next: [help] }
  }
  const [from, to] = rangeOf(range)
  if (from === undefined || to === undefined || to < from) {
    return noNumber(range, 'entry, nor a range as in 10-19', [help])
  }
  return await reading(directory, shell, { whole: false }, async (store) => {
    const last = store.tip.size - 1
    if (to > last) return accept(beyond(directory, from, to, last, shell))
    let seq = from
    for await (const page of store.pages(from, to + 1, shell.signal)) {
      if (!page.ok) return page
      for (const bytes of page.value) {
        const printed = await printEntry(bytes, seq++ === from, given, shell)
        if (!printed.ok) return printed
      }
    }
    return accept(undefined)
  })
}

/** The first and the last entry that are wanted. */
function rangeOf(range: string): [number | undefined, number | undefined] {
  const [from = '', to = from, ...others] = range.split('-')
  return others.length > 0 ? [undefined, undefined] : [numberOf(from), numberOf(to)]
}

function beyond(directory: string, from: number, to: number, last: number, shell: Shell): Trouble {
  const some = from < last ? `${from}-${last}` : String(last)
  return {
    exit: exits.missing,
    what: `There is no entry ${count(to)}.`,
    why: last < 0 ? 'the ledger is empty' : `the last one is ${count(last)}`,
    next: [typed(shell, 'show', directory, ...(last < 0 ? [] : [some]))],
  }
}

async function printEntry(
  bytes: Uint8Array,
  isFirst: boolean,
  given: Given,
  shell: Shell,
): Promise<Answer<undefined>> {
  const read = decode(entrySchema, bytes)
  if (!read.ok) return read
  if (given.has('json')) await printJson(shell, toJson(entrySchema, read.value), 0)
  else await print(shell, `${isFirst ? '' : '\n'}${textOf(read.value, bytes)}`)
  return accept(undefined)
}

/** An entry for people: where it stands, then a line for each fact. */
function textOf(entry: Entry, bytes: Uint8Array): string {
  const { seq, epoch, time, facts } = entry
  const where = `entry ${count(seq)}, epoch ${count(epoch)}`
  const first = `${where}, ${instant(time)}, ${bytesOf(bytes.length)}`
  const lines = facts.map((fact) => [fact.type, factLine(fact)] as const)
  return `${first}\n${rows([['hash', entryHash(bytes)], ...lines], '  ')}`
}
