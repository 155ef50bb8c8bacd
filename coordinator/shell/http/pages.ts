import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, posix, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** A file of the wall, as it goes out. */
interface Page {
  readonly type: string
  readonly etag: string
  /** It is named by its hash: whoever has it need not ask again. */
  readonly isFixed: boolean
  readonly bytes: Buffer
  /** The same, compressed, for who accepts that. */
  readonly zipped: Buffer
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

/** What the pages may do: run their own scripts, and ask the coordinator that they came from. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The one attribute by which SvelteKit hides what it tells screen readers of a new page.
  "style-src-attr 'unsafe-hashes' 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Serves the files of a directory as they are now, each at its own address and the first page at
 * `/`. They are few and small, so they are held in memory: no name that was sent reaches the disk.
 */
export async function servePages(door: FastifyInstance, directory: string): Promise<void> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of names.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name).slice(directory.length + 1)
    const name = path.split(sep).join(posix.sep)
    const page = pageOf(name, await readFile(join(directory, path)))
    const url = name === 'index.html' ? '/' : `/${name}`
    door.get(url, (request, reply) => send(page, request, reply))
  }
}

function pageOf(name: string, bytes: Buffer): Page {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  return {
    type: types[extname(name)] ?? 'application/octet-stream',
    etag: `"${hash}"`,
    isFixed: name.startsWith('_app/immutable/'),
    bytes,
    zipped: gzipSync(bytes, { level: 9 }),
  }
}

function send(page: Page, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { type, etag, isFixed, bytes, zipped } = page
  reply.headers({
    ...{ etag, vary: 'accept-encoding', 'content-security-policy': policy },
    'cache-control': isFixed ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (headers['if-none-match'] === etag) return reply.code(304).send()
  const zips = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))
  if (zips) reply.header('content-encoding', 'gzip')
  return reply.type(type).send(zips ? zipped : bytes)
}
