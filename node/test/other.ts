import {
  type Execution,
  type FromCoordinator,
  type FromNode,
  type Job,
  type JobId,
  type Lease,
  leaseDocument,
  limits,
  type NodeId,
  open,
  type ReceiptId,
  receiptDocument,
  receiptId,
  refusalOf,
  type Signed,
} from '@nexapod/specs'
import { keyOf } from '../core/state.ts'
import {
  acknowledgementOf,
  decidedOn,
  digestNamed,
  GB,
  jobOn,
  keyNamed,
  leaseOf,
  noon,
  type Writer,
  writers,
} from './cast.ts'
import type { Tape } from './tape.ts'

/** A lease that a coordinator gave, and until when it thinks that it holds. */
export interface Given {
  readonly key: string
  readonly lease: Lease
  readonly signed: Signed<Lease>
  readonly execution: Execution
}

/** Jobs of one chain: small and large, short and long. */
export function jobsOf(writer: Writer): ReadonlyMap<JobId, { signed: Signed<Job>; job: Job }> {
  const needs = [
    // Fits whatever is lent.
    { ramBytes: GB / 4, diskBytes: GB / 4 },
    { ramBytes: 3 * GB },
    { ramBytes: 3 * GB, unitMs: 600_000 },
    { cores: 2 },
    { cores: 4, unitMs: 90_000 },
    { unitMs: 20_000, diskBytes: 8 * GB },
    { cores: 8 },
  ]
  return new Map(
    Array.from({ length: 21 }, (_, i) => {
      const need = needs[i % needs.length]
      const { signed, id, job } = jobOn(writer.chain, `job ${i} of ${writer.id}`, need)
      return [id, { signed, job }]
    }),
  )
}

/** A coordinator that keeps to nothing: what it says next is decided by a tape. */
export class Other {
  readonly writer: Writer
  readonly jobs: ReturnType<typeof jobsOf>
  epoch: number
  fence = 0
  /** Units that the node still takes, as it said. */
  left = 0
  said: string[] = []
  readonly asked = new Set<JobId>()
  readonly given = new Map<string, Given>()
  /** Receipts that it got, with their executions. */
  readonly got = new Map<ReceiptId, Execution>()
  readonly acknowledged = new Set<ReceiptId>()
  /** Executions that it was shown, or got. */
  readonly knows = new Map<string, Execution>()
  /** Every lease that anybody gave. */
  readonly seen: Map<string, Execution>
  welcomed = false
  /** Whether it says nothing of its own accord. */
  silent = false

  constructor(
    writer: Writer,
    seen: Map<string, Execution>,
    { jobs, epoch }: { readonly jobs: Other['jobs']; readonly epoch: number } = {
      jobs: jobsOf(writer),
      epoch: 0,
    },
  ) {
    this.writer = writer
    this.seen = seen
    this.jobs = jobs
    this.epoch = epoch
  }

  /** The same on a stream that is about nothing yet, or not any more. */
  apart(): Other {
    return new Other(this.writer, new Map(), this)
  }

  /** As another coordinator would be that goes on with this chain. */
  successor({ signer, id }: Writer): Other {
    const { jobs, seen, epoch } = this
    const { chain } = this.writer
    return new Other({ signer, id, chain }, seen, { jobs, epoch: epoch + 1 })
  }

  /** What it had of a stream is gone with it. */
  forgetStream(): void {
    this.welcomed = false
    this.left = 0
    this.asked.clear()
    this.knows.clear()
  }

  /** Takes what the node says. */
  take(message: FromNode): void {
    this.said.push(message.type)
    if (message.type === 'hello' || message.type === 'offer') this.left = message.offer.units
    if (message.type === 'ask') for (const id of message.jobs) this.asked.add(id)
    if (message.type === 'hold') for (const lease of message.leases) this.#know(lease)
    if (message.type === 'deliver') {
      const receipt = open(receiptDocument, message.receipt)
      if (!receipt.ok) throw new Error('the node delivered what does not open')
      const { job, unit, slot, epoch, fence } = receipt.value
      this.got.set(receiptId(message.receipt), { job, unit, slot, epoch, fence })
      this.#know(message.lease)
    }
  }

  welcome(): FromCoordinator {
    this.welcomed = true
    const { chain } = this.writer
    return { type: 'welcome', chain, epoch: this.epoch, renewMs: 20_000, time: noon }
  }

  /** A lease as it should be. */
  lease(tape: Tape, more: Partial<Lease> = {}): FromCoordinator {
    const job = tape.from(this.jobs.keys()) ?? digestNamed<JobId>('none')
    this.fence++
    this.left--
    const leaseMs = tape.oneIn(4) ? 30_000 : 60_000
    const slot = tape.below(3)
    const { epoch, fence } = this
    const unit = tape.below(50)
    const made = leaseOf(this.writer, job, unit, { slot, epoch, fence, leaseMs, ...more })
    const key = keyOf(made.lease.coordinator, made.execution)
    this.given.set(key, { key, ...made })
    this.seen.set(key, made.execution)
    return made.message
  }

