import { encode } from '../../specs/bytes/bytes.ts'
import { made } from '../../specs/examples/cast.ts'
import { descriptors } from '../../specs/examples/descriptors.ts'
import { smallJob } from '../../specs/examples/jobs.ts'
import { kinds } from '../../specs/examples/registry.ts'
import { cidOf } from '../../specs/id/id.ts'
import { type Draft, descriptorForm, parseDescriptor } from '../../specs/job/descriptor.ts'
import { type Job, jobSchema } from '../../specs/job/job.ts'
import { jobOf } from '../../specs/job/resolve.ts'
import { units } from '../../specs/job/units.ts'
import { limits } from '../../specs/limits.ts'
import type { Answer } from '../../specs/refusal/refusal.ts'
import type { Json, JsonSchema, Schema } from '../../specs/schema/schema.ts'

/** A decoder to fuzz: the schema of a document, and some values of it. */
export interface Target {
  readonly name: string
  readonly schema: Schema<unknown>
  readonly examples: readonly unknown[]
  /** What is done next with a value that was taken: it must not throw either. */
  use?(value: unknown): void
}

/** What people write and no document holds: a parser of JSON, with its JSON Schema. */
export interface FormTarget {
  readonly name: string
  readonly json: JsonSchema
  readonly examples: readonly Json[]
  parse(input: unknown): Answer<unknown>
  use?(value: unknown): void
}

const found = cidOf('raw', new Uint8Array(32))
const { home, publisher, nonce, issued, expires } = smallJob

/** What a descriptor is for: a draft that was taken is a job that can be signed, or too large. */
function publish(draft: unknown): void {
  const job = jobOf(draft as Draft, { home, publisher, nonce, issued, expires }, () => found)
  if (!job.ok) {
    if (job.refusal.code !== 'bytes.too-large') throw new Error(JSON.stringify(job.refusal))
    return
  }
  encode(jobSchema, job.value)
  lookAtUnits(job.value)
}

function lookAtUnits(job: unknown): void {
  const { at, count } = units(job as Job)
  for (const index of [0, count - 1]) at(index)
}

/** As many inputs as there may be, each with a place in it for two thousand values. */
const wideJob: Job = {
  ...smallJob,
  inputs: Array.from({ length: limits.inputsMax }, (_, i) => ({
    path: `/in/${i}`,
    kind: 'file',
    from: { type: 'cid', cid: made.directory('wide'), below: '{{a}}{{b}}' },
  })),
  sweep: ['a', 'b'].map((name) => ({
    type: 'values',
    name,
    values: Array.from({ length: limits.sweepValuesMax }, (_, i) => String(i)),
  })),
}

/** Every kind of document that the registry of examples knows, and the descriptor of a job. */
export const targets: readonly (Target | FormTarget)[] = [
  ...kinds.map(({ name, schema, examples }) => ({
    name,
    schema,
    ...(name === 'canonical-job'
      ? { examples: [...Object.values(examples), wideJob], use: lookAtUnits }
      : { examples: Object.values(examples) }),
  })),
  {
    name: 'descriptor',
    json: descriptorForm.json,
    examples: Object.values(descriptors),
    parse: parseDescriptor,
    use: publish,
  },
]
