import { type Cid, cidBytes, explain, type Refusal, refusals, refuse } from '@nexapod/specs'
import type { Store } from '../store/store.ts'
import { carOf } from './car.ts'
import type { MayServe } from './serving.ts'

/** A request, as far as the gateway looks at it: headers with names in lower case. */
export interface GatewayRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What is to be answered. A body that throws has to end in a broken connection. */
export interface GatewayAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** What the gateway gives, and to whom. */
export interface GatewayConfig {
  readonly store: Store
  readonly mayServe: MayServe
}

type Format = 'raw' | 'car'

const forEver = 'public, max-age=29030400, immutable'

const types = {
  raw: 'application/vnd.ipld.raw',
  car: 'application/vnd.ipld.car; version=1; order=dfs; dups=n',
} as const

/**
 * Answers `/ipfs/CID` with a block or a CAR: bytes that whoever asked checks by the CID. It reads,
 * renders nothing, follows no path, and knows no ranges: a block is small, a CAR has no fixed size.
 */
export async function answerGateway(
  { store, mayServe }: GatewayConfig,
  request: GatewayRequest,
): Promise<GatewayAnswer> {
  const { method, headers } = request
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, headers: { allow: 'GET, HEAD', 'content-length': '0' } }
  }
  const asked = askedOf(request)
  if ('code' in asked) return refused(asked)
  const { cid, format, scope } = asked
  const sealed = store.isSealed(cid)
  const may = store.has(cid) && !store.hides(cid, cid) && (await mayServe(cid, { sealed }))
  if (!may) return refused(refuse('data.unknown', { at: cid }).refusal)
  const etag = `"${cid}.${format}${scope === 'block' ? '.block' : ''}"`
  const found = {
    etag,
    vary: 'accept',
    'cache-control': sealed ? 'no-store' : forEver,
    'x-content-type-options': 'nosniff',
  }
  if (matches(headers['if-none-match'], etag)) return { status: 304, headers: found }
  const read = async (one: Cid) => (store.hides(one, cid) ? undefined : await store.lend(one))
  const described = {
    ...found,
    'content-type': types[format],
    'content-disposition': `attachment; filename="${cid}.${format === 'raw' ? 'bin' : 'car'}"`,
    'accept-ranges': 'none',
  }
  if (format === 'car') {
    const body = carOf(cid, read, scope)
    return { status: 200, headers: described, ...(method === 'GET' ? { body } : {}) }
  }
  const bytes = await read(cid)
  if (bytes === undefined) return refused(refuse('data.unknown', { at: cid }).refusal)
  const sized = { ...described, 'content-length': `${bytes.length}` }
  return { status: 200, headers: sized, ...(method === 'GET' ? { body: bytes } : {}) }
}

interface Asked {
  readonly cid: Cid
  readonly format: Format
  readonly scope: 'all' | 'block'
}

function askedOf({ url, headers }: GatewayRequest): Asked | Refusal {
  const question = url.indexOf('?')
  const path = question < 0 ? url : url.slice(0, question)
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1))
  const [, cid = ''] = /^\/ipfs\/([a-z2-7]+)$/.exec(path) ?? []
  if (cidBytes(cid) === undefined) {
    return refuse('document.form', { detail: 'expected /ipfs/ and a CID, and no path below' })
      .refusal
  }
  const format = query.get('format') ?? accepted(`${headers.accept ?? ''}`)
  if (format !== 'raw' && format !== 'car') {
    return refuse('document.choice', { detail: 'expected format=raw or format=car' }).refusal
  }
  const scope = query.get('dag-scope') ?? 'all'
  if ((scope !== 'all' && scope !== 'block') || query.has('entity-bytes')) {
    return refuse('document.choice', { detail: 'expected dag-scope=all or dag-scope=block' })
      .refusal
  }
  return { cid: cid as Cid, format, scope }
}

function accepted(accept: string): Format | undefined {
  if (accept.includes('application/vnd.ipld.raw')) return 'raw'
  return accept.includes('application/vnd.ipld.car') ? 'car' : undefined
}

function matches(header: GatewayRequest['headers'][string], etag: string): boolean {
  const tags = `${header ?? ''}`.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}

function refused(refusal: Refusal): GatewayAnswer {
  const body = new TextEncoder().encode(`${explain(refusal)}\n`)
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': `${body.length}`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  return { status: refusals[refusal.code].http, headers, body }
}
