import { randomBytes } from 'node:crypto'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import {
  type Answer,
  type Beacon,
  beaconDocument,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  digestText,
  ed25519,
  type Fork,
  type MeshId,
  open,
  refuse,
  type Signed,
  sign,
} from '@nexapod/specs'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { link } from '../host/link.ts'
import { type HostedMesh, type MeshConfig, openMesh } from '../index.ts'

const loopback = '/ip4/127.0.0.1/tcp/0'

/** A mesh that no other test is in. */
export const meshOfTest = digestText<MeshId>(randomBytes(32))

/** A coordinator's key, which signs what it gossips. */
export function key(seed: Uint8Array = randomBytes(32)) {
  return { seed, signer: ed25519.signer(seed), id: ed25519.signer(seed).id as CoordinatorId }
}

/** A beacon as its coordinator would sign it at this time. */
export function beacon(
  of: ReturnType<typeof key>,
  { issued = Date.now(), mesh = meshOfTest, chain = digestText<ChainId>(of.seed) } = {},
): Signed<Beacon> {
  return sign(
    beaconDocument,
    {
      v: 1,
      mesh,
      coordinator: of.id,
      chain,
      epoch: 0,
      size: 1,
      addresses: [],
      openUnits: 0,
      takesJobs: true,
      issued,
    },
    of.signer,
  )
}

/** A checkpoint of one size, which another of its kind contradicts. */
export function checkpoint(
  of: ReturnType<typeof key>,
  head: Uint8Array,
  time = Date.now(),
): Signed<Checkpoint> {
  return sign(
    checkpointDocument,
    {
      v: 1,
      chain: digestText(of.seed),
      epoch: 0,
      size: 1,
      coordinator: of.id,
      root: digestText(head),
      head: digestText(head),
      state: digestText(head),
      time,
    },
    of.signer,
  )
}

/** The rule for forks of one size: the ledger has the whole of it. */
export function openFork({ one, other }: Fork): Answer<Checkpoint> {
  const [a, b] = [open(checkpointDocument, one), open(checkpointDocument, other)]
  if (!a.ok || !b.ok) return a.ok ? b : a
  return a.value.head === b.value.head ? refuse('proof.false') : a
}

/** Opens a mesh on loopback: a coordinator that listens, unless it is told otherwise. */
export function opened(config: Partial<MeshConfig> = {}): Promise<HostedMesh> {
  return openMesh({
    mesh: meshOfTest,
    seed: randomBytes(32),
    listen: [loopback],
    known: [],
    roster: [],
    openFork,
    now: Date.now,
    ...config,
  })
}

/** Opens a node that knows this coordinator, and is connected to it. */
export async function nodeOf(
  to: HostedMesh,
  config: Partial<MeshConfig> = {},
): Promise<HostedMesh> {
  const node = await opened({ listen: [], known: to.addresses(), ...config })
  const dialled = await node.dial(to.peer, to.addresses(), AbortSignal.timeout(10_000))
  if (!dialled.ok) throw new Error(JSON.stringify(dialled))
  return node
}

/** A peer that keeps to no rule but those of the library; it comes from another address. */
export function attacker(
  options: Libp2pOptions = {},
  localAddress = '127.0.0.66',
): Promise<Libp2p> {
  return createLibp2p({
    transports: [tcp({ dialOpts: Object.assign({ noDelay: true }, { localAddress }) })],
    ...link,
    connectionManager: { maxParallelDials: 1000, maxDialQueueLength: 5000 },
    services: { identify: identify({ protocolPrefix: 'nexapod' }) },
    ...options,
  })
}

/** Waits until something is so. */
export async function until(is: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await is())) {
    if (performance.now() > end) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
