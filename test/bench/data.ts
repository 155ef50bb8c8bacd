import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../coordinator/test/ports.ts'
import { drawnBytes } from '../../mesh/data/test/rig.ts'
import { Side } from '../data/sides.ts'
import type { Figure } from './harness.ts'

const fileBytes = 256 * 1024 * 1024
const consumers = 4
const rounds = 3

interface Stand {
  readonly root: string
  readonly from: { readonly address: string; readonly gateway: string; readonly tcp: number }
  readonly nginx: string
}

/**
 * W4: 256 MiB to four consumers in processes of their own, each of which checks what it gets,
 * beside what nginx, curl and sha256sum reach in the same run.
 */
export async function figures(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nexapod-bench-'))
  const served = join(folder, 'served')
  await mkdir(served)
  const path = join(served, 'drawn')
  await writeFile(path, drawnBytes(fileBytes, 1))
  await using from = new Side()
  const { address = '', gateway = '' } = await from.tell({
    do: 'open',
    directory: join(folder, 'from'),
    seed: 1,
  })
  const { text: root = '' } = await from.tell({ do: 'add', path })
  await using plain = new Side()
  const { text: tcp } = await plain.tell({ do: 'serveTcp', path })
  const { url, stop } = await openNginx(folder, served)
  const stand = { root, from: { address, gateway, tcp: Number(tcp) }, nginx: `${url}/drawn` }
  const beside = await median(async () => await yardstick(stand, consumers))
  const name = 'nginx + curl + sha256sum'
  const found: Figure[] = [figureOf(name, beside, beside)]
  for (const way of ['tcp', 'gateway', 'bare', 'noise'] as const) {
    const ms = await median(async (round) => await fanOut(folder, stand, way, round))
    found.push(figureOf(words[way], ms, beside))
  }
  await stop()
  await rm(folder, { recursive: true })
  return found
}

/** Microseconds for a megabyte to all consumers together; so many megabytes a second. */
function figureOf(what: string, ms: number, besideMs: number): Figure {
  const megabytes = (consumers * fileBytes) / 1e6
  return {
    name: `MB to ${consumers}: ${what}`,
    us: (ms * 1000) / megabytes,
    perSecond: Math.round((megabytes * 1000) / ms),
    beside: 'nginx + curl + sha256sum',
    besideUs: (besideMs * 1000) / megabytes,
    ratio: ms / besideMs,
  }
}

const words = {
  tcp: 'node:net, sha-256 at the end',
  gateway: 'gateway, block by block, to disk',
  bare: 'a bare stream over noise, unchecked',
  noise: 'data protocol over noise, to disk',
} as const

async function fanOut(
  folder: string,
  { root, from }: Stand,
  way: keyof typeof words,
  round: number,
): Promise<number> {
  const sides = Array.from({ length: consumers }, () => new Side())
  const directories = sides.map((_, i) => join(folder, `to-${way}-${round}-${i}`))
  await Promise.all(
    sides.map(async (side, i) => {
      await side.tell({ do: 'open', directory: directories[i] as string, seed: 10 + i })
    }),
  )
  const begun = performance.now()
  await Promise.all(
    sides.map(async (side) => {
      if (way === 'tcp') return await side.tell({ do: 'tcp', port: from.tcp })
      const { address } = from
      if (way === 'bare') return await side.tell({ do: 'bare', address, bytes: fileBytes })
      const gateways = way === 'gateway' ? [from.gateway] : []
      const peers = way === 'noise' ? [address] : []
      return await side.tell({ do: 'fetch', root, peers, gateways, steps: false })
    }),
  )
  const took = performance.now() - begun
  for (const side of sides) await side[Symbol.asyncDispose]()
  for (const directory of directories) await rm(directory, { recursive: true, force: true })
  return took
}

async function yardstick({ nginx }: Stand, count: number): Promise<number> {
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: count }, async () => {
      await promisify(execFile)('sh', ['-c', `curl -sf ${nginx} | sha256sum`])
    }),
  )
  return performance.now() - begun
}

async function openNginx(
  folder: string,
  root: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/nginx-${kind};`)
    .join(' ')
  const config = `daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes 2;
user root; events {} http { access_log off; sendfile on; ${paths}
server { listen 127.0.0.1:${port}; root ${root}; } }`
  await writeFile(join(folder, 'nginx.conf'), config)
  const nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    stdio: 'inherit',
  })
  const url = `http://127.0.0.1:${port}`
  await promisify(execFile)('curl', [
    '-sf',
    '--retry',
    '20',
    '--retry-connrefused',
    '--retry-delay',
    '1',
    '-o',
    '/dev/null',
    `${url}/drawn`,
  ])
  return {
    url,
    stop: async () => {
      const gone = once(nginx, 'exit')
      nginx.kill('SIGTERM')
      await gone
    },
  }
}

async function median(run: (round: number) => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await run(round))
  return times.toSorted((a, b) => a - b)[rounds >> 1] as number
}
