import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { includes, stateRoot } from '@nexapod/ledger'
import { openStore, recover } from '@nexapod/ledger/store'
import {
  checkpointDocument,
  type Digest,
  digestBytes,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  leafHash,
  type NodeId,
  open,
  type Signed,
  sign,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { jobFor, keyNamed } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, valued } from '../../test/scripted-mesh.ts'
import { machineTime as time } from '../time.ts'
import { Copy, type CopyGround } from './copy.ts'
import { learnerThreads } from './learner-threads.ts'

const folders = new Folders()
const threads = learnerThreads()
afterAll(async () => {
  await threads[Symbol.asyncDispose]()
  await folders.remove()
})

/** Long enough for what comes at once. */
const soon = () => AbortSignal.timeout(5000)

async function copyOf(chain: ScriptedChain, more: Partial<CopyGround> = {}): Promise<Copy> {
  const heard = {
    amended: () => {},
    banned: () => {},
    sealed: () => {},
    admitted: () => {},
    ended: () => {},
  }
  const usual = { directory: folders.next(), threads, isFrozen: () => false, ...heard }
  return valued(await Copy.open({ ...usual, chain: chain.chain, mesh: chain.mesh, ...more }))
}

describe('a copy', () => {
  test('of what is not signed goes back to its last true checkpoint, and goes on', async () => {
    const right = new ScriptedChain().grow(20)
    const directory = folders.next()
    const wrong = right.branch().grow(30, 7)
    const whole = right.branch().grow(50)
    {
      await using copy = await copyOf(right, { directory })
      expect(await copy.take(right.messages())).toBeUndefined()
      // Sent as entries, and never signed; in one breath with the true checkpoint.
      const entries = wrong.messages(21).slice(0, -1)
      const signed = [...entries, { type: 'checkpoint', checkpoint: whole.checkpoint() } as const]
      const refused = await copy.take(signed.map((one) => ({ cosignatures: [], ...one }) as never))
      expect(refused?.code).toBe('chain.checkpoint')
      expect({ size: copy.size, trueSize: copy.trueSize }).toEqual({ size: 51, trueSize: 21 })
      valued(await copy.cutBack())
      expect({ size: copy.size, trueSize: copy.trueSize }).toEqual({ size: 21, trueSize: 21 })
      expect(await copy.take(whole.messages(21))).toBeUndefined()
      expect(copy.found(whole.checkpoint())).toBe(true)
    }
    {
      await using again = await copyOf(right, { directory })
      expect({ size: again.size, trueSize: again.trueSize }).toEqual({ size: 71, trueSize: 71 })
    }
    const { state } = valued(open(checkpointDocument, whole.checkpoint()))
    await using store = valued(await openStore({ directory }))
    expect(stateRoot(valued(await recover(store)).state)).toBe(state)
  })

  test('that was written here goes back to what was signed here, and no further', async () => {
    const right = new ScriptedChain().grow(20)
    const wrong = right.branch().grow(5, 7)
    const unsigned = right.branch().grow(3)
    const directory = folders.next()
    {
      await using store = valued(await openStore({ directory }))
      valued(await store.append(right.taken))
      valued(await store.gate.witnessed([]))
      const { state, time: at } = valued(open(checkpointDocument, right.checkpoint()))
      valued(await store.gate.checkpoint(right.signer, { state, time: at }))
      valued(await store.append(unsigned.taken.slice(right.taken.length)))
    }
    await using copy = await copyOf(right, { directory })
    expect({ size: copy.size, trueSize: copy.trueSize }).toEqual({ size: 24, trueSize: 21 })
    const { length } = unsigned.taken
    expect((await copy.take(wrong.messages(length)))?.code).toBe('chain.link')
    valued(await copy.cutBack())
    expect(copy.size).toBe(21)
    expect(await copy.take(wrong.messages(21))).toBeUndefined()
    expect(copy.trueSize).toBe(26)
  })

  test('that a seal cuts below what was found true stands at what was true before', async () => {
    const right = new ScriptedChain().grow(20)
    const directory = folders.next()
    const stands = { size: 21, trueSize: 21 }
    {
      await using copy = await copyOf(right, { directory })
      expect(await copy.take(right.messages())).toBeUndefined()
      expect(await copy.take(right.branch().grow(50).messages(21))).toBeUndefined()
      valued(await copy.cutBack(30))
      expect({ size: copy.size, trueSize: copy.trueSize }).toEqual({ ...stands, size: 30 })
      // So whatever another one sends then takes no more of it away than that.
      valued(await copy.cutBack())
      expect({ size: copy.size, trueSize: copy.trueSize }).toEqual(stands)
    }
    await using again = await copyOf(right, { directory })
    expect({ size: again.size, trueSize: again.trueSize }).toEqual(stands)
  })

  test('refuses who was given what was cut, and who needs it as far as there', async () => {
    const right = new ScriptedChain().grow(20)
    const longer = right.branch().grow(200)
    await using copy = await copyOf(right)
    expect(await copy.take(right.messages())).toBeUndefined()
    expect(await copy.take(longer.messages(21))).toBeUndefined()
    const { head } = valued(open(checkpointDocument, longer.checkpoint()))
    const { chain, feed } = copy
    using ahead = valued(feed.open(chain, longer.size))
    using within = valued(feed.open(chain, 0))
    using sought = valued(await feed.openTo(chain, 60, { size: 221, head }))
    // The checkpoint is said to the one who asked for it, and then there is nothing more.
    expect(await ahead.next(64, soon())).toMatchObject([{ type: 'checkpoint' }])
    expect(await within.next(10, soon())).toHaveLength(10)
    expect(await sought.next(10, soon())).toHaveLength(11)
    const waiting = ahead.next(64, soon())
    valued(await copy.cutBack(50))
    const refused = [{ type: 'refuse', refusal: { code: 'ledger.unknown' } }]
    expect(await sought.next(64, soon())).toMatchObject(refused)
    expect(await waiting).toMatchObject(refused)
    // Who was given what is still there goes on, and has no end of it told that is none.
    const news = await within.next(64, soon())
    expect(news.map(({ type }) => type)).toEqual([...Array(11).fill('entry'), 'checkpoint'])
    const next = within.next(64, soon())
    expect(await copy.take(right.branch().grow(40, 7).messages(copy.size))).toMatchObject({
      code: 'chain.link',
    })
    valued(await copy.cutBack())
    expect(await copy.take(longer.messages(21))).toBeUndefined()
    expect(await next).toMatchObject([{ type: 'entry', seq: 21 }, ...Array(63).fill({})])
  })

  test('is read to a refusal where it was cut, and not as if that were its end', async () => {
    const right = new ScriptedChain().grow(20)
    await using copy = await copyOf(right)
    expect(await copy.take(right.messages())).toBeUndefined()
    expect(await copy.take(right.grow(400).messages(21))).toBeUndefined()
    const pages = copy.feed.store.pages(0, 421)
    const first = await pages.next()
    // What was written at once is read at once.
    expect(first.done ? 0 : valued(first.value).length).toBe(21)
    valued(await copy.cutBack(10))
    expect((await pages.next()).value).toMatchObject({ refusal: { code: 'ledger.unknown' } })
    expect(await pages.next()).toMatchObject({ done: true })
  })

  test('ends what is read of it, and what waits for more, when it is closed', async () => {
    const right = new ScriptedChain().grow(200)
    const copy = await copyOf(right)
    expect(await copy.take(right.messages())).toBeUndefined()
    const { head } = valued(open(checkpointDocument, right.checkpoint()))
    using behind = valued(copy.feed.open(copy.chain, 10))
    using waits = valued(copy.feed.open(copy.chain, 0))
    using sought = valued(await copy.feed.openTo(copy.chain, 201, { size: 201, head }))
    expect(await sought.next(64, soon())).toHaveLength(1)
    while ((await waits.next(64, soon())).at(-1)?.type !== 'checkpoint');
    expect(await behind.next(64, soon())).toHaveLength(64)
    const waiting = [waits, sought].map((one) => one.next(64, soon()))
    await copy[Symbol.asyncDispose]()
    for (const next of [...waiting, behind.next(64, soon())]) {
      expect(await next).toMatchObject([{ type: 'refuse', refusal: { code: 'wire.closing' } }])
    }
    expect(await copy.said('nobody' as NodeId)).toBeUndefined()
    expect(await copy.openJobs()).toEqual([])
  })

  test('on a disk that holds other bytes keeps what is sound, and gets the rest', async () => {
    const right = new ScriptedChain().grow(400)
    const directory = folders.next()
    {
      await using copy = await copyOf(right, { directory })
      expect(await copy.take(right.messages())).toBeUndefined()
    }
    const level = join(directory, 'now', 'level')
    for (const name of (await readdir(level)).filter((one) => /\.(log|ldb)$/.test(one))) {
      const bytes = await readFile(join(level, name))
      if (bytes.length === 0) continue
      bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1
      await writeFile(join(level, name), bytes)
    }
    await using copy = await copyOf(right, { directory })
    expect(copy.size).toBeLessThan(401)
    expect(copy.trueSize).toBeLessThanOrEqual(copy.size)
    expect(await copy.take(right.messages(copy.size))).toBeUndefined()
    expect(copy.found(right.checkpoint())).toBe(true)
  })

  test('of a chain that was forked finds nothing true but what a quorum has cosigned', async () => {
    const right = new ScriptedChain().grow(5)
    await using copy = await copyOf(right, { isFrozen: (epoch) => epoch === 0 })
    const checkpoint = right.checkpoint()
    expect((await copy.take(right.messages()))?.code).toBe('ledger.forked')
    const cosignatures = [right.cosigned('lea', checkpoint)]
    expect(await copy.take([{ type: 'checkpoint', checkpoint, cosignatures }])).toBeUndefined()
    expect(copy.trueSize).toBe(6)
  })

  test('finds no checkpoint true that says another state', async () => {
    const right = new ScriptedChain().grow(5)
    await using copy = await copyOf(right)
    const wrong = right.checkpoint({ state: '5'.repeat(64) as Digest })
    expect((await copy.take(right.messages(0, wrong)))?.code).toBe('chain.checkpoint')
    expect({ size: copy.size, trueSize: copy.trueSize }).toEqual({ size: 6, trueSize: 0 })
    expect(await copy.take(right.messages().slice(-1))).toBeUndefined()
    expect(copy.trueSize).toBe(6)
  })

  test('of a chain that is forked while it is learnt keeps nothing as true', async () => {
    const right = new ScriptedChain().grow(5)
    const directory = folders.next()
    {
      let isFrozen = false
      await using copy = await copyOf(right, { directory, isFrozen: () => isFrozen })
      const taking = copy.take(right.messages())
      isFrozen = true
      expect((await taking)?.code).toBe('ledger.forked')
      expect({ size: copy.size, trueSize: copy.trueSize }).toEqual({ size: 6, trueSize: 0 })
    }
    await using again = await copyOf(right, { directory })
    expect({ size: again.size, trueSize: again.trueSize }).toEqual({ size: 6, trueSize: 0 })
  })

  test('that was sent the entries of another chain forgets them, and goes on', async () => {
    const right = new ScriptedChain()
    const other = new ScriptedChain([], 'lea').grow(3)
    await using copy = await copyOf(right)
    expect((await copy.take(other.messages().slice(0, 2)))?.code).toBe('chain.link')
    expect(copy.size).toBe(0)
    expect(await copy.take(right.grow(3).messages())).toBeUndefined()
    expect(copy.trueSize).toBe(4)
  })

  test('knows each job that is open once, in the order in which they came', async () => {
    const right = new ScriptedChain()
    const jobs = Array.from({ length: 8 }, (_, i) => {
      return sign(jobDocument, jobFor(right.chain, keyNamed('pam'), i), keyNamed('pam'))
    })
    right.admit(...jobs.slice(0, 6)).admit(...jobs.slice(6))
    await using copy = await copyOf(right)
    expect(await copy.take(right.messages())).toBeUndefined()
    expect((await copy.openJobs()).map(jobId)).toEqual(jobs.map(jobId))
  })

  test('tells that a job is open again whose end was cut off', async () => {
    const right = new ScriptedChain()
    const pam = keyNamed('pam')
    const job = sign(jobDocument, jobFor(right.chain, pam, 0), pam)
    const id = jobId(job)
    const told: [string, JobId][] = []
    const admitted = (one: Signed<Job>) => told.push(['admitted', jobId(one)])
    const ended = (one: JobId) => told.push(['ended', one])
    await using copy = await copyOf(right, { admitted, ended })
    expect(await copy.take(right.admit(job).messages())).toBeUndefined()
    // Sent as entries, and never signed.
    const ends = right.branch().cancel(id, pam).messages(2).slice(0, -1)
    expect(await copy.take(ends)).toBeUndefined()
    expect(told).toEqual([
      ['admitted', id],
      ['ended', id],
    ])
    valued(await copy.cutBack())
    expect(told.slice(2)).toEqual([['admitted', id]])
  })

  test('is read as its chain was written, in pages, until it is closed', async () => {
    const right = new ScriptedChain().grow(300)
    const copy = await copyOf(right)
    expect(await copy.take(right.messages())).toBeUndefined()
    const { store } = copy.feed
    const read: Uint8Array[] = []
    for await (const page of store.pages(10, 290)) read.push(...valued(page))
    expect(read).toEqual(right.taken.slice(10, 290).map(({ bytes }) => bytes))
    const entry = valued(await store.entry(7))
    const path = valued(await store.inclusion(7))
    const { root } = valued(open(checkpointDocument, right.checkpoint()))
    expect(includes(digestBytes(root), right.size, 7, leafHash(entry), path)).toBe(true)
    await copy[Symbol.asyncDispose]()
    expect(await store.entry(7)).toMatchObject({ ok: false, refusal: { code: 'wire.closing' } })
  })

  test('that is far behind lets others have their turns while it catches up', async () => {
    const right = new ScriptedChain().grow(3000)
    await using copy = await copyOf(right)
    let turns = 0
    const turn = () => {
      turns++
      if (copy.trueSize === 0) setImmediate(turn)
    }
    setImmediate(turn)
    const from = time.now()
    expect(await copy.take(right.messages())).toBeUndefined()
    const ms = time.now() - from
    expect(turns).toBeGreaterThan(ms / 100)
  })
})
