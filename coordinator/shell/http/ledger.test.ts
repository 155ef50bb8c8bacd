import { extendsTree, includes } from '@nexapod/ledger'
import {
  accounts,
  checkpointDocument,
  decode,
  digestBytes,
  entryHash,
  entrySchema,
  fromBase64url,
  fromJson,
  leafHash,
  limits,
  type NodeId,
  open,
  signedSchema,
} from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyNamed, usualRates } from '../../test/cast.ts'
import { Folders, jobOf, targetOf, valued } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { machineTime } from '../time.ts'
import { Reel } from './reel.ts'
import { Events } from './test/events.ts'
import { cbor, Site } from './test/site.ts'

const folders = new Folders()
let site: Site
beforeAll(async () => {
  site = await Site.open(folders)
  for (let i = 1; i <= 5; i++) await site.publish(jobOf(site.coordinator.chain, i).signed)
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await folders.remove()
})

function bytesOf(text: string): Uint8Array {
  return fromBase64url(text) ?? new Uint8Array()
}

describe('the ledger', () => {
  test('is read in pages, whose entries follow each other', async () => {
    let prev = '0'.repeat(64)
    let seen = 0
    for (let path: string | undefined = '/api/v1/ledger/entries?limit=3'; path; ) {
      const { says } = await site.get(path)
      const page: { items: { seq: number; hash: string; bytes: string }[]; next?: string } = says
      for (const { seq, hash, bytes } of page.items) {
        const entry = valued(decode(entrySchema, bytesOf(bytes)))
        expect([entry.seq, entry.prev, entryHash(bytesOf(bytes))]).toEqual([seq, prev, hash])
        prev = hash
        seen++
      }
      path = page.next && `/api/v1/ledger/entries?limit=3&cursor=${page.next}`
    }
    const { size }: { size: number } = (await site.get('/api/v1/ledger')).says
    expect(seen).toBe(size)
    expect((await site.get('/api/v1/ledger/entries?cursor=9999')).says).toEqual({ items: [] })
  })

  test('gives an entry as its bytes, and none beyond its size', async () => {
    const headers = { accept: cbor }
    const response = await fetch(`${site.http.address}/api/v1/ledger/entries/2`, { headers })
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(response.headers.get('etag')).toBe(`"${entryHash(bytes)}"`)
    expect(valued(decode(entrySchema, bytes)).seq).toBe(2)
    expect(await site.get('/api/v1/ledger/entries/9999')).toMatchObject({
      ...{ status: 404, says: { code: 'ledger.unknown' } },
    })
  })

  test('is proven: an entry, and that it was extended, up to a signed checkpoint', async () => {
    const stand = await site.get('/api/v1/ledger/checkpoint')
    const { checkpoint: json }: { checkpoint: unknown } = stand.says
    const signed = valued(fromJson(signedSchema(checkpointDocument), json))
    const { size, root, coordinator } = valued(open(checkpointDocument, signed))
    expect(coordinator).toBe(site.coordinator.id)
    const path = `/api/v1/ledger/entries/1/proof?size=${size}`
    const proof: { entry: string; path: string[] } = (await site.get(path)).says
    const leaf = leafHash(bytesOf(proof.entry))
    expect(includes(digestBytes(root), size, 1, leaf, proof.path.map(bytesOf))).toBe(true)
    const extended = await site.get(`/api/v1/ledger/extension?from=${size}&size=${size}`)
    const { path: way }: { path: string[] } = extended.says
    const tree = { size, root: digestBytes(root) }
    expect(extendsTree(tree, tree, way.map(bytesOf))).toBe(true)
  })

  test('gives its checkpoint as it was signed', async () => {
    const headers = { accept: cbor }
    const response = await fetch(`${site.http.address}/api/v1/ledger/checkpoint`, { headers })
    const bytes = new Uint8Array(await response.arrayBuffer())
    const signed = valued(decode(signedSchema(checkpointDocument), bytes))
    expect(open(checkpointDocument, signed).ok).toBe(true)
  })
})

describe('a stream of entries', () => {
  test('begins where it is told, goes on as they come, and is resumed without a gap', async () => {
    const { size }: { size: number } = (await site.get('/api/v1/ledger')).says
    const seen: number[] = []
    {
      await using events = await Events.open(`${site.http.address}/api/v1/ledger/stream?from=0`)
      for (let i = 0; i < size; i++) seen.push((await events.next()).id)
    }
    // What happens while nobody listens is heard by who comes back.
    await site.publish(jobOf(site.coordinator.chain, 50).signed)
    const last = seen.at(-1)
    await using again = await Events.open(`${site.http.address}/api/v1/ledger/stream`, last)
    seen.push((await again.next()).id)
    const { id, signed } = jobOf(site.coordinator.chain, 51)
    await site.publish(signed)
    const next = await again.next()
    expect(next.data).toMatchObject({ entry: { facts: [{ type: 'job' }] } })
    seen.push(next.id)
    expect(seen).toEqual(Array.from({ length: size + 2 }, (_, seq) => seq))
    expect((await site.get(`/api/v1/jobs/${id}`)).says).toMatchObject({ seq: next.id })
  })

  test('gives none of before to who asks for those to come', async () => {
    await using events = await Events.open(`${site.http.address}/api/v1/ledger/stream`)
    const published = await site.publish(jobOf(site.coordinator.chain, 60).signed)
    expect((await events.next()).id).toBe((published.says as { seq: number }).seq)
  })

  test('says that it is there where there is nothing new', async () => {
    const gone = new AbortController()
    const { size }: { size: number } = (await site.get('/api/v1/ledger')).says
    // A clock on which each wait is over at once.
    const after = (_: number, run: () => void) => {
      const due = setImmediate(run)
      return () => clearImmediate(due)
    }
    const { chains, chain } = site.coordinator
    const read = () => chains.of(chain)
    const ground = { size: () => size, read, time: { ...machineTime, after } }
    const said: string[] = []
    for await (const text of new Reel(ground, gone.signal).events(size, gone.signal)) {
      said.push(text)
      if (said.length === 4) gone.abort()
    }
    expect(said).toEqual([`retry: ${limits.pauseMs}\n\n`, ':\n\n', ':\n\n', ':\n\n'])
  })

  test('is refused from beyond the end, and after an id that is none', async () => {
    expect(await site.get('/api/v1/ledger/stream?from=9999')).toMatchObject({
      ...{ status: 404, says: { code: 'ledger.unknown', at: 'from' } },
    })
    expect(await site.get('/api/v1/ledger/stream', { 'last-event-id': '-1' })).toMatchObject({
      ...{ status: 400, says: { code: 'document.form', at: 'last-event-id' } },
    })
  })
})

