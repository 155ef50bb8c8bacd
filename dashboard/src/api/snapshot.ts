import type { Problem, Said } from './said.ts'
import type { Leader, Leaders } from './shown.ts'

/** The folder of a snapshot, below that of its wall: answers of a coordinator as files. */
export const snapshotFolder = 'snapshot/'

/** What a snapshot is of, and which answers it has. */
export interface Index {
  /** When it was made, and how many entries of which chain it has. */
  readonly at: number
  readonly chain: string
  readonly size: number
  /** How many owners had earned something, and how many of them are in it. */
  readonly owners: number
  readonly shown: number
  readonly files: readonly string[]
}

/** Entries of one file. */
export const entriesOfFile = 100

/** Whether answers come from a snapshot: from then on nobody is asked. */
export function isSnapshot(base: string): boolean {
  return base.endsWith(`/${snapshotFolder}`)
}

/** The file of an answer, by what was asked. */
export function fileOf(path: string): string {
  const [place = '', query = ''] = path.split('?')
  const asked = query === '' ? '' : `--${query.replaceAll(/[^\w.-]+/g, '-')}`
  return `${place}${asked}.json`
}

const indexes = new Map<string, Promise<Index & { readonly has: ReadonlySet<string> }>>()

/** What a snapshot is of. */
export function indexOf(base: string): Promise<Index & { readonly has: ReadonlySet<string> }> {
  const known = indexes.get(base)
  if (known !== undefined) return known
  const index = fetch(new URL('index.json', base)).then(async (answer) => {
    const said = (await answer.json()) as Index
    return { ...said, has: new Set(said.files) }
  })
  indexes.set(base, index)
  // What did not come is asked for again.
  index.catch(() => indexes.delete(base))
  return index
}

const absent: Problem = {
  code: 'snapshot',
  title: 'This is not in the snapshot.',
  todo: 'A coordinator of the mesh has it.',
}

/** An answer out of a snapshot. */
export async function kept<T>(base: string, path: string): Promise<Said<T>> {
  const url = new URL(path, base)
  const chain = url.searchParams.get('chain')
  // It has the entries of one chain.
  if (chain !== null && chain !== (await indexOf(base)).chain) return { ok: false, problem: absent }
  const seq = /\/ledger\/entries\/(\d+)$/.exec(url.pathname)?.[1]
  if (seq !== undefined) {
    const page = await entries(base, Number(seq), 1)
    return page.ok ? { ok: true, value: page.value.items[0] as T } : page
  }
  const { searchParams: query } = url
  if (url.pathname.endsWith('/ledger/entries')) {
    return (await entries(base, Number(query.get('cursor')), Number(query.get('limit')))) as Said<T>
  }
  if (query.has('q') || query.has('team')) return (await search(base, query)) as Said<T>
  return await file<T>(base, path)
}

async function file<T>(base: string, path: string): Promise<Said<T>> {
  const name = fileOf(path)
  if (!(await indexOf(base)).has.has(name)) return { ok: false, problem: absent }
  const answer = await fetch(new URL(name, base))
  return { ok: true, value: (await answer.json()) as T }
}

interface Entries {
  readonly items: readonly unknown[]
}

/** Entries from one on, out of the files that they stand in. */
async function entries(base: string, from: number, count: number): Promise<Said<Entries>> {
  const items: unknown[] = []
  const end = Math.min(from + count, (await indexOf(base)).size)
  for (let at = from; at < end; ) {
    const first = at - (at % entriesOfFile)
    const path = `api/v1/ledger/entries?cursor=${first}&limit=${entriesOfFile}`
    const page = await file<Entries>(base, path)
    if (!page.ok) return page
    const some = page.value.items.slice(at - first, at - first + end - at)
    if (some.length === 0) break
    items.push(...some)
    at += some.length
  }
  return { ok: true, value: { items } }
}

/** Owners of a snapshot by name, key or team: those that are in it are few enough to look at. */
async function search(base: string, query: URLSearchParams): Promise<Said<Leaders>> {
  const [q, team] = [query.get('q')?.toLowerCase() ?? '', query.get('team')]
  const found: Leader[] = []
  let owners = 0
  for (let from = 1; ; from += 100) {
    const path = `api/v1/wall?range=${query.get('range') ?? 'all'}&limit=100&cursor=${from}`
    const page = await file<Leaders>(base, path)
    if (!page.ok) break
    owners = page.value.owners
    found.push(...page.value.items)
  }
  const items = found.filter((one) => {
    const isOf = team === null || one.team === team
    return isOf && (`${one.id} ${one.name ?? ''}`.toLowerCase().includes(q) || q === '')
  })
  return { ok: true, value: { items: items.slice(0, 100), owners } }
}
