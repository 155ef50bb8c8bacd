import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { failOver } from './failover.ts'
import { mistakes } from './mistakes.ts'
import { type FaultKind, kindNames } from './plan.ts'
import { report } from './report.ts'
import { go } from './run.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    nodes: { type: 'string', default: '8' },
    units: { type: 'string', default: '1000' },
    only: { type: 'string' },
    mistake: { type: 'string' },
    keep: { type: 'string' },
  },
})
const { keep } = values
const nodes = Number(values.nodes)
const directory = keep ?? join(tmpdir(), `nexapod-chaos-${process.pid}`)
const over = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => over.abort())
const say = (line: string) => void process.stdout.write(`${line}\n`)

const isWell = positionals[0] === 'failover' ? await failedOver() : await wentThrough()
if (!isWell) process.exitCode = 1
if (isWell && keep === undefined) await rm(directory, { recursive: true })
else say(`logs and history are in ${directory}`)

async function wentThrough(): Promise<boolean> {
  const { minutes, seed, only, mistake } = values
  const made = mistake === undefined ? undefined : mistakes[mistake]
  if (mistake !== undefined && made === undefined) throw new Error(`no mistake ${mistake}`)
  const kinds = only?.split(',') ?? made?.faults
  const strange = kinds?.filter((kind) => !kindNames.some((name) => name === kind)) ?? []
  if (strange.length > 0) throw new Error(`no fault is called ${strange.join(' or ')}`)
  const went = await go(
    {
      ...{ seed: Number(seed), ms: Number(minutes) * 60_000, directory, signal: over.signal },
      size: { coordinators: 3, nodes, publishers: 2 },
      ...(kinds === undefined ? {} : { only: kinds as FaultKind[] }),
      ...(mistake === undefined ? {} : { mutations: [mistake], calmMs: 30_000 }),
    },
    say,
  )
  for (const line of ['', ...report(went)]) say(line)
  const same = { minutes, seed, nodes, only, mistake }
  const again = Object.entries(same).flatMap(([key, value]) => (value ? [`--${key} ${value}`] : []))
  say(`the same plan again: pnpm chaos ${again.join(' ')}`)
  return went.anomalies.length === 0
}

async function failedOver(): Promise<boolean> {
  const units = Number(values.units)
  const { open, seconds, anomalies, counts } = await failOver(
    { units, nodes, directory, signal: over.signal },
    say,
  )
  const within = seconds === undefined ? 'and were not decided' : `decided within ${seconds} s`
  say(`${open} units were open at the kill, ${within}`)
  say(`${counts.accepted} units accepted, ${counts.paid} executions paid once`)
  say(`${anomalies.length} anomalies`)
  for (const { is, says } of anomalies.slice(0, 50)) say(`  ${is.padEnd(13)} ${says}`)
  return anomalies.length === 0 && seconds !== undefined && seconds < 60
}
