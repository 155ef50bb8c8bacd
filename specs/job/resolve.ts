import { encode } from '../bytes/bytes.ts'
import type { ChainId, Cid, PublisherId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { type Answer, accept, refuse } from '../refusal/refusal.ts'
import { Place } from '../schema/place.ts'
import type { Draft } from './descriptor.ts'
import { checkSigned, type Job, jobSchema } from './job.ts'
import type { Source } from './source.ts'

/** What a publisher adds to a descriptor: where the job goes, whose it is, and until when. */
export interface Terms {
  readonly home: ChainId
  readonly publisher: PublisherId
  readonly nonce: Uint8Array
  readonly issued: number
  readonly expires: number
}

/** The sources of a draft that must become CIDs before it can be signed. */
export function unresolved(draft: Draft): readonly Source[] {
  return sourcesOf(draft).filter((source) => source.type === 'path' || source.type === 'https')
}

/** The job that a draft becomes, once the CID of each of its sources is known. */
export function jobOf(
  draft: Draft,
  terms: Terms,
  cidOf: (source: Source) => Cid | undefined,
): Answer<Job> {
  const open = unresolved(draft).find((source) => cidOf(source) === undefined)
  if (open !== undefined) {
    const detail = open.type === 'path' ? open.path : open.type === 'https' ? open.url : open.type
    return refuse('job.unresolved-source', { detail })
  }
  const { executors, inputs, compare, ...rest } = draft
  const job: Job = {
    v: 1,
    ...terms,
    ...rest,
    executors: executors.map((executor) => {
      if (executor.type === 'wasm') return { ...executor, module: linked(executor.module, cidOf) }
      const { archive, ...image } = executor
      return { ...image, ...(archive === undefined ? {} : { archive: linked(archive, cidOf) }) }
    }),
    inputs: inputs.map((input) => ({ ...input, from: inJob(input.from, cidOf) })),
    compare: compare.map((rule) =>
      rule.type === 'checker' ? { ...rule, module: linked(rule.module, cidOf) } : rule,
    ),
  }
  const place = new Place()
  checkSigned(job, place)
  const [fault] = place.faults
  return fault === undefined ? sized(job) : refuse(fault.code, fault)
}

type Link = Job['inputs'][number]['from']

function inJob(source: Source, cidOf: (source: Source) => Cid | undefined): Link {
  if (source.type === 'text' || source.type === 'bytes' || source.type === 'cid') return source
  const below = source.type === 'path' ? source.below : undefined
  return { type: 'cid', cid: linked(source, cidOf), ...(below === undefined ? {} : { below }) }
}

/** Programs are files: what a source names below its CID has no place here. */
function linked(source: Source, cidOf: (source: Source) => Cid | undefined): Cid {
  const cid = source.type === 'cid' ? source.cid : cidOf(source)
  if (cid === undefined) throw new Error('a source was not looked at')
  return cid
}

function sourcesOf({ executors, inputs, compare }: Draft): readonly Source[] {
  const programs = executors.map((one) => (one.type === 'wasm' ? one.module : one.archive))
  const checkers = compare.map((rule) => (rule.type === 'checker' ? rule.module : undefined))
  const all = [...programs, ...inputs.map((input) => input.from), ...checkers]
  return all.filter((source) => source !== undefined)
}

function sized(job: Job): Answer<Job> {
  const { length } = encode({ ...jobSchema, bytesMax: Number.MAX_SAFE_INTEGER }, job)
  if (length <= limits.jobBytesMax) return accept(job)
  const detail = `${length} bytes, at most ${limits.jobBytesMax}; move texts into inputs`
  return refuse('bytes.too-large', { detail })
}
