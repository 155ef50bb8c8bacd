import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fromJson, refusalSchema } from '@nexapod/specs'
import { columns, type Desk, print } from '../desk.ts'
import type { Named } from '../sdk/connect.ts'
import { exits, noApi, type Trouble, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { connected, type Had, unreadable } from './joined.ts'

/** Gives files to a coordinator; what it calls them is held against what they are called here. */
export const add: Verb = async (given, desk) => {
  const { http, dryRun } = given.options
  const next = 'nexapod data add --http http://HOST:PORT PATH'
  if (typeof http !== 'string' && dryRun !== true) {
    const why = 'there is neither --http nor --dry-run'
    return { exit: exits.usage, what: 'Nobody was named to take it.', why, next }
  }
  const wrong = noApi(http, next)
  if (wrong !== undefined) return wrong
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const added: (Named & { readonly path: string; readonly until?: number })[] = []
  for (const path of given.words) {
    const missing = await unreadable(path, 'name a file, or a directory with --dry-run')
    if (missing !== undefined) return missing
    const named = await connection.name(path, desk.signal)
    if (!named.ok) return troubleOf(`${path} cannot be taken.`, named.refusal)
    if (typeof http !== 'string' || dryRun === true) {
      added.push({ path, ...named.value })
      continue
    }
    const kept = await uploaded(path, named.value, http, desk)
    if ('trouble' in kept) return kept.trouble
    added.push({ path, ...named.value, until: kept.value })
  }
  await print(desk, given.form, added, columns(added.map(({ cid, path }) => [cid, path])))
  return undefined
}

/** Uploads a file; gives until when it is kept without a job that needs it. */
async function uploaded(
  path: string,
  { cid }: Named,
  to: string,
  desk: Desk,
): Promise<Had<number>> {
  const what = `${path} was not taken.`
  if ((await stat(path)).isDirectory()) {
    const why = 'a directory comes with the job that names it'
    const next = `write ./${path} as a source into job.yaml`
    return { trouble: { exit: exits.usage, what, why, next } }
  }
  const answer = await post(new URL('/api/v1/data', to), await openAsBlob(path), desk)
  const next = 'see whether its coordinator was begun with --http'
  if (answer instanceof Error) {
    const why = answer.cause instanceof Error ? answer.cause.message : answer.message
    return { trouble: { exit: exits.error, what, why, next } }
  }
  if (!answer.headers.get('content-type')?.includes('json')) {
    const why = `what answered at ${to} is no coordinator: status ${answer.status}, and no JSON`
    return { trouble: { exit: exits.error, what, why, next } }
  }
  const said = (await answer.json()) as Readonly<Record<string, unknown>>
  if (!answer.ok) return { trouble: troubleIn(what, said) }
  if (said.cid === cid) return { value: Number(said.until) }
  const why = `it is ${cid}, and was called ${said.cid} there`
  return { trouble: { exit: exits.error, what, why, next: 'try another coordinator' } }
}

async function post(url: URL, body: Blob, { signal }: Desk): Promise<Response | Error> {
  const headers = { 'content-type': 'application/octet-stream' }
  return await fetch(url, { method: 'POST', headers, body, signal }).catch((cause: Error) => {
    signal.throwIfAborted()
    return cause
  })
}

/** What a coordinator says against it, as problem+json. */
function troubleIn(
  what: string,
  { code, title, todo }: Readonly<Record<string, unknown>>,
): Trouble {
  const refusal = fromJson(refusalSchema, { code })
  if (refusal.ok) return troubleOf(what, refusal.value)
  return { exit: exits.error, what, why: String(title), next: String(todo) }
}
