import { refuse } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { coordinatorIn, Folders, jobOf, valued } from '../../test/scripted-mesh.ts'
import { type ChainHere, Chains } from '../chains.ts'
import type { Coordinator } from '../coordinator.ts'
import type { EntryView } from '../home/view.ts'
import { machineTime } from '../time.ts'
import { Reel, Reels } from './reel.ts'

const folders = new Folders()
let coordinator: Coordinator
let size: number
beforeAll(async () => {
  coordinator = await coordinatorIn(folders.next())
  for (let i = 1; i <= 100; i++) {
    const job = jobOf(coordinator.chain, i).signed
    await coordinator.ask({ type: 'publish', job }, AbortSignal.timeout(10_000))
  }
  size = valued(await coordinator.view.status()).size
})
afterAll(async () => {
  await coordinator[Symbol.asyncDispose]()
  await folders.remove()
})

/** A reel over the chain, as long as a register says, and how often it has read the disk. */
function opened(taken = size) {
  const { chains, chain } = coordinator
  const gone = new AbortController()
  const read: number[] = []
  const register = { size: taken }
  const reading = {
    page: (from: number, count: number) => {
      read.push(from)
      return (chains.of(chain) as ChainHere).page(from, count)
    },
  }
  const ground = { size: () => register.size, read: () => reading, time: machineTime }
  const reel = new Reel(ground, gone.signal)
  return { reel, read, gone, register }
}

async function numbersOf(events: AsyncGenerator<string>, count: number): Promise<number[]> {
  const numbers: number[] = []
  for await (const text of events) {
    for (const [, id] of text.matchAll(/^id: (\d+)$/gm)) numbers.push(Number(id))
    if (numbers.length >= count) break
  }
  return numbers
}

async function entriesFrom(from: number): Promise<EntryView[]> {
  const all: EntryView[] = []
  for (let seq = from; seq < size; seq++) all.push(valued(await coordinator.view.entry(seq)))
  return all
}

const all = () => Array.from({ length: size }, (_, seq) => seq)

describe('a reel', () => {
  test('goes from the disk over to what is at hand without a gap', async () => {
    const { reel } = opened()
    reel.take(await entriesFrom(90))
    expect(await numbersOf(reel.events(0, AbortSignal.timeout(10_000)), size)).toEqual(all())
  })

  test('reads nothing for who is at the end, and once for all that is new', async () => {
    const { reel, read, register } = opened(size - 1)
    const [last] = await entriesFrom(size - 1)
    const streams = Array.from({ length: 50 }, () => {
      return numbersOf(reel.events(size - 1, AbortSignal.timeout(10_000)), 1)
    })
    register.size = size
    reel.take(last === undefined ? [] : [last])
    expect(await Promise.all(streams)).toEqual(streams.map(() => [size - 1]))
    expect(read).toEqual([])
  })

  test('reads for one after the other of those who are behind, each all of it', async () => {
    const { reel, read } = opened()
    const streams = [0, 10, 20].map((from) => {
      return numbersOf(reel.events(from, AbortSignal.timeout(10_000)), size - from)
    })
    expect(await Promise.all(streams)).toEqual([0, 10, 20].map((from) => all().slice(from)))
    expect(read.slice(0, 3)).toEqual([0, 10, 20])
  })

  test('ends for all where a chain was cut, and goes on with what it is then', async () => {
    const { reel, register } = opened()
    reel.take(await entriesFrom(90))
    const before = numbersOf(reel.events(size, AbortSignal.timeout(10_000)), 1)
    register.size = 95
    reel.take((await entriesFrom(94)).slice(0, 1))
    expect(await before).toEqual([])
    expect(await numbersOf(reel.events(94, AbortSignal.timeout(10_000)), 1)).toEqual([94])
  })

  test('ends with who listens, and with the API', async () => {
    const { reel, gone } = opened()
    const listener = new AbortController()
    const first = numbersOf(reel.events(size, listener.signal), 1)
    const second = numbersOf(reel.events(size, new AbortController().signal), 1)
    listener.abort()
    expect(await first).toEqual([])
    gone.abort()
    expect(await second).toEqual([])
  })
})

test('who comes while a chain changes hands hears of it from whoever has it then', async () => {
  const { chain, chains: all } = coordinator
  const own = all.of(chain) as ChainHere
  const hereWith = (page: ChainHere['page']): ChainHere => ({
    ...{ chain, role: 'followed', view: undefined, shown: size, page },
    ...{ standing: () => own.standing(), entry: (seq) => own.entry(seq) },
    entries: (had, signal) => own.entries(had, signal),
  })
  const chains = new Chains()
  chains.add(hereWith(async () => refuse('wire.closing')))
  const register = { sizeOf: () => size, onTaken: () => {} }
  const gone = new AbortController()
  const reels = new Reels({ register, chains, time: machineTime }, gone.signal)
  // It stays: what is told of one chain is told to all who listen to it.
  const listening = numbersOf(reels.events(chain, size, gone.signal), 1)
  const events = () => reels.events(chain, 0, AbortSignal.timeout(10_000))
  expect(await numbersOf(events(), 1)).toEqual([])
  chains.add(hereWith((from, count) => own.page(from, count)))
  expect(await numbersOf(events(), size)).toEqual(Array.from({ length: size }, (_, seq) => seq))
  gone.abort()
  expect(await listening).toEqual([])
})
