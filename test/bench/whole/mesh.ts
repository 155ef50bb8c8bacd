import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits } from '../../../cli/demo/mesh.ts'
import { command, Process } from '../../../cli/demo/processes.ts'
import { Publisher } from './publisher.ts'

/**
 * One machine is one network, there are no audits, and credit is soon its owner's. Nothing else
 * differs from what a mesh is that strangers found.
 */
const rates = { apart: 'owners', settleMs: 1000, auditPermille: 0 }

/** A coordinator and two nodes, each a process of its own, and a publisher in this one. */
export interface BenchMesh extends AsyncDisposable {
  readonly coordinator: Process
  readonly nodes: readonly Process[]
  readonly publisher: Publisher
}

/** Begins all of it, and resolves when both nodes lend themselves. */
export async function openBenchMesh(profiles?: string): Promise<BenchMesh> {
  const release = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-bench-'))
  release.defer(() => rm(directory, { recursive: true, force: true }))
  const flags = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles]
  const file = join(directory, 'limits.json')
  await writeFile(file, JSON.stringify(limits))
  const args = ['--dir', join(directory, 'coordinator'), '--rates', JSON.stringify(rates)]
  const listen = ['--listen', '/ip4/127.0.0.1/tcp/0']
  const coordinator = release.use(
    new Process('the coordinator', [...flags, command, 'coordinator', 'up', ...args, ...listen], {
      log: join(directory, 'coordinator.log'),
      isFirst: ({ invitation }) => typeof invitation === 'string',
    }),
  )
  const { invitation } = await coordinator.up
  const nodes = ['ann', 'bob'].map((name) => {
    const mesh = ['--mesh', String(invitation), 'node', 'up', '--yes']
    const own = [...mesh, '--dir', join(directory, name), '--limits', file]
    const log = join(directory, `${name}.log`)
    const isFirst = ({ type }: { readonly type?: unknown }) => type === 'welcomed'
    return release.use(new Process(name, [...flags, command, ...own], { log, isFirst }))
  })
  await Promise.all(nodes.map(({ up }) => up))
  const publisher = release.use(await Publisher.open(String(invitation)))
  return { coordinator, nodes, publisher, [Symbol.asyncDispose]: () => release.disposeAsync() }
}
