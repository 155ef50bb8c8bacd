import { setTimeout as sleep } from 'node:timers/promises'
import {
  encode,
  jobDocument,
  jobId,
  limits,
  requestDocument,
  signedSchema,
} from '../../specs/index.ts'
import { altered, cancelOf, hugeJob, signedJob } from './envelopes.ts'
import { type Bare, codeIn, Site } from './site.ts'
import type { Try } from './try.ts'

const cbor = 'application/cbor'
const close = 'host: x\r\nconnection: close\r\n'
const post = `POST /api/v1/jobs HTTP/1.1\r\n${close}`

/** Resolves when so many of those are closed. */
async function closings(bares: readonly Bare[], count: number): Promise<void> {
  let closed = 0
  await new Promise<void>((resolve) => {
    for (const { all } of bares) void all.then(() => ++closed === count && resolve())
  })
}

/** What is tried over the API. */
export const triesOfHttp: readonly Try[] = [
  {
    name: 'HTTP: bodies and headers too long, no HTTP, two requests in one, types, ways out',
    expects: [
      ...['bytes.too-large', 'bytes.too-large', 'http.headers', 'http.headers'],
      ...['http.malformed', 'http.malformed', 'http.media', 'document.form', 'http.method'],
      ...['nothing found'],
    ],
    async run(scene) {
      const site = new Site(scene)
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
      const y = 'y'.repeat(limits.httpHeaderBytesMax)
      const many = Array.from({ length: 5000 }, (_, i) => `x${i}: y\r\n`).join('')
      const both = 'content-length: 3\r\ntransfer-encoding: chunked\r\n'
      const written = [
        `${post}content-type: ${cbor}\r\ncontent-length: 99999999999\r\n\r\n`,
        `${post}content-type: ${cbor}\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}`,
        `GET /healthz HTTP/1.1\r\n${close}x: ${y}\r\n\r\n`,
        `GET /healthz HTTP/1.1\r\n${close}${many}\r\n`,
        '\x16\x03\x01\x00\x00 hello\r\n\r\n',
        `${post}${both}\r\n0\r\n\r\n`,
        `${post}content-type: text/plain\r\ncontent-length: 2\r\n\r\n{}`,
        `${post}content-type: application/json\r\ncontent-length: 2\r\n\r\n[[`,
        `DELETE /api/v1/jobs/${scene.job} HTTP/1.1\r\n${close}\r\n`,
      ]
      const codes: string[] = []
      for (const text of written) codes.push(codeIn(await site.raw(text)))
      const ways = ['/../../key', '/..%2f..%2fkey', '/api/v1/jobs/..%2f..%2fkey', '/ipfs/../key']
      const found = await Promise.all(
        ways.map((way) => site.raw(`GET ${way} HTTP/1.1\r\n${close}\r\n`)),
      )
      if (found.every((text) => /^HTTP\/1.1 40[04] /.test(text))) codes.push('nothing found')
      return codes
    },
  },
  {
    name: 'HTTP: the same writes again, with other bodies, and more of them than may be',
    expects: [
      ...['the same', 'signature.false', 'job.conflict', 'request.signer', 'request.replayed'],
      ...['wire.rate'],
    ],
    async run(scene) {
      const site = new Site(scene)
      await using peer = await scene.peer()
      const { signer } = peer
      const { chain } = scene.said
      const send = async (path: string, body: Uint8Array) => {
        return await site.ask(path, { method: 'POST', body, headers: { 'content-type': cbor } })
      }
      const publish = (signed: ReturnType<typeof signedJob>) => {
        return send('/api/v1/jobs', encode(signedSchema(jobDocument), signed))
      }
      const act = (request: ReturnType<typeof cancelOf>) => {
        return send('/api/v1/requests', encode(signedSchema(requestDocument), request))
      }
      const job = hugeJob(chain, signer)
      const signed = signedJob(job, signer)
      const first = await publish(signed)
      const again = await publish(signed)
      const codes: string[] = []
      const isTaken = first.status < 300 && again.status < 300
      if (isTaken && first.text === again.text) codes.push('the same')
      const other = { ...job, name: 'another' }
      codes.push(codeIn((await publish(altered(signed, other))).text))
      codes.push(codeIn((await publish(signedJob(other, signer))).text))
      codes.push(codeIn((await act(cancelOf(scene.job, signer, chain, { counter: 1 }))).text))
      const cancel = cancelOf(jobId(signed), signer, chain)
      await act(cancel)
      codes.push(codeIn((await act(cancel)).text))
      for (let i = 0; i <= limits.httpWritesPerMinuteMax; i++) {
        const { status, text } = await act(cancel)
        if (status !== 429) continue
        codes.push(codeIn(text))
        break
      }
      return codes
    },
  },
  {
    name: 'HTTP: a thousand connections, and a thousand streams that nobody reads',
    expects: ['most turned away', 'wire.full', 'others are answered'],
    async run(scene) {
      const site = new Site(scene)
      const silent = Array.from({ length: 1000 }, () => site.bare())
      const turned = 1000 - limits.connectionsPerAddressMax
      await Promise.race([closings(silent, turned), sleep(20_000)])
      const codes: string[] = []
      const answered = [(await new Site(scene).ask('/healthz')).status]
      const open = silent.filter(({ isOpen }) => isOpen).length
      if (open <= limits.connectionsPerAddressMax) codes.push('most turned away')
      for (const { socket } of silent) socket.destroy()
      const streaming = new Site(scene)
      const streams = Array.from({ length: 1000 }, () => streaming.bare())
      for (const { socket } of streams) {
        socket.write('GET /api/v1/ledger/stream?from=0 HTTP/1.1\r\nhost: x\r\n\r\n')
      }
      const firsts = await Promise.all(streams.map(({ first }) => first))
      for (const { socket } of streams) socket.pause()
      answered.push((await new Site(scene).ask('/api/v1/status')).status)
      for (const { socket } of streams) socket.destroy()
      const full = firsts.map(codeIn).find((code) => code === 'wire.full')
      if (full !== undefined) codes.push(full)
      if (answered.every((status) => status === 200)) codes.push('others are answered')
      return codes
    },
  },
  {
    name: 'HTTP: heads, documents and uploads that never end',
    expects: ['wire.deadline', 'wire.deadline', 'wire.full', 'others are answered'],
    async run(scene) {
      const site = new Site(scene)
      const slow = Array.from({ length: 20 }, () => site.bare())
      const head = slow.slice(10)
      const body = slow.slice(0, 10)
      for (const { socket } of head) socket.write('GET /healthz HTTP/1.1\r\nx')
      for (const { socket } of body) {
        socket.write(`${post}content-type: ${cbor}\r\ncontent-length: 1000\r\n\r\n`)
      }
      const up = 'POST /api/v1/data HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream'
      const uploads = Array.from({ length: limits.uploadsPerAddressMax + 1 }, () => site.bare())
      for (const { socket } of uploads) socket.write(`${up}\r\ncontent-length: 100000\r\n\r\nx`)
      const drip = setInterval(() => {
        for (const { socket } of slow) if (socket.writable) socket.write('x')
      }, 500)
      const codes = [codeIn(await Promise.race(uploads.map(({ first }) => first)))]
      const answered = (await new Site(scene).ask('/api/v1/status')).status
      const ends = await Promise.all([...head, ...body].map(({ all }) => all))
      clearInterval(drip)
      for (const { socket } of uploads) socket.destroy()
      const isLate = (some: readonly string[]) =>
        some.every((text) => codeIn(text) === 'wire.deadline')
      if (isLate(ends.slice(0, 10))) codes.push('wire.deadline')
      if (isLate(ends.slice(10))) codes.push('wire.deadline')
      if (answered === 200) codes.push('others are answered')
      return codes
    },
  },
]
