import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missing } from '../config.ts'
import { executorOn, Rig, Stocked, scriptOf } from './cast.ts'
import { busyboxIn, EngineHere, hasEngine, savedFrom } from './engine.ts'
import { Registry } from './registry.ts'

describe.skipIf(missing('docker', hasEngine))('images', () => {
  let rig: Rig
  /** Of another engine: the first has none of them. */
  const saved = new Map<string, { readonly id: string; readonly archive: Buffer }>()

  beforeAll(async () => {
    rig = await Rig.open()
    await using other = await EngineHere.open()
    for (const name of ['one', 'two', 'three']) {
      const id = await busyboxIn(other.docker, `ENV NAME=${name}`)
      await other.docker.getImage(id).tag({ repo: 'owner/thing', tag: name })
      saved.set(name, { id, archive: await savedFrom(other.docker, id) })
    }
  })
  afterAll(() => rig[Symbol.asyncDispose](), 60_000)

  const told = { command: scriptOf('echo $NAME') }

  function savedAs(name: string) {
    const one = saved.get(name)
    if (one === undefined) throw new Error(`there is no ${name}`)
    return one
  }

  async function tagsIn(): Promise<readonly string[]> {
    const images = await rig.engine.docker.listImages()
    return images
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter(isNamed)
      .sort()
  }

  test('come as an archive by CID, and without the names that stand in it', async () => {
    const { id, archive } = savedAs('one')
    const cid = rig.stock.addFile(new Uint8Array(archive))
    const { executed, log } = await rig.run([{ ...told, image: id, archive: cid }])
    expect(executed).toMatchObject({ type: 'ran', ended: { code: 0 } })
    expect(log).toBe('one\n')
    expect(await tagsIn()).toEqual(['nexapod/crate:1', `nexapod/image:${id.slice(7)}`])
    // Nothing of the archive stays beside it.
    expect(await readdir(`${rig.engine.directory}/archives`)).toEqual([])
  })

  test.each<[string, (archive: Buffer, id: string) => Buffer]>([
    ['a layer with another byte', (archive) => flipped(archive, archive.indexOf('secret') + 512)],
    ['another image', () => savedAs('three').archive],
    ['no archive', () => Buffer.from('nothing of the kind')],
    ['half of one', (archive) => archive.subarray(0, archive.length / 2)],
  ])('are refused where the archive is %s', async (_, spoil) => {
    const { id, archive } = savedAs('two')
    const cid = rig.stock.addFile(new Uint8Array(spoil(Buffer.from(archive), id)))
    const { executed } = await rig.run([{ ...told, image: id, archive: cid }])
    expect(executed).toEqual({ type: 'failed', reason: 'unavailable' })
    expect(await tagsIn()).not.toContain(`nexapod/image:${id.slice(7)}`)
  })

  test('come from a registry by their digest, which is looked at', async () => {
    const { id, archive } = savedAs('two')
    await using registry = await Registry.open(archive)
    const image = `${registry.name}@${registry.digest}`
    const { log } = await rig.run([{ ...told, image }])
    expect(log).toBe('two\n')
    expect(await tagsIn()).toContain(`nexapod/image:${id.slice(7)}`)
    const no = `${registry.name}@sha256:${createHash('sha256').update('no').digest('hex')}`
    const { executed } = await rig.run([{ ...told, image: no }])
    expect(executed).toEqual({ type: 'failed', reason: 'unavailable' })
  })

  test('have a bound together: the one that was not of use for longest goes', async () => {
    const stock = new Stocked()
    const { archive, id } = savedAs('three')
    const cid = stock.addFile(new Uint8Array(archive))
    const owners = await busyboxIn(rig.engine.docker, 'ENV NAME=owner')
    // There is room for two, and two are there: the first was used again since.
    const one = { ...told, image: savedAs('one').id }
    expect((await rig.run([one])).log).toBe('one\n')
    await using executor = executorOn(rig.engine, stock, undefined, {
      node: 'bob',
      imageBytesMax: 5_000_000,
    })
    await executor.probe(AbortSignal.timeout(10_000))
    const unit = rig.unit([{ ...told, image: id, archive: cid }])
    const never = new AbortController().signal
    expect(await executor.run(unit, never, () => {})).toMatchObject({ type: 'ran' })
    const kept = (await tagsIn()).filter((tag) => tag.startsWith('nexapod/image'))
    const ids = [savedAs('one').id, id].map((one) => `nexapod/image:${one.slice(7)}`)
    expect(kept).toEqual(ids.sort())
    // What its owner has is not counted and does not go.
    expect(await rig.engine.docker.getImage(owners).inspect()).toBeDefined()
  })
})

/** An image without a name has this one. */
function isNamed(tag: string): boolean {
  return tag !== '<none>:<none>'
}

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
