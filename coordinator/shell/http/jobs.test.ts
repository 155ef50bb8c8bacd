import {
  decode,
  fromJson,
  type Job,
  type JobId,
  jobDocument,
  open,
  signedSchema,
} from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyNamed, usualRates } from '../../test/cast.ts'
import { Folders, jobOf, targetOf, valued } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { cbor, Site } from './test/site.ts'

const folders = new Folders()
const pia = keyNamed('pia')
let site: Site
beforeAll(async () => {
  site = await Site.open(folders)
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await folders.remove()
})

describe('a job that is published', () => {
  test('as bytes or in JSON has one answer, and is found where that says', async () => {
    const { id, signed } = jobOf(site.coordinator.chain, 1)
    const first = await site.publish(signed)
    expect(first).toMatchObject({ status: 201, says: { job: id } })
    const again = await site.publish(signed, 'json')
    expect(again.says).toEqual(first.says)
    const shown = await site.get(first.headers.get('location') ?? '')
    expect(shown.says).toMatchObject({
      ...{ id, name: 'job 1', state: 'open', units: 1, accepted: 0 },
      waits: { type: 'waits', fresh: 1, nodes: { fit: 0 }, words: 'No node is here.' },
    })
  })

  test('is given as it was signed, in bytes and in JSON', async () => {
    const { id, signed } = jobOf(site.coordinator.chain, 2)
    await site.publish(signed)
    const schema = signedSchema(jobDocument)
    const path = `/api/v1/jobs/${id}/document`
    const json = await site.get(path)
    expect(open(jobDocument, valued(fromJson(schema, json.says))).ok).toBe(true)
    const response = await fetch(site.http.address + path, { headers: { accept: cbor } })
    expect(response.headers.get('content-type')).toBe(cbor)
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(valued(decode(schema, bytes)).body).toEqual(signed.body)
  })

  test('must be signed by its publisher, and be another for another nonce', async () => {
    const { signed } = jobOf(site.coordinator.chain, 3)
    const forged = { ...signed, signatures: [signed.signatures[0]?.toReversed() as Uint8Array] }
    const refused = await site.publish(forged)
    expect(refused).toMatchObject({ status: 401, says: { code: 'signature.false' } })
    expect(refused.headers.get('www-authenticate')).toBe('NexapodSignature')
    await site.publish(signed)
    const other = jobOf(site.coordinator.chain, 3, { more: { name: 'other' } })
    expect(await site.publish(other.signed)).toMatchObject({
      status: 409,
      says: { code: 'job.conflict', fault: 'theirs', type: '/problems/job.conflict' },
    })
  })

  test('has each of its faults named with its place', async () => {
    const { signed } = jobOf(site.coordinator.chain, 4)
    const schema = signedSchema(jobDocument)
    const { body } = schema.print(signed) as unknown as { body: Job }
    const wrong = { body: { ...body, nmae: 'x', priority: 1000 }, signatures: [] }
    const refused = await site.post('/api/v1/jobs', JSON.stringify(wrong), 'application/json')
    expect(refused.status).toBe(400)
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    expect(refused.says).toMatchObject({
      ...{ code: 'document.unknown-key', at: 'body.nmae', expected: 'did you mean name?' },
      others: [{ at: 'body.priority' }, { at: 'signatures' }],
    })
  })
})

describe('jobs in a list', () => {
  test('come in pages, the newest first, and by who published them', async () => {
    const ids: JobId[] = []
    for (let i = 10; i < 15; i++) {
      const { id, signed } = jobOf(site.coordinator.chain, i, {
        more: { project: 'pages' } as never,
      })
      await site.publish(signed)
      ids.unshift(id)
    }
    const found: JobId[] = []
    for (let path: string | undefined = '/api/v1/jobs?project=pages&limit=2'; path; ) {
      const { says } = await site.get(path)
      const { items, next }: { items: { id: JobId }[]; next?: string } = says
      found.push(...items.map(({ id }) => id))
      path = next && `/api/v1/jobs?project=pages&limit=2&cursor=${next}`
    }
    expect(found).toEqual(ids)
    const query = `publisher=${pia.id}&state=open&limit=100`
    const all = await site.get(`/api/v1/jobs?${query}`)
    expect((all.says as { items: unknown[] }).items.length).toBeGreaterThanOrEqual(5)
    expect((await site.get(`/api/v1/jobs?publisher=${keyNamed('eve').id}`)).says).toEqual({
      items: [],
    })
  })

  test('are not sent again to who has them', async () => {
    const first = await site.get('/api/v1/jobs')
    const etag = first.headers.get('etag') ?? ''
    expect(await site.get('/api/v1/jobs', { 'if-none-match': etag })).toMatchObject({
      ...{ status: 304, text: '' },
    })
    await site.publish(jobOf(site.coordinator.chain, 20).signed)
    const later = await site.get('/api/v1/jobs', { 'if-none-match': etag })
    expect(later.status).toBe(200)
    expect(later.headers.get('etag')).not.toBe(etag)
  })
})

