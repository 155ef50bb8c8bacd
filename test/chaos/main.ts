import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mistakes } from './mistakes.ts'
import { type FaultKind, kindNames } from './plan.ts'
import { report } from './report.ts'
import { go } from './run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    nodes: { type: 'string', default: '8' },
    only: { type: 'string' },
    mistake: { type: 'string' },
    keep: { type: 'string' },
  },
})
const { minutes, seed, nodes, only, mistake, keep } = values
const made = mistake === undefined ? undefined : mistakes[mistake]
if (mistake !== undefined && made === undefined) throw new Error(`no mistake ${mistake}`)
const kinds = only?.split(',') ?? made?.faults
const strange = kinds?.filter((kind) => !kindNames.some((name) => name === kind)) ?? []
if (strange.length > 0) throw new Error(`no fault is called ${strange.join(' or ')}`)
const directory = keep ?? join(tmpdir(), `nexapod-chaos-${process.pid}`)
const over = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => over.abort())
const say = (line: string) => void process.stdout.write(`${line}\n`)
const went = await go(
  {
    ...{ seed: Number(seed), ms: Number(minutes) * 60_000, directory, signal: over.signal },
    size: { coordinators: 3, nodes: Number(nodes), publishers: 2 },
    ...(kinds === undefined ? {} : { only: kinds as FaultKind[] }),
    mutations: mistake === undefined ? [] : [mistake],
  },
  say,
)
for (const line of ['', ...report(went)]) say(line)
const same = { minutes, seed, nodes, only, mistake }
const again = Object.entries(same).flatMap(([key, value]) => (value ? [`--${key} ${value}`] : []))
say(`the same plan again: pnpm chaos ${again.join(' ')}`)
if (went.anomalies.length > 0) process.exitCode = 1
if (went.anomalies.length === 0 && keep === undefined) await rm(directory, { recursive: true })
else say(`logs and history are in ${directory}`)
