import { existsSync, readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { audit } from '../../ledger/store/index.ts'
import { Chance } from '../fuzz/chance.ts'
import { type Checked, check } from './checker.ts'
import { befalls, inflict } from './faults.ts'
import { type Event, History } from './history.ts'
import { type Fault, type FaultKind, kinds, lineOf, plan } from './plan.ts'
import { Scene, type Size } from './scene.ts'

/** What is to be gone through. */
export interface Chaos {
  readonly seed: number
  readonly ms: number
  readonly size: Size
  readonly only?: readonly FaultKind[]
  readonly mutations?: readonly string[]
  readonly directory: string
  /** How long jobs may take to end when all is whole again; minutes, if it is left out. */
  readonly calmMs?: number
  /** Ends it before its time: what was begun is ended, and nothing is found. */
  readonly signal?: AbortSignal
}

/** What came of it. */
export interface Went extends Checked {
  readonly took: Scene['took']
  readonly events: readonly Event[]
  readonly seconds: number
}

/**
 * How much is published: so often, and no more at one time, each job of so many units. The budget
 * pays half the jobs to their end, and the others starve on the way.
 */
const load = { everyMs: 3000, openMax: 6, units: [5, 40], points: 500_000, budget: 0.001 } as const
/** How long all is left alone then, so that what is owed is paid. */
const settledMs = 5000

/** Goes through all of it, and checks what came of it. */
export async function go(chaos: Chaos, say: (line: string) => void): Promise<Went> {
  const { seed, ms, size, only, mutations = [], directory } = chaos
  const { signal = new AbortController().signal } = chaos
  await mkdir(directory, { recursive: true })
  const faults = plan({ seed, ms, ...size, ...(only === undefined ? {} : { only }) })
  say(`seed ${seed}: ${faults.length} faults in ${ms / 1000} s`)
  for (const fault of faults) say(lineOf(fault))
  await using history = new History(join(directory, 'history.jsonl'))
  await using scene = await Scene.open({ size, directory, history, mutations })
  const told = (line: string) => say(`${(history.now / 1000).toFixed(1).padStart(8)} s  ${line}`)
  told('all are up, and it begins')
  await strike(chaos, faults, { scene, history, told, signal })
  told(`all is whole again, ${scene.open} jobs are open`)
  const until = history.now + (chaos.calmMs ?? 240_000)
  while (scene.open > 0 && history.now < until && !signal.aborted) {
    await rest(1000, signal)
    scene.listen()
  }
  await rest(settledMs, signal)
  signal.throwIfAborted()
  scene.listen()
  told(`${scene.open} jobs are open; all is read again`)
  await scene.readAll()
  await audited(scene, history)
  told('over')
  const checked = check(history.events)
  const seconds = Math.round(history.now / 1000)
  return { ...checked, took: scene.took, events: history.events, seconds }
}

/** What happens in a run, and who is told. */
interface Stage {
  readonly scene: Scene
  readonly history: History
  readonly told: (line: string) => void
  readonly signal: AbortSignal
}

/** Publishes, and lets every fault begin and end in its time. */
async function strike(
  { seed, ms, size }: Chaos,
  faults: readonly Fault[],
  stage: Stage,
): Promise<void> {
  const { scene, history, signal } = stage
  const begun = history.now
  const over = new AbortController()
  const until = AbortSignal.any([over.signal, signal])
  const publishing = publishes(scene, seed, size.publishers, until)
  const telling = tells(stage, until)
  const striking = Object.values(Object.groupBy(faults, ({ kind }) => kinds[kind].side)).map(
    async (ofSide) => {
      // A start may take longer than planned: the next fault of a side comes as long after it.
      let [planned, over] = [0, begun]
      for (const fault of ofSide) {
        const from = Math.max(begun + fault.at, over + fault.at - planned)
        // What has no time any more is left out.
        if (from + fault.forMs > begun + ms) break
        await goes(fault, from, stage)
        planned = fault.at + fault.forMs
        over = history.now
      }
    },
  )
  await Promise.all([...striking, rest(ms, signal)])
  over.abort()
  await Promise.all([publishing, telling])
}

async function goes(
  fault: Fault,
  from: number,
  { scene, history, told, signal }: Stage,
): Promise<void> {
  const { number, kind, forMs } = fault
  const on = befalls(fault)
  await rest(from - history.now, signal)
  if (signal.aborted) return
  history.add({ type: 'fault', phase: 'begins', number, kind, on })
  told(`${kind} of ${on.join(' ')}`)
  const begins = history.now
  const mend = await inflict(fault, scene)
  await rest(begins + forMs - history.now, signal)
  await mend()
  history.add({ type: 'fault', phase: 'ends', number, kind, on })
  told(`${kind} of ${on.join(' ')} is over`)
}

async function publishes(
  scene: Scene,
  seed: number,
  publishers: number,
  signal: AbortSignal,
): Promise<void> {
  const chance = new Chance(seed, 9)
  const [least, most] = load.units
  while (!signal.aborted) {
    if (scene.open < load.openMax) {
      const units = least + chance.below(most - least)
      const funded = chance.once(3) ? { budget: load.budget } : {}
      scene.publish(chance.below(publishers), { units, points: load.points, ...funded })
    }
    await rest(load.everyMs, signal)
  }
}

async function tells({ scene, history, told }: Stage, signal: AbortSignal): Promise<void> {
  let last = 0
  while (!signal.aborted) {
    await rest(1000, signal)
    scene.listen()
    if (history.now < last + 10_000) continue
    last = history.now
    const count = (type: Event['type']) => history.events.filter((one) => one.type === type).length
    const [kept, reads] = [count('acknowledged'), count('read')]
    const { took, open } = scene
    await scene.weigh()
    told(`${took.length} jobs over, ${open} open, ${kept} receipts, ${reads} reads`)
  }
}

/** Ends the coordinators, and audits what each has on its disk. */
export async function audited(scene: Scene, history: History): Promise<void> {
  await Promise.all(scene.members.map((member) => member.stop('SIGTERM')))
  for (const { name, directory } of scene.members) {
    const homes = join(directory, 'homes')
    const adopted = existsSync(homes) ? readdirSync(homes) : []
    for (const at of ['', ...adopted.map((chain) => join('homes', chain))]) {
      const found = await audit(join(directory, at, 'ledger'))
      if (found.ok) continue
      const { code, detail } = found.refusal
      const chain = basename(at) || 'own'
      history.add({ type: 'broken', from: name, chain, seq: 0, code: `${code} ${detail}` })
    }
  }
}

/** Waits so long, or until there is nothing to wait for. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, ms)
  signal.addEventListener('abort', () => over.resolve(), { once: true })
  await over.promise
  clearTimeout(timer)
}
