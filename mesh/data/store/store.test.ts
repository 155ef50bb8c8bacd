import { readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cid } from '@nexapod/specs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Block, blockOf } from '../block.ts'
import { nodeBlock, unixFsType } from '../node.ts'
import { bytesBelow, drawnBytes, temporary, yes } from '../test/rig.ts'
import { Store } from './store.ts'

const chunkBytes = 1000
const chunks = Array.from({ length: 24 }, (_, i) => blockOf('raw', drawnBytes(chunkBytes, i)))
/** Nodes over three chunks each, neighbours with one in common; and a node over two of them. */
const nodes = Array.from({ length: 8 }, (_, i) => over(chunks.slice(2 * i, 2 * i + 3)))
const tops = [over(nodes.slice(0, 2)), over(nodes.slice(2, 4))]
const blocks = [...chunks, ...nodes, ...tops]

function over(children: readonly Block[]): Block {
  const links = children.map(({ cid }, i) => ({ cid, name: `${i}`, linked: 0 }))
  return nodeBlock({ type: unixFsType.directory }, links)
}

const block = fc.integer({ min: 0, max: blocks.length - 1 })
const pin = fc.constantFrom('a', 'b', 'c')
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put'), block }) },
  fc.record({ do: fc.constant('get'), block }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pin'), block, pin }) },
  fc.record({ do: fc.constant('unpin'), pin }),
  fc.record({ do: fc.constant('damage'), block }),
  fc.record({ do: fc.constant('reopen') }),
)

interface Step {
  readonly do: string
  readonly block?: number
  readonly pin?: string
}

test('whatever is done to a store, what is pinned stays and its bytes are counted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 100 }), async (steps) => {
      await using place = await temporary()
      const config = { directory: place.path, bytesMax: 9 * chunkBytes }
      const tried = { store: await Store.open(config), model: new Model(), path: place.path }
      for (const one of steps as readonly Step[]) {
        const stays = tried.model.held()
        if (one.do === 'reopen') {
          tried.store = await Store.open(config)
          tried.model.forget()
        } else await act(tried, one, stays)
        const { store, model } = tried
        model.here = new Set(blocks.filter(({ cid }) => store.has(cid)))
        model.spread()
        const lost = one.do === 'damage' ? blocks[one.block ?? 0] : undefined
        expect([...stays].filter((held) => held !== lost && !model.here.has(held))).toEqual([])
        expect(store.bytes).toBe(bytesOf(model.here))
        expect(store.bytes).toBeLessThanOrEqual(config.bytesMax)
        expect(store.bytes).toBe(await bytesBelow(join(place.path, 'blocks')))
      }
    }),
    { numRuns: 60 },
  )
})

interface Tried {
  readonly store: Store
  readonly model: Model
  readonly path: string
}

async function act({ store, model, path }: Tried, step: Step, held: Set<Block>): Promise<void> {
  const given = blocks[step.block ?? 0] as Block
  const { cid, bytes } = given
  const name = step.pin ?? ''
  switch (step.do) {
    case 'put': {
      const fits = model.here.has(given) || bytesOf(held) + bytes.length <= store.bytesMax
      const answer = await store.put(given)
      expect(answer.ok || answer.refusal.code).toBe(fits || 'data.full')
      if (fits) expect(store.has(cid)).toBe(true)
      return
    }
    case 'get':
      expect((await store.get(cid))?.bytes.length).toBe(
        model.here.has(given) ? bytes.length : undefined,
      )
      return
    case 'pin':
      await store.pin({ name, roots: [cid], state: 'fetched' })
      model.pins.set(name, { root: given, covers: new Set() })
      return
    case 'unpin':
      await store.unpin(name)
      model.pins.delete(name)
      return
    case 'damage':
      if (!store.has(cid)) return
      await writeFile(fileOf(path, cid), 'something else')
      expect(await store.get(cid)).toBeUndefined()
      expect(store.has(cid)).toBe(false)
  }
}

/** What has to stay: for each pin what was once seen to be below its root, and is here. */
class Model {
  readonly pins = new Map<string, { readonly root: Block; covers: Set<Block> }>()
  here = new Set<Block>()

  held(): Set<Block> {
    return new Set([...this.pins.values()].flatMap(({ covers }) => [...covers]))
  }

  /** After a start, only what can be reached is known to be below a pin. */
  forget(): void {
    for (const pin of this.pins.values()) pin.covers = new Set()
  }

  spread(): void {
    for (const pin of this.pins.values()) {
      this.#reach(pin.root, pin.covers, new Set())
      for (const one of pin.covers) if (!this.here.has(one)) pin.covers.delete(one)
    }
  }

