import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, connect } from '../../cli/index.ts'
import { folder } from '../../examples/build.ts'
import { exampleOf, writtenOf } from '../../examples/job.ts'
import { runUnits } from '../../examples/run.ts'
import type { Answer, JobId } from '../../specs/index.ts'

/** A job that was published, ended, and whose results were taken. */
export interface Done {
  readonly id: JobId
  readonly seconds: number
  readonly accepted: number
  /** Whether the output of a drawn unit is what this machine computes. */
  readonly right: boolean
}

/** A process of an honest publisher: one job after the other, until it is told to end. */
const [invitation = '', units = '', points = ''] = process.argv.slice(2)
const count = Number(units)
let isEnough = false
process.once('message', () => {
  isEnough = true
})

const directory = await mkdtemp(join(tmpdir(), 'nexapod-hostile-'))
const publisher = ok(await connect({ invitation, key: new Uint8Array(32).fill(7) }))
for (let i = 0; !isEnough; i++) {
  const begun = performance.now()
  const id = await published(publisher)
  process.send?.({ type: 'published', id })
  for await (const at of publisher.follow(id, AbortSignal.timeout(300_000))) ok(at)
  const seconds = (performance.now() - begun) / 1000
  const results = join(directory, String(i))
  await mkdir(results)
  const { verified } = ok(await publisher.results(id, results, AbortSignal.timeout(60_000)))
  const unit = i % count
  const right = await isRight(join(results, String(unit), '/out/pi.csv'), unit)
  const done: Done = { id, seconds, accepted: verified.settled.length, right }
  process.send?.({ type: 'done', done })
}
await publisher[Symbol.asyncDispose]()
await rm(directory, { recursive: true })
process.disconnect?.()

function ok<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`${answer.refusal.code} ${answer.refusal.detail ?? ''}`)
}

async function published(by: Connection): Promise<JobId> {
  const written = writtenOf('pi') as { executors: { command: string[] }[]; resources: object }
  written.executors[0]?.command.push('--points', points)
  const job = {
    ...written,
    sweep: { seed: { from: 1, to: count } },
    replicas: { quorum: 2, max: 6 },
    resources: { ...written.resources, seconds: 10 },
  }
  const what = { written: job, directory: join(folder, 'pi') }
  return ok(await by.publish(what, AbortSignal.timeout(60_000))).id
}

async function isRight(path: string, unit: number): Promise<boolean> {
  const example = exampleOf('pi', ['--points', points])
  const sweep = [{ type: 'range', name: 'seed', from: 1, step: 1, count, digits: 0 }] as const
  const job = { ...example.job, sweep: [...sweep] }
  const [ran] = await runUnits({ ...example, job }, { cores: 1, numbers: [unit] })
  const file = ran?.outputs.flatMap(({ files }) => files)[0]
  return file !== undefined && (await readFile(path)).equals(file.bytes)
}
