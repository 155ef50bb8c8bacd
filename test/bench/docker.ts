import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Rig, scriptOf, usualResources } from '../docker/cast.ts'
import { busyboxIn } from '../docker/engine.ts'
import type { Figure } from './harness.ts'

/** What a program does: nothing at all, and some seconds of work. */
const scripts = {
  'a unit that does nothing': 'true',
  'a unit of some seconds': 'i=0; while [ $i -lt 2000000 ]; do i=$((i+1)); done',
} as const

const rounds = 7

/** What a unit costs beside `docker run` of the same image and command, with the same bounds. */
export async function figures(): Promise<readonly Figure[]> {
  await using rig = await Rig.open()
  const image = await busyboxIn(rig.engine.docker)
  const run = promisify(execFile)
  const found: Figure[] = []
  for (const [name, script] of Object.entries(scripts)) {
    const command = scriptOf(script)
    const ours = () => rig.run([{ image, command }], { resources: usualResources })
    const theirs = () => run('docker', [...bounds(rig.engine.socket), image, ...command])
    const samples: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      samples[0].push(await timed(ours))
      samples[1].push(await timed(theirs))
    }
    const [us, besideUs] = samples.map(median) as [number, number]
    const perSecond = Math.round(1e6 / us)
    found.push({ name, us, perSecond, beside: 'docker run', besideUs, ratio: us / besideUs })
  }
  return found
}

function bounds(socket: string): string[] {
  return [
    ...['-H', `unix://${socket}`, 'run', '--rm', '--network=none', '--read-only'],
    ...['--cap-drop=ALL', '--security-opt=no-new-privileges', '--user=65534:65534'],
    ...['--pids-limit=128', '--memory=128m', '--memory-swap=128m', '--cpus=1', '--ipc=private'],
    ...['--tmpfs=/tmp', '--volume=/in', '--volume=/out', '--volume=/scratch'],
  ]
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return (performance.now() - from) * 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}
