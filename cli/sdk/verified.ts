import { randomInt } from 'node:crypto'
import {
  JobProver,
  Ledger,
  openCosigned,
  type Settled,
  stateRoot,
  type Taken,
} from '@nexapod/ledger'
import { follow, machineClock, type StockedMesh, waited } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  type Job,
  type JobId,
  type JobProof,
  limits,
  type Refusal,
  refuse,
  type Signed,
  type ToFollower,
} from '@nexapod/specs'
import type { Callers, Home } from './callers.ts'

/** A chain that was read to a checkpoint, every entry and signature of it looked at. */
export interface Read {
  readonly ledger: Ledger
  readonly chain: ChainId
  readonly checkpoint: Checkpoint
  readonly signed: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
}

/** What the chain says of a job that has ended. */
export interface Verified {
  readonly id: JobId
  readonly job: Job
  readonly ended: 'final' | 'dead' | 'cancelled'
  readonly settled: readonly Settled[]
  readonly read: Read
  /** What shows all of it to whoever knows the mesh alone. */
  readonly proof: JobProof
}

interface Reading {
  readonly mesh: StockedMesh
  readonly callers: Callers
  readonly home: Home
  /** Sees each entry, when the ledger has learnt it. */
  seen(taken: Taken, ledger: Ledger): void
  /** Whether a checkpoint is far enough. */
  enough(checkpoint: Checkpoint): boolean
}

/**
 * Reads the chain of a coordinator from its beginning to a checkpoint, and believes nothing of it:
 * every entry is folded, every signature is looked at, and the checkpoint has to say what that
 * comes to, signed by a quorum of the roster of the mesh that was joined.
 */
export async function readChain(reading: Reading, signal: AbortSignal): Promise<Answer<Read>> {
  const { mesh, callers, home } = reading
  const { chain } = home.beacon
  const ledger = new Ledger()
  let found: Read | undefined
  const over = new AbortController()
  const take = async (messages: readonly ToFollower[]): Promise<Refusal | undefined> => {
    for (const message of messages) {
      if (found !== undefined) return undefined
      if (message.type === 'entry') {
        const taken = ledger.take(message.entry)
        if (!taken.ok) return taken.refusal
        const { governance } = ledger.chain.tip ?? {}
        if (governance?.mesh !== mesh.id) return refuse('wire.mesh').refusal
        reading.seen(taken.value, ledger)
      } else if (message.type === 'checkpoint') {
        const { checkpoint: signed, cosignatures } = message
        const checked = checkedAt(ledger, signed, cosignatures)
        if (!checked.ok) return checked.refusal
        if (checked.value === undefined || !reading.enough(checked.value)) continue
        found = { ledger, chain, checkpoint: checked.value, signed, cosignatures }
        over.abort()
      }
    }
    return undefined
  }
  let to: CoordinatorId | undefined = home.coordinator
  const dial = async (within: AbortSignal) => {
    // The next time it is read from whoever writes it then.
    to ??= await callers.writerOf(chain, within)
    const who = to ?? home.coordinator
    to = undefined
    const reached = await callers.reach(who, within)
    return reached.ok ? await mesh.streams.open('follow', who, within) : reached
  }
  const ground = { clock: machineClock, draw: () => randomInt(2 ** 32), dial, take }
  const refusal = await follow(chain, 0, ground, AbortSignal.any([signal, over.signal]))
  if (found !== undefined) return accept(found)
  signal.throwIfAborted()
  if (refusal === undefined) throw new Error('nobody ended it, and it is over')
  return { ok: false, refusal }
}

/** What a checkpoint says, if it is true of what was read; none if a quorum has yet to sign it. */
function checkedAt(
  ledger: Ledger,
  signed: Signed<Checkpoint>,
  cosignatures: readonly Signed<Cosignature>[],
): Answer<Checkpoint | undefined> {
  const checked = ledger.chain.check(signed)
  if (!checked.ok) return checked
  if (checked.value.state !== stateRoot(ledger.state)) {
    return refuse('chain.checkpoint', { detail: 'another state' })
  }
  const { tip } = ledger.chain
  if (tip === undefined) throw new Error('a checkpoint was checked against nothing')
  const cosigned = openCosigned(tip.governance, signed, cosignatures)
  return accept(cosigned.ok ? cosigned.value : undefined)
}

/** How often it is read anew when who wrote its chain goes while it is read. */
const readingsMax = 5

/** What the chain says of a job, once it has ended; read from whoever writes that now. */
export async function verify(
  id: JobId,
  ground: Pick<Reading, 'mesh' | 'callers'>,
  signal: AbortSignal,
): Promise<Answer<Verified>> {
  for (let i = 1; ; i++) {
    const home = await ground.callers.homeOf(id, signal)
    const verified = home.ok ? await verifyAt(id, home, ground, signal) : home
    // What nobody but who is gone had signed may have been read, and is cut off by the seal.
    const isAgain = !verified.ok && /^(wire|chain)\./.test(verified.refusal.code)
    if (!isAgain || i === readingsMax) return verified
    await waited(machineClock, i * limits.pauseMs, signal)
    signal.throwIfAborted()
  }
}

async function verifyAt(
  id: JobId,
  home: { readonly value: Home },
  { mesh, callers }: Pick<Reading, 'mesh' | 'callers'>,
  signal: AbortSignal,
): Promise<Answer<Verified>> {
  const prover = new JobProver(id)
  const { facts } = prover
  const reading = {
    ...{ mesh, callers, home: home.value },
    seen(taken: Taken) {
      // The ledger has learnt the entry: what it says of the job follows.
      const told = prover.take(taken)
      if (!told.ok) throw new Error(`an entry was taken against ${told.refusal.code}`)
    },
    enough: () => facts.ended !== undefined,
  }
  const said = await callers.askSoon(home.value.coordinator, { type: 'job', job: id }, signal)
  if (!said.ok) return said
  if (said.value.ended === undefined) {
    const { accepted, dead, units } = said.value
    return refuse('job.open', { detail: `${accepted + dead} of ${units} units are decided` })
  }
  const read = await readChain(reading, signal)
  if (!read.ok) return read
  const { job, ended } = facts
  if (job === undefined || ended === undefined) throw new Error('a job ends after it began')
  const settled = [...facts.settled.values()].sort((a, b) => a.unit - b.unit)
  const { ledger, signed: checkpoint, cosignatures } = read.value
  const proof = prover.prove(ledger.state, { checkpoint, cosignatures })
  return accept({ id, job, ended, settled, read: read.value, proof })
}
