import {
  type Answer,
  accept,
  choice,
  digest,
  encode,
  type Infer,
  type JobId,
  jobId,
  limits,
  optional,
  type PublisherId,
  peerId,
  projectName,
  refuse,
  reopen,
  requestDocument,
  struct,
  toJson,
} from '@nexapod/specs'
import type { EntryView } from '../../home/view.ts'
import { done } from '../done.ts'
import type { Ground } from '../ground.ts'
import { chainHere, whyWaits } from '../here.ts'
import { sendProblem } from '../problem.ts'
import { cursor, limit, number, pageOf } from '../query.ts'
import type { JobFound } from '../register/reader.ts'
import { readAnew } from '../register/register.ts'
import { cbor, goneOf, json, nothing, type Route, read, reads, writes } from '../route.ts'
import { shapes } from '../shapes.ts'
import { jobFound, resultOf } from './results.ts'

const tag = 'jobs'
const byJob = struct({ job: digest<JobId>() })
const fromUnit = struct({
  limit,
  cursor: optional(number({ min: 0, max: limits.sweepUnitsMax, about: 'The first unit.' })),
})

const document: Route = {
  ...{ method: 'GET', path: '/api/v1/jobs/{job}/document', tag, cost: 'read', status: 200 },
  about: 'What its publisher signed: in JSON, or as bytes for who accepts application/cbor.',
  ...{ params: byJob, query: nothing },
  gives: { media: json, about: 'The signed job.', json: shapes.SignedJob.json },
  async serve(ground, request, reply) {
    const asked = read(request, byJob, nothing)
    if (!asked.ok) return sendProblem(reply, asked.refusal)
    const id = asked.value.params.job
    const found = await jobFound(ground, id, goneOf(reply))
    if (!found.ok) return sendProblem(reply, found.refusal)
    const here = chainHere(ground.judge, found.value.chain)
    const view = here.ok ? await here.value.entry(found.value.seq) : here
    if (!view.ok) return sendProblem(reply, view.refusal)
    for (const fact of view.value.entry.facts) {
      if (fact.type !== 'job' || jobId(fact.job) !== id) continue
      reply.headers({ 'cache-control': 'no-cache', vary: 'accept, origin', etag: `"${id}"` })
      if (request.headers.accept?.includes(cbor)) {
        return reply.type(cbor).send(Buffer.from(encode(shapes.SignedJob, fact.job)))
      }
      return reply.type(json).send(JSON.stringify(toJson(shapes.SignedJob, fact.job)))
    }
    if (here.ok && here.value.role === 'followed') return sendProblem(reply, readAnew)
    throw new Error(`the entry ${found.value.seq} has no job ${id}`)
  },
}

