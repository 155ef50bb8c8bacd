import {
  type ChainId,
  type Cid,
  type Draft,
  digestText,
  encode,
  jobDocument,
  jobOf,
  limits,
  type PublisherId,
  type Signer,
  type Source,
  sha256,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { ask, type Problem, type Said, send } from '../api/ask.ts'
import type { Status } from '../api/shown.ts'
import { done } from '../key/database.ts'
import type { Brought } from './brought.ts'
import { faultsOf, faultTold, no } from './fault.ts'
import type { Resolved } from './sources.ts'
import type { Progress, Tried } from './told.ts'

/** What a publication stands on. */
export interface Ground {
  readonly base: string
  readonly signer: Signer
  readonly draft: Draft
  readonly sources: readonly Resolved[]
  readonly database: IDBDatabase | undefined
  readonly tell: (progress: Progress) => void
  readonly now: () => number
}

/** A job that was signed and whose answer never came: it is sent again as it is. */
interface Sent {
  /** The digest of what it says, but for its nonce and times. */
  readonly name: string
  readonly job: Uint8Array
  readonly expires: number
}

/** How long a job waits to be done, if its descriptor does not say so: as long as from the CLI. */
const expiresMs = 30 * 24 * 3_600_000
/** Until nobody is asked any more whether a job can be taken. */
const triesMs = 60_000
const cbor = 'application/cbor'
const octets = 'application/octet-stream'
const tar = 'application/x-tar'
const signedJob = signedSchema(jobDocument)

/** Uploads what a draft names, signs the job, and has the coordinator take it. */
export async function publish(
  ground: Ground,
  signal: AbortSignal,
): Promise<Tried<{ readonly job: string }>> {
  const status = await ask<Status>(ground.base, 'api/v1/status', signal)
  if (!status.ok) return { ok: false, faults: [faultTold(status.problem)] }
  const cids = new Map<Source, Cid>()
  const files = new Map<Cid, Brought>()
  for (const { source, brought } of ground.sources) {
    if (brought?.cid === undefined) continue
    cids.set(source, brought.cid)
    files.set(brought.cid, brought)
  }
  const signed = await signedJobOf(ground, status.value.chain as ChainId, cids)
  if (!signed.ok) return signed
  let number = 0
  for (const [cid, { file, name, isFolder }] of files) {
    ground.tell({ what: `uploads ${name}`, done: number++, of: files.size })
    const taken = await uploaded(
      ground.base,
      new Blob([file], { type: isFolder ? tar : octets }),
      cid,
      signal,
    )
    if (!taken.ok) return taken
  }
  ground.tell({ what: 'publishes the job', done: files.size, of: files.size })
  const taken = await sent(ground, signed.value.job, signal)
  if (!taken.ok) return { ok: false, faults: [faultTold(taken.problem)] }
  await forgotten(ground.database, signed.value)
  return { ok: true, value: taken.value }
}

/** Uploads a file; it is taken for taken only under the CID that it has here. */
async function uploaded(
  base: string,
  body: Blob,
  cid: Cid,
  signal: AbortSignal,
): Promise<Tried<undefined>> {
  const { uploadMsMax } = limits
  for (;;) {
    const said = await send<{ cid: string }>(base, 'api/v1/data', body, signal, uploadMsMax)
    if (said.ok && said.value.cid === cid) return { ok: true, value: undefined }
    if (said.ok) return no('data.false', { at: cid, detail: `it was taken as ${said.value.cid}` })
    const { code, retryMs } = said.problem
    if (code !== 'wire.rate' && code !== 'wire.full') {
      return { ok: false, faults: [faultTold(said.problem)] }
    }
    if (!(await waited(retryMs ?? limits.pauseMs, signal))) return no('wire.cut')
  }
}

async function sent(
  { base, now }: Ground,
  job: Uint8Array,
  signal: AbortSignal,
): Promise<Said<{ readonly job: string }>> {
  const until = now() + triesMs
  const body = new Blob([new Uint8Array(job)], { type: cbor })
  for (;;) {
    const said = await send<{ job: string }>(base, 'api/v1/jobs', body, signal)
    if (said.ok || !isLater(said.problem) || now() > until) return said
    if (!(await waited(said.problem.retryMs ?? limits.pauseMs, signal))) return said
  }
}

function isLater({ code, retryMs }: Problem): boolean {
  return code === 'away' || retryMs !== undefined || code === 'wire.full'
}

/** The job, signed; the one that was signed before if it says the same and was never answered. */
async function signedJobOf(
  { signer, draft, database, now }: Ground,
  home: ChainId,
  cids: ReadonlyMap<Source, Cid>,
): Promise<Tried<Sent>> {
  const at = now()
  const publisher = signer.id as PublisherId
  const none = new Uint8Array(16)
  const made = (nonce: Uint8Array, issued: number) => {
    const terms = { home, publisher, nonce, issued, expires: issued + expiresMs }
    return jobOf(draft, terms, (source) => cids.get(source))
  }
  const bare = made(none, 0)
  if (!bare.ok) return { ok: false, faults: faultsOf(bare) }
  const name = digestText(sha256(encode(jobDocument.schema, bare.value)))
  const rows = database?.transaction('sent', 'readonly').objectStore('sent')
  const before = rows && ((await done(rows.get(name))) as Sent | undefined)
  if (before !== undefined && before.expires > at) return { ok: true, value: before }
  const job = made(crypto.getRandomValues(none), at)
  if (!job.ok) return { ok: false, faults: faultsOf(job) }
  const signed = sign(jobDocument, job.value, signer)
  const value = { name, job: encode(signedJob, signed), expires: job.value.expires }
  const kept = database?.transaction('sent', 'readwrite').objectStore('sent').put(value)
  if (kept !== undefined) await done(kept)
  return { ok: true, value }
}

async function forgotten(database: IDBDatabase | undefined, { name }: Sent): Promise<void> {
  const rows = database?.transaction('sent', 'readwrite').objectStore('sent')
  if (rows !== undefined) await done(rows.delete(name))
}

/** Waits, unless somebody has gone; says whether nobody has. */
export function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms)
    const stop = () => {
      clearTimeout(timer)
      resolve(false)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}