test('credit is told with how it came: what a newcomer earned waits as a bond', async () => {
  const rates = { ...usualRates, settleMs: 0 }
  await using paid = await Site.open(folders, { mesh: { name: 'paid', rates } })
  await using events = await Events.open(`${paid.http.address}/api/v1/ledger/stream?from=0`)
  const target = targetOf(paid.coordinator)
  const nodes = ['ann', 'bob'].map((name) =>
    ScriptedNode.open(name, target, { units: 2, says: () => 'right' }),
  )
  await using ann = await (nodes[0] as (typeof nodes)[0])
  await using bob = await (nodes[1] as (typeof nodes)[0])
  await ann.hello()
  await bob.hello()
  const { id, signed } = jobOf(paid.coordinator.chain, 1)
  await paid.publish(signed)
  for (let ended = false; !ended; ) {
    const { data }: { data: { entry: { facts: { type: string }[] } } } = await events.next()
    ended = data.entry.facts.some(({ type }) => type === 'end')
  }
  const account = accounts.bond(ann.id as NodeId)
  expect((await paid.get(`/api/v1/credits?account=${account}`)).says).toMatchObject({ micro: 2000 })
  const history = await paid.get(`/api/v1/credits/history?account=${account}`)
  expect(history.says).toMatchObject({ items: [{ micro: 2000, purpose: 'settle' }] })
  const { items }: { items: { other: string }[] } = history.says
  expect(items[0]?.other).toContain(`hold/${id}/0/`)
  expect((await paid.get(`/api/v1/owners/${ann.id}`)).says).toMatchObject({
    ...{ micro: 2000, pending: 0, bonded: 2000, balance: 0 },
  })
})

test('what an owner says of itself is shown and found as long as it wants it', async () => {
  const rates = { ...usualRates, settleMs: 0 }
  await using named = await Site.open(folders, { mesh: { name: 'named', rates } })
  const target = targetOf(named.coordinator)
  await using ann = await ScriptedNode.open('ann', target, { units: 2, says: () => 'right' })
  await using bob = await ScriptedNode.open('bob', target, { units: 2, says: () => 'right' })
  await ann.hello()
  await bob.hello()
  await named.publish(jobOf(named.coordinator.chain, 1).signed)
  await ann.hears('decided')
  const path = `/api/v1/owners/${ann.id}`
  const idsAt = async (question: string) => {
    const { items }: { items: { id: string }[] } = (await named.get(question)).says
    return items.map(({ id }) => id)
  }
  expect((await named.get(path)).says).not.toHaveProperty('name')
  const said = { name: 'Änn of Mainz', country: 'DE', team: 'Owls & <Co>' }
  const asked = await named.ask(keyNamed('ann'), { type: 'name', ...said })
  expect(asked).toMatchObject({ status: 200, says: {} })
  expect((await named.get(path)).says).toMatchObject(said)
  for (const q of ['ann', 'MAINZ', 'of m', ann.id, ann.id.slice(-8), ann.id.slice(8, 14)]) {
    expect(await idsAt(`/api/v1/wall?q=${encodeURIComponent(q)}`), q).toContain(ann.id)
  }
  expect(await idsAt('/api/v1/wall?q=nobody')).toEqual([])
  expect(await idsAt(`/api/v1/wall?team=${encodeURIComponent(said.team)}`)).toEqual([ann.id])
  expect((await named.get('/api/v1/teams')).says).toMatchObject({
    items: [{ team: said.team, owners: 1 }],
  })
  // One alone in its country is not told apart.
  expect((await named.get('/api/v1/countries')).says).toEqual({ items: [], others: 1 })
  await named.reopen()
  expect((await named.get(path)).says).toMatchObject(said)
  await named.ask(keyNamed('ann'), { type: 'name' })
  for (const key of Object.keys(said)) {
    expect((await named.get(path)).says).not.toHaveProperty(key)
  }
  expect(await idsAt('/api/v1/wall?q=mainz')).toEqual([])
  expect((await named.get('/api/v1/countries')).says).toEqual({ items: [], others: 0 })
  expect((await named.get('/api/v1/teams')).says).toEqual({ items: [] })
})
