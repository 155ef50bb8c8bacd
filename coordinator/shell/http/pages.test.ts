import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listLog } from '../../test/scripted-mesh.ts'
import { openDoor } from './door.ts'
import { Metrics } from './metrics.ts'
import { servePages } from './pages.ts'

let directory: string
let metrics: Metrics
let door: FastifyInstance

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-pages-'))
  await mkdir(join(directory, '_app/immutable'), { recursive: true })
  await writeFile(join(directory, 'index.html'), '<!doctype html>')
  await writeFile(join(directory, '_app/immutable/a.1234.js'), 'export {}')
  await writeFile(join(directory, '..', 'nexapod-beside.html'), 'beside')
  metrics = new Metrics()
  door = await openDoor({ log: listLog(), metrics }, [])
  await servePages(door, directory)
})

afterAll(async () => {
  await door.close()
  metrics[Symbol.dispose]()
  await rm(directory, { recursive: true, force: true })
  await rm(join(directory, '..', 'nexapod-beside.html'), { force: true })
})

test('the first page is at /, and asked for again by its ETag', async () => {
  const first = await door.inject('/')
  expect(first.statusCode).toBe(200)
  expect(first.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(first.headers['cache-control']).toBe('no-cache')
  const again = await door.inject({
    url: '/',
    headers: { 'if-none-match': String(first.headers.etag) },
  })
  expect([again.statusCode, again.body]).toEqual([304, ''])
})

test('what is named by its hash is kept for ever', async () => {
  const { headers } = await door.inject('/_app/immutable/a.1234.js')
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test('it is compressed for who accepts that, and for nobody else', async () => {
  const plain = await door.inject('/')
  expect(plain.headers['content-encoding']).toBeUndefined()
  const zipped = await door.inject({ url: '/', headers: { 'accept-encoding': 'br, gzip' } })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body)
})

test('the policy lets no script run but its own files, and no answer of the API any', async () => {
  const policy = String((await door.inject('/')).headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
  expect(policy).not.toMatch(/script-src[^;]*(unsafe|sha256|http|\*)/)
  const none = await door.inject('/none')
  expect(none.statusCode).toBe(404)
  expect(none.headers['content-security-policy']).toMatch(/^default-src 'none';frame-ancestors/)
})

test.each([
  '/../nexapod-beside.html',
  '/%2e%2e/nexapod-beside.html',
  '/..%2fnexapod-beside.html',
  '/_app/../../nexapod-beside.html',
  '/_app',
  '/index.html/',
])('no file is found by the name %s', async (url) => {
  expect((await door.inject(url)).statusCode).toBe(404)
})
