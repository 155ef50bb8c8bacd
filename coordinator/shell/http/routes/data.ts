import { PassThrough, type Readable } from 'node:stream'
import {
  type Answer,
  accept,
  type Cid,
  choice,
  cid,
  digest,
  type JobId,
  limits,
  optional,
  type Refusal,
  refusalOf,
  refuse,
  type Schema,
  struct,
  text,
  toJson,
} from '@nexapod/specs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressOf } from '../address.ts'
import type { Ground } from '../ground.ts'
import { Refused, sendProblem } from '../problem.ts'
import { number } from '../query.ts'
import { goneOf, json, matches, mediaOf, nothing, type Route, read } from '../route.ts'
import { shapes } from '../shapes.ts'
import { resultAt } from './results.ts'

const octets = 'application/octet-stream'
const tar = 'application/x-tar'
const byCid = struct({ cid: cid() as Schema<Cid> })
const busy = refusalOf('wire.full', { detail: 'downloads on their way', retryMs: limits.pauseMs })
const forEver = 'public, max-age=29030400, immutable'

const upload: Route = {
  ...{ method: 'POST', path: '/api/v1/data', tag: 'data', cost: 'write', status: 201 },
  about:
    'Takes in a file, or a directory as a tar. Kept for a week, and as long as a job needs it.',
  ...{ params: nothing, query: nothing },
  body: { json: {}, media: [octets, tar] },
  gives: { media: json, about: 'It is on the disk.', json: shapes.Data.json },
  async serve({ uploads }, request, reply) {
    const asked = read(request, nothing, nothing)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const media = mediaOf(request)
    if (media !== octets && media !== tar) {
      const detail = `${octets} or ${tar}`
      return sendProblem(reply, refusalOf('http.media', { at: 'content-type', detail }))
    }
    const body = request.body as Readable
    const address = addressOf(request.ip)
    const as = media === tar ? 'tar' : 'file'
    const taken = await uploads.take(body, address, goneOf(reply), as)
    if (!taken.ok) return sendProblem(reply, taken.refusal)
    reply.headers({ location: `/api/v1/data/${taken.value.cid}`, 'cache-control': 'no-store' })
    return reply
      .code(201)
      .type(json)
      .send(JSON.stringify(toJson(shapes.Data, taken.value)))
  },
}

const formatted = struct({
  format: optional(choice(['file', 'car', 'raw'], { about: 'A file if nothing is said.' })),
})

const download: Route = {
  ...{ method: 'GET', path: '/api/v1/data/{cid}', tag: 'data', cost: 'read', status: 200 },
  about: 'What is here of a CID: the bytes of a file, a CAR of anything, or one raw block.',
  ...{ params: byCid, query: formatted },
  gives: { media: octets, about: 'The file.' },
  async serve(ground, request, reply) {
    const asked = read(request, byCid, formatted)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const { params, query } = asked.value
    const { format = 'file' } = query
    if (format === 'file') return await sendFile(ground, request, reply, params.cid)
    return await sendGateway(ground, request, reply, `/ipfs/${params.cid}?format=${format}`)
  },
}

const output = struct({
  job: digest<JobId>(),
  unit: number({ min: 0, max: limits.sweepUnitsMax, about: 'The unit.' }),
})
const atPath = struct({
  path: text({ kind: 'raw', max: limits.pathBytesMax, about: 'Of the output, such as /out/a.' }),
})

const outputRoute: Route = {
  ...{ method: 'GET', path: '/api/v1/jobs/{job}/results/{unit}/file', tag: 'jobs' },
  ...{ cost: 'write', status: 200, params: output, query: atPath },
  about: 'An output of an accepted unit: from here, or else by way of here from who computed it.',
  gives: { media: octets, about: 'The file.' },
  async serve(ground, request, reply) {
    const asked = read(request, output, atPath)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const { params, query } = asked.value
    const signal = goneOf(reply)
    const result = await resultAt(ground, params.job, params.unit, signal)
    if (!result.ok) return sendProblem(reply, result.refusal)
    const { outcome, nodes } = result.value
    const file = outcome.outputs.find(({ path }) => path === query.path)
    if (file === undefined) {
      const known = outcome.outputs.map(({ path }) => path).join(', ')
      const detail = `one of ${known}`
      return sendProblem(reply, refusalOf('data.unknown', { at: 'path', detail }))
    }
    // Nothing is sent until it is here, and nobody is silent for that.
    request.raw.socket.setTimeout(0)
    const here = await fetched(ground, file, nodes, signal)
    request.raw.socket.setTimeout(limits.idleMs)
    if (!here.ok) return sendProblem(reply, here.refusal)
    return await sendFile(ground, request, reply, file.cid)
  },
}

const gatewayRoute: Route = {
  ...{ method: 'GET', path: '/ipfs/{cid}', tag: 'data', cost: 'read', status: 200 },
  about: 'The trustless gateway of IPFS: one raw block, or a CAR, of what is here.',
  params: byCid,
  query: struct({
    format: optional(choice(['raw', 'car'])),
    'dag-scope': optional(choice(['all', 'block'])),
  }),
  gives: { media: 'application/vnd.ipld.raw', about: 'The block; or as vnd.ipld.car.' },
  serve: (ground, request, reply) => sendGateway(ground, request, reply, request.url),
}