  #reach(from: Block, covers: Set<Block>, seen: Set<Block>): void {
    if (!this.here.has(from) || seen.has(from)) return
    covers.add(from)
    seen.add(from)
    for (const child of childrenOf(from)) this.#reach(child, covers, seen)
  }
}

function childrenOf(one: Block): readonly Block[] {
  const node = nodes.indexOf(one)
  if (node >= 0) return chunks.slice(2 * node, 2 * node + 3)
  const top = tops.indexOf(one)
  return top < 0 ? [] : nodes.slice(2 * top, 2 * top + 2)
}

function bytesOf(some: Iterable<Block>): number {
  return [...some].reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function fileOf(path: string, cid: Cid): string {
  return join(path, 'blocks', cid.slice(-3, -2), cid)
}

test('what was used longest ago goes first', async () => {
  await using place = await temporary()
  const store = await Store.open({ directory: place.path, bytesMax: 3 * chunkBytes })
  const [a, b, c, d, e] = chunks as [Block, Block, Block, Block, Block]
  for (const one of [a, b, c]) yes(await store.put(one))
  await store.get(a.cid)
  yes(await store.put(b))
  yes(await store.put(d))
  expect([a, b, c, d].map(({ cid }) => store.has(cid))).toEqual([true, true, false, true])
  yes(await store.put(e))
  expect(store.has(a.cid)).toBe(false)
  // The same when it is told to keep less, down to what is held.
  await store.pin({ name: 'held', roots: [e.cid], state: 'fetched' })
  await store.bound(0)
  expect([b, d, e].map(({ cid }) => store.has(cid))).toEqual([false, false, true])
  expect(await bytesBelow(join(place.path, 'blocks'))).toBe(e.bytes.length)
  expect(await store.put(b)).toMatchObject({ refusal: { code: 'data.full' } })
})

test('many at once put, read and push each other out, and the bytes are right', async () => {
  await using place = await temporary()
  const store = await Store.open({ directory: place.path, bytesMax: 20 * chunkBytes })
  const held = over(chunks.slice(0, 2))
  for (const one of [held, ...chunks.slice(0, 2)]) yes(await store.put(one))
  await store.pin({ name: 'held', roots: [held.cid], state: 'fetched' })
  const lanes = Array.from({ length: 16 }, async (_, lane) => {
    for (let i = 0; i < 60; i++) {
      const one = chunks[(i * (lane + 1) + lane) % chunks.length] as Block
      if (i % 3 === 0)
        expect([undefined, one.bytes.length]).toContain((await store.get(one.cid))?.bytes.length)
      else yes(await store.put(one))
    }
  })
  await Promise.all(lanes)
  expect(store.bytes).toBe(await bytesBelow(join(place.path, 'blocks')))
  expect(store.bytes).toBeLessThanOrEqual(store.bytesMax)
  for (const { cid, bytes } of [held, ...chunks.slice(0, 2)]) {
    expect((await store.get(cid))?.bytes).toEqual(Buffer.from(bytes))
  }
})

test('a start finds what is there, and nothing that is half', async () => {
  await using place = await temporary()
  const config = { directory: place.path, bytesMax: 100 * chunkBytes }
  const store = await Store.open(config)
  const [whole, half, twisted] = chunks as [Block, Block, Block]
  for (const one of [whole, half, twisted]) yes(await store.put(one))
  await truncate(fileOf(place.path, half.cid), 10)
  await writeFile(fileOf(place.path, twisted.cid), drawnBytes(chunkBytes, 99))
  await writeFile(join(place.path, 'blocks', 'a', 'no-block'), 'x')
  await writeFile(join(place.path, 'aside', '0'), 'half written')
  const again = await Store.open(config)
  expect(again.bytes).toBe(2 * chunkBytes + 10)
  expect(await readdir(join(place.path, 'aside'))).toEqual([])
  expect((await again.get(whole.cid))?.cid).toBe(whole.cid)
  expect(await again.lend(half.cid)).toBeUndefined()
  expect(await again.lend(twisted.cid)).toBeUndefined()
  expect(again.bytes).toBe(chunkBytes)
  yes(await again.put(half))
  expect(await readFile(fileOf(place.path, half.cid))).toEqual(Buffer.from(half.bytes))
})

test('pins are there after a start, sealed as they were', async () => {
  await using place = await temporary()
  const config = { directory: place.path, bytesMax: 100 * chunkBytes }
  const store = await Store.open(config)
  const [top] = tops as [Block]
  for (const one of blocks) yes(await store.put(one))
  await store.pin({ name: 'made', roots: [top.cid], state: 'sealed' })
  const small = await Store.open({ ...config, bytesMax: 8 * chunkBytes })
  expect(small.pins()).toEqual([{ name: 'made', roots: [top.cid], state: 'sealed' }])
  expect(small.isSealed(top.cid)).toBe(true)
  for (const { cid } of [top, ...nodes.slice(0, 2), ...chunks.slice(0, 5)]) {
    expect(small.has(cid)).toBe(true)
  }
  await small.unseal('made')
  expect((await Store.open(config)).isSealed(top.cid)).toBe(false)
  await small.unpin('made')
  expect((await Store.open(config)).pins()).toEqual([])
})

test('what is sealed is hidden, but below the root that it was made as', async () => {
  await using place = await temporary()
  const store = await Store.open({ directory: place.path, bytesMax: 100 * chunkBytes })
  const [secret, other] = chunks as [Block, Block]
  const [guess] = nodes as [Block]
  {
    await using stage = store.stage('sealed')
    yes(await stage.put(secret))
    expect(store.hides(secret.cid)).toBe(true)
    await store.pin({ name: 'made', roots: [secret.cid], state: 'sealed' })
  }
  for (const one of [guess, other]) yes(await store.put(one))
  // Somebody else's directory that has the secret in it, to see whether it is here.
  await store.pin({ name: 'input', roots: [guess.cid], state: 'fetched' })
  expect(store.hides(secret.cid)).toBe(true)
  expect(store.hides(secret.cid, guess.cid)).toBe(true)
  expect(store.hides(secret.cid, secret.cid)).toBe(false)
  expect(store.hides(other.cid)).toBe(false)
  // The verdict on one execution does not open what another still has to show.
  await store.pin({ name: 'second', roots: [secret.cid], state: 'sealed' })
  await store.unseal('made')
  expect(store.hides(secret.cid)).toBe(true)
  expect(store.isSealed(secret.cid)).toBe(true)
  await store.unseal('second')
  expect(store.hides(secret.cid)).toBe(false)
})

test('what was sealed is dropped with its pin, and stays if it was unsealed before', async () => {
  await using directory = await temporary()
  const store = await Store.open({ directory: directory.path, bytesMax: 1024 * 1024 })
  for (const isDecided of [false, true]) {
    const block = blockOf('raw', drawnBytes(1000, isDecided ? 1 : 2))
    {
      await using stage = store.stage('sealed')
      yes(await stage.put(block))
      await store.pin({ name: 'given', roots: [block.cid], state: 'sealed' })
    }
    expect([store.has(block.cid), store.hides(block.cid)]).toEqual([true, true])
    if (isDecided) await store.unseal('given')
    await store.unpin('given')
    expect(store.has(block.cid)).toBe(isDecided)
  }
  // After a crash nobody knows what of that was sealed.
  const again = await Store.open({ directory: directory.path, bytesMax: 1024 * 1024 })
  expect(again.blocks).toBe(1)
  await again.dropLoose()
  expect(again.blocks).toBe(0)
})

test('a small sealed block is back after a start, though its file was lost', async () => {
  await using place = await temporary()
  const config = { directory: place.path, bytesMax: 100 * chunkBytes }
  const store = await Store.open(config)
  const [lost, half] = chunks as [Block, Block]
  {
    await using stage = store.stage('sealed')
    for (const one of [lost, half]) yes(await stage.put(one))
    await store.pin({ name: 'given', roots: [lost.cid, half.cid], state: 'sealed' })
  }
  await unlink(fileOf(place.path, lost.cid))
  await truncate(fileOf(place.path, half.cid), 10)
  const again = await Store.open(config)
  for (const { cid, bytes } of [lost, half]) {
    expect((await again.get(cid))?.bytes).toEqual(Buffer.from(bytes))
  }
  expect(again.isSealed(lost.cid)).toBe(true)
})

test('damage in the file of pins costs the pin that it is in, and no other', async () => {
  await using place = await temporary()
  const config = { directory: place.path, bytesMax: 100 * chunkBytes }
  const store = await Store.open(config)
  const [one] = chunks as [Block]
  yes(await store.put(one))
  for (const name of ['a', 'b', 'c']) {
    await store.pin({ name, roots: [one.cid], state: 'fetched' })
  }
  const path = join(place.path, 'pins')
  const lines = (await readFile(path, 'latin1')).split('\n')
  lines[1] = `${lines[1]?.slice(0, 40)}A${lines[1]?.slice(41)}`
  await writeFile(path, `${lines.join('\n')}${lines[0]?.slice(0, 20)}`)
  const again = await Store.open(config)
  expect(again.pins().map(({ name }) => name)).toEqual(['a', 'c'])
  await again.pin({ name: 'd', roots: [one.cid], state: 'fetched' })
  await again.unpin('a')
  expect((await Store.open(config)).pins().map(({ name }) => name)).toEqual(['c', 'd'])
})
