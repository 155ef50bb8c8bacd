import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Copy } from '../../../coordinator/shell/others/copy.ts'
import { learnerThreads } from '../../../coordinator/shell/others/learner-threads.ts'
import { keepSnapshot, openStore } from '../../../ledger/store/index.ts'
import {
  type Answer,
  type ChainId,
  type Checkpoint,
  decode,
  entrySchema,
  explain,
  type Fact,
  type MeshId,
  type Signed,
  type ToFollower,
} from '../../../specs/index.ts'
import { believing, nodesOf, Rush, type Size } from './rush.ts'

/** Messages that come while those before are written: what a busy stream brings at once. */
const perTake = 16

/** A chain as its coordinator wrote it, and what that took in its core. */
export interface Recorded {
  readonly size: Size
  readonly chain: ChainId
  readonly mesh: MeshId
  readonly units: number
  readonly coreMs: number
  /** Signatures in what it wrote: it has verified each, and so does whoever follows it. */
  readonly signatures: number
  readonly entries: readonly Uint8Array[]
  readonly checkpoint: Signed<Checkpoint>
}

/** What following a chain took: in the thread that judges, in all others, and in all. */
export interface Followed {
  readonly passMs: number
  readonly learnMs: number
  readonly wallMs: number
}

/** Has a coordinator decide its units, for a crowd that really signs. */
export function recorded(size: Size): Recorded {
  const entries: Uint8Array[] = []
  const signed: Size = { ...size, isSigned: true }
  const rush = new Rush(signed, (effects) => {
    for (const effect of effects) {
      if (effect.type === 'append') for (const { bytes } of effect.taken) entries.push(bytes)
    }
  })
  rush.gather()
  const { coreMs } = rush.until(size.units)
  let signatures = 0
  for (const bytes of entries) {
    for (const fact of must(decode(entrySchema, bytes)).facts) signatures += signedIn(fact)
  }
  const { chain, mesh } = rush
  const checkpoint = rush.checkpoint()
  return { size: signed, chain, mesh, units: size.units, coreMs, signatures, entries, checkpoint }
}

/** Follows a chain as a coordinator does: the copy is here, and a thread learns it onto a disk. */
export async function followed(record: Recorded): Promise<Followed> {
  const { chain, mesh, entries, checkpoint } = record
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-scale-'))
  try {
    await begin(directory, record)
    await using threads = learnerThreads()
    const nobody = { isFrozen: () => false, amended() {}, banned() {}, sealed() {} }
    const unheard = { ...nobody, admitted() {}, ended() {} }
    await using copy = must(await Copy.open({ directory, chain, mesh, threads, ...unheard }))
    const messages: ToFollower[] = entries.map((entry, seq) => ({ type: 'entry', seq, entry }))
    messages.push({ type: 'checkpoint', checkpoint, cosignatures: [] })
    const [wall, all, own] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()]
    for (let at = copy.size; at < messages.length; at += perTake) {
      const refusal = await copy.take(messages.slice(at, at + perTake))
      if (refusal !== undefined) throw new Error(`a copy refuses: ${explain(refusal)}`)
    }
    const passMs = msOf(process.threadCpuUsage(own))
    const learnMs = msOf(process.cpuUsage(all)) - passMs
    const wallMs = performance.now() - wall
    if (copy.trueSize !== entries.length) throw new Error('a copy did not find it true')
    return { passMs, learnMs, wallMs }
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** A copy that knows as much of the nodes as the coordinator did when they came. */
async function begin(directory: string, { size, entries }: Recorded): Promise<void> {
  await using store = must(await openStore({ directory }))
  const ledger = believing(nodesOf(size))
  const [genesis] = entries
  if (genesis === undefined) throw new Error('a chain begins with its genesis')
  must(await store.append([must(ledger.take(genesis))]))
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
