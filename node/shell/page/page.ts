import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Answer,
  accept,
  type Code,
  explain,
  limits,
  type Refusal,
  refusals,
  refuse,
} from '@nexapod/specs'
import { type AnswerOwner, answerLine } from '../door.ts'
import { type PageFile, pageFiles } from './files.ts'

/** A page of a node on its own machine. */
export interface Page extends AsyncDisposable {
  /** Where it is: who has this alone sees nothing of the node. */
  readonly address: string
  /** The same with the key behind it, which no browser sends on its own: for the owner alone. */
  readonly withKey: string
}

/** What the page is told: an answer, or a refusal with its words. */
export type Said =
  | { readonly answer: unknown }
  | { readonly refusal: Refusal; readonly says: string }

const bounds = {
  maxHeaderSize: limits.pageHeaderBytesMax,
  headersTimeout: limits.doorMs,
  requestTimeout: limits.doorMs,
  keepAliveTimeout: limits.doorMs,
  connectionsCheckingInterval: limits.pauseMs,
} as const

/** Nothing is loaded but our files, no other page holds this one, and nothing of it is kept. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
} as const

/** Where the page asks what it shows, and orders. */
const asking = '/ask'

/**
 * Opens the page of a node on 127.0.0.1. Every page that a browser of this machine shows can reach
 * it there, and so can every user of the machine: so who asks has to have the key, to call the host
 * by its number, and to be this page and no other.
 */
export async function openPage(port: number, answer: AnswerOwner): Promise<Answer<Page>> {
  const key = randomBytes(32).toString('base64url')
  const files = await pageFiles()
  const answering = new Set<Promise<void>>()
  let host = ''
  const server = createServer(bounds, (request, response) => {
    const file = files.get(request.url ?? '')
    const code = strange(request, host) ?? (file ? misused(request) : barred(request, host, key))
    if (code !== undefined) refuseTo(response, code)
    else if (file !== undefined) sendFile(request, response, file)
    else {
      const answered = sendAnswer(request, response, answer).then(() => {
        answering.delete(answered)
      })
      answering.add(answered)
    }
  })
  server.maxConnections = limits.pageLinesMax
  server.listen(port, '127.0.0.1')
  const failed = await once(server, 'listening').then(
    () => undefined,
    (cause: Error) => cause.message,
  )
  if (failed !== undefined) return refuse('page.port', { at: `${port}`, detail: failed })
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const address = `http://${host}/`
  return accept({
    ...{ address, withKey: `${address}#${key}` },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      // What it is ended by may have been said here: who said it is answered.
      await Promise.all(answering)
      server.closeAllConnections()
      await closed
    },
  })
}

/** A name that leads here is not ours: whoever owns it could read what we answer to it. */
function strange({ headers: { host } }: IncomingMessage, own: string): Code | undefined {
  return host === own ? undefined : 'page.origin'
}

function misused({ method }: IncomingMessage): Code | undefined {
  return method === 'GET' || method === 'HEAD' ? undefined : 'http.method'
}

/** Why who asks is not answered. A form can neither set a header nor send JSON, wherever it is. */
function barred(request: IncomingMessage, host: string, key: string): Code | undefined {
  if (request.url !== asking) return 'http.unknown'
  if (request.method !== 'POST') return 'http.method'
  const { origin, 'sec-fetch-site': site = 'same-origin', 'x-nexapod-key': said } = request.headers
  if (origin !== `http://${host}` || site !== 'same-origin') return 'page.origin'
  if (typeof said !== 'string' || !isSame(said, key)) return 'page.key'
  if (request.headers['content-type'] !== 'application/json') return 'http.media'
  const length = Number(request.headers['content-length'] ?? 0)
  return length > limits.doorQuestionBytesMax ? 'bytes.too-large' : undefined
}

/** In a time that says nothing of how much of it was right. */
function isSame(said: string, key: string): boolean {
  const [a, b] = [said, key].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}

async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: AnswerOwner,
): Promise<void> {
  const line = await body(request)
  if (line === undefined) return refuseTo(response, 'bytes.too-large')
  const said = await answerLine(line, answer)
  if ('refusal' in said) sayNo(response, said.refusal)
  else say(response, 200, said)
}

/** All that was sent, if it is no more than a question may be. */
async function body(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > limits.doorQuestionBytesMax) resolve(undefined)
    else chunks.push(chunk)
  })
  request.once('end', () => resolve(Buffer.concat(chunks).toString()))
  // Who breaks off is answered nothing, which costs nothing.
  request.once('close', () => resolve(undefined))
  return await promise
}

/** A no before all was read ends the line: what may follow on it is nobody's. */
function refuseTo(response: ServerResponse, code: Code): void {
  response.setHeader('connection', 'close')
  sayNo(response, refuse(code).refusal)
}

function sayNo(response: ServerResponse, refusal: Refusal): void {
  say(response, refusals[refusal.code].http, { refusal, says: explain(refusal) })
}

function say(response: ServerResponse, status: number, said: Said): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' })
  response.end(JSON.stringify(said))
}

function sendFile({ method }: IncomingMessage, response: ServerResponse, file: PageFile): void {
  response.writeHead(200, { ...headers, 'content-type': file.type })
  response.end(method === 'HEAD' ? undefined : file.bytes)
}
