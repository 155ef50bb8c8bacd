import {
  accounts,
  type Digest,
  decode,
  encode,
  entrySchema,
  type Fact,
  type JobId,
  type JobProof,
  jobProofSchema,
  rowSchemas,
} from '@nexapod/specs'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { stateRoot } from '../fold/learn.ts'
import { Ledger } from '../ledger.ts'
import { keyOf, type Writer } from '../test/chains.ts'
import { meteredJob } from '../test/metered.ts'
import { valued } from '../test/stores.ts'
import { decideUnit, nodes, workedJob } from '../test/worked.ts'
import { JobFacts } from './job-facts.ts'
import { JobProver, openJobProof } from './job-proof.ts'

const units = 5
let writer: Writer
let job: JobId
let proof: JobProof

/** Reads all that was written, and proves the job at its end, as if some entries said nothing. */
function proven({ writer, job }: ReturnType<typeof workedJob>, hidden: number[] = []): JobProof {
  const ledger = new Ledger()
  const prover = new JobProver(job)
  for (const bytes of writer.entries) {
    const taken = valued(ledger.take(bytes))
    const { seq } = taken.entry
    const shown = hidden.includes(seq) ? { ...taken.entry, facts: [] } : taken.entry
    valued(prover.take({ ...taken, entry: shown }))
  }
  const checkpoint = writer.checkpoint(undefined, { state: stateRoot(ledger.state) })
  const cosignatures = [writer.cosign(checkpoint, 1), writer.cosign(checkpoint, 2)]
  return prover.prove(ledger.state, { checkpoint, cosignatures })
}

beforeAll(() => {
  ;({ writer, job } = workedJob(units))
  const end: Fact = { type: 'end', job, as: 'final' }
  writer.write(end)
  writer.write({ type: 'fences', below: 1000 })
  proof = proven({ writer, job })
})

function opened(changed: Partial<JobProof>) {
  return openJobProof(encode(jobProofSchema, { ...proof, ...changed }))
}

test('a unit that was decided again is shown as it was decided last, and not otherwise', () => {
  const again = workedJob(1, (written, id, settles) => {
    written.write({ type: 'reopen', job: id, unit: 0 })
    const last = decideUnit(written, id, 0, [2, 3], 7_000_000_001)
    const back = settles.map((fact) => ({ ...fact, to: accounts.mint }) as Fact)
    return [...back, ...last]
  })
  again.writer.write({ type: 'end', job: again.job, as: 'final' })
  const entries = again.writer.entries.map((bytes) => valued(decode(entrySchema, bytes)))
  const seqsOf = (type: Fact['type']) => {
    return entries.filter(({ facts }) => facts[0]?.type === type).map(({ seq }) => seq)
  }
  const [first, second] = seqsOf('verdict') as [number, number]
  const whole = valued(openJobProof(encode(jobProofSchema, proven(again))))
  expect(whole.settled).toMatchObject([{ entry: second, outcome: { fuel: 7_000_000_001 } }])
  const hidden = proven(again, [...seqsOf('reopen'), second])
  expect(hidden.entries).toContainEqual(again.writer.entries[first])
  const detail = expect.stringContaining('0 of 1 units')
  expect(openJobProof(encode(jobProofSchema, hidden))).toMatchObject({
    refusal: { code: 'proof.false', detail },
  })
})

test('what is metered is shown to stay so, too: a verdict after it cannot be hidden', () => {
  const metering = meteredJob()
  const honest = valued(openJobProof(encode(jobProofSchema, proven(metering))))
  expect(honest).toMatchObject({ lasting: 1, settled: [{ outcome: { ended: { code: 0 } } }] })
  const hidden = proven(metering, [metering.reopened, metering.last])
  expect(openJobProof(encode(jobProofSchema, hidden))).toMatchObject({
    refusal: { code: 'proof.false', detail: expect.stringContaining('0 of 1 units') },
  })
})

test('a verdict on a unit that the job does not have says nothing', () => {
  const entries = writer.entries.map((bytes) => valued(decode(entrySchema, bytes)))
  const decided = entries.find(({ facts }) => facts[0]?.type === 'verdict')
  if (decided === undefined) throw new Error('nothing was decided')
  // Before its admission a job has no units.
  expect(new JobFacts(job).seen(decided)).toMatchObject({ refusal: { code: 'receipt.mismatch' } })
})

describe('the proof of a job', () => {
  test('says what each unit gave, by whom, and that it stays so', () => {
    const said = valued(opened({}))
    expect(said).toMatchObject({ id: job, ended: 'final', lasting: units })
    expect(said.mesh).toEqual({ id: writer.meshId, name: 'test' })
    expect(said.witnesses).toEqual([keyOf(1), keyOf(2)])
    expect(said.settled.map(({ unit, outcome }) => [unit, outcome.unit])).toEqual(
      Array.from({ length: units }, (_, unit) => [unit, unit]),
    )
    const both = nodes.map(({ id }) => id)
    for (const one of said.settled) expect(one.nodes).toEqual(both)
  })

  test('leaves out what says nothing of the job', () => {
    expect(proof.entries.length).toBeLessThan(writer.entries.length)
    const bytes = encode(jobProofSchema, proof).length
    expect(bytes / units).toBeLessThan(4096)
  })

  test('with any byte changed is refused', () => {
    const file = encode(jobProofSchema, proof)
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const other = file.slice()
        other[at] = (other[at] as number) ^ by
        expect(openJobProof(other).ok).toBe(false)
      }),
    )
  })

  test('with a unit, its end, the genesis or a hash left out is refused', () => {
    const { entries, hashes } = proof
    for (let i = 0; i < entries.length; i++) {
      expect(opened({ entries: entries.toSpliced(i, 1) }).ok, `entry ${i}`).toBe(false)
    }
    for (let i = 0; i < hashes.length; i++) {
      expect(opened({ hashes: hashes.toSpliced(i, 1) }).ok, `hash ${i}`).toBe(false)
    }
    expect(opened({ entries: entries.toReversed() })).toMatchObject({
      refusal: { code: 'chain.link' },
    })
  })

  test('that lacks the words of a quorum, or has those for another checkpoint, is refused', () => {
    const code = 'chain.checkpoint'
    const { checkpoint } = proof
    expect(opened({ cosignatures: proof.cosignatures.slice(1) })).toMatchObject({
      refusal: { code, detail: '2 signed, 3 of the roster must' },
    })
    const other = writer.checkpoint(undefined, { state: '1'.repeat(64) as Digest })
    expect(opened({ checkpoint: other })).toMatchObject({ refusal: { code } })
    const strangers = [writer.cosign(checkpoint, 5), writer.cosign(checkpoint, 6)]
    expect(opened({ cosignatures: strangers })).toMatchObject({ refusal: { code } })
  })

  test('that says more or less of the job than its state is refused', () => {
    const { value } = proof.row
    for (const row of [
      { ...value, accepted: units - 1 },
      { ...value, units: units + 1 },
    ]) {
      expect(encode(rowSchemas.job, row)).not.toEqual(encode(rowSchemas.job, value))
      const said = opened({ row: { ...proof.row, value: row } })
      expect(said).toMatchObject({ refusal: { code: 'proof.false' } })
    }
  })
})
