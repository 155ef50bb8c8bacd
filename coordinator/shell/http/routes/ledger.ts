import {
  accept,
  type ChainId,
  encode,
  type Infer,
  limits,
  optional,
  refuse,
  struct,
  toJson,
} from '@nexapod/specs'
import type { ChainHere } from '../../chains.ts'
import { chainsMax } from '../chain-shapes.ts'
import type { Ground, Judge } from '../ground.ts'
import { chainHere, chainNow, ofChain, whereIs } from '../here.ts'
import { sendProblem } from '../problem.ts'
import { limit, number } from '../query.ts'
import { cbor, json, nothing, type Route, read, reads } from '../route.ts'
import { shapes } from '../shapes.ts'
import { shownEntry } from '../shown.ts'

const tag = 'ledger'

const seq = number({ min: 0, max: limits.entriesMax - 1, about: 'The number of an entry.' })
const bySeq = struct({ seq })
const byChain = struct(ofChain)
const size = number({ min: 1, max: limits.entriesMax, about: 'Entries in the chain.' })
const atSize = struct({ ...ofChain, size: optional(size) })

const entryRoute: Route = {
  ...{ method: 'GET', path: '/api/v1/ledger/entries/{seq}', tag, cost: 'read', status: 200 },
  about: 'An entry: in JSON, or its bytes for who accepts application/cbor.',
  ...{ params: bySeq, query: byChain },
  gives: { media: json, about: 'The entry.', json: shapes.Entry.json },
  async serve({ judge }, request, reply) {
    const asked = read(request, bySeq, byChain)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const { params, query } = asked.value
    const here = chainHere(judge, query.chain)
    const view = here.ok ? await here.value.entry(params.seq) : here
    if (!view.ok) return sendProblem(reply, view.refusal)
    const shown = shownEntry(view.value)
    reply.headers({ etag: `"${shown.hash}"`, 'cache-control': 'no-cache', vary: 'accept, origin' })
    if (request.headers.accept?.includes(cbor)) {
      return reply.type(cbor).send(Buffer.from(view.value.bytes))
    }
    return reply.type(json).send(JSON.stringify(toJson(shapes.Entry, shown)))
  },
}

const checkpointRoute: Route = {
  ...{ method: 'GET', path: '/api/v1/ledger/checkpoint', tag, cost: 'read', status: 200 },
  about:
    'The last checkpoint, with the root of the state and who has cosigned it: in JSON, or the \
signed checkpoint alone as bytes for who accepts application/cbor.',
  ...{ params: nothing, query: byChain },
  gives: { media: json, about: 'The checkpoint.', json: shapes.Checkpoint.json },
  async serve(ground, request, reply) {
    const asked = read(request, nothing, byChain)
    if (!asked.ok) return sendProblem(reply, asked.refusal, asked.others)
    const { judge } = ground
    const { chain = judge.chain } = asked.value.query
    const stand = await judge.ask({ type: 'stand', chain }, ground.gone)
    if (stand.type === 'refuse') return sendProblem(reply, stand.refusal)
    if (stand.type !== 'stand') throw new Error(`stand was answered by ${stand.type}`)
    const { checkpoint, cosignatures } = stand
    reply.headers({ 'cache-control': 'no-cache', vary: 'accept, origin' })
    if (request.headers.accept?.includes(cbor)) {
      const bytes = encode(shapes.SignedCheckpoint, checkpoint)
      return reply.type(cbor).send(Buffer.from(bytes))
    }
    const text = JSON.stringify(toJson(shapes.Checkpoint, { checkpoint, cosignatures }))
    return reply.type(json).send(text)
  },
}

