import { Ledger, stateRoot } from '../../../ledger/index.ts'
import type { State } from '../../../node/index.ts'
import { accounts, open } from '../../../specs/index.ts'
import { type KindName, kinds } from './behaviours.ts'
import type { Coordinator } from './coordinator.ts'
import { checkFold } from './fold-check.ts'
import type { NodeShell } from './node-shell.ts'
import type { Profile } from './profile.ts'
import type { Publisher } from './publisher.ts'
import type { Scene } from './scene.ts'
import type { JobTally } from './unit-tally.ts'
import { violated } from './violation.ts'

type Kept = State['kept'] extends Map<string, infer K> ? K : never

/** A node of a world, and what it was made for. */
export interface Inhabitant {
  readonly kind: KindName | 'own'
  readonly shell: NodeShell
}

/** A world that is to come to its end. */
interface Ending {
  readonly profile: Profile
  readonly scene: Scene
  readonly coordinators: readonly Coordinator[]
  readonly inhabitants: readonly Inhabitant[]
  readonly publishers: readonly Publisher[]
}

/** What is still under way, by name; nothing if all has come to its end. */
export function whyNot(world: Ending): string[] {
  const why: string[] = []
  for (const one of world.coordinators) why.push(...whyNotWriter(world, one))
  for (const publisher of world.publishers) {
    for (const { published, stage } of publisher.wanted) {
      if (stage !== 'ended' && stage !== 'refused') {
        why.push(`${publisher.place.name} waits for ${published.job.name}: ${stage}`)
      }
    }
  }
  for (const { kind, shell } of world.inhabitants) {
    if (shell.isGone || (kind !== 'own' && !kinds[kind].honest)) continue
    const { name } = shell.person
    if (shell.state === undefined) why.push(`${name} is off`)
    for (const [key, kept] of shell.state?.kept ?? []) {
      if (isLost(world, kept)) continue
      const said = kept.acknowledged === undefined ? 'not acknowledged' : 'acknowledged'
      why.push(`${name} keeps ${key.slice(-90)}: ${said}`)
    }
  }
  return why
}

/** Whether nobody can decide a receipt: its disk broke, or its node is not let in any more. */
function isLost(world: Ending, { lease, id, acknowledged }: Kept): boolean {
  const one = world.coordinators.find(({ writer }) => writer.chain === lease.chain)
  if (one === undefined) return false
  const tally = world.scene.watch.tallyOf(one.writer)
  // Who was wrong too often is heard no more.
  if (tally.suspended.has(lease.node)) return true
  return (acknowledged?.epoch ?? tally.epoch) < tally.epoch && !tally.sealedAt.has(id)
}

function whyNotWriter(world: Ending, { writer, life }: Coordinator): string[] {
  const { watch } = world.scene
  if (life === undefined) return [`${writer.name} is off`]
  const why: string[] = []
  for (const [id, job] of watch.tallyOf(writer).jobs) {
    if (job.isEnded) continue
    why.push(`${writer.name}: ${job.job.name} (${id.slice(0, 8)}) is open: ${unitsOf(job)}`)
  }
  const size = life.entries.length
  for (const other of world.coordinators) {
    const copy = other.copies.get(writer.chain)
    if (copy !== undefined && copy.size < size) {
      why.push(`${other.writer.name} has ${copy.size} of the ${size} entries of ${writer.name}`)
    }
  }
  return why
}

function unitsOf({ job, units, isCancelled }: JobTally): string {
  const [sweep] = job.sweep ?? []
  const count = sweep?.type === 'range' ? sweep.count : 1
  const open = Array.from({ length: count }, (_, unit) => unit).filter((unit) => {
    return units.get(unit)?.isOpen ?? true
  })
  const held = [...units].filter(([, unit]) => unit.held.size > 0).map(([unit]) => unit)
  const parts = [`units ${open.join(' ')} of ${count} are open`, `${held.join(' ')} hold something`]
  if (isCancelled) parts.push('cancelled')
  if (job.deadline !== undefined) parts.push('with a deadline')
  return parts.join(', ')
}

/** Everything has ended: what came of it is held against what has to be. */
export function checkEnd(world: Ending): void {
  for (const one of world.coordinators) {
    checkPaid(world, one)
    if (one.life === undefined) continue
    if (world.profile.seed % 4 === 0) checkAsStranger(one)
    checkFold(world.scene.watch, one.writer, one.life.ledger)
  }
}

/** Every winner was paid once, and nothing is left in between. */
function checkPaid(world: Ending, { writer }: Coordinator): void {
  const tally = world.scene.watch.tallyOf(writer)
  for (const [id, { job, units }] of tally.jobs) {
    if ((tally.balances.get(accounts.escrow(id)) ?? 0) !== 0) violated('an escrow is not empty')
    const isMetered = job.executors[0]?.type === 'docker' && job.budgetMicro !== undefined
    for (const [unit, { as, winners, paid, votes }] of units) {
      if (as !== 'accepted' || isMetered) continue
      for (const slot of winners) {
        if (paid.has(slot)) continue
        const owner = votes.get(slot)?.owner
        if (owner !== undefined && tally.banned.has(owner)) continue
        violated(`${job.name} unit ${unit}: slot ${slot} won and was not paid`)
      }
    }
  }
}

/** A stranger who believes nobody reads the chain, and finds the state that its writer has. */
function checkAsStranger({ life, writer }: Coordinator): void {
  if (life === undefined) return
  const ledger = new Ledger(open)
  for (const [i, bytes] of life.entries.entries()) {
    const taken = ledger.take(bytes)
    if (taken.ok) continue
    const { code, detail } = taken.refusal
    violated(`a stranger refuses entry ${i} of ${writer.name}: ${code} ${detail}`)
  }
  if (stateRoot(ledger.state) !== stateRoot(life.ledger.state)) {
    violated(`a stranger finds another state of ${writer.name}`)
  }
}
