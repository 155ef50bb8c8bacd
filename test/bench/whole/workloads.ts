import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../harness.ts'
import { BareSandbox, bareParts } from './bare.ts'
import { Celery, type CeleryFigures } from './celery.ts'
import { openBenchMesh } from './mesh.ts'
import { isRight, type Publisher, type Work } from './publisher.ts'

/** How much is run, and where profiles of the processes are written, if anywhere. */
export interface Scale {
  readonly units: number
  readonly profiles?: string
}

const warmUnits = 500
const aloneUnits = 500
const celeryUnits = 2000
const longUnits = 200
const longMs = 50
const helpRuns = 11
const idleMs = 5000

/** W1: units that compute nothing, as fast as they go, and then one at a time. */
export async function noOp({ units, profiles }: Scale): Promise<readonly Figure[]> {
  const celery = await celeryOf('w1')
  const bare = await bareParts(1)
  await using mesh = await openBenchMesh(profiles)
  const { publisher } = mesh
  await run(publisher, { quorum: 1, from: 0, count: warmUnits, rounds: 0 })
  const { verdictsMs, bytesMs } = await run(publisher, {
    ...{ quorum: 1, from: warmUnits, count: units, rounds: 0 },
  })
  const each: number[] = []
  for (let i = 0; i < aloneUnits; i++) {
    const work = { quorum: 1, from: 1_000_000 + i, count: 1, rounds: 0 } as const
    each.push((await run(publisher, work)).bytesMs * 1000)
  }
  each.sort((a, b) => a - b)
  const [p50 = 0, p99 = 0] = [each[each.length >> 1], each[Math.floor(each.length * 0.99)]]
  return [
    ...beside('no-op units (W1), verdicts', (verdictsMs * 1000) / units, bare, celery?.us),
    ...beside('the same, with what they gave', (bytesMs * 1000) / units, bare, celery?.us),
    ...beside('one at a time, p50', p50, bare, celery?.p50),
    ...beside('one at a time, p99', p99, bare, celery?.p99),
  ]
}

/** W2: every unit on both nodes, compared, and paid to both owners in one transaction. */
export async function validated({ units, profiles }: Scale): Promise<readonly Figure[]> {
  const celery = await celeryOf('w2')
  const bare = await bareParts(2)
  await using mesh = await openBenchMesh(profiles)
  await run(mesh.publisher, { quorum: 2, from: 0, count: warmUnits, rounds: 0 })
  const { verdictsMs, bytesMs } = await run(mesh.publisher, {
    ...{ quorum: 2, from: warmUnits, count: units, rounds: 0 },
  })
  return [
    ...beside('validated units (W2), verdicts', (verdictsMs * 1000) / units, bare, celery?.us),
    ...beside('the same, with what they gave', (bytesMs * 1000) / units, bare, celery?.us),
  ]
}

/** W3: two hundred units of fifty milliseconds, beside the same in the sandbox and nothing else. */
export async function long({ profiles }: Scale): Promise<readonly Figure[]> {
  await using sandbox = new BareSandbox()
  const tried = 20_000
  await sandbox.measure(4, tried)
  const rounds = Math.round((tried * longMs * 4) / (await sandbox.measure(8, tried)))
  const bareMs = await sandbox.measure(longUnits, rounds)
  await using mesh = await openBenchMesh(profiles)
  await run(mesh.publisher, { quorum: 1, from: 0, count: 20, rounds })
  const { bytesMs } = await run(mesh.publisher, { quorum: 1, from: 20, count: longUnits, rounds })
  const besideUs = ((bareMs + (await sandbox.measure(longUnits, rounds))) / 2 / longUnits) * 1000
  const us = (bytesMs / longUnits) * 1000
  const name = `units of ${longMs} ms (W3); efficiency ${(besideUs / us).toFixed(3)}`
  return [figureOf(name, us, 'the sandbox alone', besideUs)]
}

/** W5: from the first process to a verified result, what each holds when idle, and the help. */
export async function idle({ profiles }: Scale): Promise<readonly Figure[]> {
  const from = performance.now()
  await using mesh = await openBenchMesh(profiles)
  await run(mesh.publisher, { quorum: 2, from: 0, count: 1, rounds: 0 })
  const firstUs = (performance.now() - from) * 1000
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  const processes = { coordinator: mesh.coordinator, node: mesh.nodes[0] }
  const held = Object.entries(processes).map(([name, one]) => {
    return figureOf(`MB of the ${name}, idle`, megabytesOf(one?.pid ?? 0), 'target', 150)
  })
  const command = fileURLToPath(new URL('../../../cli/main.js', import.meta.url))
  const help = medianUs([command, '--help'])
  return [
    figureOf('start to the first verified result (W5)', firstUs, 'target', 3_000_000),
    ...held,
    figureOf('nexapod --help', help, 'node alone', medianUs(['-e', '0'])),
  ]
}

/** Publishes, waits for all verdicts, fetches all bytes; every result is looked at. */
async function run(publisher: Publisher, work: Work) {
  const from = performance.now()
  const id = await publisher.publish(work)
  const given = await publisher.accepted(id, work.count)
  const verdictsMs = performance.now() - from
  await publisher.fetched(given)
  const bytesMs = performance.now() - from
  const wrong = given.filter((one) => !isRight(one, work))
  if (wrong.length > 0) throw new Error(`${wrong.length} units are wrong`)
  return { verdictsMs, bytesMs }
}

async function celeryOf(what: 'w1' | 'w2'): Promise<CeleryFigures | undefined> {
  await using celery = await Celery.open()
  return await celery?.measure(what, celeryUnits, aloneUnits)
}

function beside(name: string, us: number, bareUs: number, celeryUs: number | undefined): Figure[] {
  const bare = figureOf(name, us, 'its bare parts, one core', bareUs)
  return celeryUs === undefined ? [bare] : [figureOf(name, us, 'Celery + Redis', celeryUs), bare]
}

function figureOf(name: string, us: number, yardstick: string, besideUs: number): Figure {
  const perSecond = Math.round(1e6 / us)
  return { name, us, perSecond, beside: yardstick, besideUs, ratio: us / besideUs }
}

/** What a process holds of the machine's memory, as Linux counts it. */
function megabytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1000
}

function medianUs(args: readonly string[]): number {
  const times = Array.from({ length: helpRuns }, () => {
    const from = performance.now()
    spawnSync(process.execPath, args)
    return (performance.now() - from) * 1000
  })
  return times.toSorted((a, b) => a - b)[helpRuns >> 1] as number
}
