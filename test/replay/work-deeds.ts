import { outcomeOf } from '../../ledger/test/world.ts'
import {
  accounts,
  cidOf,
  type Fact,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  limits,
  type NodeId,
  type OwnerId,
  type PublisherId,
  priced,
  type Receipt,
  type Request,
  receiptDocument,
  receiptId,
  resultId,
} from '../../specs/index.ts'
import { acceptedOf, balanceOf, heldOf, type KnownJob, undecidedOf, unitOf } from './book.ts'
import { nodes, owners } from './cast.ts'
import type { Deed, Deeds, Scene } from './scene.ts'

const job: Deed = (scene) => {
  const { book, chance, governance } = scene
  const live = [...book.jobs.values()].filter((one) => one.ended === undefined)
  if (live.length > 3) return undefined
  const holding = owners.filter(({ id }) => {
    return balanceOf(book, accounts.owner(id as string as OwnerId)) > 0
  })
  const { id: payer } = chance.any(chance.once(4) ? owners : holding) ?? chance.one(owners)
  const publisher = payer as string as PublisherId
  const from = accounts.owner(publisher as string as OwnerId)
  const most = scene.metering ? [10 ** 6, 10 ** 12] : [2, 5000, 10 ** 9, 10 ** 12]
  const rich = Math.min(balanceOf(book, from), chance.one(most))
  const funded = rich > 0 && (scene.metering || chance.once(2))
  const micro = 1 + chance.below(rich)
  const value = { ...jobOf(scene, publisher), ...(funded ? { budgetMicro: micro } : {}) }
  const signed = scene.signed(jobDocument, value)
  const id = jobId(signed)
  const counted = value.executors[0]?.type === 'wasm'
  const price = counted ? {} : { priceMicro: priced(value.resources, governance.rates) }
  const admitted: Fact = { type: 'job', job: signed, ...price }
  if (!funded) return [admitted]
  const purpose = { type: 'fund' as const, job: id }
  const fund: Fact = { type: 'transfer', purpose, from, to: accounts.escrow(id), micro }
  return scene.slip([admitted, fund], [admitted], [fund, admitted])
}

const program = { command: [], env: {}, ignoreError: false }

/** A program that counts fuel. */
const module = {
  type: 'wasm' as const,
  module: cidOf('raw', new Uint8Array(32)),
  ...program,
}

/** A program that is paid for by the time it takes. */
export const image = {
  type: 'docker' as const,
  image: `x@sha256:${'0'.repeat(64)}`,
  ...program,
}

/** A job of chance, and nothing that it costs. */
export function jobOf(scene: Scene, publisher: PublisherId): Job {
  const { chain, chance, now } = scene
  const path = '/out/a'
  const ignore = { type: 'ignore' as const, path }
  const near = { type: 'tolerance' as const, path, format: 'csv' as const }
  const count = chance.one([1, 1, 1, 2, 3, 9, 1026, 2049])
  const times = [1, 59_999, 60_000, 60_001, 100_000, 180_000, limits.unitMsMax]
  return {
    ...{ v: 1, home: chain, publisher, nonce: scene.bytes(16), issued: Math.max(0, now - 5) },
    expires: now + chance.one([0, 0, 1, 1000, 10 ** 6]),
    ...{ name: 'a job', tags: {}, inputs: [], volumes: [], priority: 5 },
    executors: [!scene.metering && chance.once(2) ? module : image],
    outputs: [{ kind: 'file', path }],
    resources: {
      ...{
        cores: 1 + chance.below(3),
        gpus: scene.metering ? 0 : chance.below(2),
        ramBytes: 1,
        diskBytes: 1,
      },
      ...{ gpuRamBytes: 0, fuel: limits.fuelMax, unitMs: chance.one(times) },
    },
    sweep: [{ type: 'range', name: 'i', from: 0, step: 1, count, digits: 0 }],
    compare: chance.one([[], [ignore], [{ ...near, absolute: '0', relative: '1' }]]),
  }
}

/** Units about which rows of bits begin and end. */
const edges = [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 1022, 1023, 1024, 1025, 2047, 2048]

/** A unit, and its job. */
export interface UnitAt {
  readonly id: JobId
  readonly job: KnownJob
  readonly unit: number
}

/** A unit that is open, of such a job as is wanted: mostly one of which something is known. */
export function anyUnit(
  scene: Scene,
  wanted: (job: KnownJob, id: JobId) => boolean,
): UnitAt | undefined {
  const { book, chance } = scene
  const [id, job] = scene.anyJob(wanted) ?? []
  if (id === undefined || job === undefined) return undefined
  const open = (unit: number) => book.units.get(`${id}/${unit}`)?.decided === undefined
  const begun = [...book.units.values()].filter((one) => one.job === id && open(one.unit))
  const known = chance.once(4) ? undefined : chance.any(begun)?.unit
  const unit = known ?? chance.any(edges.filter((one) => one < job.units && open(one)))
  return unit === undefined ? undefined : { id, job, unit }
}

