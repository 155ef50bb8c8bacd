import { type Digest, entryHash } from '@nexapod/specs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, valued } from '../../test/scripted-mesh.ts'
import { Chains, FollowedChain } from '../chains.ts'
import { Copy } from '../others/copy.ts'
import { learnerThreads } from '../others/learner-threads.ts'
import { machineTime as time } from '../time.ts'
import { Reels } from './reel.ts'
import { Site } from './test/site.ts'

const folders = new Folders()
const threads = learnerThreads()
let site: Site
beforeAll(async () => {
  site = await Site.open(folders)
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await threads[Symbol.asyncDispose]()
  await folders.remove()
})

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const begun = new ScriptedChain().grow(20)
const { chain } = begun
/** Two ways to go on, as long as each other. */
const whole = begun.branch().grow(400)
const other = begun.branch().grow(400, 7)

/** A copy with all of it, that stood at 21 entries before; and it as it is shown. */
async function shownCopy(chains = site.coordinator.chains) {
  const place = { directory: folders.next(), chain, mesh: begun.mesh, threads }
  const heard = { amended: () => {}, banned: () => {}, sealed: () => {}, admitted: () => {} }
  const unheard = { ...heard, ended: () => {}, isFrozen: () => false }
  const copy = valued(await Copy.open({ ...place, ...unheard }))
  open.push(copy)
  expect(await copy.take(begun.messages())).toBeUndefined()
  expect(await copy.take(whole.messages(21))).toBeUndefined()
  const here = new FollowedChain(copy, { isFrozen: () => false })
  chains.add(here)
  return { copy, here }
}

interface Page {
  readonly items: readonly { readonly seq: number; readonly hash: Digest }[]
  readonly next?: string
}

async function pageFrom(from: number): Promise<Page> {
  const path = `/api/v1/ledger/entries?chain=${chain}&cursor=${from}&limit=100`
  return (await site.get(path)).says
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const within = () => AbortSignal.timeout(5000)

describe('a copy that is cut while it is read', () => {
  test('gives what is left of it, and promises nothing behind that', async () => {
    const { copy } = await shownCopy()
    const cutting = copy.cutBack(30)
    const [first, beyond] = [pageFrom(0), pageFrom(200)]
    valued(await cutting)
    const { items, next } = await first
    expect(items.map(({ seq }) => seq)).toEqual(numbers(0, 21))
    expect(next).toBeUndefined()
    expect(await beyond).toEqual({ items: [] })
  })

  test('gives a page of one history, whichever it is', async () => {
    const { copy } = await shownCopy()
    const pages = numbers(0, 12).map(() => pageFrom(15))
    valued(await copy.cutBack(21))
    expect(await copy.take(other.messages(21))).toBeUndefined()
    for (const page of [...(await Promise.all(pages)), await pageFrom(15)]) {
      const hashes = page.items.map(({ hash }) => hash)
      const of = [whole, other].map(({ taken }) => taken.slice(15, 15 + hashes.length))
      const known = of.map((some) => some.map(({ bytes }) => entryHash(bytes)))
      expect(known).toContainEqual(hashes)
    }
  })

  test('ends what is read as it grows, where it goes on otherwise to the same size', async () => {
    const { copy, here } = await shownCopy()
    const signal = within()
    const entries = here.entries({ size: 0 }, signal)
    for (let size = 0; size < whole.size; ) {
      const next = await entries.next()
      size += next.done ? whole.size : valued(next.value).length
    }
    valued(await copy.cutBack(21))
    expect(await copy.take(other.messages(21))).toBeUndefined()
    expect(here.shown).toBe(whole.size)
    expect(await entries.next()).toMatchObject({ done: true })
    expect(signal.aborted).toBe(false)
  })
})

/** The numbers of some events. */
function told(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
}

/** Reels of what a register has taken, and has to be told that there is more. */
function reelsOf(chains: Pick<Chains, 'of'>, taken: number) {
  const register = { sizeOf: () => taken, onTaken: () => {} }
  return new Reels({ register, chains, time }, new AbortController().signal)
}

describe('a stream of entries of a copy', () => {
  test('ends where that goes on otherwise than was told', async () => {
    const chains = new Chains()
    const { copy } = await shownCopy(chains)
    const events = reelsOf(chains, whole.size).events(chain, 0, within())
    const seen: number[] = []
    while (seen.length < 128) seen.push(...told((await events.next()).value as string))
    expect(seen).toEqual(numbers(0, 128))
    valued(await copy.cutBack(21))
    expect(await copy.take(other.messages(21))).toBeUndefined()
    expect(await events.next()).toMatchObject({ done: true })
  })

  test('holds up nobody else where there is less than was taken of it', async () => {
    const chains = new Chains()
    const { copy } = await shownCopy(chains)
    valued(await copy.cutBack(80))
    const reels = reelsOf(chains, 64)
    const gone = new AbortController()
    const late = reels.events(chain, 40, gone.signal)
    await late.next()
    let isOver = false
    const waiting = late.next().then((next) => {
      isOver = true
      return next
    })
    const events = reels.events(chain, 0, within())
    await events.next()
    expect(told((await events.next()).value as string)).toEqual(numbers(0, 21))
    expect(await copy.take(whole.messages(80))).toBeUndefined()
    expect(told((await events.next()).value as string)).toEqual(numbers(21, 64))
    // What it has is on the disk still: it waits for more.
    expect(isOver).toBe(false)
    gone.abort()
    expect(await waiting).toMatchObject({ done: true })
  })
})

describe('a copy that is given away while it is read', () => {
  test('is refused for a while, and goes on where it is written then', async () => {
    const { chains } = site.coordinator
    const { copy, here } = await shownCopy()
    const read = here.page(0, 400)
    chains.move(chain)
    const closed = copy[Symbol.asyncDispose]()
    open.splice(0)
    const paths = ['entries', 'entries/3', 'checkpoint', 'stream', 'entries/3/proof?size=9']
    for (const path of paths) {
      const where = `/api/v1/ledger/${path}${path.includes('?') ? '&' : '?'}chain=${chain}`
      const got = await site.get(where)
      expect(got, path).toMatchObject({ status: 503, says: { code: 'wire.cut' } })
    }
    await closed
    // Who had begun has all of a page, or hears that there is none.
    const page = await read
    expect(page.ok ? page.value.length : page.refusal.code).toBe(page.ok ? 400 : 'wire.closing')
    expect(await here.page(0, 9)).toMatchObject({ refusal: { code: 'wire.closing' } })
    const unread = here.entries({ size: whole.size }, within())
    expect((await unread.next()).value).toMatchObject({ refusal: { code: 'wire.closing' } })
  })
})
