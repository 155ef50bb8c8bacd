import { join } from 'node:path'
import {
  encode,
  type Job,
  type JobId,
  type Json,
  jobDocument,
  type PeerId,
  type Request,
  requestDocument,
  type Schema,
  type Signed,
  type Signer,
  sign,
  signedSchema,
  toJson,
} from '@nexapod/specs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { coordinatorIn, type Folders, type Logged, listLog } from '../../../test/scripted-mesh.ts'
import type { Coordinator } from '../../coordinator.ts'
import type { CoordinatorConfig } from '../../open.ts'
import { type Http, openHttp } from '../http.ts'
import { openApi } from '../openapi.ts'
import { routes } from '../routes/index.ts'

/** An answer: its status, its headers, and what it says. */
export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON of it. */
  readonly says: never
}

/** The type of canonical bytes. */
export const cbor = 'application/cbor'

const signedJob = signedSchema(jobDocument)
const signedRequest = signedSchema(requestDocument)

/** A coordinator with its API, asked by fetch: each answer is held against what OpenAPI says. */
export class Site implements AsyncDisposable {
  readonly coordinator: Coordinator
  readonly log: readonly Logged[]
  http: Http
  readonly #directory: string
  #counter = 0

  private constructor(
    coordinator: Coordinator,
    http: Http,
    directory: string,
    log: readonly Logged[],
  ) {
    this.coordinator = coordinator
    this.http = http
    this.#directory = directory
    this.log = log
  }

  static async open(
    folders: Folders,
    {
      directory = folders.next(),
      origins = [],
      ...more
    }: Partial<CoordinatorConfig> & { directory?: string; origins?: readonly string[] } = {},
  ): Promise<Site> {
    const coordinator = await coordinatorIn(directory, more)
    const log = listLog()
    const http = await openHttp(coordinator, {
      ...{ host: '127.0.0.1', port: 0, origins, log, directory: join(directory, 'http') },
    })
    return new Site(coordinator, http, directory, log.lines)
  }

  /** Opens the API again, as after a restart. */
  async reopen(): Promise<void> {
    await this.http[Symbol.asyncDispose]()
    this.http = await openHttp(this.coordinator, {
      ...{ host: '127.0.0.1', port: 0, origins: [], log: listLog() },
      directory: join(this.#directory, 'http'),
    })
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Got> {
    return await gotten(await fetch(this.http.address + path, { headers }), 'get', path)
  }

  async post(path: string, body: BodyInit, type: string): Promise<Got> {
    const request = { method: 'POST', body, headers: { 'content-type': type } }
    return await gotten(await fetch(this.http.address + path, request), 'post', path)
  }

  /** Sends a signed document, as bytes or in JSON. */
  async send<T>(
    path: string,
    schema: Schema<Signed<T>>,
    signed: Signed<T>,
    as: 'bytes' | 'json' = 'bytes',
  ): Promise<Got> {
    if (as === 'json')
      return await this.post(path, text(toJson(schema, signed)), 'application/json')
    return await this.post(path, new Uint8Array(encode(schema, signed)), cbor)
  }

  async publish(signed: Signed<Job>, as?: 'bytes' | 'json'): Promise<Got> {
    return await this.send('/api/v1/jobs', signedJob, signed, as)
  }

  /** Cancels a job as somebody. */
  async cancel(job: JobId, signer: Signer, act: Request['act'] = { type: 'cancel', job }) {
    const signed = this.request(signer, act)
    return await this.send(`/api/v1/jobs/${job}/cancel`, signedRequest, signed, 'json')
  }

  /** Asks for something as somebody. */
  async ask(signer: Signer, act: Request['act']): Promise<Got> {
    return await this.send('/api/v1/requests', signedRequest, this.request(signer, act))
  }

  request(signer: Signer, act: Request['act']): Signed<Request> {
    const issued = Date.now()
    const { chain: to } = this.coordinator
    const times = { issued, expires: issued + 60_000, counter: ++this.#counter }
    const from = signer.id as PeerId
    return sign(requestDocument, { v: 1, from, to, epoch: 0, ...times, act }, signer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]()
    await this.coordinator[Symbol.asyncDispose]()
  }
}

function text(json: Json): string {
  return JSON.stringify(json)
}

async function gotten(response: Response, method: 'get' | 'post', path: string): Promise<Got> {
  const said = await response.text()
  const type = response.headers.get('content-type') ?? ''
  const says = type.includes('json') ? JSON.parse(said) : undefined
  if (says !== undefined) check(method, path, response.status, says)
  return { status: response.status, headers: response.headers, text: said, says: says as never }
}

interface Described {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, unknown> }>>
  readonly components: { readonly schemas: Record<string, object> }
}

const api = openApi() as unknown as Described
const judges = new Map<string, ValidateFunction>()

/** Holds an answer against the description of its address. */
function check(method: 'get' | 'post', path: string, status: number, says: unknown): void {
  const [plain = ''] = path.split('?')
  const route = routes.find((one) => {
    const is = new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    return one.method.toLowerCase() === method && is.test(plain)
  })
  if (route === undefined && plain === '/openapi.json') return
  const key = `${method} ${route?.path ?? ''} ${status < 300 ? status : 'default'}`
  let judge = judges.get(key)
  if (judge === undefined) {
    judge = judgeOf(method, route?.path, status)
    judges.set(key, judge)
  }
  if (!judge(says))
    throw new Error(`${key}: ${JSON.stringify(judge.errors)} of ${text(says as Json)}`)
}

function judgeOf(method: string, path: string | undefined, status: number): ValidateFunction {
  const responses = path === undefined ? {} : (api.paths[path]?.[method]?.responses ?? {})
  const found = (responses[status] ?? responses.default) as {
    content: Record<string, { schema: object }>
  }
  const schema = Object.values(found?.content ?? {})[0]?.schema
  const problem = { $ref: '#/components/schemas/Problem' }
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  return ajv.compile({ ...(schema ?? problem), components: api.components })
}