  /** Something that an honest coordinator could say now, if there is anything. */
  honest(tape: Tape): FromCoordinator {
    const job = tape.from(this.asked)
    const found = job === undefined ? undefined : this.jobs.get(job)
    if (found !== undefined && job !== undefined) {
      this.asked.delete(job)
      return { type: 'job', job: found.signed }
    }
    const fresh = [...this.got.keys()].filter((id) => !this.acknowledged.has(id))
    switch (tape.below(5)) {
      case 0:
      case 1:
        return this.left > 0 ? this.lease(tape) : { type: 'alive' }
      case 2:
        return fresh.length > 0 ? this.acknowledge(fresh.slice(0, 64)) : { type: 'alive' }
      case 3:
        return this.decided([...this.knows.values()].slice(0, 64))
      default:
        return { type: 'alive' }
    }
  }

  acknowledge(receipts: readonly ReceiptId[]): FromCoordinator {
    for (const id of receipts) this.acknowledged.add(id)
    return acknowledgementOf(this.writer, receipts, { epoch: this.epoch })
  }

  decided(executions: readonly Execution[], size = 20): FromCoordinator {
    if (executions.length === 0) return { type: 'alive' }
    const witnesses = writers.filter(({ id }) => id !== this.writer.id).slice(0, 1)
    return decidedOn(this.writer, executions, witnesses, { epoch: this.epoch, size })
  }

  /** Something that no honest coordinator says. */
  lie(tape: Tape): FromCoordinator {
    const stranger = writers.find(({ id }) => id !== this.writer.id) ?? this.writer
    const given = tape.from(this.given.values())
    const known = tape.from(this.knows.values())
    const lies: (() => FromCoordinator | undefined)[] = [
      () => this.lease(tape),
      () => this.lease(tape, { node: keyNamed('another node').id as NodeId }),
      () => this.lease(tape, { chain: stranger.chain }),
      () => this.lease(tape, { epoch: this.epoch + 1 }),
      () => this.lease(tape, { coordinator: stranger.id }),
      () => this.#forged(tape),
      () => given && { type: 'lease', lease: given.signed },
      () => given && this.lease(tape, { ...given.execution, fence: ++this.fence }),
      () => ({ type: 'job', job: jobOn(this.writer.chain, 'unasked').signed }),
      () => acknowledgementOf(this.writer, [digestNamed<ReceiptId>('none')]),
      () => this.#acknowledgeOf(stranger),
      () => known && decidedOn(this.writer, [known], []),
      () => known && decidedOn(stranger, [known], [this.writer]),
      () => known && this.decided([known], 1),
      () => known && this.#refuse(tape, known),
      () => known && this.#refuse(tape, known),
      () => this.#cancelOf(tape),
      () => ({ type: 'idle', reasons: [{ code: 'no-work' }], retryMs: tape.below(60_000) }),
      () => ({ type: 'drain', refusal: refusalOf('wire.closing') }),
      () => this.welcome(),
      () => ({ type: 'refuse', refusal: refusalOf('wire.rate', { retryMs: 3000 }) }),
    ]
    return tape.from(lies)?.() ?? { type: 'alive' }
  }

  #know(signed: Signed<Lease>): void {
    const lease = open(leaseDocument, signed)
    if (!lease.ok) throw new Error('the node showed a lease that does not open')
    const { job, unit, slot, epoch, fence, coordinator } = lease.value
    const execution = { job, unit, slot, epoch, fence }
    this.knows.set(keyOf(coordinator, execution), execution)
  }

  #forged(tape: Tape): FromCoordinator {
    const message = this.lease(tape)
    if (message.type !== 'lease') return message
    const [signature = new Uint8Array(64)] = message.lease.signatures
    const broken = signature.with(0, (signature[0] ?? 0) ^ 1)
    return { type: 'lease', lease: { ...message.lease, signatures: [broken] } }
  }

  #acknowledgeOf(stranger: Writer): FromCoordinator {
    return acknowledgementOf(
      stranger,
      [...this.got.keys()].slice(0, limits.perFrameMax - 1).concat(digestNamed<ReceiptId>('none')),
    )
  }

  /** Another's lease is not its to cancel. */
  #cancelOf(tape: Tape): FromCoordinator | undefined {
    const others = [...this.seen].filter(([key]) => !key.startsWith(this.writer.id))
    const found = tape.from(others)
    return found && { type: 'cancel', executions: [found[1]] }
  }

  #refuse(tape: Tape, execution: Execution): FromCoordinator {
    const codes = ['lease.fenced', 'receipt.conflict', 'wire.full', 'ledger.stopped'] as const
    return { type: 'refuse', refusal: refusalOf(tape.from(codes) ?? 'wire.full'), execution }
  }
}
