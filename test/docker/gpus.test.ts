import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { containerOptions, faultsOf } from '../../node/executors/docker/container-options.ts'
import { Gpus, gpusHere } from '../../node/executors/gpus.ts'
import { machineOf } from '../../node/executors/machine.ts'
import { ed25519, type NodeId } from '../../specs/index.ts'
import { missing, pathBehind } from '../config.ts'
import { Rig, scriptOf, usualResources } from './cast.ts'
import { hasEngine } from './engine.ts'

const one = 'GPU-11111111-2222-3333-4444-555555555555'
const two = 'GPU-66666666-7777-8888-9999-000000000000'
const megabyte = 1024 * 1024

/** What the driver's tool says of two, and a line that says nothing. */
const tool = `#!/bin/sh
[ "$1" = --query-gpu=uuid,name,memory.total ] || exit 1
echo '${one}, NVIDIA A100-SXM4-40GB, 40960'
echo '${two}, NVIDIA T4, 15360'
echo 'GPU is lost'
`

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-gpus-'))
  await writeFile(join(directory, 'nvidia-smi'), tool)
  await chmod(join(directory, 'nvidia-smi'), 0o755)
  vi.stubEnv('PATH', pathBehind(directory))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true, force: true })
})

test('accelerators are those that the tool of their driver lists', async () => {
  expect(await gpusHere()).toEqual([
    { uuid: one, name: 'NVIDIA A100-SXM4-40GB', ramBytes: 40_960 * megabyte },
    { uuid: two, name: 'NVIDIA T4', ramBytes: 15_360 * megabyte },
  ])
  const node = ed25519.signer(new Uint8Array(32).fill(1)).id as NodeId
  const { tier, gpus } = await machineOf(node)
  expect(tier).toBe('gpu')
  expect(gpus.map(({ name }) => name)).toEqual(['NVIDIA A100-SXM4-40GB', 'NVIDIA T4'])
})

test('each is given to one unit at a time, the smallest that is large enough', async () => {
  const gpus = new Gpus(await gpusHere())
  const small = gpus.take(1, 1)
  expect(small?.map(({ uuid }) => uuid)).toEqual([two])
  expect(gpus.take(1, 50_000 * megabyte)).toBeUndefined()
  expect(gpus.take(2, 1)).toBeUndefined()
  gpus.give(small ?? [])
  expect(gpus.take(2, 1)).toHaveLength(2)
  expect(gpus.take(1, 1)).toBeUndefined()
})

test.skipIf(missing('docker', hasEngine))(
  'a container is made with its own, and no driver is no result',
  async () => {
    await using rig = await Rig.open({}, 2)
    const options = containerOptions({
      ...{ image: rig.image, entrypoint: [], command: scriptOf('true'), variables: {} },
      ...{ workdir: undefined, readsInput: false, cores: 1, cpuPercent: 100, unitMs: 1000 },
      ...{ ramBytes: 64_000_000, diskBytes: 1000, volumes: [], sharesTmp: false, covered: [] },
      ...{ gpus: [two], runtime: 'runc', labels: {} },
    })
    const container = await rig.engine.docker.createContainer(options)
    const made = await container.inspect()
    expect(faultsOf(options, made)).toEqual([])
    expect(made.HostConfig.DeviceRequests).toMatchObject([{ DeviceIDs: [two] }])
    await container.remove()
    const resources = { gpus: 1, gpuRamBytes: 20_000 * megabyte }
    const { executed } = await rig.run(['true'], { resources: { ...usualResources, ...resources } })
    expect(executed).toEqual({ type: 'failed', reason: 'unavailable' })
    expect(await rig.engine.left()).toEqual([])
  },
)
