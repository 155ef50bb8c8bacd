import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Checked, check } from './checker.ts'
import { History } from './history.ts'
import { audited, rest } from './run.ts'
import { Scene } from './scene.ts'

/** What is to be gone through. */
export interface Failover {
  readonly units: number
  readonly nodes: number
  readonly directory: string
  readonly signal: AbortSignal
}

/** What came of it. */
export interface FailedOver extends Checked {
  /** Units that were open when the home was killed. */
  readonly open: number
  /** From the kill until the publisher was told that all are decided; none if it never was. */
  readonly seconds: number | undefined
}

/** More units than have to be open, so that some are decided before the kill. */
const early = 50
/** Until it is given up. */
const patienceMs = 180_000
/** How long the dead one, which came back, has to see what became of its chain. */
const backMs = 10_000

/** One job of many units; its home is killed for good, and somebody else has to end it. */
export async function failOver(
  { units, nodes, directory, signal }: Failover,
  say: (line: string) => void,
): Promise<FailedOver> {
  await mkdir(directory, { recursive: true })
  await using history = new History(join(directory, 'history.jsonl'))
  const size = { coordinators: 3, nodes, publishers: 1 }
  await using scene = await Scene.open({ size, directory, history, mutations: [] })
  const told = (line: string) => say(`${(history.now / 1000).toFixed(1).padStart(8)} s  ${line}`)
  scene.publish(0, { units: units + early, points: 20_000 })
  const decided = () => scene.jobs.reduce((sum, job) => sum + job.decided, 0)
  while (decided() === 0 && !signal.aborted) await rest(20, signal)
  signal.throwIfAborted()
  const [job] = scene.jobs
  const home = scene.members.find(({ chain }) => chain === job?.chain)
  if (job === undefined || home === undefined) throw new Error('the job has no home')
  const open = job.units - job.decided
  await home.stop()
  const from = history.now
  told(`${home.name} was killed with ${open} units open`)
  const until = from + patienceMs
  for (let last = from; scene.open > 0 && history.now < until && !signal.aborted; ) {
    await rest(100, signal)
    scene.listen()
    if (history.now < last + 5000) continue
    last = history.now
    told(`${decided()} of ${job.units} units are decided`)
  }
  const [took] = scene.took
  const seconds = took === undefined ? undefined : (took.till - from) / 1000
  told(seconds === undefined ? 'the job is open still' : `all are decided ${seconds} s after it`)
  await home.start()
  await rest(backMs, signal)
  signal.throwIfAborted()
  scene.listen()
  await scene.readAll()
  await audited(scene, history)
  return { ...check(history.events), open, seconds }
}
