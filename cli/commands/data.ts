import { type Cid, cidBytes } from '@nexapod/specs'
import { print } from '../desk.ts'
import { exits, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { connected } from './joined.ts'

/** Fetches a file or directory. */
export const get: Verb = async (given, desk) => {
  const [cid = ''] = given.words
  if (cidBytes(cid) === undefined) {
    const why = 'a CID begins with bafy or bafk'
    const next = 'nexapod data get CID'
    return { exit: exits.usage, what: `${cid} is no CID.`, why, next }
  }
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const to = typeof given.options.to === 'string' ? given.options.to : cid
  const got = await connection.get(cid as Cid, to, desk.signal)
  if (!got.ok) return troubleOf(`${cid} was not fetched.`, got.refusal)
  await print(desk, given.form, { cid, path: to, bytes: got.value }, [to])
  return undefined
}
