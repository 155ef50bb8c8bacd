import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const types: Record<string, string> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' },
  ...{ '.json': 'application/json', '.svg': 'image/svg+xml' },
}

/** A plain server of files, below some folder: it knows nothing of walls. */
export class Files implements AsyncDisposable {
  readonly address: string
  /** What was asked for and is not there. */
  readonly missed: string[] = []
  readonly #server: Server
  readonly #folder: string
  readonly #files = new Map<string, Buffer>()

  private constructor(server: Server, directory: string, folder: string) {
    this.#server = server
    this.#folder = folder
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) this.#files.set(path.slice(directory.length + 1), readFileSync(path))
    }
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async open(directory: string, folder: string): Promise<Files> {
    let files: Files | undefined
    const server = createServer((asked, answer) => files?.answer(asked.url ?? '/', answer))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    files = new Files(server, directory, folder)
    return files
  }

  answer(url: string, answer: ServerResponse): void {
    const { pathname } = new URL(url, this.address)
    const below = pathname.startsWith(this.#folder) ? pathname.slice(this.#folder.length) : '..'
    const name = below === '' ? 'index.html' : decodeURIComponent(below)
    const file = this.#files.get(name)
    if (file === undefined) {
      this.missed.push(pathname)
      answer.writeHead(404).end()
      return
    }
    answer.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream')
    answer.end(file)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
