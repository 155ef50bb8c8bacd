import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, connect } from '../../cli/index.ts'
import { folder } from '../../examples/build.ts'
import { exampleOf, writtenOf } from '../../examples/job.ts'
import { runUnits } from '../../examples/run.ts'
import { type Answer, type Fact, type JobId, receiptDocument, reopen } from '../../specs/index.ts'
import { CoordinatorProcess } from './coordinator-process.ts'
import { NodeProcess } from './mesh-here.ts'

/** What is to be gone through. */
export interface Hardship {
  readonly units: number
  readonly nodes: number
  readonly points: number
  readonly seed: number
}

/** What came of it. */
export interface Endured {
  readonly seconds: number
  readonly accepted: number
  /** Units whose output was compared with what this machine computes, and those that differ. */
  readonly compared: number
  readonly different: readonly number[]
  /** Receipts that were acknowledged to the nodes, and those that are not on the chain. */
  readonly acknowledged: number
  readonly lost: readonly string[]
  /** Executions that were paid; those paid twice; and those that won a unit and were not paid. */
  readonly paid: number
  readonly paidTwice: readonly string[]
  readonly unpaid: readonly string[]
  /** Of all accounts together: credit comes from `mint`, whose balance is below 0. */
  readonly sum: number
}

/** Units whose outputs are computed here as well. */
const comparedMax = 5

/**
 * One job, whose publisher leaves as soon as it was taken. When some units are decided a node is
 * killed for good, and later the coordinator with -9, which is started again. Then all is counted.
 */
export async function endure(hardship: Hardship, say: (line: string) => void): Promise<Endured> {
  const { units, nodes, points, seed } = hardship
  const from = performance.now()
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-hardship-'))
  await using release = new AsyncDisposableStack()
  release.defer(() => rm(directory, { recursive: true, force: true }))
  const rates = { apart: 'owners', settleMs: 1000 }
  const coordinator = release.use(new CoordinatorProcess(join(directory, 'coordinator'), rates))
  const invitation = await coordinator.start()
  const lent = Array.from({ length: nodes }, (_, i) => {
    const node = new NodeProcess(join(directory, `node-${i}`), invitation)
    release.defer(async () => void (await node.end('SIGKILL')))
    return node
  })
  await Promise.all(lent.map((node) => node.tells('welcomed')))
  const id = await published(invitation, units, points)
  say(`published ${units} units, and left`)
  await using watcher = ok(await connect({ invitation, key: keyOf(2) }))
  const marks = [0.2, 0.45].map((share, i) => Math.ceil(units * (share + ((seed >> i) % 16) / 100)))
  let kills = 0
  for await (const at of watcher.follow(id, AbortSignal.timeout(600_000))) {
    const { accepted } = ok(at)
    if (accepted < (marks[kills] ?? Number.POSITIVE_INFINITY)) continue
    kills++
    say(`${accepted} of ${units} units are accepted`)
    if (kills === 1) {
      const doomed = lent[seed % nodes]
      await doomed?.end('SIGKILL')
      say(`node ${seed % nodes} was killed`)
    } else {
      await coordinator.end('SIGKILL')
      await coordinator.start()
      say('the coordinator was killed with -9, and is up again')
    }
  }
  const results = join(directory, 'results')
  const counted = await countedBy(watcher, id, results, lent)
  const different = await differences(results, hardship)
  const seconds = (performance.now() - from) / 1000
  return { seconds, compared: Math.min(units, comparedMax), different, ...counted }
}

function keyOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number)
}

function ok<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`${answer.refusal.code} ${answer.refusal.detail ?? ''}`)
}

/** Publishes, and is gone when this resolves. */
async function published(invitation: string, units: number, points: number): Promise<JobId> {
  await using publisher = ok(await connect({ invitation, key: keyOf(1) }))
  const written = writtenOf('pi') as { executors: { command: string[] }[]; resources: object }
  written.executors[0]?.command.push('--points', String(points))
  const job = {
    ...written,
    sweep: { seed: { from: 1, to: units } },
    replicas: { quorum: 2, max: 6 },
    // A lease that a dead node holds ends when its unit would have had to.
    resources: { ...written.resources, seconds: 10 },
  }
  const what = { written: job, directory: join(folder, 'pi') }
  return ok(await publisher.publish(what, AbortSignal.timeout(60_000))).id
}

