import { cid, type NodeId, type PublisherId, peerId } from '../id/id.ts'
import { projectName } from '../job/job.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import { bool, choice, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { where } from '../schema/where.ts'

const word = text({ pattern: '^[a-z0-9][a-z0-9_-]{0,31}$', name: 'a lower-case word', max: 32 })

/** What kind of machine a node is: what people lend at home, with an accelerator, or a centre's. */
export const tier = choice(['cpu', 'gpu', 'hpc'])

/** Which results may differ between machines, if any do: the class of platform. */
export const platform = struct({ os: word, arch: word })

/** Where a node is, if its owner says so: two letters of ISO 3166. */
const country = text({ pattern: '^[A-Z]{2}$', name: 'two letters of ISO 3166', max: 2 })

const executor = oneOf({
  wasm: {
    profile: int({ min: 1, max: 255, about: 'The revision of the deterministic profile.' }),
    fuelPerSecond: int({
      min: 1,
      max: limits.fuelPerSecondMax,
      about: 'Of one core, measured with known-answer units and not claimed.',
    }),
  },
  docker: {
    isolation: choice(['runc', 'runsc'], { about: 'What keeps a container apart.' }),
    anyImage: bool({ about: 'Whether images beyond the list of the node are allowed.' }),
  },
})

/** The schema of an offer. */
export const offerSchema = where(
  struct({
    v: constant(1),
    node: peerId<NodeId>(),
    tier,
    platform,
    country: optional(country),
    cores: int({ min: 1, max: limits.coresMax }),
    ramBytes: int({ min: 1, max: limits.storageBytesMax }),
    diskBytes: int({ min: 0, max: limits.storageBytesMax }),
    gpus: list(
      struct({
        name: text({ kind: 'line', min: 1, max: limits.lineBytesMax }),
        ramBytes: int({ min: 1, max: limits.storageBytesMax }),
      }),
      { max: limits.gpusMax },
    ),
    executors: list(executor, { min: 1, max: 2 }),
    units: int({
      min: 0,
      max: limits.leasesPerNodeMax,
      about: 'How many more units it takes now; 0 while it is paused.',
    }),
    windowMs: int({ min: 0, max: limits.windowMsMax, about: 'How long it expects to be there.' }),
    projects: list(projectName, {
      max: limits.offerListMax,
      about: 'These alone; none means all.',
    }),
    publishers: optional(
      list(peerId<PublisherId>(), {
        min: 1,
        max: limits.offerListMax,
        about: 'Jobs of these alone; left out, of all.',
      }),
    ),
    avoids: struct({
      projects: list(projectName, { max: limits.offerListMax }),
      publishers: list(peerId<PublisherId>(), { max: limits.offerListMax }),
    }),
    has: list(cid(), { max: limits.offerListMax, about: 'Data that is there already.' }),
  }),
  ({ tier, gpus, executors }, place) => {
    if (tier === 'gpu' && gpus.length === 0) {
      place.below('gpus').fault('document.rule', 'the tier gpu has at least one')
    }
    if (new Set(executors.map((one) => one.type)).size !== executors.length) {
      place.below('executors').fault('document.rule', 'each kind of executor once')
    }
  },
)

/** What a node lends at this moment. */
export type Offer = Infer<typeof offerSchema>
