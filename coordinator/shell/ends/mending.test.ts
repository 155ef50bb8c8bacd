import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openFork, stateRoot, type Taken } from '@nexapod/ledger'
import { openStore, recover, type Store } from '@nexapod/ledger/store'
import { answerCalls, openMesh, serveFollower } from '@nexapod/mesh'
import {
  type Answer,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  encode,
  type Invitation,
  open,
  refusalOf,
  refuse,
  type Signed,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { keyNamed, seedNamed } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { Chains } from '../chains.ts'
import { Readings } from '../readings.ts'
import { machineTime as time } from '../time.ts'
import { ledgersIn } from './adoption.ts'
import { mend } from './mending.ts'

const folders = new Folders()
afterAll(() => folders.remove())
let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack[Symbol.asyncDispose]()
  stack = new AsyncDisposableStack()
})

const right = new ScriptedChain().grow(40)
const { chain, mesh: id } = right
const own = keyNamed('kim').id as CoordinatorId
const lea = keyNamed('lea').id as CoordinatorId
const says = valued(open(checkpointDocument, right.checkpoint()))
const never = new AbortController().signal

/** The code of a refusal. */
function codeOf(answer: Answer<unknown>): string | undefined {
  return answer.ok ? undefined : answer.refusal.code
}

/** Somebody who has all of the chain and says so; or says something else instead. */
async function witness(name: string, said?: Signed<Checkpoint>) {
  const feed = stack.use(await right.feed(folders.next()))
  const mesh = stack.use(
    await openMesh({
      ...{ mesh: id, seed: seedNamed(name), listen: ['/ip4/127.0.0.1/tcp/0'], known: [] },
      ...{ roster: [], openFork, now: Date.now },
    }),
  )
  const readings = new Readings({
    feedOf: async () => feed,
    forks: { of: () => undefined, isFrozen: () => false },
    ...{ isWritten: () => false, beacons: () => [], chains: new Chains(), time },
    cosigner: { isSettled: () => false, cosign: async () => refuse('ledger.unknown') },
    line: { answer: () => undefined },
  })
  const lie = said && { type: 'stand' as const, checkpoint: said, cosignatures: [] }
  await mesh.streams.serve('call', (channel) => {
    answerCalls(channel, async (question, signal) => {
      const answer = await readings.answer(question, signal)
      return lie ?? answer ?? { type: 'refuse', refusal: refusalOf('ledger.unknown') }
    })
  })
  await mesh.streams.serve('follow', (channel) => {
    serveFollower(channel, (...asked) => readings.open(...asked), time)
  })
  return { coordinator: keyNamed(name).id as CoordinatorId, addresses: mesh.addresses() }
}

/** Writes all of it, with a row beside it. */
async function written(store: Store): Promise<void> {
  // What stands in a log behind a bit that was flipped is lost with it.
  valued(await store.append(right.taken.slice(0, 1)))
  const value = encode(signedSchema(checkpointDocument), right.checkpoint())
  valued(await store.give([{ key: new TextEncoder().encode('row'), value }]))
  valued(await store.append(right.taken.slice(1)))
}

/** The ledger of kim, in which something is damaged. */
async function damaged(harm: (level: string) => Promise<void>, write = written): Promise<string> {
  const directory = folders.next()
  await mkdir(directory)
  const ledger = ledgersIn(directory).own
  {
    await using store = valued(await openStore({ directory: ledger }))
    await write(store)
  }
  await harm(join(ledger, 'now', 'level'))
  expect(codeOf(await openStore({ directory: ledger }))).toBe('ledger.damaged')
  return directory
}

/** Flips one bit of an entry, wherever it is. */
async function flip(level: string): Promise<void> {
  const needle = (right.taken[7] as Taken).bytes.subarray(20, 60)
  for (const name of await readdir(level)) {
    const content = await readFile(join(level, name))
    const at = content.indexOf(needle)
    if (at < 0) continue
    content[at] = (content[at] as number) ^ 1
    await writeFile(join(level, name), content)
  }
}

/** All that is no anchor is gone. */
async function empty(level: string): Promise<void> {
  await rm(level, { recursive: true })
}

type Members = Invitation['members']

