import {
  type Answer,
  accept,
  type Checkpoint,
  type CoordinatorId,
  cosignatureDocument,
  decode,
  digestBytes,
  type Entry,
  encode,
  entrySchema,
  type Job,
  type JobId,
  type JobProof,
  jobProofSchema,
  leafHash,
  type MeshId,
  meshDocument,
  metered,
  open,
  refuse,
  rowHash,
  rowKey,
  rowSchemas,
} from '@nexapod/specs'
import type { Taken } from '../chain/chain.ts'
import { type Electorate, isMember } from '../chain/governance.ts'
import { openCosigned } from '../chain/witness.ts'
import type { State } from '../fold/state.ts'
import { includes, same } from '../tree/proof.ts'
import { type Leaf, rootOfShared, sharedProof } from '../tree/shared-proof.ts'
import { JobFacts, type Settled } from './job-facts.ts'
import { governs, Line } from './line.ts'

/** What a proof of a job says, once all of it has been checked. */
export interface ProvenJob {
  readonly id: JobId
  readonly job: Job
  readonly ended: 'final' | 'dead' | 'cancelled'
  /** By their numbers. */
  readonly settled: readonly Settled[]
  /** How many of them are shown not to have been decided again. */
  readonly lasting: number
  readonly mesh: { readonly id: MeshId; readonly name: string }
  readonly checkpoint: Checkpoint
  readonly witnesses: readonly CoordinatorId[]
  readonly electorate: Electorate
  /** How many entries of the chain were shown. */
  readonly entries: number
}

const hashBytes = 32

/** Keeps of a chain, while it is read from its first entry on, what proves one job. */
export class JobProver {
  readonly facts: JobFacts
  readonly #id: JobId
  readonly #kept: { readonly index: number; readonly bytes: Uint8Array }[] = []
  #size = 0
  #hashes = new Uint8Array(1024 * hashBytes)

  constructor(id: JobId) {
    this.#id = id
    this.facts = new JobFacts(id)
  }

