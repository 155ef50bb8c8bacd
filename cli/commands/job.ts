import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Answer, type CoordinatorId, type Refusal, units, unresolved } from '@nexapod/specs'
import { coordinatorOfEnvironment } from '../config.ts'
import { Bar, columns, type Desk, print, write } from '../desk.ts'
import type { Connection } from '../sdk/connect.ts'
import type { Progress } from '../sdk/progress.ts'
import { draftOf } from '../sdk/publishing.ts'
import type { Verified } from '../sdk/verified.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { connected, type Had, unreadable } from './joined.ts'
import { jobCalled, remember, remembered, short } from './published.ts'
import { watched, whyLines } from './waiting.ts'

type Id = Verified['id']

/** Why a descriptor cannot be read, if so. */
async function noFile(file: string): Promise<Trouble | undefined> {
  const next = 'name the file of a job, as in nexapod job submit job.yaml'
  const missing = await unreadable(file, next)
  if (missing !== undefined || !(await stat(file)).isDirectory()) return missing
  const why = 'it is a directory'
  return { exit: exits.missing, what: `${file} cannot be read.`, why, next }
}

/** Publishes a job. */
export const submit: Verb = async (given, desk) => {
  const [file = ''] = given.words
  const { wait, follow, dryRun, idOnly } = given.options
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const missing = await noFile(file)
  if (missing !== undefined) return missing
  const to = coordinatorOf(connection, given)
  if ('trouble' in to) return to.trouble
  if (dryRun === true) return await prepared(connection, file, given, desk, to.value)
  const published = await connection.publish(file, desk.signal, to.value)
  if (!published.ok) {
    return troubleOf('The job was not taken.', published.refusal, nextFor(published.refusal, file))
  }
  const { id, job, home } = published.value
  await remember(published.value, connection.mesh)
  const count = units(job).count
  if (idOnly === true) await write(desk.stdout, `${id}\n`)
  else desk.stderr.write(`${job.name}: ${count} units were taken; you may go\n`)
  if (follow === true) return await followed(connection, id, given, desk)
  if (wait !== true) {
    if (idOnly === true) return undefined
    desk.stderr.write(`  next  nexapod job show ${short(id)}\n`)
    await print(desk, given.form, { job: id, home, units: count }, [id])
    return undefined
  }
  const ended = await waited(connection, id, desk, job.name)
  if ('trouble' in ended) return ended.trouble
  return await taken(connection, id, given, desk)
}

/** What to type when a job was refused: what is wrong with a file is looked for there. */
function nextFor({ code }: Refusal, file: string): string | undefined {
  return code.startsWith('document.') ? `nexapod job validate ${file}` : undefined
}

/** The coordinator that shall have a job: by the option or the environment; else nobody by name. */
function coordinatorOf(connection: Connection, { options }: Given): Had<CoordinatorId | undefined> {
  const { coordinator: named = coordinatorOfEnvironment } = options
  if (typeof named !== 'string' || named === '') return { value: undefined }
  const value = connection.coordinatorCalled(named)
  if (value !== undefined) return { value }
  const what = `There is no one coordinator ${named}.`
  const why = 'the key of none of the invitation begins so, behind 12D3KooW, in 4 letters or more'
  return { trouble: { exit: exits.usage, what, why, next: 'nexapod coordinator status' } }
}

/** Says what would be published: all of it was made, and nobody was sent it. */
async function prepared(
  connection: Connection,
  file: string,
  { form }: Given,
  desk: Desk,
  to: CoordinatorId | undefined,
): Promise<Trouble | undefined> {
  const made = await connection.prepare(file, desk.signal, to)
  if (!made.ok) {
    return troubleOf('It would not be taken.', made.refusal, nextFor(made.refusal, file))
  }
  const { job, home, taken: cids } = made.value
  const count = units(job).count
  const [unit] = units(job)
  const said = { name: job.name, units: count, home, data: cids, first: unit?.parameters }
  const lines = [`${job.name}: ${count} units, for chain ${home}; nothing was sent`, ...cids]
  await print(desk, form, said, lines)
  return undefined
}

