import { existsSync } from 'node:fs'
import { builtWall, writeSnapshot } from '@nexapod/dashboard'
import { nameOf } from '@nexapod/mesh'
import { limits } from '@nexapod/specs'
import { print, write } from '../desk.ts'
import { exits, noApi, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'

/** Files of a snapshot between two words on how far it is. */
const toldEach = 100

/** Writes the wall with all that a coordinator says now: files that need nobody any more. */
export const publish: Verb = async (given, desk) => {
  const [directory = ''] = given.words
  const { http } = given.options
  const next = 'nexapod wall publish DIRECTORY --http http://HOST:PORT'
  const what = 'The wall was not published.'
  const wrong = noApi(http, next)
  if (wrong !== undefined) return wrong
  if (typeof http !== 'string') {
    return { exit: exits.usage, what, why: 'there is no --http with the address of an API', next }
  }
  if (existsSync(directory)) {
    return { exit: exits.usage, what, why: `${directory} is there already`, next }
  }
  const making = {
    ...{ from: http, wall: await builtWall(), signal: desk.signal, now: Date.now() },
    tell: (files: number) => {
      if (files % toldEach === 0) void write(desk.stderr, `${files} answers\n`)
    },
  }
  const made = await writeSnapshot(directory, making)
  if (!made.ok) return { exit: exits.error, what, why: made.why, next }
  const bounds = { bytesMax: limits.storageBytesMax, signal: desk.signal }
  const named = await nameOf(directory, bounds)
  if (!named.ok) return troubleOf('The directory has no CID.', named.refusal)
  const { files: _, ...index } = made.index
  const { cid, bytes } = named.value
  await print(desk, given.form, { cid, path: directory, bytes, ...index }, [
    cid,
    `${directory} has ${index.size} entries of the chain, and ${bytes} bytes in all.`,
    'Any server of files or gateway of IPFS shows it: ipfs add -r --cid-version 1 gives it on.',
  ])
  return undefined
}
