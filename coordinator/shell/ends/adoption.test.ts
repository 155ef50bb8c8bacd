import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openStore } from '@nexapod/ledger/store'
import { type CoordinatorId, checkpointDocument, open, sealDocument, sign } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { usualRules } from '../../core/setting.ts'
import { keyNamed, noon } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { machineTime } from '../time.ts'
import { adopted, arrange, ledgersIn } from './adoption.ts'
import { copiesIn } from './leaving.ts'
import { Memory } from './memory.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const right = new ScriptedChain().grow(4)
const { chain, size } = right
const { head } = valued(open(checkpointDocument, right.checkpoint()))
const own = keyNamed('lea').id as CoordinatorId
const mia = keyNamed('mia').id as CoordinatorId

/** What is kept by who took that cut, and signed it. */
function vowOn(successor: CoordinatorId) {
  const ballot = { number: 1, by: own }
  const cut = { size, head, successor }
  return { epoch: 0, pledge: { ballot, took: { ballot, cut } }, signed: cut }
}

/** A directory that knows where the chain was cut, and who goes on with it. */
async function sealedTo(successor: CoordinatorId) {
  const directory = folders.next()
  const memory = valued(await Memory.open(ledgersIn(directory).memory))
  const signers = [own, mia].sort()
  const says = { v: 1 as const, chain, epoch: 0, size, head, successor, issued: noon, signers }
  const keys = signers.map((id) => (id === own ? keyNamed('lea') : keyNamed('mia')))
  valued(await memory.keepVow(chain, vowOn(successor)))
  valued(await memory.keepSeal(sign(sealDocument, says, ...keys)))
  const place = { memory, own, log: listLog() }
  return {
    directory,
    places: ledgersIn(directory),
    memory,
    arranged: () => arrange(directory, place),
  }
}

/** So many entries of the chain, in a place. */
async function written(place: string, entries = size): Promise<void> {
  await mkdir(join(place, '..'), { recursive: true })
  await using store = valued(await openStore({ directory: place }))
  valued(await store.append(right.taken.slice(0, entries)))
}

async function sizeIn(place: string): Promise<number> {
  await using store = valued(await openStore({ directory: place }))
  return store.tip.size
}

describe('the ledgers of a coordinator are arranged', () => {
  test('also where a home became a copy and the process ended then', async () => {
    const { places, memory, arranged } = await sealedTo(mia)
    await using _ = memory
    await written(join(places.copies, chain))
    await mkdir(join(places.homes, chain, 'kept'), { recursive: true })
    await writeFile(join(places.homes, chain, 'kept', 'a'), 'noted')
    valued(await arranged())
    expect(await readdir(places.homes)).toEqual([])
    expect(await sizeIn(join(places.copies, chain))).toBe(size)
  })

  test('also where a copy of the own chain was left by who mended it', async () => {
    const { places, memory, arranged } = await sealedTo(mia)
    await using _ = memory
    await written(places.own)
    await written(join(places.copies, chain), size - 2)
    valued(await arranged())
    expect(await sizeIn(join(places.copies, chain))).toBe(size)
    expect(await copiesIn(places.copies)).toEqual([chain])
  })

  test('a copy that has not all of what its seal counts follows on, and is no home', async () => {
    const { places, memory, arranged } = await sealedTo(own)
    await using _ = memory
    await written(join(places.copies, chain), size - 2)
    valued(await arranged())
    expect(await sizeIn(join(places.copies, chain))).toBe(size - 2)
  })

  test('another history than what was sealed comes again, and is not founded anew', async () => {
    const { directory, places, memory, arranged } = await sealedTo(mia)
    await using _ = memory
    await mkdir(directory, { recursive: true })
    await using store = valued(await openStore({ directory: places.own }))
    valued(await store.append(new ScriptedChain().grow(4, 1).taken))
    await store[Symbol.asyncDispose]()
    valued(await arranged())
    expect(await copiesIn(places.copies)).toEqual([chain])
    expect(await readdir(join(places.copies, chain))).toEqual([])
  })

  test('a copy becomes a home where one was left before, not to its end', async () => {
    const { places, memory, arranged } = await sealedTo(own)
    await using _ = memory
    await written(join(places.copies, chain))
    await mkdir(join(places.homes, chain, 'kept'), { recursive: true })
    await writeFile(join(places.homes, chain, 'kept', 'a'), 'noted')
    valued(await arranged())
    expect(await readdir(join(places.homes, chain))).toEqual(['ledger'])
    expect(await sizeIn(join(places.homes, chain, 'ledger'))).toBe(size)
  })

  test('a copy is no home yet for who does not remember that it signed the seal', async () => {
    const { places, memory, arranged } = await sealedTo(own)
    await using _ = memory
    valued(await memory.keepVow(chain, { epoch: 0, pledge: vowOn(own).pledge }))
    await written(join(places.copies, chain))
    valued(await arranged())
    expect(await sizeIn(join(places.copies, chain))).toBe(size)
  })

  test('a copy of a chain that was a home here once is none again without the others', async () => {
    const { directory, places, memory, arranged } = await sealedTo(own)
    await using _ = memory
    await written(join(places.copies, chain))
    valued(await arranged())
    const given = { open, rules: usualRules, time: machineTime, log: listLog() }
    const beside = { signer: keyNamed('lea'), ...given }
    {
      await using store = valued(await adopted({ directory, memory, beside }, chain)).store
      expect(store.tip.size).toBe(size)
    }
    // Where it is lost before anything of it is written, nobody knows that.
    await rm(places.homes, { recursive: true })
    await written(join(places.copies, chain))
    valued(await arranged())
    expect(await sizeIn(join(places.copies, chain))).toBe(size)
  })

  test('a copy that has all of it becomes a home', async () => {
    const { places, memory, arranged } = await sealedTo(own)
    await using _ = memory
    await written(join(places.copies, chain))
    valued(await arranged())
    expect(await sizeIn(join(places.homes, chain, 'ledger'))).toBe(size)
  })
})
