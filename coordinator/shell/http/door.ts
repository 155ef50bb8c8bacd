import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { limits, type Refusal, refusalOf, refusals } from '@nexapod/specs'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { addressOf, Turnstile } from './address.ts'
import type { Ground } from './ground.ts'
import { problemOf, problemType, Refused, refusalOfError, sendProblem } from './problem.ts'
import type { Cost } from './route.ts'
import { routes } from './routes/index.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of the routes that are not ours, it is that of a question. */
    cost?: Cost
  }
}

const minuteMs = 60_000

/** What is at which address, to tell who comes with another method. */
const known = routes.map(({ method, path }) => {
  return { method, matches: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }
})

/** What the headers tell a page that is not one of the allowed. */
const exposed = [
  ...['etag', 'location', 'retry-after', 'x-request-id'],
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
]

/** A server with every bound set and no route yet. */
export async function openDoor(
  { log, metrics }: Pick<Ground, 'log' | 'metrics'>,
  origins: readonly string[],
): Promise<FastifyInstance> {
  const door = fastify({
    ...{ logger: false, trustProxy: false, requestIdHeader: false, genReqId: () => randomUUID() },
    bodyLimit: limits.requestBytesMax,
    // An upload may take so long. A document has a timer of its own.
    requestTimeout: limits.uploadMsMax,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.helloMs,
    // Who closes it waits for answers that are under way.
    ...{ forceCloseConnections: 'idle', return503OnClosing: false },
    routerOptions: { maxParamLength: limits.addressBytesMax },
    http: {
      maxHeaderSize: limits.httpHeaderBytesMax,
      headersTimeout: limits.helloMs,
      connectionsCheckingInterval: limits.pauseMs,
    },
    clientErrorHandler: (error, socket) => answerRaw(error, socket),
    frameworkErrors: (error, _, reply) => {
      sendProblem(reply, refusalOfError(error) ?? refusalOf('http.malformed'))
    },
  })
  bound(door)
  await door.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: origins.length > 0 ? 'cross-origin' : 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    // Whether there is TLS in front is not known here, and not for a name that is an address.
    strictTransportSecurity: false,
  })
  await door.register(cors, { origin: [...origins], exposedHeaders: exposed, maxAge: 600 })
  await door.register(rateLimit, {
    ...{ timeWindow: minuteMs, cache: 16_384, enableDraftSpec: true },
    max: (request: FastifyRequest) => {
      const isWrite = costOf(request) === 'write'
      return isWrite ? limits.httpWritesPerMinuteMax : limits.httpReadsPerMinuteMax
    },
    keyGenerator: (request) => `${costOf(request)} ${addressOf(request.ip)}`,
    errorResponseBuilder: (_, { ttl }) => new Refused(refusalOf('wire.rate', { retryMs: ttl })),
  })
  takeBodies(door)
  answerErrors(door, log)
  door.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  door.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.note(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
  })
  return door
}

/** No more connections than may be, of all and of one address. */
function bound({ server }: FastifyInstance): void {
  server.maxConnections = limits.httpConnectionsMax
  const turnstile = new Turnstile(limits.httpConnectionsMax, limits.connectionsPerAddressMax)
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket.remoteAddress)
    if (!turnstile.enter(address)) {
      socket.destroy()
      return
    }
    socket.once('close', () => turnstile.leave(address))
  })
}

/** Documents come as bytes and are read by their schemas; files come as they come. */
function takeBodies(door: FastifyInstance): void {
  door.removeAllContentTypeParsers()
  const documents = ['application/json', 'application/cbor']
  door.addContentTypeParser(documents, (_: FastifyRequest, payload: IncomingMessage) => {
    return documentIn(payload)
  })
  const comes = ['application/octet-stream', 'application/x-tar']
  door.addContentTypeParser(comes, (_, payload, done) => done(null, payload))
}

/** All bytes of a document, which has to be here soon. */
function documentIn(payload: IncomingMessage): Promise<Buffer> {
  const { requestBytesMax: bytesMax } = limits
  const tooLarge = refusalOf('bytes.too-large', { detail: `at most ${bytesMax} bytes` })
  return new Promise((resolve, reject) => {
    if (Number(payload.headers['content-length'] ?? 0) > bytesMax) {
      reject(new Refused(tooLarge))
      return
    }
    const chunks: Buffer[] = []
    let length = 0
    const end = (refusal?: Refusal) => {
      clearTimeout(late)
      payload.removeAllListeners('data')
      if (refusal === undefined) resolve(Buffer.concat(chunks, length))
      else reject(new Refused(refusal))
    }
    const late = setTimeout(() => {
      end(refusalOf('wire.deadline', { at: 'body' }))
    }, limits.httpBodyMs)
    payload.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > bytesMax) end(tooLarge)
    })
    payload.once('end', () => end())
    payload.once('error', () => end(refusalOf('wire.cut')))
  })
}

/** Every no is a problem; what was not foreseen is noted down, and told to nobody. */
function answerErrors(door: FastifyInstance, log: Ground['log']): void {
  door.setErrorHandler((error, request, reply) => {
    const refusal = refusalOfError(error)
    if (refusal !== undefined) return sendProblem(reply, refusal)
    const stack = error instanceof Error ? error.stack : String(error)
    log.error({ request: request.id, route: request.routeOptions.url, stack }, 'http.broken')
    return sendProblem(reply, refusalOf('http.broken'))
  })
  door.setNotFoundHandler({ preHandler: door.rateLimit() }, (request, reply) => {
    const [path = ''] = request.url.split('?')
    const allowed = known.filter(({ matches }) => matches.test(path)).map(({ method }) => method)
    if (allowed.length === 0) return sendProblem(reply, refusalOf('http.unknown', { at: path }))
    reply.header('allow', allowed.includes('GET') ? ['HEAD', ...allowed].join(', ') : 'POST')
    return sendProblem(reply, refusalOf('http.method', { at: request.method }))
  })
}

function costOf(request: FastifyRequest): Cost {
  return request.routeOptions.config?.cost ?? 'read'
}

/** What is no request has no reply: it is answered on its socket. */
function answerRaw(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'http.headers'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'wire.deadline'
        : 'http.malformed'
  const body = problemOf(refusalOf(code), randomUUID())
  const { http } = refusals[code]
  const head = [
    `HTTP/1.1 ${http} Refused`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
