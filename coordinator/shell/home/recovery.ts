import { randomBytes } from 'node:crypto'
import { recover, type Store } from '@nexapod/ledger/store'
import { type Answer, accept, type Change, type Opening, refuse, type Signer } from '@nexapod/specs'
import { type Begun, begin } from '../../core/begin.ts'
import type { Probes, Rules, Setting } from '../../core/setting.ts'
import type { Log } from '../log.ts'
import { momentOf, type Time } from '../time.ts'
import { rowsIn } from './rows.ts'

/** What a coordinator begins with, beside what is on its disk. */
export interface Beginning {
  readonly signer: Signer
  readonly open: Opening
  readonly rules: Rules
  readonly probes?: Probes
  /** What the chain begins with, if nothing is on the disk. */
  readonly first: Setting['first'] | undefined
  /** Changes of roster and rates that stand behind it. */
  readonly changes?: readonly Change[]
  readonly time: Time
  readonly log: Log
}

/** Folds what is on the disk, and begins from it. */
export async function begunFrom(store: Store, beginning: Beginning): Promise<Answer<Begun>> {
  const { time, log, signer, open, rules, probes, first, changes } = beginning
  const from = time.now()
  const ledger = await recover(store)
  if (!ledger.ok) return ledger
  const foldedAt = time.now()
  const rows = await rowsIn(store)
  if (!rows.ok) return rows
  const readAt = time.now()
  const setting: Setting = {
    ...{ signer, open, rules },
    unasked: true,
    secret: new Uint8Array(randomBytes(32)),
    ...(probes === undefined ? {} : { probes }),
    ...(first === undefined ? {} : { first }),
    ...(changes === undefined ? {} : { changes }),
  }
  const { tip } = ledger.value.chain
  if (first === undefined && tip !== undefined && tip.coordinator !== signer.id) {
    const who = `${tip.coordinator} writes it, and the key here is ${signer.id}`
    return refuse('ledger.other', { detail: `${who}: put that key back, or move the ledger away` })
  }
  const begun = begin(setting, ledger.value, rows.value, momentOf(time))
  log.info(
    {
      entries: tip?.size ?? 0,
      epoch: tip?.epoch ?? 0,
      rows: rows.value.length,
      foldMs: Math.round(foldedAt - from),
      rowsMs: Math.round(readAt - foldedAt),
      beginMs: Math.round(time.now() - readAt),
      recoveryMs: Math.round(time.now() - from),
    },
    'recovered',
  )
  return accept(begun)
}
