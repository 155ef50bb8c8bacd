import { ledgerCommand } from '@nexapod/ledger/command'
import type { Desk } from '../desk.ts'
import type { Trouble } from '../trouble.ts'

/** What the command of the ledger does; it says itself what is wrong. */
export async function ledger(args: readonly string[], desk: Desk): Promise<Trouble | undefined> {
  const exit = await ledgerCommand(args, { ...desk, name: 'nexapod ledger' })
  if (exit === 0) return undefined
  return { exit: exit as Trouble['exit'], what: '', why: '', next: '' }
}