/** Jobs: publish, look, cancel, and have the results. */
export const jobRoutes: readonly Route[] = [
  writes({
    ...{ path: '/api/v1/jobs', tag, status: 201 },
    about: 'Publishes a job that its publisher signed. The same job again has the same answer.',
    ...{ params: nothing, body: shapes.SignedJob, gives: shapes.Published },
    async act(ground, { body, signal }) {
      const published = await done(ground, { type: 'publish', job: body }, signal)
      if (!published.ok) return published
      const { seq = 0 } = published.value
      const id = jobId(body)
      return accept({ value: { job: id, seq }, headers: { location: `/api/v1/jobs/${id}` } })
    },
  }),
  reads({
    ...{ path: '/api/v1/jobs', tag, about: 'Jobs, the newest first.' },
    params: nothing,
    query: struct({
      ...{ limit, cursor },
      state: optional(choice(['open', 'final', 'dead', 'cancelled'])),
      publisher: optional(peerId<PublisherId>()),
      project: optional(projectName),
    }),
    gives: shapes.JobPage,
    async act({ register }, { query, signal }) {
      const reads = await register.caughtUp(signal)
      if (!reads.ok) return reads
      const { limit: count = limits.pageDefault, cursor: below, ...wanted } = query
      const found = reads.value.jobs(wanted, below ?? Number.MAX_SAFE_INTEGER, count + 1)
      const { items, ...next } = pageOf(found, count, ({ number }) => number)
      return accept({ value: { items: items.map(shownJob), ...next } })
    },
  }),
  reads({
    ...{ path: '/api/v1/jobs/{job}', tag, about: 'A job, how far it is, and why it waits.' },
    ...{ params: byJob, query: nothing, gives: shapes.JobShown },
    async act(ground, { params: { job }, signal }) {
      const found = await jobFound(ground, job, signal)
      if (!found.ok) return found
      const waits = await whyWaits(ground, found.value)
      if (!waits.ok) return waits
      return accept({ value: { ...shownJob(found.value), waits: waits.value } })
    },
  }),
  reads({
    ...{ path: '/api/v1/jobs/{job}/why', tag, about: 'Why nothing of a job is leased.' },
    ...{ params: byJob, query: nothing, gives: shapes.Waits },
    async act(ground, { params: { job }, signal }) {
      const found = await jobFound(ground, job, signal)
      if (!found.ok) return found
      const waits = await whyWaits(ground, found.value)
      return waits.ok ? accept({ value: waits.value }) : waits
    },
  }),
  document,
  reads({
    ...{ path: '/api/v1/jobs/{job}/units', tag, about: 'The units of a job, by their numbers.' },
    ...{ params: byJob, query: fromUnit, gives: shapes.UnitPage },
    async act(ground, { params: { job }, query, signal }) {
      const found = await jobFound(ground, job, signal)
      if (!found.ok) return found
      const { limit: count = limits.pageDefault, cursor: from = 0 } = query
      return await unitPage(ground, found.value, from, count)
    },
  }),
  reads({
    ...{ path: '/api/v1/jobs/{job}/results', tag },
    about: 'What accepted units gave: their outputs with CIDs, and who has them.',
    ...{ params: byJob, query: fromUnit, gives: shapes.ResultPage },
    async act(ground, { params: { job }, query, signal }) {
      const found = await jobFound(ground, job, signal)
      if (!found.ok) return found
      const { limit: count = limits.pageDefault, cursor: from = 0 } = query
      const { reads } = ground.register
      const accepted = reads.accepted(found.value.number, from, count + 1)
      const { items, ...next } = pageOf(accepted, count, ({ unit }) => unit + 1)
      const results: Infer<typeof shapes.ResultPage>['items'][number][] = []
      const read = new Map<number, Answer<EntryView>>()
      for (const one of items) {
        const result = await resultOf(ground, found.value, one, read)
        if (!result.ok) return result
        results.push(result.value)
      }
      return accept({ value: { items: results, ...next } })
    },
  }),
  writes({
    ...{ path: '/api/v1/jobs/{job}/cancel', tag, status: 200 },
    about: 'Cancels a job: a request of its publisher to cancel just this one.',
    ...{ params: byJob, body: shapes.SignedRequest, gives: shapes.Done },
    async act(ground, { params: { job }, body, signal }) {
      const says = reopen(requestDocument, body)
      if (!says.ok) return says
      const { act } = says.value
      if (act.type !== 'cancel' || act.job !== job) {
        return refuse('document.rule', { at: 'body.act', detail: `to cancel the job ${job}` })
      }
      const answer = await done(ground, { type: 'act', request: body }, signal)
      return answer.ok ? accept({ value: answer.value }) : answer
    },
  }),
]

function shownJob({ project, ended, number: _, ...job }: JobFound): Infer<typeof shapes.Job> {
  return {
    ...job,
    ...{ id: job.id as JobId, publisher: job.publisher as PublisherId },
    ...(project === null ? {} : { project }),
    ...(ended === null ? {} : { ended }),
  }
}

/** Units of a job: what the last verdict says, or else what is known of them at the moment. */
async function unitPage({ judge, register }: Ground, job: JobFound, from: number, count: number) {
  const { reads } = register
  // Of a job whose home is elsewhere the entries say what is decided, and no more.
  const live = await judge.chains.of(job.chain)?.view?.units(job.id as JobId, from, count)
  if (live?.ok === false) return live
  if (register.reads !== reads) return { ok: false as const, refusal: readAnew }
  const known = new Map(live?.value.map((unit) => [unit.unit, unit]))
  const decided = new Map(reads.units(job.number, from, count).map((u) => [u.unit, u]))
  const items: Infer<typeof shapes.UnitPage>['items'][number][] = []
  const to = Math.min(job.units, from + count)
  for (let unit = from; unit < to; unit++) {
    const now = known.get(unit)
    const last = decided.get(unit)
    items.push({
      unit,
      state: last?.decided ?? (now === undefined ? 'waiting' : 'open'),
      ...(last === undefined ? {} : { seq: last.seq }),
      ...(now === undefined ? {} : { leased: now.leased, ballots: now.ballots }),
    })
  }
  return accept({ value: { items, ...(to < job.units ? { next: String(to) } : {}) } })
}
