import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from '../../node/executors/wasm/pool/pool.ts'
import { moduleBytes, program, taskOf } from '../../node/executors/wasm/test/cast.ts'
import { Rig, usualResources } from '../docker/cast.ts'
import { hasEngine } from '../docker/engine.ts'
import { MeshHere } from '../whole/mesh-here.ts'
import { aloneOnly, childrenOf, OwnerHere, until } from '../whole/owner.ts'
import { lookOnPath } from './bench.config.ts'
import type { Figure } from './harness.ts'

const percent = 50
const measureMs = 30_000
const returns = 5

/** Whether what an owner says binds: the share of a core, and how soon all stands still. */
export async function figures(): Promise<readonly Figure[]> {
  const found = [...(await modules()), ...(await returning())]
  return hasEngine ? [...found, await container()] : found
}

/** Two modules that never end, each beside the share of a core that it is given. */
async function modules(): Promise<readonly Figure[]> {
  await using pool = new Pool(2)
  const abort = new AbortController()
  const loop = taskOf([program('probes', ['loop'])], { fuel: 2 ** 49 })
  const runs = ['a', 'b'].map((key) => {
    const module = async () => moduleBytes('probes')
    const options = { key, deadlineMs: 600_000, signal: abort.signal, module, onLog: () => {} }
    return pool.run(loop, options)
  })
  const used = () => childrenOf(process.pid).map(({ cpuMs }) => cpuMs)
  await until(() => used().filter((cpuMs) => cpuMs > 500).length === 2)
  pool.pace(percent)
  await sleep(1000)
  const before = used()
  const tookMs = await timed(() => sleep(measureMs))
  const shares = used().map((cpuMs, i) => cpuMs - (before[i] ?? 0))
  abort.abort()
  await Promise.all(runs)
  return shares.map((cpuMs, i) => shareOf(`module ${i + 1} at ${percent} %`, cpuMs, tookMs))
}

/** A container that never ends. */
async function container(): Promise<Figure> {
  await using rig = await Rig.open()
  rig.executor.pace(percent)
  const abort = new AbortController()
  const resources = { ...usualResources, unitMs: 600_000 }
  const running = rig.run(['while :; do :; done'], { resources }, { signal: abort.signal })
  const { docker } = rig.engine
  let id: string | undefined
  while (id === undefined) {
    await sleep(20)
    id = (await docker.listContainers())[0]?.Id
  }
  const there = docker.getContainer(id)
  const used = async () => {
    const { cpu_stats } = await there.stats({ stream: false, 'one-shot': true })
    return cpu_stats.cpu_usage.total_usage / 1e6
  }
  await sleep(1000)
  const before = await used()
  let cpuMs = 0
  const tookMs = await timed(async () => {
    await sleep(measureMs)
    cpuMs = (await used()) - before
  })
  abort.abort()
  await running
  return shareOf(`container at ${percent} %`, cpuMs, tookMs)
}

/** A node process, whose owner comes back at any moment: from that to all units standing still. */
async function returning(): Promise<readonly Figure[]> {
  await using owner = await OwnerHere.away()
  using _ = lookOnPath(owner.directory)
  await using mesh = await MeshHere.open()
  await mesh.publishPi(2, 2_000_000_000)
  const node = await mesh.startLending('ann', aloneOnly)
  const still = () => childrenOf(node.pid).filter(({ state }) => state === 'T').length
  await until(() => childrenOf(node.pid).filter(({ cpuMs }) => cpuMs > 500).length === 2)
  const found: Figure[] = []
  for (let i = 1; i <= returns; i++) {
    await sleep((1000 * i) / returns)
    await owner.comes()
    const ms = await until(() => still() === 2)
    found.push(besideMs(`return ${i} of the owner`, ms, 'what it may take', 2000))
    await owner.goes()
    await until(() => still() === 0)
  }
  return found
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

function shareOf(name: string, cpuMs: number, tookMs: number): Figure {
  return besideMs(name, cpuMs, 'the time that passed', tookMs)
}

function besideMs(name: string, ms: number, beside: string, besideAllMs: number): Figure {
  const [us, besideUs] = [ms * 1000, besideAllMs * 1000]
  return { name, us, perSecond: Math.round(1e6 / us), beside, besideUs, ratio: us / besideUs }
}
