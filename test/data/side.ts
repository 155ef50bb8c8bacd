import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, createServer as createTcp } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import { networkOf } from '../../mesh/channel/network.ts'
import { Data } from '../../mesh/data/data.ts'
import { Flow } from '../../mesh/data/flow.ts'
import type { GatewayAnswer } from '../../mesh/data/serve/gateway.ts'
import { yes } from '../../mesh/data/test/rig.ts'
import { addressOf, openHost, openStream } from '../../mesh/test/hosts.ts'
import { type Cid, limits, protocols, refusalOf } from '../../specs/index.ts'

/** What a process of its own is asked to do with data. */
export type Order =
  | { readonly do: 'open'; readonly directory: string; readonly seed: number }
  | { readonly do: 'add'; readonly path: string }
  | {
      readonly do: 'fetch'
      readonly root: string
      readonly peers: readonly string[]
      readonly gateways: readonly string[]
      /** Whether each step is told. */
      readonly steps: boolean
    }
  | { readonly do: 'export'; readonly root: string; readonly path: string }
  | { readonly do: 'tcp'; readonly port: number }
  | { readonly do: 'bare'; readonly address: string; readonly bytes: number }
  | { readonly do: 'nothing' }
  | { readonly do: 'serveTcp'; readonly path: string }

/** What it says when that is done. */
export interface Done {
  readonly text?: string
  readonly address?: string
  readonly gateway?: string
  readonly bytes?: number
  readonly fetchedBytes?: number
  readonly rssBytes?: number
  /** Of the whole process, since it began. */
  readonly cpuMs?: number
}

/** A protocol of the benchmark. */
const bare = '/nexapod/bare/1'
const bounds = { bytesMax: limits.storageBytesMax }

let data: Data | undefined
let host: Awaited<ReturnType<typeof openHost>> | undefined
let server: Server | undefined

async function open(directory: string, seed: number): Promise<Done> {
  const opened = await openHost(seed)
  host = opened
  const { id } = protocols.data
  const store = await Data.open({
    directory,
    bytesMax: 16 * 1024 ** 3,
    mayServe: (_, { sealed }) => !sealed,
    openPipe: async (peer) => pipeOf(await openStream(opened, peer, id)),
  })
  data = store
  await opened.handle(id, async (stream, connection) => {
    const { remotePeer, remoteAddr } = connection
    await store.serve(pipeOf(stream), {
      peer: remotePeer.toString(),
      network: networkOf(remoteAddr),
    })
  })
  await opened.handle(bare, async (stream) => await pour(new Flow(pipeOf(stream))))
  server = createServer(async ({ method = '', url = '', headers }, response) => {
    await reply(await store.gateway({ method, url, headers }), response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: addressOf(opened), gateway: `http://127.0.0.1:${portOf(server.address())}` }
}

async function reply({ status, headers, body }: GatewayAnswer, to: ServerResponse): Promise<void> {
  to.writeHead(status, headers)
  if (body === undefined || body instanceof Uint8Array) to.end(body)
  else await pipeline(Readable.from(body), to)
}

async function obey(order: Order): Promise<Done> {
  switch (order.do) {
    case 'open':
      return await open(order.directory, order.seed)
    case 'nothing':
      return {}
    case 'serveTcp':
      return await serveTcp(order.path)
    case 'tcp':
      return await takeTcp(order.port)
    case 'bare':
      return await takeBare(order.address, order.bytes)
    case 'add': {
      const keeping = { ...bounds, pin: 'added', sealed: false }
      const { cid, bytes } = yes(await opened().importPath(order.path, keeping))
      return { text: cid, bytes }
    }
    case 'fetch':
      return await fetch(order)
    case 'export':
      yes(await opened().exportTo(order.path, order.root as Cid, bounds))
      return {}
  }
}

async function fetch({ root, peers, gateways, steps }: Order & { do: 'fetch' }): Promise<Done> {
  const onProgress = ({ bytes }: { bytes: number }) => process.send?.({ bytes })
  const told = steps ? { onProgress } : {}
  const wanted = { root: root as Cid, peers, gateways, ...bounds, ...told, pin: 'got' }
  const { bytes, fetchedBytes } = yes(await opened().fetch(wanted))
  return { bytes, fetchedBytes }
}

function opened(): Data {
  if (data === undefined) throw new Error('nothing is open')
  return data
}

/** Pours bytes until nobody wants any: a stream of libp2p with nothing around it. */
async function pour(flow: Flow): Promise<void> {
  const bytes = new Uint8Array(limits.chunkBytes)
  while (await flow.write(bytes));
}

async function takeBare(address: string, bytes: number): Promise<Done> {
  if (host === undefined) throw new Error('nothing is open')
  const flow = new Flow(pipeOf(await openStream(host, address, bare)))
  const into = new Uint8Array(limits.chunkBytes)
  for (let at = 0; at < bytes; at += into.length) await flow.readInto(into)
  flow.abort(refusalOf('wire.closing'))
  return {}
}

async function serveTcp(path: string): Promise<Done> {
  const server = createTcp((socket) => {
    pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), socket).catch(() =>
      socket.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { text: `${portOf(server.address())}` }
}

async function takeTcp(port: number): Promise<Done> {
  const hash = createHash('sha256')
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.alloc(1024 * 1024),
      callback: (bytes, buffer) => {
        hash.update(buffer.subarray(0, bytes))
        return true
      },
    },
  })
  await new Promise((resolve) => socket.once('close', resolve))
  return { text: hash.digest('hex') }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function portOf(address: unknown): number {
  return (address as { port: number }).port
}

process.on('message', (order: Order | 'end') => {
  if (order === 'end') {
    process.disconnect()
    server?.close()
    server?.closeAllConnections()
    void host?.stop()
    return
  }
  obey(order).then(
    (done) =>
      process.send?.({
        ...done,
        text: done.text ?? '',
        rssBytes: process.memoryUsage.rss(),
        cpuMs: cpuMs(),
      }),
    (error: unknown) => {
      throw error
    },
  )
})
