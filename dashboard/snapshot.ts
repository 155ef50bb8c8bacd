/** The wall with the answers of a coordinator as files: it needs nobody any more. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { entriesOfFile, fileOf, type Index, snapshotFolder } from './src/api/snapshot.ts'

/** Owners in the list of each range, and those whose pages are there. */
const ownersMax = 1000
const ownerPagesMax = 100

/** Jobs in each list, and those whose pages are there; units of each. */
const jobsMax = 300
const unitsMax = 2000

/** What a page may do: what the coordinator's header says, as far as a file can. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-hashes' 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** What is asked while a snapshot is made. */
export interface Making {
  /** Where the HTTP API of the coordinator is. */
  readonly from: string
  /** The built wall. */
  readonly wall: string
  readonly signal: AbortSignal
  readonly now: number
  tell(files: number): void
}

type Said = Readonly<Record<string, unknown>> & { readonly items?: readonly Item[] }
type Item = Readonly<Record<string, unknown>> & { readonly id?: string; readonly name?: string }

/** What came of it; or why nothing did. */
export type Written =
  | { readonly ok: true; readonly index: Index }
  | { readonly ok: false; readonly why: string }

/** Writes it into a directory that is not there yet; gives what it is of. */
export async function writeSnapshot(out: string, making: Making): Promise<Written> {
  await cp(making.wall, out, { recursive: true, errorOnExist: true, force: false })
  const maker = new Maker(join(out, snapshotFolder), making)
  let index: Index
  try {
    index = await maker.make()
  } catch (cause) {
    // What is half there is no snapshot.
    await rm(out, { recursive: true, force: true })
    if (cause instanceof Unanswered || cause instanceof TypeError) {
      return { ok: false, why: cause.message }
    }
    throw cause
  }
  const page = join(out, 'index.html')
  const html = await readFile(page, 'utf8')
  const head = `<head>
    <meta http-equiv="content-security-policy" content="${policy}" />
    <meta name="nexapod-snapshot" content="${snapshotFolder}" />`
  await writeFile(page, html.replace('<head>', head))
  return { ok: true, index }
}

/** The coordinator said no, or nothing that could be read. */
class Unanswered extends Error {}

class Maker {
  readonly #out: string
  readonly #making: Making
  readonly #files: string[] = []

  constructor(out: string, making: Making) {
    this.#out = out
    this.#making = making
  }

