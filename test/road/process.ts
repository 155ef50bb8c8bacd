import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { CID } from 'multiformats/cid'
import { openFork } from '../../ledger/index.ts'
import { type HostedMesh, type MeshConfig, openMesh } from '../../mesh/index.ts'
import {
  beaconDocument,
  type ChainId,
  type Cid,
  type CoordinatorId,
  digestText,
  ed25519,
  type MeshId,
  type PeerId,
  sha256,
  sign,
} from '../../specs/index.ts'

/** What a mesh in a process of its own is made from. */
export type ProcessConfig = Pick<MeshConfig, 'listen' | 'known' | 'relayed' | 'lan'> & {
  readonly mesh: MeshId
  readonly seed: string
}

/** What it may be told to do. */
export type Order =
  | { readonly do: 'dial'; readonly peer: PeerId; readonly addresses: readonly string[] }
  | { readonly do: 'paths'; readonly peer: PeerId }
  | { readonly do: 'addresses' | 'memory' | 'close' | 'announce' | 'coordinators' | 'publish' }
  | { readonly do: 'put' | 'find'; readonly cid: Cid; readonly block?: string }
  | { readonly do: 'get'; readonly cid: Cid }

/** A mesh in a process: it does what each line of its input orders, and answers in one line. */
async function main(): Promise<void> {
  const config: ProcessConfig = JSON.parse(process.argv[2] ?? '')
  await using mesh = await openMesh({
    ...config,
    seed: Buffer.from(config.seed, 'hex'),
    roster: [],
    now: Date.now,
    openFork,
  })
  say({ peer: mesh.peer, addresses: mesh.addresses() })
  for await (const line of createInterface({ input: process.stdin })) {
    const order: Order = JSON.parse(line)
    if (order.do === 'close') break
    say(await obey(mesh, order, config))
  }
  process.stdin.destroy()
}

async function obey(
  mesh: HostedMesh,
  order: Exclude<Order, { do: 'close' }>,
  config: ProcessConfig,
): Promise<unknown> {
  const signal = AbortSignal.timeout(30_000)
  const { libp2p, helia } = mesh.host
  switch (order.do) {
    case 'dial':
      return mesh.dial(order.peer, order.addresses, signal)
    case 'paths':
      return libp2p
        .getConnections()
        .filter(({ remotePeer }) => remotePeer.toString() === order.peer)
        .map(({ remoteAddr, limits }) => ({
          at: remoteAddr.toString(),
          limited: limits !== undefined,
        }))
    case 'addresses':
      return mesh.addresses()
    case 'memory':
      return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
    case 'publish':
      return mesh.publish('beacon', beaconOf(config))
    case 'announce':
      return mesh.announce('coordinator', signal).then(() => true)
    case 'coordinators':
      return all(mesh.find('coordinator', signal))
    case 'put':
      await helia.blockstore.put(CID.parse(order.cid), Buffer.from(order.block ?? '', 'hex'))
      await mesh.announce(order.cid, signal)
      return true
    case 'find':
      return all(mesh.find(order.cid, signal))
    case 'get': {
      // On a machine that is busy with other things the library may give up on a peer, for good.
      const soon = AbortSignal.timeout(8000)
      const chunks = all(helia.blockstore.get(CID.parse(order.cid), { signal: soon }))
      const [got] = await Promise.allSettled([chunks])
      return got.status === 'fulfilled' ? Buffer.concat(got.value).toString('hex') : ''
    }
    default:
      throw new Error('an order of another kind')
  }
}

async function all<T>(source: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

function beaconOf({ mesh, seed }: ProcessConfig) {
  const signer = ed25519.signer(Buffer.from(seed, 'hex'))
  const beacon = {
    v: 1,
    mesh,
    coordinator: signer.id as CoordinatorId,
    chain: digestText<ChainId>(sha256(new Uint8Array(1))),
    epoch: 0,
    size: 1,
    addresses: [],
    openUnits: 0,
    takesJobs: true,
    issued: Date.now(),
  } as const
  return sign(beaconDocument, beacon, signer)
}

function say(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

await main()
say('closed')
