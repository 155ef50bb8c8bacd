import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFork } from '@nexapod/ledger'
import { openStockedMesh, type StockedMesh } from '@nexapod/mesh'
import { type Cid, type Job, limits } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moduleBytes } from '../executors/wasm/test/cast.ts'
import { probe, unitOf } from '../executors/wasm/test/job.ts'
import { setting } from '../test/cast.ts'
import { Inputs } from './inputs.ts'

const MiB = 1024 * 1024
const room = { bytesMax: 64 * MiB, filesMax: 1000 }
const never = new AbortController().signal

let directory: string
let mesh: StockedMesh
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-inputs-'))
  mesh = await openStockedMesh({
    ...{ mesh: setting.mesh, seed: new Uint8Array(32).fill(9), listen: [], known: [], roster: [] },
    ...{ openFork, now: () => Date.now() },
    data: { directory, bytesMax: 16 * MiB, mayServe: () => true },
  })
})
afterAll(async () => {
  await mesh[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

/** What is here already: there is nobody to be asked. */
function inputsHere(): Inputs {
  return new Inputs(Promise.resolve(mesh), {
    gateways: [],
    async *providers() {
      yield []
    },
  })
}

/** Bytes that no other file has. */
function drawn(length: number, of: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * of + (i >> 8)) % 251)
}

const executors = [probe(['exit', '0'])]

/** A unit that reads two files of one directory, each by its path. */
function unitOn(root: Cid, diskBytes = 8 * MiB): Parameters<Inputs['fetch']>[0] {
  const inputs = ['a', 'deep/b'].map((below): Job['inputs'][number] => {
    return { path: `/in/${below}`, kind: 'file', from: { type: 'cid', cid: root, below } }
  })
  const resources = { ...unitOf({ executors }).job.resources, diskBytes }
  const key = `coordinator/job of ${diskBytes}/0/0/0/1`
  return { ...unitOf({ executors, inputs, resources }), key }
}

describe('what a unit reads', () => {
  const [a, b] = [drawn(MiB, 3), drawn(MiB, 5)]
  const entries = new Map([
    ['a', { bytes: a }],
    ['deep', { entries: new Map([['b', { bytes: b }]]) }],
  ])

  test('stays until the unit is over, whatever else comes', async () => {
    const { data } = mesh
    const bounds = { bytesMax: limits.storageBytesMax, sealed: false }
    const bytes = moduleBytes('probes')
    expect((await data.importTree({ bytes }, { ...bounds, pin: 'module' })).ok).toBe(true)
    const imported = await data.importTree({ entries }, { ...bounds, pin: 'source' })
    if (!imported.ok) throw new Error(imported.refusal.code)
    const root = imported.value.cid
    const inputs = inputsHere()
    const unit = unitOn(root)
    const other = unitOn(root, 9 * MiB)
    for (const one of [unit, other]) expect(await inputs.fetch(one, never)).toBe(true)
    await data.store.unpin('source')
    // More than there is room for: what nothing holds goes.
    for (let i = 0; i < 40; i++) {
      await data.importTree({ bytes: drawn(MiB, 7 + i) }, { ...bounds, pin: `other ${i}` })
      await data.store.unpin(`other ${i}`)
    }
    expect(await inputs.file(root, room, 'a')).toEqual(a)
    expect(await inputs.file(root, room, 'deep/b')).toEqual(b)
    expect(await inputs.file(root, { ...room, bytesMax: MiB - 1 }, 'a')).toBeUndefined()
    await inputs.release(unit.key)
    // A job with other bounds reads the same, and goes on with it.
    expect(await inputs.file(root, room, 'a')).toEqual(a)
    await inputs.release(other.key)
    expect(await inputs.file(root, room, 'a')).toBeUndefined()
  })

  test('is read no further than there is room for files', async () => {
    const { data } = mesh
    const many = Array.from({ length: 60 }, (_, i) => [`f${i}`, { bytes: drawn(9, i) }] as const)
    const tree = { entries: new Map(many) }
    const imported = await data.importTree(tree, { bytesMax: MiB, sealed: false, pin: 'many' })
    if (!imported.ok) throw new Error(imported.refusal.code)
    const inputs = inputsHere()
    const read = async (filesMax: number) => {
      return (await inputs.directory(imported.value.cid, { bytesMax: MiB, filesMax }))?.length
    }
    expect([await read(100), await read(50)]).toEqual([60, undefined])
  })
})
