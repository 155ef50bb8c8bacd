import { execFileSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Account,
  accounts,
  earned,
  type Fact,
  type JobId,
  jobDocument,
  jobId,
  type NodeId,
  type Purpose,
  receiptDocument,
  receiptId,
  resultId,
  type Signer,
  sign,
  transferId,
} from '@nexapod/specs'
import { stateRoot } from '../fold/learn.ts'
import { Ledger } from '../ledger.ts'
import type { Store } from '../store/index.ts'
import { signers, Writer } from './chains.ts'
import { takenOf, valued } from './stores.ts'
import { accepted, accountOf, delegationFact, jobFact, outcomeOf, peer } from './world.ts'

const fuel = 7_000_000_000
const rates = { microPerGigafuel: 1000 } as Parameters<typeof earned>[1]

/** Two nodes that agree, of members of the roster, and where the first one's credit goes. */
export const nodes = signers.slice(0, 2) as [Signer, Signer]
export const rich: Account = accountOf(nodes[0].id)

/** What one unit brings each of them. */
export const unitMicro = earned(fuel, rates)

/**
 * A chain in which a job runs: each unit is sealed, decided, and earns; all but the last are
 * settled. Its entries are what readers of a ledger meet in earnest.
 */
export function workedChain(units: number): Writer {
  const { writer, unsettled } = decidedJob(units)
  for (const settled of unsettled.slice(0, -1)) writer.write(...settled)
  return writer
}

/** The same, with all of it settled, or with what else is done first: the job may end. */
export function workedJob(
  units: number,
  first: (writer: Writer, job: JobId, settles: Fact[]) => Fact[] = (_, __, settles) => settles,
): { readonly writer: Writer; readonly job: JobId } {
  const { writer, job, unsettled } = decidedJob(units)
  const settles = unsettled.flatMap((settled) => first(writer, job, settled))
  writer.time += 10_000
  for (const settle of settles) writer.write(settle)
  return { writer, job }
}

function decidedJob(units: number) {
  const writer = new Writer()
  const publisher = peer(1)
  const signed = sign(
    jobDocument,
    { ...jobFact(publisher, 1, units).job, home: writer.chain },
    publisher,
  )
  const job = jobId(signed)
  writer.write(
    { type: 'fences', below: 2 * units + 1 },
    delegationFact(peer(50), peer(60), 5, 10 ** 9),
  )
  writer.write({ type: 'job', job: signed })
  const unsettled: Fact[][] = []
  for (let unit = 0; unit < units; unit++) unsettled.push(decideUnit(writer, job, unit, [0, 1]))
  writer.time += 10_000
  return { writer, job, unsettled }
}

/** Has a unit decided by a receipt of each node; gives what settles it. */
export function decideUnit(
  writer: Writer,
  job: JobId,
  unit: number,
  slots: readonly [number, number],
  counted = fuel,
): Fact[] {
  const outcome = outcomeOf(job, unit, counted)
  const receipts = nodes.map((node, i) => {
    const slot = slots[i] as number
    const execution = { job, unit, slot, epoch: 0, fence: 1 + unit * 2 + i }
    const value = {
      ...{ v: 1 as const, chain: writer.chain, ...execution, node: node.id as NodeId },
      ...{ result: resultId(outcome), salt: new Uint8Array(32).fill(slot), issued: 1 },
    }
    const receipt = sign(receiptDocument, value, node)
    writer.write({ type: 'receipt', ...execution, sealed: receiptId(receipt) })
    return receipt
  })
  const decided = accepted(outcome, [...slots])
  const paid = nodes.map((node, i) => {
    return payment({ type: 'earn', job, unit, slot: slots[i] as number }, node)
  })
  writer.write({ type: 'verdict', job, unit, decided, receipts }, ...paid.map(([earn]) => earn))
  return paid.map(([, settle]) => settle)
}

/** What an execution earns, and the transfer of it to its owner. */
function payment(purpose: Purpose & { readonly type: 'earn' }, node: Signer): [Fact, Fact] {
  const { job, unit, slot } = purpose
  const hold = accounts.hold(job, unit, slot)
  const settle: Purpose = { type: 'settle', of: transferId(purpose) }
  return [
    { type: 'transfer', purpose, from: accounts.mint, to: hold, micro: unitMicro },
    { type: 'transfer', purpose: settle, from: hold, to: accountOf(node.id), micro: unitMicro },
  ]
}

/** Gives a store the entries of a chain from where it is up to a size. */
export async function grow(store: Store, writer: Writer, size: number): Promise<void> {
  const taken = takenOf(writer.entries.slice(0, size)).slice(store.tip.size)
  for (let at = 0; at < taken.length; at += 50) valued(await store.append(taken.slice(at, at + 50)))
}

/** Has all that a store holds signed, and cosigned by so many witnesses. */
export async function cosign(store: Store, writer: Writer, witnesses: number): Promise<void> {
  const { size } = store.tip
  const ledger = new Ledger()
  for (const bytes of writer.entries.slice(0, size)) valued(ledger.take(bytes))
  valued(await store.gate.witnessed([]))
  const signing = { state: stateRoot(ledger.state), time: writer.time }
  const checkpoint = valued(await store.gate.checkpoint(signers[0] as Signer, signing))
  for (let witness = 1; witness <= witnesses; witness++) {
    valued(await store.gate.cosigned(writer.cosign(checkpoint, witness, size)))
  }
}

/** Flips one bit of the file of LevelDB that holds these bytes, and says where it did. */
export async function flipBit(directory: string, needle: Uint8Array) {
  const level = join(directory, 'now', 'level')
  for (const name of await readdir(level)) {
    const file = join(level, name)
    const content = await readFile(file)
    const at = content.indexOf(needle)
    if (at < 0) continue
    content[at] = (content[at] as number) ^ 1
    await writeFile(file, content)
    return { file, at }
  }
  throw new Error('no file holds these bytes')
}

/** What is in a directory, but for the lock: equal texts mean equal files. */
export function treeOf(directory: string): string {
  const script = 'cd "$1" && find . -path ./lock -prune -o -type f -exec sha256sum {} + | sort'
  return execFileSync('sh', ['-c', script, 'sh', directory], { encoding: 'utf8' })
}