  /** Takes the next entry. */
  take({ entry, bytes }: Taken): Answer<unknown> {
    const told = this.facts.seen(entry)
    if (!told.ok) return told
    const index = this.#size++
    if (this.#hashes.length < this.#size * hashBytes) {
      const wider = new Uint8Array(this.#hashes.length * 2)
      wider.set(this.#hashes)
      this.#hashes = wider
    }
    this.#hashes.set(leafHash(bytes), index * hashBytes)
    if (told.value || governs(entry)) this.#kept.push({ index, bytes })
    return accept(undefined)
  }

  /** The proof, at the state and size of a checkpoint that a quorum has signed. */
  prove(state: State, cosigned: Pick<JobProof, 'checkpoint' | 'cosignatures'>): JobProof {
    const proof = state.tables.prove(state.jobs.row(this.#id))
    const value = state.jobs.get(this.#id)
    if (proof === undefined || value === undefined) throw new Error('no job of this chain')
    const hashAt = (index: number) => {
      return this.#hashes.subarray(index * hashBytes, (index + 1) * hashBytes)
    }
    const indices = this.#kept.map(({ index }) => index)
    return {
      ...{ v: 1, job: this.#id, ...cosigned },
      row: { value, ...proof },
      entries: this.#kept.map(({ bytes }) => bytes),
      hashes: sharedProof(indices, this.#size, hashAt).map((hash) => hash.slice()),
    }
  }
}

/** Checks the proof of a job by itself: which mesh it is of is for its reader to look at. */
export function openJobProof(file: Uint8Array): Answer<ProvenJob> {
  const read = decode(jobProofSchema, file)
  if (!read.ok) return read
  const proof = read.value
  const facts = new JobFacts(proof.job)
  const told = readEntries(proof, facts)
  if (!told.ok) return told
  const { line, first, leaves } = told.value
  const cosigned = openCosigned(line.governance, proof.checkpoint, proof.cosignatures)
  if (!cosigned.ok) return cosigned
  const stands = standsBelow(proof, leaves, cosigned.value, line)
  if (!stands.ok) return stands
  const { job, ended, lasting } = facts
  const { value: row } = proof.row
  if (job === undefined || ended === undefined || job.home !== line.chain) {
    return refuse('proof.false', { detail: 'the job does not begin and end on this chain' })
  }
  if (row.ended?.as !== ended || row.accepted !== facts.settled.size) {
    const detail = `${row.accepted} units were accepted, ${facts.settled.size} are shown`
    return refuse('proof.false', { detail })
  }
  if (!isFree(row) && lasting < facts.settled.size) {
    const detail = `${lasting} of ${row.accepted} units are shown to have been paid and so final`
    return refuse('proof.false', { detail })
  }
  const [genesis] = first.facts
  const mesh = genesis?.type === 'genesis' ? open(meshDocument, genesis.mesh) : undefined
  if (mesh?.ok !== true) throw new Error('a line began without its mesh')
  const { governance } = line
  // Whoever is not of the roster may cosign, and is not counted.
  const witnesses = proof.cosignatures.flatMap((one) => {
    const cosignature = open(cosignatureDocument, one)
    if (!cosignature.ok || !isMember(governance, cosignature.value.witness)) return []
    return [cosignature.value.witness]
  })
  return accept({
    ...{ id: proof.job, job, ended, lasting, checkpoint: cosigned.value },
    witnesses: [...new Set(witnesses)],
    settled: [...facts.settled.values()].sort((a, b) => a.unit - b.unit),
    mesh: { id: governance.mesh, name: mesh.value.name },
    electorate: governance,
    entries: proof.entries.length,
  })
}

/** Whether a unit may have cost nothing: then nothing of it was ever held, and it is final. */
function isFree({ executor, funded }: JobProof['row']['value']): boolean {
  return (
    executor.type === 'docker' && funded && metered(executor.priceMicro, executor.unitMs, 0) === 0
  )
}

/** Reads the entries of a proof as one reads a chain, but for those that are left out. */
function readEntries(
  { entries }: JobProof,
  facts: JobFacts,
): Answer<{ readonly line: Line; readonly first: Entry; readonly leaves: readonly Leaf[] }> {
  const leaves: Leaf[] = []
  let line: Line | undefined
  let first: Entry | undefined
  for (const bytes of entries) {
    const read = decode(entrySchema, bytes)
    if (!read.ok) return read
    const entry = read.value
    const begun: Answer<Line | undefined> = line === undefined ? Line.begin(entry) : accept(line)
    if (!begun.ok) return begun
    const taken: Answer<unknown> = line === undefined ? begun : line.take(entry)
    if (!taken.ok) return taken
    line = begun.value
    first ??= entry
    const seen = facts.seen(entry)
    if (!seen.ok) return seen
    leaves.push({ index: entry.seq, hash: leafHash(bytes) })
  }
  if (line === undefined || first === undefined) throw new Error('a proof has an entry')
  return accept({ line, first, leaves })
}

/** Whether entries and job stand below the two roots of a checkpoint, of the chain's own epoch. */
function standsBelow(
  { job, row, hashes }: JobProof,
  leaves: readonly Leaf[],
  { chain, epoch, coordinator, size, root, state }: Checkpoint,
  line: Line,
): Answer<unknown> {
  if (chain !== line.chain || epoch !== line.epoch || coordinator !== line.coordinator) {
    return refuse('chain.checkpoint', { detail: 'of another chain, epoch or coordinator' })
  }
  const reached = rootOfShared(leaves, size, hashes)
  if (reached === undefined || !same(reached, digestBytes(root))) {
    return refuse('proof.false', { detail: 'the entries are not in the chain of the checkpoint' })
  }
  const leaf = rowHash(rowKey('job', job), encode(rowSchemas.job, row.value))
  if (includes(digestBytes(state), row.capacity, row.place, leaf, row.path)) {
    return accept(undefined)
  }
  return refuse('proof.false', { detail: 'the job is not so in the state of the checkpoint' })
}
