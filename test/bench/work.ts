import { Chain } from '../../ledger/chain/chain.ts'
import { signers, Writer } from '../../ledger/test/chains.ts'
import { accepted, delegationFact } from '../../ledger/test/world.ts'
import {
  type Account,
  accounts,
  cidOf,
  earned,
  ed25519,
  type Fact,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type NodeId,
  type Outcome,
  type OwnerId,
  type PublisherId,
  type Purpose,
  type Rates,
  receiptDocument,
  receiptId,
  resultId,
  type Signer,
  sign,
  transferId,
} from '../../specs/index.ts'

const nodeCount = 1000
const unitsPerJob = 10_000
/** Units between a verdict and the settlement of what it earned. */
const lag = 5_000
const fuel = 3_000_000_000
const resources = {
  cores: 1,
  ramBytes: 1,
  diskBytes: 1,
  gpus: 0,
  gpuRamBytes: 0,
  fuel,
  unitMs: 150_000,
}

/**
 * What a coordinator writes all day, step by step: two receipts, a verdict with what it earns, and
 * the settlement of an earlier one. Four entries to a unit.
 */
export class Work {
  readonly #writer = new Writer()
  readonly #nodes = Array.from({ length: nodeCount }, (_, i) => signerOf(i))
  readonly #publisher = signerOf(nodeCount)
  readonly #rates: Rates
  readonly #unsettled: (readonly Fact[])[] = []
  /** Jobs that have not ended: in their order, as units settle in theirs. */
  readonly #open: JobId[] = []
  #jobs = 0
  #settled = 0

  constructor() {
    const chain = new Chain()
    chain.append(this.#writer.write())
    const rates = chain.stand?.governance.rates
    if (rates === undefined) throw new Error('a chain has rates')
    this.#rates = rates
  }

  /** The facts of entry after entry, without end. */
  *steps(): Generator<readonly Fact[]> {
    yield [this.#writer.genesis, { type: 'fences', below: 2 ** 50 }]
    for (let at = 0; at < nodeCount; at += 50) {
      yield this.#nodes.slice(at, at + 50).map((node, i) => {
        return delegationFact(ownerOf(at + i), node, 1, 2 ** 34)
      })
    }
    for (;;) {
      const job = sign(jobDocument, this.#job(), this.#publisher)
      const id = jobId(job)
      this.#open.push(id)
      yield [{ type: 'job', job }]
      for (let unit = 0; unit < unitsPerJob; unit++) yield* this.#unit(id, unit)
    }
  }

  *#unit(job: JobId, unit: number): Generator<readonly Fact[]> {
    const outcome: Outcome = {
      v: 1,
      job,
      unit,
      ended: { type: 'exit', executor: 0, code: 0 },
      fuel,
      outputs: [],
    }
    const nodes = [this.#node(unit * 2), this.#node(unit * 2 + 1)]
    const receipts = nodes.map((node, slot) => this.#receipt(node, outcome, slot, unit))
    for (const { sealed } of receipts) yield [sealed]
    const earnings = nodes.map((_, slot) => this.#earning(job, unit, slot))
    const verdict: Fact = {
      type: 'verdict',
      job,
      unit,
      decided: accepted(outcome, [0, 1]),
      receipts: receipts.map(({ signed }) => signed),
    }
    yield [verdict, ...earnings.map(({ earn }) => earn)]
    this.#unsettled.push(earnings.map(({ settle }) => settle))
    const due = this.#unsettled.length > lag ? this.#unsettled.shift() : undefined
    if (due === undefined) return
    yield due
    if (++this.#settled % unitsPerJob === 0) {
      yield [{ type: 'end', job: this.#open.shift() as JobId, as: 'final' }]
    }
  }

  #receipt(node: Signer, outcome: Outcome, slot: number, unit: number) {
    const execution = { job: outcome.job, unit, slot, epoch: 0, fence: 1 + unit * 2 + slot }
    const signed = sign(
      receiptDocument,
      {
        v: 1,
        chain: this.#writer.chain,
        ...execution,
        node: node.id as NodeId,
        result: resultId(outcome),
        salt: new Uint8Array(32).fill(slot),
        issued: 1,
      },
      node,
    )
    const sealed: Fact = { type: 'receipt', ...execution, sealed: receiptId(signed) }
    return { signed, sealed }
  }

  #earning(job: JobId, unit: number, slot: number) {
    const purpose: Purpose = { type: 'earn', job, unit, slot }
    const hold = accounts.hold(job, unit, slot)
    const micro = earned(fuel, this.#rates)
    const to: Account = accounts.owner(ownerOf(slot).id as string as OwnerId)
    const settled: Purpose = { type: 'settle', of: transferId(purpose) }
    const earn: Fact = { type: 'transfer', purpose, from: accounts.mint, to: hold, micro }
    const settle: Fact = { type: 'transfer', purpose: settled, from: hold, to, micro }
    return { earn, settle }
  }

  #job(): Job {
    const nonce = new Uint8Array(16)
    new DataView(nonce.buffer).setUint32(0, this.#jobs++)
    return {
      v: 1,
      home: this.#writer.chain,
      publisher: this.#publisher.id as PublisherId,
      nonce,
      issued: 1,
      expires: 2 ** 40,
      name: 'a job',
      tags: {},
      executors: [
        {
          type: 'wasm',
          module: cidOf('raw', new Uint8Array(32)),
          command: [],
          env: {},
          ignoreError: false,
        },
      ],
      inputs: [],
      outputs: [{ kind: 'file', path: '/out/a' }],
      volumes: [],
      resources,
      sweep: [{ type: 'range', name: 'i', from: 0, step: 1, count: unitsPerJob, digits: 0 }],
      compare: [],
      priority: 5,
    }
  }

  #node(index: number): Signer {
    return this.#nodes[index % nodeCount] as Signer
  }
}

/** Nodes are, in turn, of two members of the roster: what they earn is paid at once. */
function ownerOf(node: number): Signer {
  return signers[node % 2] as Signer
}

function signerOf(number: number): Signer {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, number + 1)
  return ed25519.signer(seed)
}
