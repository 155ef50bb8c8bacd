import { join } from 'node:path'
import { type Answer, accept, type Refusal, refusals } from '@nexapod/specs'
import { placesOf } from '../store/folder.ts'
import { Source } from '../store/source.ts'
import { type Shell, typed } from './shell.ts'
import { type BadPlace, exits, type Trouble } from './trouble.ts'

/** What a source of a repair can be. */
export const aSource = 'SOURCE is a backup, a follower, or a file that export wrote'

/** What a refusal of a store means for whoever typed a command about it. */
export async function refusedBy(
  refusal: Refusal,
  directory: string,
  shell: Shell,
): Promise<Trouble> {
  const { code, at, detail } = refusal
  const { what, todo } = refusals[code]
  const said = [at, detail].filter((part) => part !== undefined).join(': ') || 'it says no more'
  const { scratch, level } = placesOf(directory)
  // What LevelDB says of a copy is true of what was copied.
  const why = said.replaceAll(join(scratch, 'scratch'), level).replaceAll(scratch, level)
  const mend = [typed(shell, 'repair', directory, '--from', 'SOURCE'), aSource]
  const trouble: Trouble = { exit: exits.error, what, why, next: [todo], refusal }
  switch (code) {
    case 'ledger.damaged':
      return {
        ...trouble,
        why: at === 'damaged' ? (detail ?? why) : why,
        where: await badPlace(refusal, directory),
        next: mend,
      }
    case 'ledger.locked':
      return {
        ...trouble,
        why: `a coordinator, or another command, is at work in ${detail ?? directory}`,
        next: ['stop it, then type the same again; or name a backup in its place'],
      }
    case 'ledger.version':
      return /"nexapod ledger \d+\\n"$/.test(why) ? trouble : { ...trouble, next: mend }
    case 'ledger.unknown':
      return { ...trouble, exit: exits.missing, next: [typed(shell, 'show', directory)] }
    case 'ledger.stopped':
      return { ...trouble, next: ['see that you may write there, and that the disk has room'] }
    default:
      return trouble
  }
}

/** Where the first bytes of a store are that are wrong, or why no place is known. */
export async function badPlace(
  { code, at, detail = '' }: Refusal,
  directory: string,
): Promise<BadPlace | string> {
  const looked = await badPlaceIn(directory)
  if (!looked.ok) return 'nobody could look'
  if (looked.value !== undefined) return looked.value
  const anchor = join(placesOf(directory).now, 'anchor')
  if (at === 'anchor') return { file: anchor, from: 0, to: 0, found: detail }
  if (code !== 'ledger.damaged') return "all of LevelDB's own checksums hold: it was written so"
  return "all of LevelDB's own checksums hold: the bytes were written so, or files were exchanged"
}

/** Where the first bytes of a store are that are wrong by LevelDB's own checksums. */
export async function badPlaceIn(directory: string): Promise<Answer<BadPlace | undefined>> {
  const held = await Source.hold(directory)
  if (!held.ok) return held
  await using source = held.value
  const bad = await source.firstBad()
  return accept(bad && { ...bad, file: join(placesOf(directory).level, bad.file) })
}