/** Says each time that a job is further, until it has ended. */
async function followed(
  connection: Connection,
  id: Id,
  { form, options }: Given,
  desk: Desk,
): Promise<Trouble | undefined> {
  try {
    for await (const at of watched(connection, id, desk)) {
      if (!at.ok) return troubleOf(`Job ${short(id)} was lost sight of.`, at.refusal)
      if (options.idOnly === true) continue
      const said = { job: id, ...at.value }
      // Documents one after the other: a line for each, and in YAML three hyphens between them.
      if (form === 'json') await write(desk.stdout, `${JSON.stringify(said)}\n`)
      else if (form === 'yaml') await write(desk.stdout, '---\n')
      if (form !== 'json') await print(desk, form, said, [`${short(id)}  ${wordsOf(at)}`])
    }
    return undefined
  } catch (error) {
    if (!desk.signal.aborted) throw error
    return detached(id, desk)
  }
}

/** Reads a descriptor, and looks whether what it names is there. */
export const validate: Verb = async ({ words: [file = ''], form }, desk) => {
  const missing = await noFile(file)
  if (missing !== undefined) return missing
  const found = await draftOf(file)
  if (!found.ok) {
    const next = 'mend it there, and validate it again'
    return troubleOf(`${file} is no job.`, found.refusal, next)
  }
  const { draft, directory } = found.value
  for (const source of unresolved(draft)) {
    if (source.type !== 'path') continue
    const next = `${file} names it: put it there, or mend its path`
    const lacking = await unreadable(resolve(directory, source.path), next)
    if (lacking !== undefined) return lacking
  }
  const { name, executors, sweep } = draft
  await print(desk, form, { name, programs: executors.length, sweep }, [`${name}: it is a job`])
  return undefined
}

/** Jobs that were published from here, and how far they are. */
export const list: Verb = async (given, desk) => {
  const jobs = await remembered()
  if (jobs.length === 0) {
    desk.stderr.write('none was published from here\n  next  nexapod job submit FILE\n')
    await print(desk, given.form, [], [])
    return undefined
  }
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const rows: (Record<string, unknown> & { readonly line: string[] })[] = []
  for (const job of jobs.filter(({ mesh }) => mesh === connection.mesh)) {
    if (job.home !== undefined) connection.learn(job.id, job.home)
    const at = await connection.far(job.id, desk.signal)
    const line = [short(job.id), job.published.slice(0, 16), wordsOf(at), job.name]
    rows.push({ ...job, ...(at.ok ? at.value : { refused: at.refusal.code }), line })
  }
  const lines = columns([['ID', 'PUBLISHED', 'STATE', 'NAME'], ...rows.map(({ line }) => line)])
  await print(
    desk,
    given.form,
    rows.map(({ line: _, ...row }) => row),
    lines,
  )
  return undefined
}

/** How far a job is. */
export const show = aboutJob(async (connection, id, given, desk) => {
  if (given.options.follow === true) return await followed(connection, id, given, desk)
  if (given.options.wait === true) {
    const ended = await waited(connection, id, desk, short(id))
    if ('trouble' in ended) return ended.trouble
  }
  const at = await connection.far(id, desk.signal)
  if (!at.ok) return troubleOf(`Job ${short(id)} cannot be shown.`, at.refusal, 'nexapod job list')
  await print(desk, given.form, { job: id, ...at.value }, [`${id}  ${wordsOf(at)}`])
  return undefined
})

/** Why a job waits, or one of its units. */
export const why = aboutJob(async (connection, id, given, desk) => {
  const [, text] = given.words
  const unit = text === undefined ? undefined : Number(text)
  if (unit !== undefined && !(Number.isSafeInteger(unit) && unit >= 0)) {
    const next = `nexapod job why ${short(id)} 0`
    const reason = 'units are numbered from 0 on'
    return { exit: exits.usage, what: `${text} is no unit.`, why: reason, next }
  }
  const said = await connection.why(id, unit, desk.signal)
  if (!said.ok)
    return troubleOf('That cannot be told.', said.refusal, `nexapod job show ${short(id)}`)
  await print(desk, given.form, { job: id, ...said.value }, whyLines(said.value))
  // Nodes fit the job, and yet they may have a part in each unit of it already.
  if (unit === undefined && said.value.fresh === 0 && (said.value.begun ?? 0) > 0) {
    desk.stderr.write(`each unit has begun\n  next  nexapod job why ${short(id)} UNIT\n`)
  }
  return undefined
})