/** Reads the chain, takes the results, and counts what must be there once. */
async function countedBy(
  watcher: Connection,
  id: JobId,
  results: string,
  lent: readonly NodeProcess[],
): Promise<Omit<Endured, 'seconds' | 'compared' | 'different'>> {
  const signal = AbortSignal.timeout(120_000)
  await mkdir(results)
  const { verified } = ok(await watcher.results(id, results, signal))
  const facts: Fact[] = []
  const read = ok(await watcher.read(signal, ({ facts: some }) => facts.push(...some)))
  const sealed = new Set<string>()
  const paid = new Map<string, number>()
  const won: string[] = []
  const nodes = new Map<string, string>()
  for (const fact of facts) {
    if (fact.type === 'receipt') {
      const { job, unit, slot, epoch, fence } = fact
      sealed.add([job, unit, slot, epoch, fence].join('/'))
    } else if (fact.type === 'transfer' && fact.purpose.type === 'earn') {
      const { job, unit, slot } = fact.purpose
      const key = `${job}/${unit}/${slot}`
      paid.set(key, (paid.get(key) ?? 0) + 1)
    } else if (fact.type === 'verdict' && fact.decided.type === 'accepted') {
      for (const slot of fact.decided.agreeing) won.push(`${fact.job}/${fact.unit}/${slot}`)
    }
    if (fact.type === 'verdict') for (const one of openedBy(fact)) nodes.set(...one)
  }
  const acknowledged = lent.flatMap(({ told }) => {
    const keys = told.flatMap((one) => (one.type === 'acknowledged' ? [String(one.key)] : []))
    return keys.map((key) => key.slice(key.indexOf('/') + 1))
  })
  // Who was leased a unit again after the kill, and delivered both, is paid for one of them.
  const winners = new Set<string>()
  const again = [...paid].filter(([key, times]) => {
    const { size } = winners
    return winners.add(nodes.get(key) ?? key).size === size || times > 1
  })
  const { balances } = read.ledger.state
  let sum = 0
  for (const [, { micro }] of balances.entries()) sum += micro
  return {
    accepted: verified.settled.length,
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((key) => !sealed.has(key)),
    paid: paid.size,
    paidTwice: again.map(([key]) => key),
    unpaid: won.filter((key) => !winners.has(nodes.get(key) ?? key)),
    sum,
  }
}

/** Whose the executions are that a verdict opens: a node, and the unit that it has a part in. */
function openedBy(verdict: Fact & { readonly type: 'verdict' }): [string, string][] {
  return verdict.receipts.map((signed) => {
    const { job, unit, slot, node } = ok(reopen(receiptDocument, signed))
    return [`${job}/${unit}/${slot}`, `${job}/${unit}/${node}`]
  })
}

/** Units, drawn by the seed, of which another file came back than this machine computes. */
async function differences(
  results: string,
  { units, points, seed }: Hardship,
): Promise<readonly number[]> {
  const drawn = Array.from(
    { length: Math.min(units, comparedMax) },
    (_, i) => (seed + i * 7) % units,
  )
  const numbers = [...new Set(drawn)]
  const example = exampleOf('pi', ['--points', String(points)])
  const sweep = [
    { type: 'range', name: 'seed', from: 1, step: 1, count: units, digits: 0 },
  ] as const
  const job = { ...example.job, sweep: [...sweep] }
  const ran = await runUnits({ ...example, job }, { cores: 1, numbers })
  const different: number[] = []
  for (const { unit, outputs } of ran) {
    const [file] = outputs.flatMap(({ files }) => files)
    const came = await readFile(join(results, String(unit), '/out/pi.csv'))
    if (file === undefined || !came.equals(file.bytes)) different.push(unit)
  }
  return different
}
