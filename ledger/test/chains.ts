import {
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  chainId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Digest,
  type Entry,
  ed25519,
  encode,
  entryHash,
  entrySchema,
  type Fact,
  leafHash,
  type Mesh,
  merkleTree,
  meshDocument,
  meshId,
  noEntry,
  type Signed,
  type Signer,
  sign,
} from '@nexapod/specs'

/** Seven coordinators, in the order of their keys. */
export const signers: readonly Signer[] = Array.from({ length: 7 }, (_, i) =>
  ed25519.signer(new Uint8Array(32).fill(i + 1)),
).sort((a, b) => (a.id < b.id ? -1 : 1))

/** The key of a coordinator of the tests. */
export function keyOf(index: number): CoordinatorId {
  return signers[index]?.id as CoordinatorId
}

/** A founded mesh of the first so many of them. */
export function meshOf(members: number, quorum: number): Signed<Mesh> {
  const mesh: Mesh = {
    v: 1,
    name: 'test',
    founded: 1000,
    nonce: new Uint8Array(16),
    members: signers.slice(0, members).map((signer) => ({
      coordinator: signer.id as CoordinatorId,
      addresses: [],
    })),
    quorum,
    rates: {
      microPerGigafuel: 1000,
      microPerCoreSecond: 1000,
      microPerGpuSecond: 1000,
      bondMicro: 0,
      auditPermille: 50,
      settleMs: 1000,
      apart: 'owners',
    },
    bootstrap: [],
  }
  return sign(meshDocument, mesh, ...signers.slice(0, members))
}

/** Writes a chain entry by entry, as a coordinator would: what it writes, readers must take. */
export class Writer {
  readonly entries: Uint8Array[] = []
  readonly mesh: Signed<Mesh>
  readonly genesis: Fact & { type: 'genesis' }
  readonly chain: ChainId
  epoch = 0
  author: number
  time = 2000

  constructor(mesh = meshOf(4, 3), author = 0) {
    this.mesh = mesh
    this.author = author
    this.genesis = { type: 'genesis', mesh, coordinator: keyOf(author), nonce: new Uint8Array(16) }
    const { type: _, ...named } = this.genesis
    this.chain = chainId(named)
  }

  get meshId() {
    return meshId(this.mesh)
  }

  get head(): Digest {
    const last = this.entries.at(-1)
    return last === undefined ? noEntry : entryHash(last)
  }

  /** The next entry, with what a test wants to be wrong with it. */
  next(facts: readonly Fact[], wrong: Partial<Entry> = {}): Uint8Array {
    const { chain, epoch, head, time } = this
    const seq = this.entries.length
    return encode(entrySchema, { v: 1, chain, epoch, seq, prev: head, time, facts, ...wrong })
  }

  /** Writes facts, the genesis if there is nothing yet. */
  write(...facts: Fact[]): Uint8Array {
    const bytes = this.next(this.entries.length === 0 ? [this.genesis, ...facts] : facts)
    this.entries.push(bytes)
    this.time++
    return bytes
  }

  /** Writes so many entries that say nothing of note. */
  fill(count: number): this {
    for (let i = 0; i < count; i++) this.write({ type: 'fences', below: i + 1 })
    return this
  }

  /** A checkpoint of the first so many entries. */
  checkpoint(size = this.entries.length, change: Partial<Checkpoint> = {}): Signed<Checkpoint> {
    const entries = this.entries.slice(0, size)
    const checkpoint: Checkpoint = {
      v: 1,
      chain: this.chain,
      epoch: this.epoch,
      size,
      coordinator: keyOf(this.author),
      root: Buffer.from(merkleTree(entries.map(leafHash)).root).toString('hex') as Digest,
      head: entryHash(entries.at(-1) as Uint8Array),
      state: noEntry,
      time: this.time,
      ...change,
    }
    return sign(checkpointDocument, checkpoint, signers[this.author] as Signer)
  }

  /** A witness's word for a checkpoint. */
  cosign(checkpoint: Signed<Checkpoint>, witness: number, size = this.entries.length) {
    const { chain, epoch, time } = this
    const id = checkpointId(checkpoint)
    return sign(
      cosignatureDocument,
      { v: 1, chain, epoch, size, checkpoint: id, witness: keyOf(witness), time },
      signers[witness] as Signer,
    )
  }
}
