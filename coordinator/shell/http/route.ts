import { createHash } from 'node:crypto'
import {
  type Answer,
  accept,
  decode,
  fromJson,
  type JsonSchema,
  refuse,
  type Schema,
  struct,
  toJson,
} from '@nexapod/specs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ground } from './ground.ts'
import { sendProblem } from './problem.ts'

/** What a request costs, which says how many of them an address may make. */
export type Cost = 'read' | 'write'

/** What a route answers: as JSON of a shape, or as something else. */
type Gives = { readonly media: string; readonly about: string; readonly json?: JsonSchema }

/** One address of the API: what OpenAPI says of it, and how it is answered. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** With parameters in braces. */
  readonly path: string
  readonly tag: string
  readonly about: string
  readonly cost: Cost
  readonly status: number
  readonly params: Schema<unknown>
  readonly query: Schema<unknown>
  /** The body as JSON, and the types that it may have. */
  readonly body?: { readonly json: JsonSchema; readonly media: readonly string[] }
  readonly gives: Gives
  serve(ground: Ground, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
}

/** An answer, and what goes with it. */
export interface Said<T> {
  readonly value: T
  readonly headers?: Readonly<Record<string, string>>
}

/** What was asked, read by the schemas of its route. */
export interface Asked<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  /** Whoever asked has gone. */
  readonly signal: AbortSignal
}

type Head = Pick<Route, 'path' | 'tag' | 'about'>

/** A question that is answered with JSON of a shape. */
export function reads<P, Q, G>(
  head: Head & {
    readonly params: Schema<P>
    readonly query: Schema<Q>
    readonly gives: Schema<G>
    act(ground: Ground, asked: Asked<P, Q, undefined>): Promise<Answer<Said<G>>>
  },
): Route {
  const { params, query, gives, act } = head
  return {
    ...{ path: head.path, tag: head.tag, about: head.about, params, query },
    ...{ method: 'GET', cost: 'read', status: 200 },
    gives: { media: json, about: 'What was asked for.', json: gives.json },
    async serve(ground, request, reply) {
      const asked = read(request, params, query)
      if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
      const signal = goneOf(reply)
      const said = await act(ground, { ...asked.value, body: undefined, signal })
      if (!said.ok) return sendProblem(reply, said.refusal, said.others)
      const text = JSON.stringify(toJson(gives, said.value.value))
      const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
      reply.headers({ etag, 'cache-control': 'no-cache', ...said.value.headers })
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type(json).send(text)
    },
  }
}

/** Something to be done that is said in a signed document, as bytes or in JSON. */
export function writes<P, B, G>(
  head: Head & {
    readonly params: Schema<P>
    readonly body: Schema<B>
    readonly gives: Schema<G>
    readonly status: number
    act(ground: Ground, asked: Asked<P, unknown, B>): Promise<Answer<Said<G>>>
  },
): Route {
  const { params, body, gives, status, act } = head
  return {
    ...{ path: head.path, tag: head.tag, about: head.about, params, query: nothing, status },
    ...{ method: 'POST', cost: 'write' },
    body: { json: body.json, media: [json, cbor] },
    gives: { media: json, about: 'It is done, and on the disk.', json: gives.json },
    async serve(ground, request, reply) {
      const asked = read(request, params, nothing)
      if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
      const document = bodyOf(request, body)
      if (!document.ok) return sendProblem(reply, document.refusal, document.others)
      const signal = goneOf(reply)
      const said = await act(ground, { ...asked.value, body: document.value, signal })
      if (!said.ok) return sendProblem(reply, said.refusal, said.others)
      reply.headers({ 'cache-control': 'no-store', ...said.value.headers })
      const text = JSON.stringify(toJson(gives, said.value.value))
      return reply.code(status).type(json).send(text)
    },
  }
}

/** The schema of what is not there. */
export const nothing: Schema<unknown> = struct({})

/** The types of documents. */
export const json = 'application/json'
/** The type of canonical bytes. */
export const cbor = 'application/cbor'

/** What was asked in path and query, read by their schemas. */
export function read<P, Q>(
  request: FastifyRequest,
  params: Schema<P>,
  query: Schema<Q>,
): Answer<{ readonly params: P; readonly query: Q }> {
  const path = fromJson(params, { ...(request.params as object) })
  if (!path.ok) return path
  const question = fromJson(query, { ...(request.query as object) })
  if (!question.ok) return question
  return accept({ params: path.value, query: question.value })
}

/** Aborts when whoever asked has gone, or has its answer. */
export function goneOf(reply: FastifyReply): AbortSignal {
  if (reply.raw.destroyed) return AbortSignal.abort()
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}

/** The type of a body, without its parameters. */
export function mediaOf({ headers }: FastifyRequest): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Whether one of the tags that somebody has is this one. */
export function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}

function bodyOf<B>(request: FastifyRequest, schema: Schema<B>): Answer<B> {
  const media = mediaOf(request)
  const { body } = request
  if (!(body instanceof Uint8Array) || (media !== json && media !== cbor)) {
    return refuse('http.media', { at: 'content-type', detail: `${cbor} or ${json}` })
  }
  if (media === cbor) return decode(schema, body)
  let input: unknown
  try {
    input = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause
    return refuse('document.form', { at: 'body', detail: `JSON in UTF-8: ${cause.message}` })
  }
  return fromJson(schema, input)
}
