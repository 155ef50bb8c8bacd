import { join } from 'node:path'
import { limits } from '@nexapod/specs'
import type { FastifyInstance } from 'fastify'
import type { Log } from '../log.ts'
import { machineTime as time } from '../time.ts'
import { Turnstile } from './address.ts'
import { openDoor } from './door.ts'
import type { Ground, Judge } from './ground.ts'
import { Metrics } from './metrics.ts'
import { openApiText } from './openapi.ts'
import { servePages } from './pages.ts'
import { Reels } from './reel.ts'
import { Register } from './register/register.ts'
import { routes } from './routes/index.ts'
import { Uploads } from './uploads.ts'

/** Between two looks for connections that have become idle, while it closes. */
const lookMs = 50

/** How the API is opened. */
export interface HttpConfig {
  /** Where it keeps its register, which can be made again, and uploads until they are whole. */
  readonly directory: string
  readonly host: string
  /** 0 for one that is free. */
  readonly port: number
  /** Pages of other origins that may ask, such as https://example.org; none if it is empty. */
  readonly origins: readonly string[]
  /** The directory of the built wall, which is served at `/`; else nothing is there. */
  readonly wall?: string
  readonly log: Log
}

/** The API while it is open. */
export interface Http extends AsyncDisposable {
  /** Where it is, such as http://127.0.0.1:4080. */
  readonly address: string
}

/** Opens the HTTP API of a coordinator; whoever opened both closes this one first. */
export async function openHttp(judge: Judge, config: HttpConfig): Promise<Http> {
  const { directory, host, port, origins, wall, log } = config
  await using release = new AsyncDisposableStack()
  const gone = new AbortController()
  const register = release.use(
    await Register.open(directory, { chains: judge.chains, view: judge.view, time }),
  )
  const isNeeded = (cid: string) => register.reads.needs(cid)
  const uploads = release.use(
    await Uploads.open(join(directory, 'uploads'), { data: judge.data, time, isNeeded }),
  )
  const metrics = release.use(new Metrics())
  const door = await openDoor({ log, metrics }, origins)
  release.defer(async () => {
    gone.abort()
    await closed(door)
  })
  const streams = new Turnstile(limits.httpStreamsMax, limits.httpStreamsPerAddressMax)
  const downloads = new Turnstile(limits.httpDownloadsMax, limits.httpDownloadsPerAddressMax)
  const reels = new Reels({ register, chains: judge.chains, time }, gone.signal)
  const ground = { judge, register, uploads, metrics, streams, reels, downloads, time, log }
  mount(door, { ...ground, gone: gone.signal })
  if (wall !== undefined) await servePages(door, wall)
  const address = await door.listen({ host, port })
  const open = release.move()
  log.info({ address }, 'http')
  return { address, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() }
}

/** Waits for answers that are under way, and closes their connections as they become idle. */
async function closed(door: FastifyInstance): Promise<void> {
  const cancel = time.after(limits.helloMs, () => door.server.closeAllConnections())
  const idle = setInterval(() => door.server.closeIdleConnections(), lookMs)
  await door.close()
  clearInterval(idle)
  cancel()
}

function mount(door: FastifyInstance, ground: Ground): void {
  for (const route of routes) {
    const { method, path, cost } = route
    door.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { cost },
      handler: (request, reply) => route.serve(ground, request, reply),
    })
  }
  const text = openApiText()
  door.get('/openapi.json', (_, reply) => reply.type('application/json').send(text))
}