  async make(): Promise<Index> {
    const { chain, size } = await this.#ledger()
    for (const path of ['api/v1/status', 'readyz', 'version', 'api/v1/teams', 'api/v1/countries']) {
      await this.#keep(path)
    }
    const { owners, shown, ids } = await this.#owners()
    for (const id of ids.slice(0, ownerPagesMax)) await this.#owner(id)
    await this.#jobs()
    for (const { name } of await this.#pages('api/v1/projects?', jobsMax)) {
      const project = encodeURIComponent(String(name))
      await this.#keep(`api/v1/projects/${project}`)
      await this.#pages(`api/v1/jobs?project=${project}&`, jobsMax)
    }
    await this.#pages('api/v1/nodes?', ownersMax)
    const index = { at: this.#making.now, chain, size, owners, shown, files: this.#files }
    await writeFile(join(this.#out, 'index.json'), JSON.stringify(index))
    return index
  }

  /** The chain down to its last checkpoint: what is above it nobody could hold against anything. */
  async #ledger(): Promise<{ readonly chain: string; readonly size: number }> {
    const { chain, ...ledger } = await this.#ask('api/v1/ledger')
    const checkpoint = await this.#ask('api/v1/ledger/checkpoint')
    const size = Number(at(checkpoint, 'checkpoint', 'body', 'size'))
    await this.#write('api/v1/ledger/checkpoint', checkpoint)
    await this.#write('api/v1/ledger', { ...ledger, chain, size, checkpointed: size })
    for (let from = 0; from < size; from += entriesOfFile) {
      const items: unknown[] = []
      const end = Math.min(size, from + entriesOfFile)
      // Where entries are long, fewer come at once.
      while (from + items.length < end) {
        const next = from + items.length
        const page = await this.#ask(`api/v1/ledger/entries?cursor=${next}&limit=${end - next}`)
        const { items: some = [] } = page
        if (some.length === 0) throw new Unanswered(`there is no entry ${next}`)
        items.push(...some)
      }
      await this.#write(`api/v1/ledger/entries?cursor=${from}&limit=${entriesOfFile}`, { items })
    }
    return { chain: String(chain), size }
  }

  async #owners() {
    let [owners, shown] = [0, 0]
    const ids: string[] = []
    for (const range of ['all', 'month', 'week', 'day', 'recent']) {
      const pages: (readonly [string, Said])[] = []
      for (let from = 1; from <= ownersMax; from += 100) {
        const path = `api/v1/wall?range=${range}&limit=100&cursor=${from}`
        const page = await this.#ask(path)
        pages.push([path, page])
        if (page.next === undefined) break
      }
      const items = pages.flatMap(([, page]) => page.items ?? [])
      for (const [path, page] of pages) await this.#write(path, { ...page, owners: items.length })
      if (range !== 'all') continue
      owners = Number(pages[0]?.[1].owners ?? 0)
      shown = items.length
      ids.push(...items.map(({ id }) => String(id)))
    }
    return { owners, shown, ids }
  }

  async #owner(id: string): Promise<void> {
    await this.#keep(`api/v1/owners/${id}`)
    await this.#keep(`api/v1/owners/${id}/days`)
    await this.#keep(`api/v1/owners/${id}/jobs?limit=20`)
    for (const kind of ['owner', 'bond']) {
      const account = encodeURIComponent(`${kind}/${id}`)
      await this.#keep(`api/v1/credits/history?account=${account}&limit=20`)
    }
  }

  async #jobs(): Promise<void> {
    await this.#keep('api/v1/jobs?limit=8')
    const jobs = await this.#pages('api/v1/jobs?', jobsMax)
    for (const state of ['open', 'final', 'dead', 'cancelled']) {
      await this.#pages(`api/v1/jobs?state=${state}&`, jobsMax)
    }
    for (const { id } of jobs) {
      await this.#keep(`api/v1/jobs/${id}`)
      await this.#pages(`api/v1/jobs/${id}/units?`, unitsMax)
    }
  }

  /** The pages of a list, as far as so many items; the last of them has no next. */
  async #pages(path: string, most: number): Promise<Item[]> {
    const items: Item[] = []
    for (let cursor: unknown; ; ) {
      const asked = `${path}limit=100${cursor === undefined ? '' : `&cursor=${cursor}`}`
      const { next, ...page } = await this.#ask(asked)
      items.push(...(page.items ?? []))
      const isLast = next === undefined || items.length >= most
      await this.#write(asked, isLast ? page : { ...page, next })
      if (isLast) return items
      cursor = next
    }
  }

  async #keep(path: string): Promise<void> {
    await this.#write(path, await this.#ask(path))
  }

  /** Asks until there is an answer: who asks for much is told to wait now and then. */
  async #ask(path: string): Promise<Said> {
    const { from, signal } = this.#making
    for (;;) {
      const answer = await fetch(new URL(path, from), { signal })
      const said = (await answer.json()) as Said
      if (answer.ok) return said
      if (answer.status !== 429) {
        throw new Unanswered(`${path} is answered with ${answer.status} ${String(said.code)}`)
      }
      const ms = Number(said.retryMs ?? 1000)
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
  }

  async #write(path: string, said: object): Promise<void> {
    const name = fileOf(path)
    const file = join(this.#out, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify(said))
    this.#files.push(name)
    this.#making.tell(this.#files.length)
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (found as Record<string, unknown>)?.[key], value)
}
