import { statusOf } from '../here.ts'
import { sendProblem } from '../problem.ts'
import { nothing, type Route } from '../route.ts'

const media = 'text/plain; version=0.0.4; charset=utf-8'

/** What Prometheus asks for. */
export const metricsRoute: Route = {
  ...{ method: 'GET', path: '/metrics', tag: 'status', cost: 'read', status: 200 },
  about: 'Counters and gauges as Prometheus reads them.',
  ...{ params: nothing, query: nothing },
  gives: { media, about: 'The metrics.' },
  async serve({ judge, metrics, streams, uploads }, _, reply) {
    const status = await statusOf(judge)
    if (!status.ok) return sendProblem(reply, status.refusal)
    const more = { streams: streams.size, uploadedBytes: uploads.bytesOf(), forked: judge.forked }
    return reply.type(media).send(metrics.text(status.value, more))
  },
}
