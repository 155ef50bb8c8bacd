import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { openFork } from '@nexapod/ledger'
import { nameOf, openStockedMesh, type StockedMesh } from '@nexapod/mesh'
import { type Cid, cidOf, sha256 } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedNamed } from '../../test/cast.ts'
import { Folders, jobOf, targetOf, valued } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { machineTime } from '../time.ts'
import { Site } from './test/site.ts'
import { Uploads } from './uploads.ts'

const run = promisify(execFile)
const folders = new Folders()
const octets = 'application/octet-stream'
let site: Site
let directory: string
beforeAll(async () => {
  directory = folders.next()
  site = await Site.open(folders, { directory })
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await folders.remove()
})

async function bytesAt(path: string): Promise<Buffer> {
  const response = await fetch(site.http.address + path)
  expect([path, response.status]).toEqual([path, 200])
  return Buffer.from(await response.arrayBuffer())
}

/** Somebody with data, who has dialled the coordinator. */
async function stocked(name: string): Promise<StockedMesh> {
  const { coordinator } = site
  const addresses = coordinator.addresses()
  const mesh = await openStockedMesh({
    ...{ mesh: coordinator.mesh, seed: seedNamed(name), listen: [], known: addresses },
    roster: [{ coordinator: coordinator.id, addresses }],
    data: { directory: folders.next(), bytesMax: 1e9, mayServe: () => true },
    ...{ now: Date.now, openFork },
  })
  valued(await mesh.dial(coordinator.id, addresses, AbortSignal.timeout(10_000)))
  return mesh
}

describe('a file that is uploaded', () => {
  test('comes back as it was, whole, as a CAR, and block by block', async () => {
    const file = randomBytes(3_500_000)
    const { status, says, headers } = await site.post('/api/v1/data', file, octets)
    const { cid, bytes }: { cid: Cid; bytes: number } = says
    expect([status, bytes]).toEqual([201, file.length])
    expect(headers.get('location')).toBe(`/api/v1/data/${cid}`)
    expect((await bytesAt(`/api/v1/data/${cid}`)).equals(file)).toBe(true)
    const root = await bytesAt(`/ipfs/${cid}?format=raw`)
    expect(cidOf('dag-pb', sha256(root))).toBe(cid)
    const car = await bytesAt(`/api/v1/data/${cid}?format=car`)
    expect(car.includes(file.subarray(0, 1_000_000))).toBe(true)
    expect(car.length).toBeGreaterThan(file.length)
  })

  test('is not sent again to who has it, and has no byte too many as an empty one', async () => {
    const { says } = await site.post('/api/v1/data', new Uint8Array(0), octets)
    const { cid }: { cid: Cid } = says
    const first = await site.get(`/api/v1/data/${cid}`)
    expect([first.text, first.headers.get('content-length')]).toEqual(['', '0'])
    const again = await site.get(`/api/v1/data/${cid}`, {
      'if-none-match': first.headers.get('etag') ?? '',
    })
    expect(again.status).toBe(304)
  })

  test('is a directory where it is a tar, and nothing where it is none', async () => {
    const folder = folders.next()
    await mkdir(join(folder, 'a'), { recursive: true })
    await writeFile(join(folder, 'a/b.csv'), '1,2')
    const tar = await run('tar', ['--format=ustar', '-cC', folder, '.'], { encoding: 'buffer' })
    const { says } = await site.post(
      '/api/v1/data',
      new Uint8Array(tar.stdout),
      'application/x-tar',
    )
    const named = valued(await nameOf(folder, { bytesMax: 1000 }))
    expect(says).toMatchObject({ cid: named.cid, bytes: tar.stdout.length })
    const none = await site.post('/api/v1/data', 'no tar'.repeat(200), 'application/x-tar')
    expect(none).toMatchObject({ status: 400, says: { code: 'data.form' } })
  })

  test('leaves nothing behind that was cut off', async () => {
    const { port } = new URL(site.http.address)
    const pins = site.coordinator.data.store.pins().length
    const socket = connect(Number(port), '127.0.0.1')
    const head = `POST /api/v1/data HTTP/1.1\r\nhost: x\r\ncontent-type: ${octets}\r\n`
    socket.write(`${head}content-length: 1000000\r\n\r\n${'x'.repeat(1000)}`)
    const uploads = join(directory, 'http', 'uploads')
    await expect.poll(() => readdir(uploads)).toHaveLength(1)
    socket.destroy()
    await expect.poll(() => readdir(uploads)).toEqual([])
    expect(site.coordinator.data.store.pins()).toHaveLength(pins)
  })

  test('must be a file, in bytes', async () => {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data']) {
      expect(await site.post('/api/v1/data', '{}', type)).toMatchObject({
        ...{ status: 415, says: { code: 'http.media', at: 'content-type' } },
      })
    }
  })
})

