import { digestHexOf, encode } from '../bytes/bytes.ts'
import { cid, digest, type JobId, type ResultId } from '../id/id.ts'
import { roots, sandboxPath } from '../job/path.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import type { Place } from '../schema/place.ts'
import { constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'

const executor = int({ min: 0, max: limits.executorsMax - 1, about: 'Which program was the last.' })

/** How a unit ended. What the machine did to it (time, memory, a kill) is no ending: no result. */
const ended = oneOf({
  exit: { executor, code: int({ min: 0, max: 2 ** 32 - 1 }) },
  trap: { executor },
  'out-of-fuel': { executor },
  'stack-limit': { executor },
  'output-limit': { executor },
})

const outputFile = struct({
  path: sandboxPath(roots.write),
  cid: cid(),
  bytes: int({ min: 0, max: limits.storageBytesMax }),
})

/** The schema of an outcome: what is compared, all of it a function of the job and the unit. */
export const outcomeSchema = where(
  struct({
    v: constant(1),
    job: digest<JobId>(),
    unit: int({ min: 0, max: limits.sweepUnitsMax - 1 }),
    ended,
    fuel: optional(int({ min: 0, max: limits.fuelMax, about: 'Counted, for wasm alone.' })),
    outputs: list(outputFile, {
      max: limits.outputsMax,
      about: 'In the order of their paths, without what the job says to ignore.',
    }),
  }),
  ({ outputs }, place) => checkOrder(outputs, place, 'outputs'),
)

/** What a unit gave. */
export type Outcome = Infer<typeof outcomeSchema>

const manifest = struct({
  outcome: outcomeSchema,
  whole: list(outputFile, {
    max: limits.outputsMax,
    about: 'With what the comparison ignores, the outputs of which it ignores something.',
  }),
  remarks: struct(
    {
      wallMs: int({ min: 0, max: limits.unitMsMax }),
      cpuMs: int({ min: 0, max: limits.unitMsMax * limits.coresMax }),
      ramBytesPeak: int({ min: 0, max: limits.storageBytesMax }),
      logs: optional(cid({ about: 'What the programs wrote to streams that are no output.' })),
    },
    { about: 'Never compared, never paid for: a claim of the node.' },
  ),
})

/** The schema of a manifest: an outcome, and what one node remarks about its execution. */
export const manifestSchema = where(manifest, ({ whole }, place) => {
  checkOrder(whole, place, 'whole')
})

/** What a node sends with its receipt. */
export type Manifest = Infer<typeof manifestSchema>

function checkOrder(files: readonly { readonly path: string }[], place: Place, key: string): void {
  for (let i = 1; i < files.length; i++) {
    if ((files[i - 1]?.path ?? '') < (files[i]?.path ?? '')) continue
    place.below(key).below(i).fault('document.rule', 'paths ascend, each once')
  }
}

/** The digest that a quorum agrees on. To remember it for each outcome costs more than to hash. */
export function resultId(outcome: Outcome): ResultId {
  return digestHexOf('nexapod/result/1', encode(outcomeSchema, outcome)) as ResultId
}