/** What a job gave. */
export const results = aboutJob(taken)

/** Ends a job. */
export const cancel = aboutJob(async (connection, id, given, desk) => {
  const done = await connection.cancel(id, desk.signal)
  if (!done.ok) return troubleOf(`Job ${short(id)} was not cancelled.`, done.refusal)
  const at = await connection.far(id, desk.signal)
  const said = { job: id, cancelled: true, ...(at.ok ? at.value : {}) }
  await print(desk, given.form, said, [`${id}  cancelled; ${wordsOf(at)}`])
  return undefined
})

/** A verb about the job that its first word names. */
function aboutJob(
  act: (connection: Connection, id: Id, given: Given, desk: Desk) => Promise<Trouble | undefined>,
): Verb {
  return async (given, desk) => {
    const called = await jobCalled(given.words[0] ?? '')
    if ('trouble' in called) return called.trouble
    const had = await connected(given)
    if ('trouble' in had) return had.trouble
    await using connection = had.value
    const { id, home } = called.value
    if (home !== undefined) connection.learn(id, home)
    return await act(connection, id, given, desk)
  }
}

function wordsOf(at: Answer<Progress>): string {
  if (!at.ok) return at.refusal.code
  const { units: all, accepted, dead, ended } = at.value
  const lost = dead > 0 ? `, ${dead} dead` : ''
  const waits = ended === undefined && accepted + dead >= all ? '; ends when audits are over' : ''
  return `${ended === undefined ? 'open' : 'ended'}, ${accepted}/${all} accepted${lost}${waits}`
}

/** Waits for the end of a job. Ctrl-C leaves it to itself, and says how to come back. */
async function waited(
  connection: Connection,
  id: Id,
  desk: Desk,
  name: string,
): Promise<{ readonly ended: Progress } | { readonly trouble: Trouble }> {
  const bar = new Bar(desk, name)
  try {
    for await (const at of watched(connection, id, desk)) {
      if (!at.ok) return { trouble: troubleOf(`Job ${short(id)} was lost sight of.`, at.refusal) }
      const { units: all, accepted, dead, ended } = at.value
      bar.at(accepted + dead, all, dead > 0 ? `, ${dead} dead` : '')
      if (ended !== undefined) return { ended: at.value }
    }
  } catch (error) {
    if (!desk.signal.aborted) throw error
  } finally {
    bar.end()
  }
  return { trouble: detached(id, desk) }
}

/** Leaves a job to itself, and says how to come back. */
function detached(id: Id, desk: Desk): Trouble {
  desk.stderr.write(`detached: the job goes on\n  next  nexapod job show --wait ${short(id)}\n`)
  return { exit: exits.interrupted, what: '', why: '', next: '' }
}

/** Takes the results of a job, and says where they lie. */
async function taken(
  connection: Connection,
  id: Id,
  { options, form }: Given,
  desk: Desk,
): Promise<Trouble | undefined> {
  const to = typeof options.to === 'string' ? options.to : `results-${short(id)}`
  const kept = await connection.results(id, to, desk.signal)
  if (!kept.ok) {
    const waits = kept.refusal.code === 'job.open'
    const next = waits
      ? `nexapod job show --wait ${short(id)}`
      : `nexapod job results ${short(id)} --to ANOTHER`
    return troubleOf(`The results of ${short(id)} were not taken.`, kept.refusal, next)
  }
  const { directory, files, bytes, without, verified } = kept.value
  const { ended, settled, job, read } = verified
  const all = units(job).count
  const size = read.checkpoint.size
  desk.stderr.write(`${settled.length}/${all} units verified in ${size} entries of the chain\n`)
  for (const cid of without) desk.stderr.write(`without ${cid}, which the job was given\n`)
  desk.stderr.write(`  next  nexapod verify ${directory}\n`)
  const counted = { units: all, accepted: settled.length, files, bytes }
  const said = { job: id, ended, ...counted, directory, without }
  if (options.idOnly !== true) await print(desk, form, said, [directory])
  if (ended === 'final') return undefined
  const why = `it ended as ${ended}: ${all - settled.length} of ${all} units have no result`
  const exit = settled.length === 0 ? exits.undecided : exits.failed
  const next = `look at what there is in ${directory}`
  return { exit, what: `Job ${short(id)} is not complete.`, why, next }
}
