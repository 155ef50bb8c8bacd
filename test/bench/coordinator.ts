import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Level } from 'level'
import { jobOf, valued } from '../../coordinator/test/scripted-mesh.ts'
import { ScriptedNode } from '../../coordinator/test/scripted-node.ts'
import { ed25519 } from '../../specs/index.ts'
import { CoordinatorProcess } from '../coordinator/process.ts'
import type { Figure } from './harness.ts'

const rounds = 3
const warmUnits = 1000
const roundUnits = 3000
const besideMs = 500
/** What a scripted node takes at once: enough that nobody waits for a round trip. */
const unitsAtOnce = 256
const tickMs = 10

/**
 * W2 without a sandbox: every unit on two nodes of two owners, in processes of their own, that
 * answer at once; receipts signed and verified, results compared, double entry, synced before it is
 * acknowledged. Beside it what a unit cannot do without, bare, in the same run.
 */
export async function figures(): Promise<readonly Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'nexapod-bench-'))
  const nodes: ChildProcess[] = []
  try {
    await using coordinator = await CoordinatorProcess.begin(join(root, 'home'))
    const { target, chain, pid } = coordinator
    nodes.push(...(await Promise.all(['ann', 'bob'].map((name) => nodeOf(name, target)))))
    await using publisher = await ScriptedNode.open('pia', target)
    const samples: Sample[] = []
    for (let round = 0; round <= rounds; round++) {
      const units = round === 0 ? warmUnits : roundUnits
      const { id, signed } = jobOf(chain, round + 1, { units })
      const from = { at: performance.now(), cpuMs: cpuMsOf(pid) }
      valued(await publisher.ask({ type: 'publish', job: signed }))
      while (valued(await publisher.ask({ type: 'job', job: id })).accepted < units) {
        await new Promise((tick) => setTimeout(tick, tickMs))
      }
      const us = ((performance.now() - from.at) * 1000) / units
      const cpuUs = ((cpuMsOf(pid) - from.cpuMs) * 1000) / units
      const beside = { verifyUs: verifyUs(), syncUs: await syncUs(join(root, `level-${round}`)) }
      if (round > 0) samples.push({ us, cpuUs, ...beside })
    }
    await coordinator.end('SIGTERM')
    return figuresOf(samples)
  } finally {
    for (const node of nodes) node.kill()
    await rm(root, { recursive: true })
  }
}

interface Sample {
  readonly us: number
  readonly cpuUs: number
  readonly verifyUs: number
  readonly syncUs: number
}

function figuresOf(samples: readonly Sample[]): Figure[] {
  const of = (name: keyof Sample) => {
    return samples.map((one) => one[name]).toSorted((a, b) => a - b)[samples.length >> 1] as number
  }
  const figure = (name: string, us: number, beside: string, besideUs: number): Figure => {
    return { name, us, perSecond: Math.round(1e6 / us), beside, besideUs, ratio: us / besideUs }
  }
  const [us, cpuUs, verified, synced] = [of('us'), of('cpuUs'), of('verifyUs'), of('syncUs')]
  return [
    figure('validated units (W2, no sandbox)', us, 'two Ed25519 verifications', 2 * verified),
    figure('the same, one synced write each', us, 'level, a synced put', synced),
    figure('CPU of the coordinator, a unit', cpuUs, 'two Ed25519 verifications', 2 * verified),
  ]
}

/** A node in a process of its own, as soon as it was welcomed. */
async function nodeOf(name: string, target: object): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./coordinator-node.ts', import.meta.url))
  const args = [name, JSON.stringify(target), String(unitsAtOnce)]
  const child = fork(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await once(child, 'message')
  return child
}

/** What a process has computed so far, all its threads together, as Linux counts it. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function verifyUs(): number {
  const signer = ed25519.signer(new Uint8Array(32).fill(9))
  const message = new Uint8Array(256)
  const signature = signer.sign(message)
  const from = performance.now()
  let count = 0
  for (; performance.now() - from < besideMs; count++) {
    if (!ed25519.verify(signer.id, message, signature)) throw new Error('it is a good signature')
  }
  return ((performance.now() - from) * 1000) / count
}

async function syncUs(directory: string): Promise<number> {
  const level = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' })
  await level.open()
  const from = performance.now()
  let count = 0
  for (; performance.now() - from < besideMs; count++) {
    await level.put(String(count), new Uint8Array(1024), { sync: true })
  }
  const us = ((performance.now() - from) * 1000) / count
  await level.close()
  return us
}