const fuels = [7_000_000_000, 0, 1, 999_999_999, 1_000_000_001, 2_999_999_999_999, limits.fuelMax]

/** A node's receipt for a slot, and the fact that seals it. */
export function sealedBy(
  scene: Scene,
  node: NodeId,
  at: UnitAt & { readonly slot: number },
  flavour: number,
  odd: Partial<Receipt> = {},
): Fact & { readonly type: 'receipt' } {
  const { book, chance, epoch: now } = scene
  const { id, job, unit, slot } = at
  const fuel = job.executor.type === 'wasm' ? (fuels[unit % fuels.length] ?? 0) : undefined
  const outcome = outcomeOf(id, unit, fuel, flavour)
  const result = resultId(outcome)
  scene.outcomes.set(result, outcome)
  const epoch = now > 0 && chance.once(5) ? chance.below(now) : now
  const fence = Math.max(1, scene.slip(chance.below(book.fences), book.fences))
  const execution = { job: id, unit, slot, epoch, fence }
  const [salt, issued] = [scene.bytes(32), scene.now]
  const value: Receipt = { v: 1, chain: scene.chain, ...execution, node, result, salt, issued }
  const signed = scene.signed(receiptDocument, { ...value, ...odd })
  const sealed = receiptId(signed)
  scene.receipts.set(sealed, signed)
  return { type: 'receipt', ...execution, sealed }
}

/** What is seldom wrong with a receipt before it is sealed, so that its digest is right. */
function oddReceipt({ chance, elsewhere }: Scene): Partial<Receipt> {
  const odd: readonly Partial<Receipt>[] = [
    { chain: (elsewhere[0] as Scene['elsewhere'][number]).chain },
    { epoch: 1 },
    { fence: 1 },
    { unit: 1 },
    { slot: 1 },
  ]
  return chance.once(100) ? chance.one(odd) : {}
}

/** Which of its results a node finds: some err, and some together. */
const flavours = [0, 0, 0, 0, 0, 1, 1, 2]

/** Receipts for some slots of a unit. */
export function receipts(scene: Scene, at: UnitAt): Fact[] {
  const { book, chance, governance } = scene
  const { sealed, votes } = unitOf(book, at.id, at.unit)
  const taken = [...sealed, ...votes].map((one) => one.slot)
  const slots = Array.from({ length: 16 }, (_, slot) => slot).filter((slot) => {
    return !scene.slip(taken.includes(slot), false)
  })
  const few = chance.once(4) ? scene.shuffled(slots) : slots
  return few.slice(0, 1 + chance.below(3)).map((slot) => {
    const member = chance.one(governance.members) as string
    const node = (chance.once(4) ? member : chance.one(nodes).id) as NodeId
    return sealedBy(scene, node, { ...at, slot }, chance.one(flavours), oddReceipt(scene))
  })
}

const receipt: Deed = (scene) => {
  const { book, chance } = scene
  const at = anyUnit(scene, (one) => !one.cancelled)
  if (at === undefined || (book.fences < 2 && !chance.once(9))) return undefined
  return receipts(scene, at)
}

const cancel: Deed = (scene) => {
  const [id, job] = scene.anyJob((one) => !one.cancelled || scene.chance.once(4)) ?? []
  if (id === undefined || job === undefined) return undefined
  const by = scene.chance.once(9) ? scene.chance.one(owners).id : job.publisher
  const act = scene.slip<Request['act']>({ type: 'cancel', job: id }, { type: 'name' })
  return [{ type: 'cancel', request: scene.request(by, act) }]
}

const end: Deed = (scene) => {
  const { book } = scene
  const over = (job: KnownJob, id: JobId) => {
    const escrow = balanceOf(book, accounts.escrow(id))
    const open = undecidedOf(book, id) > 0 && !job.cancelled
    const early = heldOf(book, id).length > 0 && !scene.chance.once(4)
    return scene.slip(escrow === 0 && !open && !early, true)
  }
  const [id, job] = scene.anyJob(over) ?? []
  if (id === undefined || job === undefined) return undefined
  const done = acceptedOf(book, id) > 0 ? 'final' : 'dead'
  const as = job.cancelled ? 'cancelled' : done
  return [{ type: 'end', job: id, as: scene.slip(as, 'final', 'dead', 'cancelled') }]
}

/** Deeds about jobs and their receipts. */
export const workDeeds: Deeds = {
  job: [job, 5],
  receipt: [receipt, 9],
  cancel: [cancel, 1],
  end: [end, 2],
}
