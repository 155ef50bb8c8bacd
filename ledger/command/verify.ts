import { certificateSchema, type Refusal, refusals } from '@nexapod/specs'
import { codesOf } from '../store/damage.ts'
import type { Given } from './command.ts'
import { rows } from './figures.ts'
import { proven } from './proven.ts'
import { readAtMost, readRoster } from './roster.ts'
import { print, printJson, type Shell, typed } from './shell.ts'
import { exits, type Trouble } from './trouble.ts'

/** Checks a certificate with nothing but the keys of a roster. */
export async function verify(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const [path, rosterPath] = [given.word(0), given.value('roster')]
  if (rosterPath === undefined) {
    const what = 'Without a roster nothing can be checked.'
    const why = 'who must have signed is in the roster, not in the certificate'
    return { exit: exits.usage, what, why, next: rosterFrom(shell) }
  }
  const roster = await here(rosterPath, readRoster)
  if ('exit' in roster) return roster
  if (!roster.ok) {
    const { at, detail } = roster.refusal
    const why = [at, detail].filter((part) => part !== undefined).join(': ')
    const what = `${rosterPath} holds no roster.`
    return { exit: exits.error, what, why, next: rosterFrom(shell), refusal: roster.refusal }
  }
  const file = await here(path, async (name) => await readAtMost(name, certificateSchema.bytesMax))
  if ('exit' in file) return file
  const said = proven(roster.value, file)
  if (!said.ok) return untrue(path, said.refusal, shell)
  if (given.has('json')) await printJson(shell, said.value.json)
  else await print(shell, rows(said.value.rows))
  return undefined
}

/** What is read from a file, or the trouble that it is not there. */
async function here<T>(path: string, read: (path: string) => Promise<T>): Promise<T | Trouble> {
  try {
    return await read(path)
  } catch (error) {
    if (!codesOf(error).includes('ENOENT')) throw error
    const next = ['name a file that is there']
    return { exit: exits.missing, what: `There is no file ${path}.`, why: 'it is not there', next }
  }
}

function rosterFrom(shell: Shell): string[] {
  return [
    'ask somebody you trust, or who has the ledger, for the output of',
    `${shell.name} show DIR --roster`,
  ]
}

function untrue(path: string, refusal: Refusal, shell: Shell): Trouble {
  const { code, at, detail } = refusal
  const where = [at, detail].filter((part) => part !== undefined).join(': ')
  const { what } = refusals[code]
  const next =
    code === 'chain.checkpoint' || code === 'signature.false'
      ? [
          'ask for the certificate again, or for the roster of its mesh:',
          typed(shell, 'show', 'DIR', '--roster'),
        ]
      : ['ask for the certificate again']
  return {
    exit: exits.error,
    what: `${path} proves nothing.`,
    why: `${what} (${[code, where].filter((part) => part !== '').join('; ')})`,
    next,
    refusal,
  }
}
