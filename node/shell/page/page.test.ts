import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { accept, limits, refuse } from '@nexapod/specs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DoorQuestion } from '../door.ts'
import { openPage, type Page } from './page.ts'

let page: Page
let heard: DoorQuestion[]
beforeEach(async () => {
  heard = []
  const opened = await openPage(0, async (question) => {
    heard.push(question)
    return question.type === 'reload' ? refuse('limits.file') : accept({ asked: question })
  })
  if (!opened.ok) throw new Error(opened.refusal.code)
  page = opened.value
})
afterEach(() => page[Symbol.asyncDispose]())

function key(): string {
  return page.withKey.split('#')[1] ?? ''
}

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string
}

/** What the page itself sends, but for what is said otherwise. */
async function sent({ method = 'POST', path = '/ask', headers = {}, body }: Sent = {}) {
  const { host, port, origin } = new URL(page.address)
  const usual = {
    ...{ host, origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    'x-nexapod-key': key(),
  }
  const all = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== undefined)
  const options = { host: '127.0.0.1', port, method, path, headers: Object.fromEntries(all) }
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined
    headers: NodeJS.Dict<string | string[]>
    text: string
  }>()
  const asked = request({ ...options, setHost: false }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => {
      const { statusCode: status, headers: said } = response
      resolve({ status, headers: said, text: Buffer.concat(chunks).toString() })
    })
    response.on('error', reject)
  })
  asked.on('error', reject)
  asked.end(method === 'POST' ? (body ?? '{"type":"status"}') : body)
  return await promise
}