/** The chain: entries, proofs and where it stands. */
export const ledgerRoutes: readonly Route[] = [
  reads({
    ...{ path: '/api/v1/chains', tag },
    about:
      'The chains that are written or followed here, the own one first: who writes each, \
and how much of it is shown.',
    ...{ params: nothing, query: nothing, gives: shapes.Chains },
    async act({ judge }) {
      const items: Infer<typeof shapes.Ledger>[] = []
      for (const here of judge.chains.all.slice(0, chainsMax)) {
        const shown = await shownChain(judge, here)
        if (!shown.ok) return shown
        items.push(shown.value)
      }
      return accept({ value: { items } })
    },
  }),
  reads({
    ...{ path: '/api/v1/ledger', tag, about: 'How a chain stands: who writes it, how long it is.' },
    ...{ params: nothing, query: byChain, gives: shapes.Ledger },
    async act({ judge }, { query }) {
      const now = await chainNow(judge, query.chain)
      const shown = now.ok ? await shownChain(judge, now.value.here) : now
      return shown.ok ? accept({ value: shown.value }) : shown
    },
  }),
  reads({
    ...{
      path: '/api/v1/ledger/entries',
      tag,
      about: 'Entries from one on: fewer than were asked for where they are long.',
    },
    params: nothing,
    query: struct({ ...ofChain, limit, cursor: optional(seq) }),
    gives: shapes.EntryPage,
    async act({ judge }, { query }) {
      const now = await chainNow(judge, query.chain)
      if (!now.ok) return now
      const { here } = now.value
      const { limit: count = limits.pageDefault, cursor: from = 0 } = query
      const page = await here.page(from, count)
      if (!page.ok) return page
      const items = page.value.map(shownEntry)
      const next = from + items.length
      // Where it was cut meanwhile there may be nothing behind what was asked for.
      const isMore = items.length > 0 && next < here.shown
      return accept({ value: { items, ...(isMore ? { next: String(next) } : {}) } })
    },
  }),
  entryRoute,
  reads({
    ...{ path: '/api/v1/ledger/entries/{seq}/proof', tag },
    about: 'The path from an entry to the root of the chain at a size, else the last checkpoint.',
    ...{ params: bySeq, query: atSize, gives: shapes.Proof },
    async act(ground, { params, query, signal }) {
      const stand = await standAt(ground, query)
      if (!stand.ok) return stand
      const asked = { type: 'prove' as const, ...stand.value, seq: params.seq }
      const proof = await ground.judge.ask(asked, signal)
      if (proof.type === 'refuse') return { ok: false, refusal: proof.refusal }
      if (proof.type !== 'proof') throw new Error(`prove was answered by ${proof.type}`)
      const { entry, path } = proof
      return accept({ value: { seq: params.seq, size: stand.value.size, entry, path } })
    },
  }),
  reads({
    ...{ path: '/api/v1/ledger/extension', tag },
    about: 'The path that shows that the chain at a size extends the one at an earlier size.',
    params: nothing,
    query: struct({ ...ofChain, from: size, size: optional(size) }),
    gives: shapes.Extension,
    async act(ground, { query, signal }) {
      const stand = await standAt(ground, query)
      if (!stand.ok) return stand
      const asked = { type: 'extend' as const, ...stand.value, from: query.from }
      const proof = await ground.judge.ask(asked, signal)
      if (proof.type === 'refuse') return { ok: false, refusal: proof.refusal }
      if (proof.type !== 'extension') throw new Error(`extend was answered by ${proof.type}`)
      return accept({ value: { from: query.from, size: stand.value.size, path: proof.path } })
    },
  }),
  checkpointRoute,
]

/** A chain at a size, or else where its last checkpoint stands. */
async function standAt(
  { judge }: Ground,
  { chain, size }: { readonly chain?: ChainId; readonly size?: number },
) {
  const now = await chainNow(judge, chain)
  if (!now.ok) return now
  const { here, epoch, checkpointed } = now.value
  if (size === undefined && checkpointed === 0) return refuse('ledger.unasked')
  return accept({ chain: here.chain, epoch, size: size ?? checkpointed })
}

async function shownChain(judge: Judge, here: ChainHere) {
  const standing = await here.standing()
  if (!standing.ok) return standing
  const { writer, ...shown } = standing.value
  return accept({ ...shown, ...(await whereIs(judge, writer)) })
}
