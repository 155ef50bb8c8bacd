import { access, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, refuse } from '@nexapod/specs'
import type { Stand } from '../chain/chain.ts'
import { codesOf } from './damage.ts'
import { locked, placesOf } from './folder.ts'
import { lookInChild } from './in-child.ts'
import type { Look } from './task.ts'
import type { Tip } from './tip.ts'

/** How an audit is watched, stopped, and gone on with. */
export interface AuditOptions {
  readonly signal?: AbortSignal
  /** Does the looking: in a child, unless this process is one itself. */
  readonly look?: Look
  /** A stand that an audit of this store reported before. */
  readonly from?: Stand
  /** How far it is: from this stand it can go on later. Size is that of the whole. */
  readonly onProgress?: (stand: Stand, size: number) => void
}

/**
 * Reads every entry of a store by all rules of a chain, and every row beside them, in a child and
 * on a copy, so that the store stays as it is. Gives its tip, or the first thing that is wrong.
 */
export async function audit(directory: string, options: AuditOptions = {}): Promise<Answer<Tip>> {
  const { from, signal, onProgress, look = lookInChild } = options
  const lock = (await isWritable(directory)) ? await locked(directory) : undefined
  if (lock && !lock.ok) return lock
  await using _ = lock?.value
  try {
    const scratch = lock
      ? placesOf(directory).scratch
      : await mkdtemp(join(tmpdir(), 'nexapod-audit-'))
    const task = { task: 'audit' as const, directory, scratch, ...(from ? { from } : {}) }
    return await look(task, { signal, onProgress })
  } catch (error) {
    if (!codesOf(error).includes('ENOSPC')) throw error
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
