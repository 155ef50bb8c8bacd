import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { Ledger, stateRoot } from '../../ledger/index.ts'
import type { Writer } from '../../ledger/test/chains.ts'
import {
  type Checkpoint,
  type Cosignature,
  checkpointDocument,
  cosignatureDocument,
  type Entry,
  entryHash,
  entrySchema,
  reopen,
  type Signed,
  signedSchema,
  toBase64url,
  toJson,
} from '../../specs/index.ts'
import { ownersOf } from './owners.ts'

const signedCheckpoint = signedSchema<Checkpoint>(checkpointDocument)
const signedCosignature = signedSchema<Cosignature>(cosignatureDocument)
const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css' }

/** A chain as the HTTP API gives it, and the wall before it: what no coordinator would write. */
export class Served implements AsyncDisposable {
  readonly address: string
  /** It has just started, and has signed nothing yet. */
  isYoung = false
  /** What it says of itself instead of what is so: by the end of the path that is asked. */
  lies: ReadonlyMap<string, unknown> = new Map()
  /** How many owners there are said to be. */
  owners = 0
  readonly #server: Server
  readonly #wall: string | undefined
  #items: readonly object[] = []
  #checkpoint: object = {}
  #chain = ''

  private constructor(server: Server, wall: string | undefined) {
    this.#server = server
    this.#wall = wall
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  static async open(wall?: string): Promise<Served> {
    let served: Served | undefined
    const server = createServer((asked, answer) => {
      void served?.answer(new URL(asked.url ?? '/', 'http://served'), answer)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    served = new Served(server, wall)
    return served
  }

  /** Serves a chain from now on, with a checkpoint that says what its entries add up to. */
  serve(writer: Writer, change: Partial<Checkpoint> = {}, witnesses: readonly number[] = []): void {
    // Whoever serves may lie: signatures are for readers to look at.
    const ledger = new Ledger(reopen)
    this.#items = writer.entries.map((bytes, seq) => {
      const taken = ledger.take(bytes)
      if (!taken.ok) throw new Error(`entry ${seq}: ${taken.refusal.code}`)
      return shown(seq, bytes, taken.value.entry)
    })
    const state = stateRoot(ledger.state)
    const checkpoint = writer.checkpoint(undefined, { state, ...change })
    const seen = witnesses.map((one) => writer.cosign(checkpoint, one))
    this.#checkpoint = checkpointOf(checkpoint, seen)
    this.#chain = writer.chain
  }

  async answer({ pathname, searchParams, search }: URL, answer: ServerResponse): Promise<void> {
    const size = this.#items.length
    const say = (said: object) => {
      answer.setHeader('content-type', 'application/json')
      answer.end(JSON.stringify(said))
    }
    const lie = [...this.lies].find(([end]) => pathname.endsWith(end))
    if (lie !== undefined) {
      answer.setHeader('content-type', 'application/json')
      answer.end(JSON.stringify(lie[1]))
    } else if (pathname.endsWith('/ledger')) {
      say({ chain: this.#chain, size, checkpointed: this.isYoung ? 0 : size })
    } else if (pathname.endsWith('/checkpoint')) say(this.#checkpoint)
    else if (pathname.endsWith('/entries')) {
      const from = Number(searchParams.get('cursor'))
      say({ items: this.#items.slice(from, from + Number(searchParams.get('limit'))) })
    } else if (pathname.endsWith('/wall')) answer.end(ownersOf(search, this.owners))
    else if (this.#wall === undefined || pathname.startsWith('/api/')) answer.writeHead(204).end()
    else {
      const file = pathname === '/' ? 'index.html' : pathname
      answer.setHeader('content-type', types[extname(file)] ?? 'text/html')
      answer.end(await readFile(join(this.#wall, file)))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function shown(seq: number, bytes: Uint8Array, entry: Entry): object {
  const plain = toJson(entrySchema, entry)
  return { seq, hash: entryHash(bytes), bytes: toBase64url(bytes), entry: plain }
}

function checkpointOf(
  checkpoint: Signed<Checkpoint>,
  seen: readonly Signed<Cosignature>[],
): object {
  const cosignatures = seen.map((one) => toJson(signedCosignature, one))
  return { checkpoint: toJson(signedCheckpoint, checkpoint), cosignatures }
}
