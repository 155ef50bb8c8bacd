import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exampleOf } from '../../examples/job.ts'
import type { Job, JobId } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { MeshHere, type NodeProcess } from '../whole/mesh-here.ts'
import { scriptOf, usualResources } from './cast.ts'
import { busyboxIn, EngineHere, hasEngine, savedFrom } from './engine.ts'

describe.skipIf(missing('docker', hasEngine))('containers of a real mesh', () => {
  let engine: EngineHere
  let image: { readonly id: string; readonly archive: Uint8Array }

  beforeAll(async () => {
    engine = await EngineHere.open()
    const id = await busyboxIn(engine.docker)
    image = { id, archive: new Uint8Array(await savedFrom(engine.docker, id)) }
    await writeFile(limitsAt(), JSON.stringify(limits))
  })
  afterAll(() => engine[Symbol.asyncDispose](), 60_000)
  beforeEach(async () => {
    // It comes over the mesh each time.
    const images = await engine.docker.listImages()
    for (const { Id } of images) await engine.docker.getImage(Id).remove({ force: true })
  })

  function limitsAt(): string {
    return join(engine.directory, 'limits')
  }

  function start(mesh: MeshHere, name: string): NodeProcess {
    const lent = `DOCKER_HOST=unix://${engine.socket} exec "$@" --limits ${limitsAt()}`
    return mesh.start(name, 'sh', '-c', lent, 'sh')
  }

  async function published(mesh: MeshHere, units: number, script: string): Promise<JobId> {
    const { job } = exampleOf('pi')
    const archive = await mesh.keep(image.archive)
    const command = scriptOf(script)
    const program = { type: 'docker', image: image.id, archive, command, env: {} } as const
    const wanted: Job = {
      ...job,
      ...{ executors: [{ ...program, stdout: '/out/said', ignoreError: false }], inputs: [] },
      ...{ outputs: [{ kind: 'file', path: '/out/said' }], compare: [], volumes: [] },
      ...{ resources: usualResources, replicas: { quorum: 2, max: 8 } },
      sweep: [{ type: 'range', name: 'n', from: 1, step: 1, count: units, digits: 0 }],
    }
    return await mesh.publish(wanted)
  }

  async function running(): Promise<number> {
    return (await engine.docker.listContainers()).length
  }

  test('three nodes compute a job, of which the image comes by CID, and are paid', async () => {
    await using mesh = await MeshHere.open()
    const job = await published(mesh, 4, 'echo $(({{n}} * {{n}}))')
    const nodes = ['ann', 'bob', 'eve'].map((name) => start(mesh, name))
    expect(await mesh.ended(job)).toBe('final')
    const verdicts = await mesh.factsOf('verdict')
    expect(verdicts.map(({ unit }) => unit).sort()).toEqual([0, 1, 2, 3])
    for (const { decided } of verdicts) {
      expect(decided).toMatchObject({ type: 'accepted', outcome: { ended: { code: 0 } } })
    }
    const earnings = (await mesh.factsOf('transfer')).filter(({ purpose }) => {
      return purpose.type === 'earn'
    })
    expect(earnings).toHaveLength(8)
    await Promise.all(nodes.map((node) => node.end('SIGTERM')))
    expect(await engine.left()).toEqual([])
  })

  test('what a killed node left running is taken away when it is back', async () => {
    await using mesh = await MeshHere.open()
    const [ann, bob] = [start(mesh, 'ann'), start(mesh, 'bob')]
    await Promise.all([ann, bob].map((node) => node.tells('welcomed')))
    const job = await published(mesh, 1, 'sleep 8; echo {{n}}')
    await until(async () => (await running()) === 2)
    const before = await engine.left()
    await ann.end('SIGKILL')
    expect(await running()).toBe(2)
    start(mesh, 'ann')
    // Its volumes and both of its containers go; the other node's stay.
    await until(async () => {
      const left = await engine.left()
      return before.filter((one) => !left.includes(one)).length >= before.length / 2
    })
    expect(await mesh.ended(job)).toBe('final')
    await until(async () => (await engine.left()).length === 0)
  })

  test('an engine that is killed and comes back is gone on with', async () => {
    await using mesh = await MeshHere.open()
    const job = await published(mesh, 2, 'sleep 3; echo {{n}}')
    for (const name of ['ann', 'bob', 'eve']) start(mesh, name)
    await until(async () => (await running()) >= 2)
    await engine.end('SIGKILL')
    await engine.start()
    expect(await mesh.ended(job)).toBe('final')
    await until(async () => (await engine.left()).length === 0)
  })
})

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50)
}

const use = { cores: 2, cpuPercent: 100, ramBytes: 1_000_000_000 }

const limits = {
  ...{ v: 1, inUse: use, idle: use, idleAfterMs: 0, onReturn: 'freeze', hours: [] },
  ...{ metered: true, diskBytes: 1_000_000_000, transfers: {}, programs: [], projects: [] },
  publishers: [],
  avoids: { projects: [], publishers: [] },
  executors: { wasm: false, docker: true, anyImage: true, images: [] },
  tiers: ['cpu'],
  gpus: 0,
  owner: { remote: false },
}
