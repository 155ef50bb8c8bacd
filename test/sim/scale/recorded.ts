import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { Copy } from '../../../coordinator/shell/others/copy.ts'
import { PortAsker } from '../../../coordinator/shell/threads/port.ts'
import type { Threads } from '../../../coordinator/shell/threads/threads.ts'
import type { Taken } from '../../../ledger/index.ts'
import { keepSnapshot, openStore } from '../../../ledger/store/index.ts'
import {
  type Answer,
  type ChainId,
  type Checkpoint,
  explain,
  type Fact,
  type MeshId,
  type Signed,
} from '../../../specs/index.ts'
import { believing, nodesOf, Rush, type Size } from './rush.ts'

const others = new URL('../../../coordinator/shell/others/', import.meta.url)

/** A chain as its coordinator wrote it, and what that took in its core. */
export interface Recorded {
  readonly size: Size
  readonly chain: ChainId
  readonly mesh: MeshId
  readonly units: number
  readonly coreMs: number
  /** Signatures in what it wrote: it has verified each, and so does whoever follows it. */
  readonly signatures: number
  /** What each step wrote. */
  readonly steps: readonly (readonly Taken[])[]
  /** Steps in which the nodes came: nothing is charged for these. */
  readonly gathered: number
  /** What having all of it on the disk took of the thread that judges. */
  readonly storeMs: number
  readonly checkpoint: Signed<Checkpoint>
}

/** What following a chain took: the thread that judges, the one that learns, and in all. */
export interface Followed {
  readonly passMs: number
  readonly learnMs: number
  readonly wallMs: number
}

/** Has a coordinator decide its units, for a crowd that really signs, and writes them. */
export async function recorded(size: Size): Promise<Recorded> {
  const steps: (readonly Taken[])[] = []
  const signed: Size = { ...size, isSigned: true }
  const rush = new Rush(signed, (effects) => {
    for (const effect of effects) {
      if (effect.type === 'append' && effect.taken.length > 0) steps.push(effect.taken)
    }
  })
  rush.gather()
  const gathered = steps.length
  const { coreMs } = rush.until(size.units)
  const facts = steps
    .slice(gathered)
    .flat()
    .flatMap(({ entry }) => entry.facts)
  const signatures = facts.reduce((sum, fact) => sum + signedIn(fact), 0)
  const { chain, mesh } = rush
  const written = { coreMs, signatures, steps, gathered, storeMs: await storeMsOf(steps, gathered) }
  return { size: signed, chain, mesh, units: size.units, ...written, checkpoint: rush.checkpoint() }
}

/** Follows a chain as a coordinator does: the copy is here, and a thread learns it onto a disk. */
export async function followed(record: Recorded): Promise<Followed> {
  return await inFolder(async (directory) => {
    const { chain, mesh, steps, checkpoint } = record
    await begin(directory, record)
    const thread = new Worker(new URL('learner-thread.ts', others))
    using threads = threadsOf(thread)
    const nobody = { isFrozen: () => false, amended() {}, banned() {}, sealed() {} }
    const unheard = { ...nobody, admitted() {}, ended() {} }
    const copy = must(await Copy.open({ directory, chain, mesh, threads, ...unheard }))
    let seq = 0
    const takes = steps.map((step) => step.map(({ bytes: entry }) => ({ seq: seq++, entry })))
    takes[0]?.splice(0, copy.size)
    const takeAll = async (some: typeof takes) => {
      for (const take of some) {
        const refusal = await copy.take(take.map((one) => ({ type: 'entry', ...one })))
        if (refusal !== undefined) throw new Error(`a copy refuses: ${explain(refusal)}`)
      }
    }
    await takeAll(takes.slice(0, record.gathered))
    const before = await thread.cpuUsage()
    const [wall, own] = [performance.now(), process.threadCpuUsage()]
    await takeAll(takes.slice(record.gathered))
    const passMs = msOf(process.threadCpuUsage(own))
    const learnMs = msOf(await thread.cpuUsage(before))
    const wallMs = performance.now() - wall
    await copy.take([{ type: 'checkpoint', checkpoint, cosignatures: [] }])
    if (copy.trueSize !== seq) throw new Error('a copy did not find it true')
    await copy[Symbol.asyncDispose]()
    await thread.terminate()
    return { passMs, learnMs, wallMs }
  })
}

/** Copies are in this thread, and what it takes can be asked. */
function threadsOf(thread: Worker): Pick<Threads, 'place'> & Disposable {
  const ports: MessagePort[] = []
  const close = () => {
    for (const port of ports) port.close()
  }
  const place = <T>() => {
    const { port1, port2 } = new MessageChannel()
    ports.push(port1)
    thread.postMessage(port2, [port2])
    return { asker: new PortAsker<T>(port1), [Symbol.dispose]: close }
  }
  return { place, [Symbol.dispose]: close }
}

/** What the thread that writes steps takes for that; the threads of the disk are not counted. */
async function storeMsOf(steps: readonly (readonly Taken[])[], gathered: number) {
  return await inFolder(async (directory) => {
    await using store = must(await openStore({ directory }))
    for (const step of steps.slice(0, gathered)) must(await store.append(step))
    const from = process.threadCpuUsage()
    for (const step of steps.slice(gathered)) must(await store.append(step))
    return msOf(process.threadCpuUsage(from))
  })
}

async function inFolder<T>(act: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-scale-'))
  try {
    return await act(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** A copy that knows as much of the nodes as the coordinator did when they came. */
async function begin(directory: string, { size, steps }: Recorded): Promise<void> {
  await using store = must(await openStore({ directory }))
  const ledger = believing(nodesOf(size))
  const genesis = steps[0]?.[0]
  if (genesis === undefined) throw new Error('a chain begins with its genesis')
  must(await store.append([must(ledger.take(genesis.bytes))]))
  must(await keepSnapshot(store, ledger))
}

function msOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}

function signedIn(fact: Fact): number {
  if (fact.type === 'verdict') return fact.receipts.length
  if (fact.type === 'delegation') return 2
  return fact.type === 'job' || fact.type === 'revocation' || fact.type === 'cancel' ? 1 : 0
}

function must<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(explain(answer.refusal))
  return answer.value
}
