import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChainId, JobId } from '@nexapod/specs'
import { places } from '../config.ts'
import type { Published } from '../sdk/publishing.ts'
import { exits } from '../trouble.ts'
import type { Had } from './joined.ts'

/** A job that was published from here. */
export interface Remembered {
  readonly id: JobId
  readonly name: string
  readonly published: string
  readonly mesh: string
  /** The chain that it is on: whoever writes that is asked about it. */
  readonly home?: ChainId
}

/** Letters of an id that people are shown; as many as they may type. */
const shownLetters = 12
const leastLetters = 4

/** An id as people read it. */
export function short(id: string): string {
  return id.slice(0, shownLetters)
}

/** Remembers a job, so that it can be called by the beginning of its id. */
export async function remember({ id, job, home }: Published, mesh: string): Promise<void> {
  await mkdir(places.jobs, { recursive: true })
  const published = new Date(job.issued).toISOString()
  const said: Remembered = { id, name: job.name, published, mesh, home }
  await writeFile(join(places.jobs, `${id}.json`), `${JSON.stringify(said, null, 2)}\n`)
}

/** All jobs that were published from here, the oldest first. */
export async function remembered(): Promise<Remembered[]> {
  await mkdir(places.jobs, { recursive: true })
  const files = (await readdir(places.jobs)).filter((name) => name.endsWith('.json'))
  const jobs = await Promise.all(
    files.map(async (name): Promise<Remembered> => {
      return JSON.parse(await readFile(join(places.jobs, name), 'utf8'))
    }),
  )
  return jobs.sort((a, b) => a.published.localeCompare(b.published))
}

/** A job that was named, and its home, if it was published from here. */
export type Called = Pick<Remembered, 'id' | 'home'>

/** The job that is meant by an id, or by its beginning. */
export async function jobCalled(text: string): Promise<Had<Called>> {
  const found = (await remembered()).filter(({ id }) => id.startsWith(text))
  const [only] = found
  if (only !== undefined && found.length === 1 && text.length >= leastLetters) {
    return { value: only }
  }
  if (/^[0-9a-f]{64}$/.test(text)) return { value: { id: text as JobId } }
  const why =
    found.length > 1
      ? `${found.length} begin with it`
      : `none that was published from here begins with it, in ${leastLetters} letters or more`
  const what = `There is no one job ${text}.`
  return { trouble: { exit: exits.missing, what, why, next: 'nexapod job list' } }
}
