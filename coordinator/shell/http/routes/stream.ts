import { Readable } from 'node:stream'
import { limits, optional, refusalOf, struct } from '@nexapod/specs'
import type { FastifyRequest } from 'fastify'
import { addressOf } from '../address.ts'
import { chainNow, ofChain } from '../here.ts'
import { sendProblem } from '../problem.ts'
import { number } from '../query.ts'
import { goneOf, nothing, type Route, read } from '../route.ts'

const query = struct({
  ...ofChain,
  from: optional(
    number({ min: 0, max: limits.entriesMax - 1, about: 'The first entry; else those to come.' }),
  ),
})

const eventStream = 'text/event-stream; charset=utf-8'

/** Entries as they come, as server-sent events. */
export const streamRoute: Route = {
  ...{ method: 'GET', path: '/api/v1/ledger/stream', tag: 'ledger', cost: 'read', status: 200 },
  about:
    'Entries as they come, each an event whose id is its number. Who comes back with \
Last-Event-ID goes on behind that one.',
  ...{ params: nothing, query },
  gives: { media: eventStream, about: 'Events of the type entry, with an Entry as data.' },
  async serve(ground, request, reply) {
    const asked = read(request, nothing, query)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const last = lastEventOf(request)
    if (last === 'none') {
      const refusal = refusalOf('document.form', { at: 'last-event-id', detail: 'a number' })
      return sendProblem(reply, refusal)
    }
    const now = await chainNow(ground.judge, asked.value.query.chain)
    if (!now.ok) return sendProblem(reply, now.refusal)
    const { here, size } = now.value
    const from = last === undefined ? (asked.value.query.from ?? size) : last + 1
    if (from > size) {
      const detail = `entry ${from} of ${size}`
      return sendProblem(reply, refusalOf('ledger.unknown', { at: 'from', detail }))
    }
    const signal = goneOf(reply)
    if (!ground.streams.enterUntil(addressOf(request.ip), signal)) {
      return sendProblem(reply, refusalOf('wire.full', { retryMs: limits.httpBeatMs }))
    }
    reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    const events = ground.reels.events(here.chain, from, signal)
    return reply.type(eventStream).send(Readable.from(events, { objectMode: false }))
  },
}

function lastEventOf({ headers }: FastifyRequest): number | undefined | 'none' {
  const last = headers['last-event-id']
  if (last === undefined || last === '') return undefined
  const isNumber = typeof last === 'string' && /^(0|[1-9][0-9]{0,15})$/.test(last)
  return isNumber ? Number(last) : 'none'
}
