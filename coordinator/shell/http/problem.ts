import {
  blame,
  explain,
  type Infer,
  limits,
  type Refusal,
  refusalOf,
  refusals,
  toJson,
} from '@nexapod/specs'
import type { FastifyReply } from 'fastify'
import { shapes } from './shapes.ts'

/** The type of every answer that is a no. */
export const problemType = 'application/problem+json; charset=utf-8'

/** A refusal on its way out of where only an error can leave. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

/** A refusal as RFC 9457 has it. */
export function problemOf(
  refusal: Refusal,
  instance: string,
  others: readonly Refusal[] = [],
): string {
  const { code } = refusal
  const { http, what, todo } = refusals[code]
  const problem: Infer<typeof shapes.Problem> = {
    type: `/problems/${code}`,
    title: what,
    status: http,
    detail: explain(refusal),
    instance: `urn:uuid:${instance}`,
    ...placed(refusal),
    fault: blame(refusal),
    todo,
    ...(refusal.retryMs === undefined ? {} : { retryMs: refusal.retryMs }),
    ...(others.length > 0 ? { others: others.map(placed) } : {}),
  }
  return JSON.stringify(toJson(shapes.Problem, problem))
}

/** Answers with a refusal. */
export function sendProblem(
  reply: FastifyReply,
  refusal: Refusal,
  others?: readonly Refusal[],
): FastifyReply {
  const { http } = refusals[refusal.code]
  if (http === 401) reply.header('www-authenticate', 'NexapodSignature')
  const { retryMs } = refusal
  if (retryMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryMs / 1000)))
  reply.header('cache-control', 'no-store')
  // What is still on its way is not read.
  if (!reply.request.raw.complete) reply.header('connection', 'close')
  reply.code(http).type(problemType)
  return reply.send(problemOf(refusal, reply.request.id, others))
}

/** What an error of the library is in our words, if it is the fault of who asks. */
export function refusalOfError(error: unknown): Refusal | undefined {
  if (error instanceof Refused) return error.refusal
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refusalOf('bytes.too-large', { detail: `at most ${limits.requestBytesMax} bytes` })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
      return refusalOf('http.media', { at: 'content-type' })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return refusalOf('http.malformed', { at: 'content-length' })
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refusalOf('http.unknown')
    default:
      return undefined
  }
}

function placed({ code, at, detail }: Refusal) {
  return {
    code,
    ...(at === undefined ? {} : { at }),
    ...(detail === undefined ? {} : { expected: detail }),
  }
}
