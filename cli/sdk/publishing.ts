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
  type CoordinatorId,
  type Draft,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  jobOf,
  limits,
  type PublisherId,
  parseDescriptor,
  type Refusal,
  refuse,
  type Signed,
  type Signer,
  type Source,
  sign,
  unresolved,
} from '@nexapod/specs'
import { parse } from 'yaml'
import type { Callers, Home } from './callers.ts'
import { chosenOf } from './choice.ts'

/** What is published: a file, or what one would say and where its paths begin. */
export type Publishing = string | { readonly written: unknown; readonly directory: string }

/** A job that was taken: its publisher may go. */
export interface Published {
  readonly id: JobId
  readonly job: Job
  readonly home: ChainId
  /** What was taken: said to its home again, it is the same job. */
  readonly signed: Signed<Job>
}

/** How long a job waits to be done, if its descriptor does not say so. */
const expiresMs = 30 * 24 * 3_600_000
/** Until nobody is asked any more whether a job can be taken: a chain changes hands in less. */
const triesMs = 90_000

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

/** Who shall have a job, if that is not left to the hash; and what ends the wait. */
export interface Wanted {
  readonly signal: AbortSignal
  readonly coordinator?: CoordinatorId
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
  wanted: Wanted,
): Promise<Answer<Prepared>> {
  const read = await taken(publishing, ground, wanted.signal)
  if (!read.ok) return read
  const made = await signed(read.value, ground, wanted, new Set())
  if (!made.ok) return made
  const { id, job } = made.value
  return accept({ id, job, home: job.home, taken: [...new Set(read.value.cids.values())] })
}

/**
 * Takes in all that a descriptor names, signs the job, and has its home take it. Which home that is
 * stands in what is signed. So it is said again, to whoever writes that chain now, as often as it
 * takes: it is one job, however often it was heard. For another home it is signed anew only if the
 * first one has said no, and was not asked in vain before: what it may have taken would run twice.
 */
export async function publish(
  publishing: Publishing,
  ground: Ground,
  wanted: Wanted,
): Promise<Answer<Published>> {
  const { signal } = wanted
  const read = await taken(publishing, ground, signal)
  if (!read.ok) return read
  const closed = new Set<CoordinatorId>()
  for (;;) {
    const made = await signed(read.value, ground, wanted, closed)
    if (!made.ok) return made
    const { home, signed: document, id, job } = made.value
    ground.callers.learn(id, job.home)
    const said = await offered(made.value, ground.callers, signal)
    if (said.ok) return accept({ id, job, home: job.home, signed: document })
    if (said.refusal.code !== 'wire.closing' || said.mayBeTaken) return said
    closed.add(home.coordinator)
  }
}

/** Says a job to its home until that has taken it, or has said no. */
async function offered(
  { home, signed: document, id }: Made,
  callers: Callers,
  signal: AbortSignal,
): Promise<Answer<unknown> & { readonly mayBeTaken?: true }> {
  let until = machineClock.now() + triesMs
  let to: Home | undefined = home
  let mayBeTaken = false
  for (;;) {
    const question = { type: 'publish', job: document } as const
    const found: Answer<Home> = to === undefined ? await callers.homeOf(id, signal) : accept(to)
    const said: Answer<unknown> = found.ok
      ? await callers.ask(found.value.coordinator, question, signal)
      : found
    if (said.ok) return said
    const { retryMs, code }: Refusal = said.refusal
    // It was heard, perhaps, and nobody knows what came of it: whoever writes its home now does.
    const isCut = unheard.has(code)
    mayBeTaken ||= isCut
    to = isCut || code.startsWith('ledger.') ? undefined : to
    // Data that is on its way may take as long as it takes.
    const isComing = code === 'data.missing' && retryMs !== undefined
    if (isComing) until = machineClock.now() + triesMs
    const isLater = to === undefined || (blame(said.refusal) === 'later' && code !== 'wire.closing')
    if (!isLater || machineClock.now() >= until) {
      const detail = `whether it was taken is not known: ${id}`
      return mayBeTaken ? { ...refuse(code, { detail }), mayBeTaken } : said
    }
    await waited(machineClock, retryMs ?? limits.pauseMs, signal)
    signal.throwIfAborted()
  }
}

/** What is said when there was no answer: then nobody knows whether it was heard. */
const unheard = new Set<string>(['wire.cut', 'wire.deadline', 'wire.unreachable'])

/** What a descriptor says, with all that it names. */
interface Taken {
  readonly draft: Draft
  readonly cids: ReadonlyMap<Source, Cid>
}

async function taken(
  publishing: Publishing,
  { data }: Ground,
  signal: AbortSignal,
): Promise<Answer<Taken>> {
  const found = await draftOf(publishing)
  if (!found.ok) return found
  const { draft, directory } = found.value
  const cids = new Map<Source, Cid>()
  for (const source of unresolved(draft)) {
    const cid = await imported(data, source, directory, signal)
    if (!cid.ok) return cid
    cids.set(source, cid.value)
  }
  return accept({ draft, cids })
}

/** A job as it was signed, and for whom. */
interface Made {
  readonly home: Home
  readonly id: JobId
  readonly job: Job
  readonly signed: Signed<Job>
}

/** Signs a job for one of those that are there, but for some. */
async function signed(
  { draft, cids }: Taken,
  { callers, signer }: Ground,
  { signal, coordinator }: Wanted,
  closed: ReadonlySet<CoordinatorId>,
): Promise<Answer<Made>> {
  const homes = await callers.homes(signal)
  if (!homes.ok) return homes
  const publisher = signer.id as PublisherId
  const nonce = new Uint8Array(randomBytes(16))
  const open = homes.value.filter((home) => !closed.has(home.coordinator))
  const chosen = chosenOf(open, { publisher, nonce }, coordinator)
  if (!chosen.ok) return chosen
  const issued = Date.now()
  const terms = {
    ...{ home: chosen.value.beacon.chain, publisher, nonce, issued },
    expires: issued + expiresMs,
  }
  const job = jobOf(draft, terms, (source) => cids.get(source))
  if (!job.ok) return job
  const document = sign(jobDocument, job.value, signer)
  return accept({ home: chosen.value, id: jobId(document), job: job.value, signed: document })
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
