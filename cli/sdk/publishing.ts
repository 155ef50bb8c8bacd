import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Data, machineClock, waited } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  blame,
  type ChainId,
  type Cid,
  type Draft,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  jobOf,
  limits,
  type PublisherId,
  parseDescriptor,
  refuse,
  type Signer,
  type Source,
  sign,
  unresolved,
} from '@nexapod/specs'
import { parse } from 'yaml'
import type { Callers } from './callers.ts'

/** What is published: a file, or what one would say and where its paths begin. */
export type Publishing = string | { readonly written: unknown; readonly directory: string }

/** A job that was taken: its publisher may go. */
export interface Published {
  readonly id: JobId
  readonly job: Job
  readonly home: ChainId
}

/** How long a job waits to be done, if its descriptor does not say so. */
const expiresMs = 30 * 24 * 3_600_000
/** Until nobody is asked any more whether a job can be taken. */
const triesMs = 60_000

/** What a descriptor says, and where its paths begin; what is wrong with it is refused. */
export async function draftOf(
  publishing: Publishing,
): Promise<Answer<{ readonly draft: Draft; readonly directory: string }>> {
  const { written, directory } =
    typeof publishing === 'string'
      ? { written: await readFile(publishing, 'utf8'), directory: dirname(resolve(publishing)) }
      : publishing
  const said = typeof written === 'string' ? yaml(written) : accept(written)
  if (!said.ok) return said
  const draft = parseDescriptor(said.value)
  return draft.ok ? accept({ draft: draft.value, directory }) : draft
}

function yaml(text: string): Answer<unknown> {
  try {
    return accept(parse(text))
  } catch (cause) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''
    return refuse('document.form', { detail })
  }
}

/** A job that was signed, and that nobody was sent. */
export interface Prepared {
  readonly id: JobId
  readonly job: Job
  readonly home: ChainId
  /** What its descriptor named by path or address, under the CIDs that the job has for it. */
  readonly taken: readonly Cid[]
}

interface Ground {
  readonly data: Data
  readonly callers: Callers
  readonly signer: Signer
}

/** Takes in all that a descriptor names, and signs the job for a home that would take it. */
export async function prepare(
  publishing: Publishing,
  ground: Ground,
  signal: AbortSignal,
): Promise<Answer<Prepared>> {
  const made = await signed(publishing, ground, signal)
  if (!made.ok) return made
  const { coordinator: _, signed: document, ...prepared } = made.value
  return accept({ ...prepared, id: jobId(document) })
}

/** Takes in all that a descriptor names, signs the job, and has its home take it. */
export async function publish(
  publishing: Publishing,
  ground: Ground,
  signal: AbortSignal,
): Promise<Answer<Published>> {
  const made = await signed(publishing, ground, signal)
  if (!made.ok) return made
  const { coordinator, signed: document, job, home } = made.value
  const until = machineClock.now() + triesMs
  for (;;) {
    const question = { type: 'publish', job: document } as const
    const said = await ground.callers.ask(coordinator, question, signal)
    if (said.ok) return accept({ id: jobId(document), job, home })
    const { retryMs, code } = said.refusal
    // Data that is on its way may take as long as it takes.
    const isComing = code === 'data.missing' && retryMs !== undefined
    const isLater = blame(said.refusal) === 'later' && code !== 'data.missing'
    if (!isComing && !(isLater && machineClock.now() < until)) return said
    await waited(machineClock, retryMs ?? limits.pauseMs, signal)
    signal.throwIfAborted()
  }
}

async function signed(
  publishing: Publishing,
  { data, callers, signer }: Ground,
  signal: AbortSignal,
) {
  const found = await draftOf(publishing)
  if (!found.ok) return found
  const { draft, directory } = found.value
  const cids = new Map<Source, Cid>()
  for (const source of unresolved(draft)) {
    const cid = await imported(data, source, directory, signal)
    if (!cid.ok) return cid
    cids.set(source, cid.value)
  }
  const answering = await callers.home({ takesJobs: true }, signal)
  if (!answering.ok) return answering
  const { coordinator, beacon } = answering.value
  const issued = Date.now()
  const terms = {
    home: beacon.chain,
    publisher: signer.id as PublisherId,
    nonce: new Uint8Array(randomBytes(16)),
    issued,
    expires: issued + expiresMs,
  }
  const job = jobOf(draft, terms, (source) => cids.get(source))
  if (!job.ok) return job
  const document = sign(jobDocument, job.value, signer)
  const taken = [...new Set(cids.values())]
  return accept({ coordinator, signed: document, job: job.value, home: terms.home, taken })
}

async function imported(
  data: Data,
  source: Source,
  directory: string,
  signal: AbortSignal,
): Promise<Answer<Cid>> {
  if (source.type === 'path') {
    const kept = { bytesMax: limits.intakeBytesMax, pin: source.path, sealed: false, signal }
    const built = await data.importPath(resolve(directory, source.path), kept)
    return built.ok ? accept(built.value.cid) : built
  }
  if (source.type !== 'https') throw new Error(`${source.type} has no data of its own`)
  const bytes = await downloaded(source.url, signal)
  if (!bytes.ok) return bytes
  const found = createHash('sha256').update(bytes.value).digest('hex')
  if (found !== source.sha256) return refuse('data.false', { at: source.url, detail: found })
  const kept = { bytesMax: limits.intakeBytesMax, pin: source.url, sealed: false, signal }
  const built = await data.importTree({ bytes: bytes.value }, kept)
  return built.ok ? accept(built.value.cid) : built
}

async function downloaded(url: string, signal: AbortSignal): Promise<Answer<Uint8Array>> {
  const response = await fetch(url, { signal })
  if (!response.ok) return refuse('data.missing', { at: url, detail: `HTTP ${response.status}` })
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > limits.downloadBytesMax) return refuse('data.too-large', { at: url })
    parts.push(part)
  }
  return accept(new Uint8Array(Buffer.concat(parts)))
}