/** Data: in by upload, out by CID. */
export const dataRoutes: readonly Route[] = [upload, download, outputRoute, gatewayRoute]

/** Has an output here, from its nodes if it is not: what a unit gave has the size that it says. */
async function fetched(
  { judge }: Ground,
  { cid: root, bytes }: { readonly cid: Cid; readonly bytes: number },
  peers: readonly string[],
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  if (bytes > limits.uploadBytesMax) {
    return refuse('data.too-large', { detail: `fetch ${root} over the mesh` })
  }
  const until = AbortSignal.any([signal, AbortSignal.timeout(limits.uploadMsMax)])
  // The nodes over a file's chunks are bytes as well.
  const bytesMax = bytes + Math.ceil(bytes / 1024) + limits.chunkBytes
  return await judge.data.fetch({ root, peers, gateways: [], bytesMax, signal: until })
}

async function sendGateway(
  { judge, downloads }: Ground,
  request: FastifyRequest,
  reply: FastifyReply,
  url: string,
): Promise<FastifyReply> {
  const { method, headers } = request
  const { status, headers: said, body } = await judge.data.gateway({ method, url, headers })
  const isStream = body !== undefined && !(body instanceof Uint8Array)
  if (isStream && !downloads.enterUntil(addressOf(request.ip), goneOf(reply))) {
    return sendProblem(reply, busy)
  }
  reply.code(status).headers(said)
  if (body === undefined) return reply.send()
  if (!isStream) return reply.send(Buffer.from(body))
  const stream = new PassThrough()
  pour(body, stream)
  return reply.send(stream)
}

/** The bytes of a file as they are read; anything else is refused before a byte is sent. */
async function sendFile(
  { judge, downloads }: Ground,
  request: FastifyRequest,
  reply: FastifyReply,
  root: Cid,
): Promise<FastifyReply> {
  const etag = `"${root}.file"`
  reply.headers({ 'x-content-type-options': 'nosniff', 'accept-ranges': 'none' })
  if (judge.data.store.has(root) && matches(request.headers['if-none-match'], etag)) {
    return reply.code(304).headers({ etag, 'cache-control': forEver }).send()
  }
  const signal = goneOf(reply)
  if (!downloads.enterUntil(addressOf(request.ip), signal)) return sendProblem(reply, busy)
  const opened = await openFile(judge.data, root, signal)
  if (!opened.ok) return sendProblem(reply, opened.refusal)
  const { stream, bytes } = opened.value
  reply.headers({
    ...{ etag, 'cache-control': forEver, 'content-length': String(bytes) },
    'content-disposition': `attachment; filename="${root}.bin"`,
  })
  return reply.type(octets).send(stream)
}

/** Resolves when the size of the file is known: from then on it is a stream. */
async function openFile(
  data: Ground['judge']['data'],
  root: Cid,
  signal: AbortSignal,
): Promise<Answer<{ readonly stream: PassThrough; readonly bytes: number }>> {
  const stream = new PassThrough({ highWaterMark: limits.chunkBytes })
  const sized = Promise.withResolvers<number>()
  const isDirectory = refusalOf('data.kind', { detail: 'a directory: ask with format=car' })
  const taker = {
    directory: () => Promise.reject(new Refused(isDirectory)),
    file: async (_: string, bytes: number) => sized.resolve(bytes),
    bytes: (bytes: Uint8Array) => written(stream, bytes),
    fileEnd: async () => {},
  }
  const reading = data.read(root, taker, { bytesMax: limits.storageBytesMax, signal }).then(
    (read) => (read.ok ? undefined : read.refusal),
    (cause: unknown): Refusal => {
      if (cause instanceof Refused) return cause.refusal
      if (signal.aborted || stream.destroyed) return refusalOf('wire.cut')
      throw cause
    },
  )
  const ended = reading.then((refusal) => {
    if (refusal === undefined) stream.end()
    else stream.destroy(new Refused(refusal))
    return refusal
  })
  // Without a listener, what ends it before anybody reads would end the process.
  stream.on('error', () => {})
  const first = await Promise.race([sized.promise, ended])
  if (typeof first === 'number') return accept({ stream, bytes: first })
  if (first !== undefined) return { ok: false, refusal: first }
  return accept({ stream, bytes: await sized.promise })
}

/** Writes when there is room, or not at all if nobody reads any more. */
async function written(stream: PassThrough, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed) throw new Refused(refusalOf('wire.cut'))
  if (stream.write(bytes)) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const go = () => resolve()
  stream.once('drain', go)
  stream.once('close', go)
  await promise
  stream.off('drain', go)
  stream.off('close', go)
}

/** Sends what comes. What breaks on the way breaks the connection: nobody takes it for all. */
function pour(body: AsyncIterable<Uint8Array>, stream: PassThrough): void {
  stream.on('error', () => {})
  const poured = async () => {
    for await (const bytes of body) await written(stream, bytes)
    stream.end()
  }
  poured().catch((cause: unknown) => stream.destroy(cause as Error))
}
