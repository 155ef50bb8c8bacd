import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { flipBits, loseAll } from './damage.ts'
import type { Lent } from './lent.ts'
import type { Member } from './member.ts'
import type { Fault, FaultKind } from './plan.ts'
import type { Scene } from './scene.ts'

/** Takes a fault back. */
type Mend = () => Promise<void> | void

const hourMs = 3_600_000

type OfMember = (member: Member, scene: Scene, fault: Fault) => Promise<Mend> | Mend
type OfNode = (node: Lent, scene: Scene, fault: Fault) => Promise<Mend> | Mend

/** Lets a fault begin; what it gives takes it back. */
export async function inflict(fault: Fault, scene: Scene): Promise<Mend> {
  const mends = fault.kind.startsWith('node-')
    ? fault.on.map((i) => ofNodes[fault.kind]?.(scene.nodes[i] as Lent, scene, fault))
    : await befallen(fault, scene)
  const all = await Promise.all(mends)
  return async () => void (await Promise.all(all.map((mend) => mend?.())))
}

/** Whom a fault befalls, as they are called. */
export function befalls({ kind, on }: Fault): string[] {
  return on.map((i) => (kind.startsWith('node-') ? `n${i}` : `c${i}`))
}

async function befallen(fault: Fault, scene: Scene) {
  const on = fault.on.map((i) => scene.members[i] as Member)
  // All at once: none of them hears of the end of another.
  if (fault.kind.endsWith('-all')) for (const member of on) member.signal('SIGKILL')
  if (fault.kind === 'part') {
    const [one, other] = on as [Member, Member]
    const parted = one.host.part([other.host.address])
    return [() => parted[Symbol.dispose]()]
  }
  return on.map((member) => ofMembers[fault.kind]?.(member, scene, fault))
}

const ofMembers: { readonly [K in FaultKind]?: OfMember } = {
  kill: killed,
  'long-kill': killed,
  'kill-all': killed,
  power: cut,
  'power-all': cut,
  pause(member) {
    member.signal('SIGSTOP')
    return () => member.signal('SIGCONT')
  },
  isolate(member, scene) {
    const parted = member.host.part(scene.others(member))
    return () => parted[Symbol.dispose]()
  },
  delay(member, scene, { draw }) {
    const others = scene.members.filter((one) => one !== member)
    const late = (ms: number) => {
      member.late({ ms })
      for (const other of others) other.late({ ms, from: member.host.address })
    }
    late(lateness(draw))
    return () => late(0)
  },
  full(member) {
    member.expectEnd()
    member.disk.fill()
    return async () => {
      // Whoever had nothing to write is still there.
      await member.stop()
      member.disk.clear()
      await member.start()
    }
  },
  async flip(member, scene, { draw }) {
    await member.stop()
    await flipBits(member.ledgerBy(draw), draw)
    return () => regains(member, scene)
  },
  async restore(member, scene) {
    const ledger = join(member.directory, 'ledger')
    const backup = join(member.disk.root, 'backup')
    await member.stop()
    await cp(ledger, backup, { recursive: true })
    await member.start()
    return async () => {
      await member.stop()
      await rm(ledger, { recursive: true })
      await rename(backup, ledger)
      await regains(member, scene)
    }
  },
  async lose(member, scene) {
    await member.stop()
    await loseAll(member.directory)
    return () => regains(member, scene)
  },
  async fork(member, scene) {
    const copy = join(member.disk.root, 'twin')
    await member.stop()
    await cp(member.directory, copy, { recursive: true })
    const [twin] = await Promise.all([member.twin(copy, scene.spare), member.start()])
    if (twin !== undefined) scene.forked(member, twin.chain)
    return async () => {
      await twin?.process[Symbol.asyncDispose]()
      await rm(copy, { recursive: true })
    }
  },
  async clock(member, _, { draw }) {
    await member.stop()
    await member.start(draw % 2 === 0 ? hourMs : -hourMs)
    return async () => {
      await member.stop()
      await member.start()
    }
  },
}

async function regains(member: Member, scene: Scene): Promise<void> {
  await member.start()
  await scene.regained(member)
}

async function killed(member: Member): Promise<Mend> {
  await member.stop()
  return () => member.start()
}

async function cut(member: Member): Promise<Mend> {
  await member.stop()
  await member.disk.cut()
  return () => member.start()
}

const ofNodes: { readonly [K in FaultKind]?: OfNode } = {
  async 'node-kill'(node) {
    await node.stop()
    return () => node.start()
  },
  'node-pause'(node) {
    node.signal('SIGSTOP')
    return () => node.signal('SIGCONT')
  },
  'node-isolate'(node, scene) {
    const parted = node.host.part(scene.others(node))
    return () => parted[Symbol.dispose]()
  },
  'node-delay'(node, scene, { draw }) {
    const late = (ms: number) => {
      for (const member of scene.members) member.late({ ms, from: node.host.address })
    }
    late(lateness(draw))
    return () => late(0)
  },
  async 'node-clock'(node, _, { draw }) {
    await node.stop()
    node.start(draw % 2 === 0 ? hourMs : -hourMs)
    return async () => {
      await node.stop()
      node.start()
    }
  },
}

/** From a tenth of a second to one and a half, each way. */
function lateness(draw: number): number {
  return 100 + (draw % 1400)
}
