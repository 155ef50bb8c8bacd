import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { unpack } from '../../node/executors/docker/tar.ts'

/** A registry of one image on loopback, as far as an engine asks one. */
export class Registry implements AsyncDisposable {
  readonly #server: Server
  /** The digest of the manifest of its image. */
  readonly digest: string

  private constructor(server: Server, digest: string) {
    this.#server = server
    this.digest = digest
  }

  /** Opens one that has the image of an archive. */
  static async open(archive: Buffer): Promise<Registry> {
    const files = new Map<string, Buffer>()
    for await (const { entry, bytes } of unpack(Readable.from([archive]))) {
      const pieces: Uint8Array[] = []
      for await (const some of bytes) pieces.push(some)
      files.set(entry.name, Buffer.concat(pieces))
    }
    const [{ Config, Layers }] = JSON.parse(String(files.get('manifest.json')))
    const blobs = new Map<string, Buffer>()
    const part = (mediaType: string, bytes: Buffer) => {
      const digest = digestOf(bytes)
      blobs.set(digest, bytes)
      return { mediaType: `application/vnd.docker.${mediaType}`, size: bytes.length, digest }
    }
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType,
        config: part('container.image.v1+json', files.get(Config) ?? Buffer.alloc(0)),
        layers: Layers.map((name: string) => {
          const bytes = gzipSync(files.get(name) ?? Buffer.alloc(0))
          return part('image.rootfs.diff.tar.gzip', bytes)
        }),
      }),
    )
    const server = createServer((request, response) => {
      const digest = request.url?.split('/').at(-1) ?? ''
      const isManifest = digest === digestOf(manifest)
      const bytes = isManifest ? manifest : blobs.get(digest)
      if (request.url === '/v2/') response.end('{}')
      else if (bytes === undefined) response.writeHead(404).end('{}')
      else {
        response.setHeader('Content-Type', isManifest ? mediaType : 'application/octet-stream')
        response.setHeader('Content-Length', bytes.length)
        response.setHeader('Docker-Content-Digest', digest)
        response.end(request.method === 'HEAD' ? undefined : bytes)
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Registry(server, digestOf(manifest))
  }

  /** What its image is called. */
  get name(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}/some/thing`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
