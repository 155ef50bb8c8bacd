import {
  type ChainId,
  cidOf,
  type Delegation,
  decode,
  type Execution,
  ed25519,
  encode,
  type FromCoordinator,
  type FromNode,
  fromNode,
  type JobId,
  type Lease,
  leaseDocument,
  type Manifest,
  type MeshId,
  type NodeId,
  type Offer,
  type PeerId,
  peerOf,
  receiptDocument,
  reopen,
  resultId,
  type Signed,
  type Signer,
  sha256,
  sign,
} from '../../../specs/index.ts'
import { Chance } from '../../fuzz/chance.ts'

const signature = new Uint8Array(64)

/**
 * A signer whose signatures are nothing, where what the core costs is measured, and not Ed25519;
 * or a real one, whose documents others believe.
 */
export function signerNamed(name: string, isReal = false): Signer {
  if (isReal) return ed25519.signer(sha256(new TextEncoder().encode(name)))
  return { id: peerNamed(name), sign: () => signature }
}

/** The key of somebody by name. */
function peerNamed(name: string): PeerId {
  for (let i = 0; ; i++) {
    const peer = peerOf(sha256(new TextEncoder().encode(`${name} ${i}`)))
    if (peer.ok) return peer.value
  }
}

/** What a node is at, what it will say of it, and when. */
interface Running {
  readonly execution: Execution
  /** As bytes: a crowd of objects would be moved about by whoever clears up behind the core. */
  readonly delivery: Uint8Array
  readonly doneAt: number
}

/** A node that computes what it is given, renews, and asks again. */
export class Node {
  readonly id: NodeId
  readonly signer: Signer
  readonly #offer: Offer
  readonly #running: Running[] = []
  #renewAt = Number.POSITIVE_INFINITY
  #askAt = Number.POSITIVE_INFINITY

  constructor(name: string, units: number, isReal = false) {
    this.signer = signerNamed(name, isReal)
    this.id = this.signer.id as string as NodeId
    this.#offer = offerFor(this.id, units)
  }

  /** When it has something to say next. */
  get nextAt(): number {
    const done = this.#running.reduce((least, { doneAt }) => Math.min(least, doneAt), this.#renewAt)
    return Math.min(done, this.#askAt)
  }

  hello(mesh: MeshId, delegation?: Signed<Delegation>): Uint8Array {
    const owned = delegation === undefined ? {} : { delegation }
    return encode(fromNode, { type: 'hello', mesh, offer: this.#offer, ...owned })
  }

  /** Hears what the coordinator says; a unit takes so long. */
  hear(message: FromCoordinator, at: number, takesMs: () => number): void {
    if (message.type === 'idle') this.#askAt = at + message.retryMs
    if (message.type !== 'lease') return
    const read = reopen(leaseDocument, message.lease)
    if (!read.ok) throw new Error(`a lease: ${read.refusal.code}`)
    const delivery = encode(fromNode, deliveryOf(message.lease, read.value, this.signer))
    this.#running.push({ execution: named(read.value), delivery, doneAt: at + takesMs() })
    if (this.#running.length === 1) this.#renewAt = at + renewMs
  }

  /** What it says now: results, and an offer of the room that they leave. */
  speak(at: number): Uint8Array[] {
    const said: Uint8Array[] = []
    let room = at >= this.#askAt ? this.#offer.units - this.#running.length : 0
    for (const [i, { delivery, doneAt }] of [...this.#running.entries()].reverse()) {
      if (doneAt > at) continue
      this.#running.splice(i, 1)
      said.push(delivery)
      room++
    }
    const say = (message: FromNode) => said.push(encode(fromNode, message))
    if (room > 0) say({ type: 'offer', offer: { ...this.#offer, units: room } })
    if (room > 0) this.#askAt = Number.POSITIVE_INFINITY
    if (at >= this.#renewAt && this.#running.length > 0) {
      say({ type: 'renew', executions: this.#running.map(({ execution }) => execution) })
    }
    if (at >= this.#renewAt) this.#renewAt = at + renewMs
    if (this.#running.length === 0) this.#renewAt = Number.POSITIVE_INFINITY
    return said
  }
}

const renewMs = 20_000

/** What is made of messages that come over the wire: documents in them are known by their bytes. */
export function overTheWire(messages: readonly Uint8Array[]): FromNode[] {
  return messages.map((message) => {
    const read = decode(fromNode, message)
    if (!read.ok) throw new Error(`a message of a node: ${read.refusal.code}`)
    return read.value
  })
}

/** Chance for how long units take: half a minute, more or less. */
export function durations(seed: number): () => number {
  const chance = new Chance(seed, 7)
  return () => 10_000 + chance.below(40_000)
}

function deliveryOf(signed: Signed<Lease>, lease: Lease, signer: Signer): FromNode {
  const { chain, node } = lease
  const manifest = manifestOf(lease.job, lease.unit)
  const receipt = {
    v: 1 as const,
    chain: chain as ChainId,
    ...named(lease),
    node,
    result: resultId(manifest.outcome),
    salt: new Uint8Array(32),
    issued: lease.issued,
  }
  return {
    type: 'deliver',
    lease: signed,
    receipt: sign(receiptDocument, receipt, signer),
    manifest,
  }
}

const output = cidOf('raw', sha256(new Uint8Array(1)))

function manifestOf(job: JobId, unit: number): Manifest {
  return {
    outcome: {
      ...{ v: 1, job, unit, fuel: 20_000_000_000 },
      ended: { type: 'exit', executor: 0, code: 0 },
      outputs: [{ path: '/out/a', cid: output, bytes: 1 }] as Manifest['outcome']['outputs'],
    },
    whole: [],
    remarks: { wallMs: 20_000, cpuMs: 20_000, ramBytesPeak: 1e6 },
  }
}

function named({ job, unit, slot, epoch, fence }: Lease): Execution {
  return { job, unit, slot, epoch, fence }
}

function offerFor(node: NodeId, units: number): Offer {
  return {
    ...{ v: 1, node, tier: 'cpu', cores: 8, ramBytes: 16e9, diskBytes: 1e11, units },
    platform: { os: 'linux', arch: 'x86_64' },
    gpus: [],
    executors: [{ type: 'wasm', profile: 1, fuelPerSecond: 1e9 }],
    windowMs: 8 * 3_600_000,
    projects: [],
    avoids: { projects: [], publishers: [] },
    has: [],
  }
}