describe('data', () => {
  test('that is not here is not found, and neither is what waits for its verdict', async () => {
    const cid = cidOf('raw', sha256(new TextEncoder().encode('nowhere')))
    const sealed = await site.coordinator.data.importTree(
      { bytes: new TextEncoder().encode('sealed') },
      { bytesMax: 100, pin: 'sealed', sealed: true },
    )
    const below = cidOf('raw', sha256(new Uint8Array(7)))
    await site.coordinator.data.importTree(
      { entries: new Map([['a', { bytes: new Uint8Array(7) }]]) },
      { bytesMax: 100, pin: 'sealed too', sealed: true },
    )
    for (const one of [cid, valued(sealed).cid, below]) {
      expect(await site.get(`/api/v1/data/${one}`)).toMatchObject({
        ...{ status: 404, says: { code: 'data.unknown', at: one } },
      })
      expect((await site.get(`/ipfs/${one}?format=raw`)).status).toBe(404)
    }
  })

  test('that is a directory comes as a CAR alone', async () => {
    const entries = new Map([['a', { bytes: new Uint8Array(10) }]])
    const keeping = { bytesMax: 1000, pin: 'directory', sealed: false }
    const { cid } = valued(await site.coordinator.data.importTree({ entries }, keeping))
    expect(await site.get(`/api/v1/data/${cid}`)).toMatchObject({
      ...{ status: 400, says: { code: 'data.kind', expected: expect.stringContaining('car') } },
    })
    expect((await site.get(`/api/v1/data/${cid}?format=car`)).status).toBe(200)
  })

  test('of a unit is had by its path, by way of the coordinator from who computed it', async () => {
    const target = targetOf(site.coordinator)
    const { id, signed } = jobOf(site.coordinator.chain, 1)
    {
      await using ann = await ScriptedNode.open('ann', target, { units: 2, says: () => 'right' })
      await using bob = await ScriptedNode.open('bob', target, { units: 2, says: () => 'right' })
      await ann.hello()
      await bob.hello()
      await site.publish(signed)
      await ann.hears('decided')
    }
    const file = `/api/v1/jobs/${id}/results/0/file`
    expect(await site.get(`${file}?path=/out/b`)).toMatchObject({
      ...{ status: 404, says: { at: 'path', expected: 'one of /out/a' } },
    })
    await using ann = await stocked('ann')
    const keeping = { bytesMax: 99, pin: 'a', sealed: false }
    await ann.data.importTree({ bytes: new TextEncoder().encode('0 right') }, keeping)
    expect((await bytesAt(`${file}?path=/out/a`)).toString()).toBe('0 right')
    expect(await site.get(`/api/v1/jobs/${id}/results/1/file?path=/out/a`)).toMatchObject({
      ...{ status: 404, says: { code: 'data.unknown', at: 'unit' } },
    })
  })
})

describe('what is kept of uploads', () => {
  const bounds = { bytesMax: 1000, perAddressBytesMax: 1500, keptMs: 5000 }

  async function opened(needed: ReadonlySet<string> = new Set()) {
    const clock = { wall: Date.now() }
    const { data } = site.coordinator
    const time = { ...machineTime, wall: () => clock.wall }
    const ground = { data, time, isNeeded: (cid: string) => needed.has(cid) }
    const at = folders.next()
    const take = async (uploads: Uploads, bytes: number, from: string) => {
      const body = Readable.from([randomBytes(bytes)])
      return await uploads.take(body, from, AbortSignal.timeout(10_000))
    }
    return { clock, data, at, ground, take, open: () => Uploads.open(at, ground, bounds) }
  }

  test('is bounded for each file and for each address', async () => {
    const { open, take } = await opened()
    await using uploads = await open()
    const before = uploads.bytesOf('a')
    expect(before).toBe(0)
    const large = await take(uploads, 1001, 'a')
    expect(large).toMatchObject({ ok: false, refusal: { code: 'data.too-large' } })
    expect((await take(uploads, 900, 'a')).ok).toBe(true)
    const more = await take(uploads, 900, 'a')
    expect(more).toMatchObject({ ok: false, refusal: { code: 'data.quota' } })
    expect((await take(uploads, 900, 'b')).ok).toBe(true)
    expect(uploads.bytesOf('a')).toBe(900)
  })

  test('is found after a restart, and goes when its time is over and no job needs it', async () => {
    const needed = new Set<string>()
    const { clock, data, open, take } = await opened(needed)
    let kept: Cid
    let gone: Cid
    {
      await using uploads = await open()
      kept = valued(await take(uploads, 10, 'c')).cid
      gone = valued(await take(uploads, 20, 'c')).cid
    }
    await using uploads = await open()
    expect(uploads.bytesOf('c')).toBe(30)
    needed.add(kept)
    await uploads.sweep()
    expect(uploads.bytesOf('c')).toBe(30)
    clock.wall += 5000
    await uploads.sweep()
    expect(uploads.bytesOf('c')).toBe(10)
    const roots = data.store.pins().flatMap((pin) => pin.roots)
    expect([roots.includes(kept), roots.includes(gone)]).toEqual([true, false])
  })

  test('once, if the same file comes twice, and as long as the later one asks', async () => {
    const { open } = await opened()
    await using uploads = await open()
    const bytes = randomBytes(100)
    const take = () => uploads.take(Readable.from([bytes]), 'd', AbortSignal.timeout(10_000))
    await take()
    await take()
    expect(uploads.bytesOf('d')).toBe(100)
  })
})
