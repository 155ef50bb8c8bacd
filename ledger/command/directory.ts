import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codesOf } from '../store/damage.ts'
import { found } from '../store/folder.ts'
import { type Shell, typed } from './shell.ts'
import { exits, type Trouble } from './trouble.ts'

/** What is wrong with a directory that should hold a ledger, if it holds none. */
export async function noLedgerIn(directory: string, shell: Shell): Promise<Trouble | undefined> {
  const why = await lackOf(directory)
  if (why === undefined) return undefined
  const below = join(directory, 'ledger')
  // Whoever keeps a coordinator thinks of its directory first.
  const inside = (await isLedger(below)) ? [`name the one in it: ${below}`] : undefined
  const next = inside ?? [
    'name the directory of a ledger, or make one from a backup:',
    typed(shell, 'restore', 'BACKUP', directory),
  ]
  return { exit: exits.missing, what: `There is no ledger in ${directory}.`, why, next }
}

/** What is wrong with a directory that a store should be made in, if it is not empty. */
export async function notEmpty(directory: string): Promise<Trouble | undefined> {
  const names = await namesOf(directory)
  if (names === 'missing' || (names !== 'a file' && (await isUnused(directory)))) return undefined
  const why = names === 'a file' ? 'it is a file' : `there is ${names[0]}`
  const next = ['name a new directory']
  return { exit: exits.error, what: `${directory} is not empty.`, why, next }
}

/** Whether a directory is there, and whatever is in it. */
export async function isThere(directory: string): Promise<boolean> {
  return (await namesOf(directory)) !== 'missing'
}

/** Whether there is a ledger in a directory, or what is left of one. */
export async function isLedger(directory: string): Promise<boolean> {
  return (await lackOf(directory)) === undefined
}

async function lackOf(directory: string): Promise<string | undefined> {
  const names = await namesOf(directory)
  if (names === 'missing') return 'it is not there'
  if (names === 'a file') return 'it is a file'
  if (names.includes('now')) return undefined
  const there = await found(directory)
  if (there.ok) return names.length === 0 ? 'it is empty' : 'nothing was ever written to it'
  return there.refusal.code === 'ledger.damaged' ? undefined : there.refusal.detail
}

async function isUnused(directory: string): Promise<boolean> {
  const there = await found(directory)
  return there.ok && there.value === 'nothing'
}

async function namesOf(directory: string): Promise<readonly string[] | 'missing' | 'a file'> {
  try {
    return await readdir(directory)
  } catch (error) {
    const codes = codesOf(error)
    if (codes.includes('ENOENT')) return 'missing'
    if (codes.includes('ENOTDIR')) return 'a file'
    throw error
  }
}
