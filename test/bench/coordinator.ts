import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { usualRates } from '../../coordinator/test/cast.ts'
import { jobOf } from '../../coordinator/test/scripted-mesh.ts'
import { ScriptedNode, type Target } from '../../coordinator/test/scripted-node.ts'

const count = Number(process.env.UNITS ?? 5000)
const units = process.env.AHEAD ?? '64'
const root = await mkdtemp(join(tmpdir(), 'nexapod-bench-'))
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const main = spawn(process.execPath, [...(process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] : []), path('../../coordinator/shell/main.ts'), '--dir', root, '--listen', '/ip4/127.0.0.1/tcp/0', '--rates', JSON.stringify(usualRates)], { stdio: ['ignore', 'pipe', 'inherit'] })
const [line] = await once(createInterface({ input: main.stdout! }), 'line')
const target: Target & { chain: never } = JSON.parse(line)
const nodes = ['ann', 'bob'].map((name) => spawn(process.execPath, [path('./coordinator-node.ts'), name, line, units], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] }))
for (const node of nodes) await once(createInterface({ input: node.stdout! }), 'line')
const pia = await ScriptedNode.open('pia', target)
const asked = async (q: never) => { const a = await pia.ask(q); if (!a.ok) throw new Error(JSON.stringify(a.refusal)); return a.value as never as { accepted: number } }
await pia.mesh.dial(target.coordinator, target.addresses, AbortSignal.timeout(5000))
const cpu = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10 }
const cpus = () => [main, ...nodes].map((p) => cpu(p.pid!))
for (const [i, n] of [Math.min(1000, count), count].entries()) {
  const from = performance.now()
  const before = cpus()
  const { id, signed } = jobOf(target.chain, i + 1, { units: n, quorum: 2 })
  await asked({ type: 'publish', job: signed } as never)
  for (;;) {
    const { accepted } = await asked({ type: 'job', job: id } as never)
    if (accepted === n) break
    await new Promise((r) => setTimeout(r, 20))
  }
  const ms = performance.now() - from
  console.log(n, ms.toFixed(0), 'ms', 'cpu us/unit', cpus().map((c, j) => ((c - before[j]!) / n * 1000).toFixed(0)).join(' '), (n / ms * 1000).toFixed(0), '/s')
}
for (const node of nodes) { node.disconnect(); node.kill() }
main.kill('SIGTERM')
await once(main, 'exit')
await pia[Symbol.asyncDispose]()
await rm(root, { recursive: true })