describe('a job is cancelled', () => {
  test('by its publisher alone, with a request for just this job, once', async () => {
    const { id, signed } = jobOf(site.coordinator.chain, 30)
    const other = jobOf(site.coordinator.chain, 31)
    await site.publish(signed)
    await site.publish(other.signed)
    expect(await site.cancel(id, keyNamed('eve'))).toMatchObject({
      ...{ status: 403, says: { code: 'request.signer' } },
    })
    expect(await site.cancel(id, pia, { type: 'cancel', job: other.id })).toMatchObject({
      ...{ status: 400, says: { code: 'document.rule', at: 'body.act' } },
    })
    expect((await site.cancel(id, pia)).status).toBe(200)
    expect((await site.get(`/api/v1/jobs/${id}`)).says).toMatchObject({
      ...{ state: 'cancelled', waits: { type: 'ended', as: 'cancelled' } },
    })
    expect(await site.cancel(id, pia)).toMatchObject({ status: 409, says: { code: 'job.ended' } })
    const list = await site.get('/api/v1/jobs?state=cancelled')
    expect(list.says).toMatchObject({ items: [{ id }] })
  })
})

test('a job that is not there is not found, in any of its addresses', async () => {
  const id = 'f'.repeat(64)
  for (const below of [
    '',
    '/why',
    '/units',
    '/results',
    '/document',
    '/results/0/file?path=/out/a',
  ]) {
    const { status, says } = await site.get(`/api/v1/jobs/${id}${below}`)
    expect([below, status, says]).toMatchObject([below, 404, { code: 'job.unknown', at: 'job' }])
  }
})

describe('a job that nodes computed', () => {
  test('shows its units, its results, who has them, and what they earned', async () => {
    const rates = { ...usualRates, settleMs: 0 }
    await using other = await Site.open(folders, { mesh: { name: 'paid', rates } })
    const target = targetOf(other.coordinator)
    const script = { units: 8, says: () => 'right' }
    await using ann = await ScriptedNode.open('ann', target, script)
    await using bob = await ScriptedNode.open('bob', target, script)
    await ann.hello()
    await bob.hello()
    const { id, signed } = jobOf(other.coordinator.chain, 1, {
      units: 3,
      more: { project: 'pi' } as never,
    })
    await other.publish(signed)
    await ann.hears('decided', () => ann.decided.size === 3)
    await bob.hears('decided', () => bob.decided.size === 3)
    const units = await other.get(`/api/v1/jobs/${id}/units?limit=2`)
    expect(units.says).toMatchObject({
      ...{
        items: [
          { unit: 0, state: 'accepted' },
          { unit: 1, state: 'accepted' },
        ],
        next: '2',
      },
    })
    const results = await other.get(`/api/v1/jobs/${id}/results`)
    const { items }: { items: { outcome: { outputs: { cid: string }[] }; nodes: string[] }[] } =
      results.says
    expect(items).toHaveLength(3)
    for (const { outcome, nodes } of items) {
      expect(outcome.outputs).toMatchObject([{ path: '/out/a', bytes: 7 }])
      expect(nodes.toSorted()).toEqual([ann.id, bob.id].toSorted())
    }
    const wall = await other.get('/api/v1/wall?range=day')
    expect(wall.says).toMatchObject({
      items: [
        { rank: 1, micro: 6000 },
        { rank: 2, micro: 6000 },
      ],
    })
    const page = await other.get('/api/v1/wall?limit=1')
    const { next }: { next: string } = page.says
    const rest = await other.get(`/api/v1/wall?limit=1&cursor=${next}`)
    expect(rest.says).toMatchObject({ items: [{ rank: 2, micro: 6000 }] })
    const recentMicro = Math.round((6000 * Math.LN2) / 7)
    const earned = {
      id: ann.id,
      micro: 6000,
      recentMicro,
      lately: { day: 6000 },
      nodes: [],
      jobs: 1,
    }
    expect((await other.get(`/api/v1/owners/${ann.id}`)).says).toMatchObject({
      ...earned,
      ...{ owners: 2, streak: { now: 1, longest: 1 }, badges: [{ words: '1 job helped' }] },
    })
    const days = await other.get(`/api/v1/owners/${ann.id}/days`)
    expect(days.says).toMatchObject({ before: 0, items: [{ micro: 6000 }] })
    const helped = await other.get(`/api/v1/owners/${ann.id}/jobs`)
    expect(helped.says).toMatchObject({ items: [{ id, project: 'pi', micro: 6000 }] })
    expect((await other.get('/api/v1/projects/pi')).says).toMatchObject({
      accepted: 3,
      micro: 12_000,
    })
    expect((await other.get('/api/v1/projects')).says).toMatchObject({ items: [{ name: 'pi' }] })
    const nodes = await other.get('/api/v1/nodes')
    expect((nodes.says as { items: { id: string }[] }).items.map((one) => one.id)).toEqual(
      [ann.id, bob.id].toSorted(),
    )
    expect((await other.get(`/api/v1/nodes/${ann.id}/why`)).says).toMatchObject({ type: 'waits' })
  })
})
