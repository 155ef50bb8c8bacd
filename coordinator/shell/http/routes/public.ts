import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Answer, accept, choice, type OwnerId, peerId, struct } from '@nexapod/specs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ground } from '../ground.ts'
import { daysMax } from '../owner-shapes.ts'
import { pictureOf, pictures } from '../picture.ts'
import { sendProblem } from '../problem.ts'
import { readAnew } from '../register/register.ts'
import { goneOf, matches, nothing, type Route, read } from '../route.ts'
import { type Listed, statisticsOf } from '../statistics.ts'
import { ownerOf } from './owners.ts'

const dayMs = 24 * 3_600_000

/** How long a picture may be shown before it is asked for again. */
const pictureSeconds = 300

/** How long lists for others are the same: who takes its word back is off them after that. */
const listsMs = 600_000

/** Owners that are read for a list without a pause. */
const atOnce = 100

const svg = 'image/svg+xml'
const files = ['tables.xml', 'user.gz', 'team.gz', 'host.gz'] as const
type File = (typeof files)[number]

const params = struct({
  owner: peerId<OwnerId>(),
  picture: choice(pictures.map((name) => `${name}.svg` as const)),
})

const badges: Route = {
  ...{ method: 'GET', path: '/badges/{owner}/{picture}', tag: 'owners', cost: 'read', status: 200 },
  about: 'A picture of what an owner has given, to be shown anywhere.',
  ...{ params, query: nothing, gives: { media: svg, about: 'The picture.' } },
  async serve(ground, request, reply) {
    const asked = read(request, params, nothing)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const { owner, picture } = asked.value.params
    const shown = await ownerOf(ground, owner, goneOf(reply))
    if (!shown.ok) return sendProblem(reply, shown.refusal)
    const kind = picture.slice(0, -'.svg'.length) as (typeof pictures)[number]
    const text = pictureOf(kind, shown.value, lastDaysOf(ground, owner))
    return send(request, reply, { type: svg, body: text, seconds: pictureSeconds })
  },
}

const listParams = struct({ file: choice(files) })
const kept = new WeakMap<Ground, { readonly at: number; readonly lists: Promise<Answer<Lists>> }>()
type Lists = Readonly<Record<File, Buffer>>

const statistics: Route = {
  ...{ method: 'GET', path: '/stats/{file}', tag: 'owners', cost: 'read', status: 200 },
  about: 'Those owners who want to be listed by sites that compare projects, as BOINC lists them.',
  ...{ params: listParams, query: nothing },
  gives: { media: 'application/gzip', about: 'XML; tables.xml is not compressed.' },
  async serve(ground, request, reply) {
    const asked = read(request, listParams, nothing)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const { file } = asked.value.params
    const ready = await ground.register.caughtUp(goneOf(reply))
    if (!ready.ok) return sendProblem(reply, ready.refusal)
    const lists = await listsOf(ground)
    if (!lists.ok) return sendProblem(reply, lists.refusal)
    const type = file === 'tables.xml' ? 'text/xml' : 'application/gzip'
    return send(request, reply, { type, body: lists.value[file], seconds: listsMs / 1000 })
  },
}

/** What others show and list. */
export const publicRoutes: readonly Route[] = [badges, statistics]

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, body, seconds }: { type: string; body: string | Buffer; seconds: number },
): FastifyReply {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  reply.headers({
    ...{ etag, 'cache-control': `public, max-age=${seconds}` },
    // It is shown by pages of others; opened by itself it can do nothing.
    'cross-origin-resource-policy': 'cross-origin',
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  })
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(type).send(body)
}

/** What an owner earned on each of the last thirty days. */
function lastDaysOf({ register, time }: Ground, owner: OwnerId): number[] {
  const today = Math.floor(time.wall() / dayMs)
  const byDay = new Map(register.reads.daysOf(owner, daysMax).map(({ day, micro }) => [day, micro]))
  return Array.from({ length: 30 }, (_, i) => byDay.get(today - 29 + i) ?? 0)
}

async function listsOf(ground: Ground): Promise<Answer<Lists>> {
  const known = kept.get(ground)
  const now = ground.time.wall()
  if (known !== undefined && now - known.at < listsMs) return await known.lists
  const lists = makeLists(ground)
  kept.set(ground, { at: now, lists })
  const made = await lists
  if (!made.ok) kept.delete(ground)
  return made
}

async function makeLists({ register, time }: Ground): Promise<Answer<Lists>> {
  const { reads, said } = register
  const listed: Listed[] = []
  for (let after = ''; ; ) {
    const some = said.exported(after, atOnce)
    for (const { id, said: words } of some) {
      const found = reads.owner(id)
      if (found !== undefined && found.micro > 0) listed.push({ ...found, ...words, id })
    }
    const last = some.at(-1)
    if (last === undefined) break
    after = last.id
    await new Promise((resolve) => setImmediate(resolve))
    // Whoever is not in the tables yet would be missing, in lists that are kept for long.
    if (register.reads !== reads) return { ok: false, refusal: readAnew }
  }
  const made = await statisticsOf(listed, time.wall())
  const zipped = promisify(gzip)
  return accept({
    'tables.xml': Buffer.from(made.tables),
    'user.gz': await zipped(made.user),
    'team.gz': await zipped(made.team),
    'host.gz': await zipped(made.host),
  })
}