async function mending(directory: string, others: Members, { signal = never, clock = time } = {}) {
  const members = [{ coordinator: own, addresses: [] }, ...others]
  const source = { v: 1 as const, mesh: id, name: 'scripted', members }
  const place = { directory, source, own, seed: seedNamed('kim'), listen: [], log: listLog() }
  const opened = await openStore({ directory: ledgersIn(directory).own })
  if (opened.ok) throw new Error('it is as it was written')
  return await mend({ ...place, time: clock }, opened.refusal, signal)
}

/** Holds that the own ledger is what it was before. */
async function isAsBefore(directory: string): Promise<void> {
  await using store = valued(await openStore({ directory: ledgersIn(directory).own }))
  const ledger = valued(await recover(store))
  expect(store.tip).toMatchObject({ chain, size: right.size, head: says.head })
  expect([ledger.chain.root(), stateRoot(ledger.state)]).toEqual([says.root, says.state])
  valued(await store.given(new TextEncoder().encode('row')))
  expect(await readdir(ledgersIn(directory).copies)).toEqual([])
}

describe('a ledger that is damaged', () => {
  test('is what it was before, with what a witness has', async () => {
    const directory = await damaged(flip)
    valued(await mending(directory, [await witness('lea')]))
    await isAsBefore(directory)
  })

  test('is left to the others where a row is lost, and nothing can be signed of it', async () => {
    const directory = await damaged(empty)
    valued(await mending(directory, [await witness('lea')]))
    const { own: ledger, copies } = ledgersIn(directory)
    expect(await readdir(copies)).toEqual([chain])
    await using store = valued(await openStore({ directory: ledger }))
    expect(store.tip.size).toBe(0)
  })

  test('is mended although a member shows what it signed itself, and never has', async () => {
    const directory = await damaged(flip)
    const lie = { ...says, size: 1_000_000, coordinator: lea }
    const shown = sign(checkpointDocument, lie, keyNamed('lea'))
    valued(await mending(directory, [await witness('lea', shown), await witness('mia')]))
    await isAsBefore(directory)
  })

  test('is left to the others where nobody has what somebody saw of it', async () => {
    const directory = await damaged(flip)
    const later = valued(open(checkpointDocument, right.branch().grow(9).checkpoint()))
    const shown = sign(checkpointDocument, later, right.signer)
    // Whatever takes a minute has soon taken that long.
    const after = (ms: number, act: () => void) => time.after(ms < 60_000 ? ms : 3000, act)
    const clock = { ...time, after }
    valued(await mending(directory, [await witness('lea', shown), await witness('mia')], { clock }))
    const { own: ledger, copies } = ledgersIn(directory)
    expect(await readdir(copies)).toEqual([chain])
    await using store = valued(await openStore({ directory: ledger }))
    expect(store.tip.size).toBe(0)
  })

  test('stays as it is where its coordinator is told to go meanwhile', async () => {
    const directory = await damaged(flip)
    const gone = new AbortController()
    const later = valued(open(checkpointDocument, right.branch().grow(9).checkpoint()))
    const shown = sign(checkpointDocument, later, right.signer)
    const mended = mending(directory, [await witness('lea', shown)], {
      signal: gone.signal,
    })
    setImmediate(() => gone.abort())
    expect(codeOf(await mended)).toBe('wire.closing')
    expect(codeOf(await openStore({ directory: ledgersIn(directory).own }))).toBe('ledger.damaged')
  })

  test('is for its operator where nobody else is in the mesh', async () => {
    const directory = await damaged(flip)
    expect(codeOf(await mending(directory, []))).toBe('ledger.damaged')
  })

  test('is begun again where nothing was acknowledged in it', async () => {
    const directory = await damaged(empty, async () => {})
    valued(await mending(directory, [await witness('lea')]))
    await using store = valued(await openStore({ directory: ledgersIn(directory).own }))
    expect(store.tip.turn).toBe(0)
  })

  test('is for its operator where its disk does not say which chain it was', async () => {
    // As in a copy of files that were written meanwhile: its anchor is new, and it is not.
    const directory = await damaged(async (level) => {
      const fresh = folders.next()
      await using _ = valued(await openStore({ directory: fresh }))
      await copyFile(join(fresh, 'now', 'anchor'), join(level, '..', 'anchor'))
    })
    const others = [await witness('lea')]
    expect(codeOf(await mending(directory, others))).toBe('ledger.damaged')
    await rm(join(ledgersIn(directory).own, 'now', 'anchor'))
    expect(codeOf(await mending(directory, others))).toBe('ledger.damaged')
  })
})
