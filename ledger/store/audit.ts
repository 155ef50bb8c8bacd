import { access, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, accept, refuse } from '@nexapod/specs'
import { codesOf, said } from './damage.ts'
import { locked, placesOf } from './folder.ts'
import { lookInChild } from './in-child.ts'
import type { Audit, Look } from './task.ts'
import type { Tip } from './tip.ts'

/** How an audit is watched, stopped, and gone on with. */
export interface AuditOptions {
  readonly signal?: AbortSignal
  /** Does the looking: in a child, unless this process is one itself. */
  readonly look?: Look
  /**
   * Whether the signatures in facts are verified again. A coordinator's own store holds what it
   * verified before it appended it, byte for byte; of a stranger's that is not known.
   */
  readonly signatures?: boolean
  /** How many entries were read, and of how many. */
  readonly onProgress?: (done: number, size: number) => void
}

/** A store that was found sound. */
export interface Audited extends Audit {
  readonly tip: Tip
}

/**
 * Reads every entry of a store by all rules of the chain and of the fold, and every row beside
 * them, in a child and on a copy, so that the store stays as it is. Gives what it found, or the
 * first thing that is wrong.
 */
export async function audit(
  directory: string,
  options: AuditOptions = {},
): Promise<Answer<Audited>> {
  const { signal, onProgress, signatures = false, look = lookInChild } = options
  const lock = (await isWritable(directory)) ? await locked(directory) : undefined
  if (lock && !lock.ok) return lock
  await using _ = lock?.value
  try {
    const scratch = lock
      ? placesOf(directory).scratch
      : await mkdtemp(join(tmpdir(), 'nexapod-audit-'))
    let found: Audit | undefined
    const onAudit = (audit: Audit) => {
      found = audit
    }
    const tip = await look(
      { task: 'audit', directory, scratch, signatures },
      { signal, onProgress, onAudit },
    )
    if (!tip.ok) return tip
    if (found === undefined) throw new Error('an audit ended without saying what it found')
    return accept({ tip: tip.value, ...found })
  } catch (error) {
    // LevelDB and a child say it in words alone.
    const isFull = codesOf(error).includes('ENOSPC') || /no space left/i.test(said(error))
    if (!isFull) throw error
    return refuse('ledger.stopped', { at: directory, detail: 'no space for a copy' })
  }
}

async function isWritable(directory: string): Promise<boolean> {
  try {
    await access(directory, 2)
    return true
  } catch (error) {
    if (codesOf(error).some((code) => code === 'EACCES' || code === 'EROFS')) return false
    throw error
  }
}
