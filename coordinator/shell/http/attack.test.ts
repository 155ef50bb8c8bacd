import { connect, type Socket } from 'node:net'
import { limits } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Folders, jobOf } from '../../test/scripted-mesh.ts'
import { Events } from './test/events.ts'
import { cbor, Site } from './test/site.ts'

const folders = new Folders()
let site: Site
beforeAll(async () => {
  site = await Site.open(folders)
})
afterAll(async () => {
  // Honest work was undisturbed by all of it, and nothing was broken.
  expect(site.log.filter(({ what }) => what === 'http.broken').slice(0, 1)).toEqual([])
  expect((await site.publish(jobOf(site.coordinator.chain, 99).signed)).status).toBe(201)
  await site[Symbol.asyncDispose]()
  await folders.remove()
})

/** A bare connection, and all that comes on it until it ends. */
class Bare {
  readonly socket: Socket
  readonly all: Promise<string>

  constructor(address: string) {
    const { port } = new URL(address)
    this.socket = connect(Number(port), '127.0.0.1')
    const chunks: Buffer[] = []
    this.socket.on('data', (chunk) => chunks.push(chunk))
    this.all = new Promise((resolve) => {
      this.socket.on('error', () => {})
      this.socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    })
  }
}

async function raw(text: string): Promise<string> {
  const bare = new Bare(site.http.address)
  bare.socket.write(text)
  return await bare.all
}

const close = 'host: x\r\nconnection: close\r\n'

