import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where Debian puts it. */
export const chromium = '/usr/bin/chromium'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ofSpecs = createRequire(join(root, 'specs/package.json'))
const noble = dirname(ofSpecs.resolve('@noble/hashes/sha2.js'))
const ed25519 = dirname(ofSpecs.resolve('@noble/ed25519'))

const imports = {
  '@nexapod/specs': '/specs/index.ts',
  '@nexapod/specs/wasm': '/specs/wasm/index.ts',
  '@noble/hashes/': '/noble-hashes/',
  '@noble/ed25519': '/noble-ed25519/index.js',
}

/** Nothing of a browser that asks the network, or needs a screen. */
export const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

/**
 * Runs a script as a module in a tab, which imports our sources as they are but for their types,
 * and gives what it hands to `say`.
 */
export async function inTab(script: string): Promise<unknown> {
  const said = Promise.withResolvers<unknown>()
  const server = createServer((request, response) => {
    void answer(request, script, said.resolve).then(({ type, body }) => {
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': type })
      response.end(body)
    }, said.reject)
  })
  const address = await listening(server)
  const home = await mkdtemp(join(tmpdir(), 'nexapod-tab-'))
  const tab = spawn(chromium, [...flags, `--user-data-dir=${home}`, `${address}/`], {
    stdio: 'ignore',
    detached: true,
  })
  const ended = once(tab, 'exit')
  try {
    const early = ended.then(() => Promise.reject(new Error('the browser ended')))
    return await Promise.race([said.promise, early])
  } finally {
    if (tab.pid !== undefined) process.kill(-tab.pid, 'SIGKILL')
    await ended
    server.closeAllConnections()
    server.close()
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Answer {
  readonly type: string
  readonly body?: string | Uint8Array
}

async function answer(
  request: IncomingMessage,
  script: string,
  say: (said: unknown) => void,
): Promise<Answer> {
  const path = new URL(request.url ?? '/', 'http://tab').pathname
  if (path === '/') return { type: 'text/html', body: page(script) }
  if (path === '/say') {
    say(JSON.parse(Buffer.concat(await request.toArray()).toString()))
    return { type: 'text/plain', body: '' }
  }
  if (path.startsWith('/noble-hashes/')) return await served(noble, path.slice(14))
  if (path.startsWith('/noble-ed25519/')) return await served(ed25519, path.slice(15))
  if (!/\.(ts|wasm)$/.test(path)) return { type: 'text/plain' }
  return await served(root, path)
}

async function served(folder: string, path: string): Promise<Answer> {
  const bytes = await readFile(join(folder, path))
  if (extname(path) === '.wasm') return { type: 'application/wasm', body: bytes }
  const body = extname(path) === '.ts' ? stripTypeScriptTypes(bytes.toString()) : bytes
  return { type: 'text/javascript', body }
}

function page(script: string): string {
  return `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
const say = (said) => fetch('/say', { method: 'POST', body: JSON.stringify(said) })
addEventListener('error', (event) => say({ error: String(event.message) }))
addEventListener('unhandledrejection', (event) => say({ error: String(event.reason) }))
${script}
</script>`
}