describe('the page', () => {
  test('asks what the door is asked, with its key', async () => {
    const { status, text } = await sent()
    expect({ status, said: JSON.parse(text) }).toEqual({
      status: 200,
      said: { answer: { asked: { type: 'status' } } },
    })
    await sent({ body: '{"type":"order","order":"pause"}' })
    expect(heard).toEqual([{ type: 'status' }, { type: 'order', order: 'pause' }])
  })

  test('is told in words what is refused', async () => {
    const no = await sent({ body: '{"type":"order","order":"burn"}' })
    expect(no.status).toBe(400)
    expect(JSON.parse(no.text).says).toMatch(/finish/)
    expect(JSON.parse((await sent({ body: '{"type":"reload"}' })).text)).toMatchObject({
      refusal: { code: 'limits.file' },
    })
  })

  test('is files without the key in them, which load nothing from elsewhere', async () => {
    expect(key()).toHaveLength(43)
    for (const path of ['/', '/face.css', '/face.js']) {
      const { status, headers, text } = await sent({ method: 'GET', path })
      expect({ path, status }).toEqual({ path, status: 200 })
      expect(text).not.toContain(key())
      expect(text).not.toMatch(/<script>|<style|\bon\w+=|https?:\/\//)
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
      expect(headers['content-security-policy']).toContain("; frame-ancestors 'none'")
      expect(headers['content-security-policy']).not.toContain('unsafe')
      expect(headers['access-control-allow-origin']).toBeUndefined()
      expect(headers['x-frame-options']).toBe('DENY')
    }
  })

  test('has another key at each start', async () => {
    const other = await openPage(0, async () => accept({}))
    if (!other.ok) throw new Error(other.refusal.code)
    await using second = other.value
    expect(second.withKey.split('#')[1]).not.toBe(key())
  })

  test('is answered also when what it said ends the node', async () => {
    const begun = Promise.withResolvers<void>()
    const own = page
    const ending = await openPage(0, async () => {
      begun.resolve()
      await new Promise((done) => setImmediate(done))
      return accept('last')
    })
    if (!ending.ok) throw new Error(ending.refusal.code)
    page = ending.value
    const asked = sent()
    await begun.promise
    await page[Symbol.asyncDispose]()
    page = own
    expect((await asked).text).toBe('{"answer":"last"}')
  })

  test('is not where another listens, and says so', async () => {
    const port = Number(new URL(page.address).port)
    const opened = await openPage(port, async () => accept({}))
    expect(opened).toMatchObject({ ok: false, refusal: { code: 'page.port', at: `${port}` } })
  })
})

describe('whoever is not the page', () => {
  const attacks: readonly (readonly [who: string, sent: Sent, status: number])[] = [
    ['another page', { headers: { origin: 'https://evil.example' } }, 403],
    ['a page without an origin', { headers: { origin: 'null' } }, 403],
    ['who hides its origin', { headers: { origin: undefined } }, 403],
    ['a page of another port', { headers: { origin: 'http://127.0.0.1:1' } }, 403],
    ['a page of the same site', { headers: { 'sec-fetch-site': 'same-site' } }, 403],
    ['a name that leads here', { headers: { host: 'evil.example' } }, 403],
    [
      'a name that leads here, for a file',
      { path: '/', method: 'GET', headers: { host: 'a' } },
      403,
    ],
    ['localhost, which a file may name', { headers: { host: 'localhost:80' } }, 403],
    ['no key', { headers: { 'x-nexapod-key': undefined } }, 401],
    ['an empty key', { headers: { 'x-nexapod-key': '' } }, 401],
    ['another key', { headers: { 'x-nexapod-key': 'A'.repeat(43) } }, 401],
    ['a key in the address', { path: '/ask?key=A', headers: { 'x-nexapod-key': undefined } }, 404],
    ['a question without a body', { method: 'GET' }, 405],
    ['a question before a question', { method: 'OPTIONS' }, 405],
    ['a word that writes to a file', { path: '/', method: 'POST' }, 405],
    ['another method', { method: 'DELETE' }, 405],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['a form of plain text', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a path out of the folder', { method: 'GET', path: '/../page.ts' }, 404],
    ['a source', { method: 'GET', path: '/page.ts' }, 404],
  ]

  test.each(attacks)('is let down: %s', async (_, attack, status) => {
    const found = await sent(attack)
    expect(found.status).toBe(status)
    expect(found.headers['access-control-allow-origin']).toBeUndefined()
    expect(heard).toEqual([])
  })

  test('sends ten megabytes, and they are not kept', async () => {
    const body = ' '.repeat(10_000_000)
    // It may be cut off before it reads the no.
    const found = await sent({ body }).catch((cause: NodeJS.ErrnoException) => cause)
    const said = found instanceof Error ? found.code : found.status
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(said)
    expect(heard).toEqual([])
    expect((await sent()).status).toBe(200)
  })

  test('says a question with much behind it, in parts that name no length', async () => {
    const body = '{"type":"status"}'.padEnd(limits.doorQuestionBytesMax + 1)
    const headers = { 'transfer-encoding': 'chunked' }
    expect((await sent({ body, headers })).status).toBe(413)
    expect((await sent({ body })).status).toBe(413)
    expect(heard).toEqual([])
    const fits = '{"type":"status"}'.padEnd(limits.doorQuestionBytesMax)
    expect((await sent({ body: fits, headers })).status).toBe(200)
  })

  test('promises ten megabytes, and is let down before it sends them', async () => {
    const { host, port, origin } = new URL(page.address)
    const socket = connect(Number(port), '127.0.0.1')
    const heads = [`host: ${host}`, `origin: ${origin}`, `x-nexapod-key: ${key()}`]
    const type = ['content-type: application/json', 'content-length: 10000000']
    socket.write(['POST /ask HTTP/1.1', ...heads, ...type, '', ''].join('\r\n'))
    const [first] = await once(socket, 'data')
    expect(String(first)).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  test('says less than it promised, and others are answered meanwhile', async () => {
    const { host, port, origin } = new URL(page.address)
    const socket = connect(Number(port), '127.0.0.1')
    const heads = [`host: ${host}`, `origin: ${origin}`, `x-nexapod-key: ${key()}`]
    const type = ['content-type: application/json', 'content-length: 100']
    socket.write(['POST /ask HTTP/1.1', ...heads, ...type, '', '{'].join('\r\n'))
    expect((await sent()).status).toBe(200)
    socket.destroy()
  })

  test('comes with more lines than a browser opens, and gets no more than its share', async () => {
    const { port } = new URL(page.address)
    const sockets = Array.from({ length: 2 * limits.pageLinesMax }, () => {
      return connect(Number(port), '127.0.0.1').on('error', () => {})
    })
    const closed = sockets.map((socket) => new Promise((done) => socket.once('close', done)))
    await Promise.race(closed)
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
    expect((await sent()).status).toBe(200)
  })
})
