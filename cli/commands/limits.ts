import { askAtDoor } from '@nexapod/node/door'
import { changeLimits, type LimitsStatus, limitsIn, limitsStatus } from '@nexapod/node/limits'
import type { Answer, Refusal } from '@nexapod/specs'
import { columns, type Desk, print } from '../desk.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { directoryOf, limitsPathOf } from './up.ts'

/** What is lent, and where each of it was said. */
export const limits: Verb = async (given, desk) => {
  const running = await atDoor(given, 'limits')
  if (running !== undefined && !running.ok) return wrong(running.refusal)
  const found = await limitsIn(running?.value.path ?? limitsPathOf(given))
  if (!found.ok) return wrong(found.refusal)
  const shown = limitsStatus(found.value, [])
  await print(desk, given.form, shown, linesOf(shown))
  if (running !== undefined && isOther(running.value, shown)) {
    desk.stderr.write('the node that runs has not read the file since it was changed\n')
    desk.stderr.write('  next  nexapod node limits reload\n')
  }
  return undefined
}

/** Says a limit, for the node that runs as well. */
export const set: Verb = async (given, desk) => {
  const [key = '', ...words] = given.words
  return await changed(given, desk, key, words.join(' '))
}

/** Takes back what was said of a limit: it is as usual then. */
export const unset: Verb = async (given, desk) => {
  const [key = ''] = given.words
  return await changed(given, desk, key, undefined)
}

/** Has the node that runs read the file again. */
export const reload: Verb = async (given, desk) => {
  const taken = await atDoor(given, 'reload')
  if (taken === undefined) {
    const why = 'what is in the file holds when it begins'
    const next = 'nexapod node up'
    return { exit: exits.missing, what: 'No node runs here.', why, next }
  }
  if (!taken.ok) return wrong(taken.refusal)
  await print(desk, given.form, taken.value, linesOf(taken.value))
  return undefined
}

async function changed(
  given: Given,
  desk: Desk,
  key: string,
  text: string | undefined,
): Promise<Trouble | undefined> {
  // A node that runs may have been begun with another file.
  const running = await atDoor(given, 'limits')
  if (running !== undefined && !running.ok) return wrong(running.refusal)
  const found = await changeLimits(running?.value.path ?? limitsPathOf(given), key, text)
  if (!found.ok) return wrong(found.refusal)
  const taken = running === undefined ? undefined : await atDoor(given, 'reload')
  if (taken !== undefined && !taken.ok) return wrong(taken.refusal)
  const shown = taken?.value ?? limitsStatus(found.value, [])
  const row = shown.rows.find((one) => one.key.toLowerCase() === key.toLowerCase())
  if (row === undefined) throw new Error(`${key} was changed, and is no limit`)
  const when = whenOf(taken?.value, row.key)
  const says = `${row.key}  ${row.says}${row.from === 'usual' ? ', as usual' : ''}`
  await print(desk, given.form, { ...row, path: shown.path, holds: when }, [says])
  desk.stderr.write(`it holds ${when}\n`)
  return undefined
}

function whenOf(taken: LimitsStatus | undefined, key: string): string {
  if (taken === undefined) return 'when the node begins'
  return taken.later.includes(key) ? 'from the next start of the node on' : 'now'
}

/** Asks the node that runs; undefined where none does. */
async function atDoor(
  given: Given,
  type: 'limits' | 'reload',
): Promise<Answer<LimitsStatus> | undefined> {
  const asked = await askAtDoor(directoryOf(given, 'node'), { type })
  if (asked.ok) return { ok: true, value: asked.value as LimitsStatus }
  return asked.refusal.code === 'node.door' ? undefined : asked
}

function wrong(refusal: Refusal): Trouble {
  const next = 'nexapod node limits shows what there is'
  const trouble = troubleOf('The limits are as they were.', refusal, next)
  return refusal.code.startsWith('document.') ? { ...trouble, exit: exits.usage } : trouble
}

function isOther(running: LimitsStatus, file: LimitsStatus): boolean {
  return JSON.stringify(running.rows) !== JSON.stringify(file.rows)
}

function linesOf({ path, rows }: LimitsStatus): string[] {
  const table = rows.map(({ key, says, from }) => [key, says, from])
  return [...columns([['LIMIT', 'IS', 'FROM'], ...table]), `file  ${path}`]
}