describe('what is sent is bounded', () => {
  test('a document that is too large is refused before it is read', async () => {
    const large = new Uint8Array(limits.requestBytesMax + 1)
    expect(await site.post('/api/v1/jobs', large, cbor)).toMatchObject({
      ...{ status: 413, says: { code: 'bytes.too-large' } },
    })
    const head = `POST /api/v1/jobs HTTP/1.1\r\n${close}content-type: ${cbor}\r\n`
    expect(await raw(`${head}content-length: 99999999999\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /)
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const chunked = `${head}transfer-encoding: chunked\r\n\r\n${chunk}${chunk}`
    expect(await raw(chunked)).toMatch(/^HTTP\/1.1 413 /)
  })

  test('headers that are too many, or too long, are refused', async () => {
    const y = 'y'.repeat(limits.httpHeaderBytesMax)
    const long = `GET /healthz HTTP/1.1\r\n${close}x: ${y}\r\n\r\n`
    expect(await raw(long)).toContain('"code":"http.headers"')
    const many = Array.from({ length: 5000 }, (_, i) => `x${i}: y\r\n`).join('')
    expect(await raw(`GET /healthz HTTP/1.1\r\n${close}${many}\r\n`)).toMatch(/^HTTP\/1.1 431 /)
  })

  test('JSON that is deep, or is none, is refused with its place', async () => {
    const type = 'application/json'
    const deep = await site.post('/api/v1/jobs', '['.repeat(60_000), type)
    expect(deep).toMatchObject({ status: 400, says: { code: 'document.form', at: 'body' } })
    const closed = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    expect((await site.post('/api/v1/jobs', closed, type)).status).toBe(400)
    const proto = '{"__proto__":{"ok":true},"body":{},"signatures":[]}'
    expect((await site.post('/api/v1/jobs', proto, type)).status).toBe(400)
    expect((await site.post('/api/v1/jobs', '', type)).status).toBe(400)
    expect((await site.post('/api/v1/jobs', new Uint8Array([0xff]), type)).status).toBe(400)
    expect('ok' in {}).toBe(false)
  })

  test('bytes that are no document are refused by their code', async () => {
    for (const bytes of [[], [0xff], [0xa0], [0xbf, 0xff], [0x9b, ...Array(8).fill(0xff)]]) {
      const refused = await site.post('/api/v1/jobs', new Uint8Array(bytes), cbor)
      expect(refused.status).toBe(400)
      expect(refused.says).toMatchObject({ code: expect.stringMatching(/^(bytes|document)\./) })
    }
  })

  test('types that are not taken are told which are', async () => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream']
    for (const type of types) {
      expect(await site.post('/api/v1/jobs', '{}', type)).toMatchObject({
        ...{ status: 415, says: { code: 'http.media' } },
      })
    }
    const bare = `POST /api/v1/jobs HTTP/1.1\r\n${close}content-length: 2\r\n\r\n{}`
    expect(await raw(bare)).toMatch(/^HTTP\/1.1 415 /)
  })
})

describe('addresses', () => {
  test('lead nowhere but where they say', async () => {
    const tricks = [
      ...[
        '/../../etc/passwd',
        '/..%2f..%2fetc%2fpasswd',
        '/api/v1/jobs/..%2f..%2fkey',
        '//api//v1',
      ],
      ...['/api/v1/jobs/%00', '/api/v1/jobs/%zz', '/api/v1/data/../../key', '/ipfs/../key'],
      ...['/ipfs/bafy/../../key?format=raw', `/api/v1/jobs/${'a'.repeat(5000)}`, '/\\..\\key'],
      ...['/api/v1/ledger/entries/-1', '/api/v1/ledger/entries/1e3', '/api/v1/ledger/entries/0x1'],
      ...[
        '/api/v1/nodes/12D3KooW',
        '/api/v1/projects/UPPER',
        '/problems/__proto__',
        '/constructor',
      ],
    ]
    for (const trick of tricks) {
      const answer = await raw(`GET ${trick} HTTP/1.1\r\n${close}\r\n`)
      expect([trick, answer.slice(0, 13)]).toEqual([
        trick,
        expect.stringMatching(/1.1 (400|404) $/),
      ])
      expect(answer).toMatch(/application\/problem\+json|text\/plain/)
    }
  })

  test('with questions that are not known, or stand twice, are refused by name', async () => {
    const faults: [string, string, string][] = [
      ['limt=3', 'document.unknown-key', 'limt'],
      ['limit=0', 'document.bounds', 'limit'],
      ['limit=1e2', 'document.type', 'limit'],
      ['limit=1&limit=2', 'document.type', 'limit'],
      ['state=no', 'document.choice', 'state'],
      ['publisher=me', 'document.form', 'publisher'],
      ['__proto__=1', 'document.unknown-key', '__proto__'],
      ['cursor=99999999999999999999', 'document.type', 'cursor'],
    ]
    for (const [query, code, at] of faults) {
      const refused = await site.get(`/api/v1/jobs?${query}`)
      expect([query, refused.status, refused.says]).toMatchObject([query, 400, { code, at }])
    }
    expect((await site.get('/api/v1/wall?cursor=1.1.me')).status).toBe(400)
  })

  test('with a method that they do not have say which they have', async () => {
    const response = await fetch(`${site.http.address}/api/v1/jobs/${'0'.repeat(64)}`, {
      method: 'DELETE',
    })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'HEAD, GET'])
    expect((await response.json()) as object).toMatchObject({ code: 'http.method' })
  })

  test('that smuggle a second request, or are no HTTP, end the connection', async () => {
    const both = 'content-length: 3\r\ntransfer-encoding: chunked\r\n'
    const two = `POST /api/v1/jobs HTTP/1.1\r\n${close}${both}\r\n0\r\n\r\n`
    expect(await raw(two)).toMatch(/^HTTP\/1.1 400 /)
    expect(await raw('\x16\x03\x01\x00\x00 hello\r\n\r\n')).toContain('"code":"http.malformed"')
  })
})

describe('who is slow', () => {
  test('with a document is refused in time, and others are answered meanwhile', async () => {
    const bare = new Bare(site.http.address)
    const head = `POST /api/v1/jobs HTTP/1.1\r\nhost: x\r\ncontent-type: ${cbor}\r\n`
    bare.socket.write(`${head}content-length: 1000\r\n\r\n`)
    const drip = setInterval(() => bare.socket.write('x'), 500)
    const headless = new Bare(site.http.address)
    headless.socket.write('GET /healthz HTTP/1.1\r\nx')
    const begun = performance.now()
    expect((await site.get('/healthz')).status).toBe(200)
    expect(await bare.all).toContain('"code":"wire.deadline"')
    clearInterval(drip)
    expect(await headless.all).toContain('"code":"wire.deadline"')
    expect(performance.now() - begun).toBeLessThan(limits.helloMs + 5000)
  })
})

describe('streams of entries', () => {
  test('are open as many as may be, where a thousand are asked for, and close', async () => {
    const bares = Array.from({ length: 1000 }, () => new Bare(site.http.address))
    const opened: Bare[] = []
    let refused = 0
    await Promise.all(
      bares.map(async (bare) => {
        bare.socket.write('GET /api/v1/ledger/stream?from=0 HTTP/1.1\r\nhost: x\r\n\r\n')
        const first = await Promise.race([
          bare.all.then(() => 'gone'),
          new Promise<string>((resolve) => bare.socket.once('data', (data) => resolve(`${data}`))),
        ])
        if (first.startsWith('HTTP/1.1 200 ')) opened.push(bare)
        else {
          refused++
          if (first !== 'gone') expect(first).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after/)
        }
      }),
    )
    expect(opened).toHaveLength(limits.httpStreamsPerAddressMax)
    expect(refused).toBe(1000 - limits.httpStreamsPerAddressMax)
    for (const { socket } of bares) socket.destroy()
    const open = /^nexapod_http_streams (\d+)$/m
    const streams = async () => open.exec((await site.get('/metrics')).text)?.[1]
    await expect.poll(streams).toBe('0')
    // Who goes before it is answered has not been in.
    for (let i = 0; i < 100; i++) {
      const { socket } = new Bare(site.http.address)
      socket.write('GET /api/v1/ledger/stream?from=0 HTTP/1.1\r\nhost: x\r\n\r\n', () => {
        socket.resetAndDestroy()
      })
    }
    await expect.poll(streams).toBe('0')
    await using events = await Events.open(`${site.http.address}/api/v1/ledger/stream?from=0`)
    expect((await events.next()).id).toBe(0)
  })
})

test('files that nobody reads on are as many as may be, and free when they are gone', async () => {
  const type = 'application/octet-stream'
  const uploaded = await site.post('/api/v1/data', new Uint8Array(32 * 1024 * 1024), type)
  const { cid }: { cid: string } = uploaded.says
  const max = limits.httpDownloadsPerAddressMax
  const bares = Array.from({ length: max }, () => new Bare(site.http.address))
  for (const { socket } of bares) {
    socket.write(`GET /api/v1/data/${cid} HTTP/1.1\r\nhost: x\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
  }
  const path = `/api/v1/data/${cid}?format=car`
  expect(await site.get(path)).toMatchObject({ status: 503, says: { code: 'wire.full' } })
  expect((await site.get(`/ipfs/${cid}?format=raw`)).status).toBe(200)
  for (const { socket } of bares) socket.destroy()
  await expect.poll(async () => (await site.get(path)).status).toBe(200)
})

test('who asks too often is told when to come back', async () => {
  await using busy = await Site.open(folders)
  const ask = () => busy.post('/api/v1/requests', '{}', 'application/json')
  let last = await ask()
  expect(last.headers.get('ratelimit-limit')).toBe(String(limits.httpWritesPerMinuteMax))
  for (let i = 1; i <= limits.httpWritesPerMinuteMax; i++) last = await ask()
  expect(last).toMatchObject({ status: 429, says: { code: 'wire.rate', fault: 'later' } })
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  // Looking is counted apart.
  expect((await busy.get('/api/v1/status')).status).toBe(200)
})

describe('pages of other origins', () => {
  test('may ask only if they are allowed, and no answer is more than read', async () => {
    await using open = await Site.open(folders, { origins: ['https://example.org'] })
    const asked = async (at: Site, origin: string) => (await at.get('/version', { origin })).headers
    const allowed = await asked(open, 'https://example.org')
    expect(allowed.get('access-control-allow-origin')).toBe('https://example.org')
    expect((await asked(open, 'https://evil.org')).get('access-control-allow-origin')).toBeNull()
    const own = await asked(site, 'https://example.org')
    expect(own.get('access-control-allow-origin')).toBeNull()
    expect(own.get('content-security-policy')).toContain("default-src 'none'")
    expect(own.get('x-content-type-options')).toBe('nosniff')
  })
})
