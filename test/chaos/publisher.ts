/**
 * A process that publishes as long as nobody ends it: `publisher.ts NUMBER INVITATION`. It says
 * what it was told, and never what it believes.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { connect } from '../../cli/index.ts'
import { folder } from '../../examples/build.ts'
import { writtenOf } from '../../examples/job.ts'
import type { Answer, JobId } from '../../specs/index.ts'

import { publisherSeed } from './keys.ts'

/** Publish a job of so many units. */
export interface Order {
  readonly units: number
  readonly points: number
  /** What it may spend, in credits; left out, volunteers compute it. */
  readonly budget?: number
}

/** What a publisher was told. */
export type Heard =
  | { readonly type: 'there' }
  | {
      readonly type: 'published'
      readonly job: JobId
      readonly chain: string
      readonly units: number
      readonly ms: number
    }
  | { readonly type: 'refused'; readonly code: string }
  | {
      readonly type: 'progress'
      readonly job: JobId
      readonly accepted: number
      readonly dead: number
    }
  | {
      readonly type: 'ended'
      readonly job: JobId
      readonly accepted: number
      readonly dead: number
      readonly ms: number
    }

/** Until a publisher gives up a job that nobody has taken. */
const triesMs = 90_000

const [number = '0', invitation = ''] = process.argv.slice(2)
const key = publisherSeed(Number(number))
await using connection = ok(await connect({ invitation, key }))

process.on('message', (order: Order) => {
  publish(order).catch((cause: Error) => {
    say({ type: 'refused', code: cause.name === 'TimeoutError' ? 'timeout' : String(cause) })
  })
})
say({ type: 'there' })
await once(process, 'disconnect')
process.kill(process.pid, 'SIGKILL')

async function publish(order: Order): Promise<void> {
  const from = performance.now()
  const what = { written: written(order), directory: join(folder, 'pi') }
  const published = await connection.publish(what, AbortSignal.timeout(triesMs))
  if (!published.ok) return say({ type: 'refused', code: published.refusal.code })
  const { id: job, home: chain } = published.value
  const { units } = order
  say({ type: 'published', job, chain, units, ms: Math.round(performance.now() - from) })
  for (;;) {
    // Whoever is refused asks again: that a job was taken is a promise.
    for await (const at of connection.follow(job, AbortSignal.timeout(3_600_000))) {
      if (!at.ok) break
      const { accepted, dead, ended } = at.value
      if (ended === undefined) {
        say({ type: 'progress', job, accepted, dead })
        continue
      }
      const ms = Math.round(performance.now() - from)
      return say({ type: 'ended', job, accepted, dead, ms })
    }
    await new Promise((again) => setTimeout(again, 1000))
  }
}

function written({ units, points, budget }: Order): unknown {
  const usual = writtenOf('pi') as { executors: { command: string[] }[]; resources: object }
  usual.executors[0]?.command.push('--points', String(points))
  return {
    ...usual,
    ...(budget === undefined ? {} : { budget }),
    sweep: { seed: { from: 1, to: units } },
    replicas: { quorum: 2, max: 8 },
    // The points take 60 % of that fuel.
    // A lease that a dead node holds ends when its unit would have had to.
    resources: { ...usual.resources, fuel: 100 * points, seconds: 20 },
  }
}

function ok<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`${answer.refusal.code} ${answer.refusal.detail ?? ''}`)
}

function say(heard: Heard): void {
  process.send?.(heard)
}
