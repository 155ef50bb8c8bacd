import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NodeId, OwnerId } from '@nexapod/specs'
import { command, Process, ran, type Said } from './processes.ts'

const liar = fileURLToPath(new URL('./liar.ts', import.meta.url))

/** A node of the demo: whose it is, and whether it lies. */
export interface Lent {
  readonly owner: string
  readonly lies: boolean
  readonly node: NodeId
  readonly id: OwnerId
}

/** Who lends a node: the first coordinates, so hers is the mesh's own; the last one lies. */
const owners = ['Ada', 'Emmy', 'Grace', 'Mallory']

/** The coordinator of a mesh of its own, and where it is. */
export interface Hub {
  readonly process: Process
  readonly invitation: string
  /** Where people and programs look at it, if it listens for them. */
  readonly http?: string
}

/** In a mesh on one machine all nodes are in one network, and credit is soon theirs. */
const rates = { apart: 'owners', settleMs: 1000 }

/** A part is kept for the files of a module: what is left has room for a unit that says nothing. */
const lent = { cores: 1, cpuPercent: 100, ramBytes: 4_000_000_000 }
/** What a node lends of a machine that has to do for several: one core, so one unit at a time. */
export const limits = {
  ...{ v: 1, inUse: lent, idle: lent, idleAfterMs: 0, onReturn: 'finish', hours: [] },
  ...{ metered: true, diskBytes: 2_000_000_000, transfers: {}, programs: [], projects: [] },
  publishers: [],
  ...{ battery: { percentMin: 0 }, avoids: { projects: [], publishers: [] } },
  executors: { wasm: true, docker: false, anyImage: false, images: [] },
  tiers: ['cpu'],
  gpus: 0,
  owner: { remote: false },
}

/** Starts the coordinator. */
export async function startCoordinator(directory: string): Promise<Hub> {
  const args = ['--dir', join(directory, 'coordinator'), '--name', 'demo']
  const listen = ['--listen', '/ip4/127.0.0.1/tcp/0', '--http', '127.0.0.1:0']
  const coordinator = new Process(
    'the coordinator',
    [command, 'coordinator', 'up', ...args, ...listen, '--rates', JSON.stringify(rates)],
    {
      log: join(directory, 'coordinator.log'),
      isFirst: (said) => typeof said.invitation === 'string',
    },
  )
  const { invitation, http } = await coordinator.up
  return {
    process: coordinator,
    invitation: String(invitation),
    ...(typeof http === 'string' ? { http } : {}),
  }
}

/** Starts the nodes; each says who it is when it is up. */
export async function startNodes(
  directory: string,
  invitation: string,
  release: AsyncDisposableStack,
): Promise<readonly Promise<Lent>[]> {
  await mkdir(directory, { recursive: true })
  const file = join(directory, 'limits.json')
  await writeFile(file, JSON.stringify(limits))
  return owners.map(async (owner, i) => {
    const lies = i === owners.length - 1
    const dir = join(directory, owner.toLowerCase())
    const common = ['--dir', dir, '--limits', file]
    const honest = [command, '--mesh', invitation, 'node', 'up', '--yes', ...common]
    const args = lies ? [liar, '--join', invitation, ...common] : honest
    const log = `${dir}.log`
    const isFirst = ({ type }: Said) => type === 'opened'
    const claimed =
      i === 0 ? await claimedBy(join(directory, '..', 'coordinator', 'key'), dir) : undefined
    const process = release.use(new Process(owner, args, { log, isFirst }))
    const { node } = await process.up
    return { owner, lies, node: node as NodeId, id: (claimed ?? node) as OwnerId }
  })
}

/** Makes the node of a directory that of whoever has this key. */
async function claimedBy(key: string, directory: string): Promise<unknown> {
  const { lines } = await ran([
    command,
    'node',
    'claim',
    '--dir',
    directory,
    '--owner-key',
    key,
    '--json',
  ])
  const said = JSON.parse(lines.join('\n'))
  return said.owner
}
