import { type Refusal, refusals } from '@nexapod/specs'
import { type Audited, audit as auditStore } from '../store/index.ts'
import type { Given } from './command.ts'
import { noLedgerIn } from './directory.ts'
import { bytes, count, duration, instant, rows } from './figures.ts'
import { Progress } from './progress.ts'
import { badPlace, badPlaceIn, refusedBy } from './refused.ts'
import { print, printJson, type Shell, typed } from './shell.ts'
import { exits, type Trouble } from './trouble.ts'

/** Reads every entry of a ledger by all rules, and says what was found. */
export async function audit(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const directory = given.word(0)
  const missing = await noLedgerIn(directory, shell)
  if (missing) return missing
  const started = performance.now()
  const signatures = !given.has('own')
  const answer = await watched(directory, signatures, shell)
  if (!answer.ok) return await wrong(answer.refusal, directory, shell)
  const ms = performance.now() - started
  const found = { ...foundOf(answer.value, ms), signatures }
  const failing = await failingDisk(directory, shell)
  if (!given.has('json')) await print(shell, rows(tableOf(answer.value, ms, signatures, failing)))
  else if (failing === undefined) await printJson(shell, found)
  return failing && { ...failing, found }
}

async function watched(directory: string, signatures: boolean, shell: Shell) {
  using progress = new Progress(shell, 'reading')
  return await auditStore(directory, {
    signatures,
    signal: shell.signal,
    onProgress: (done, size) => progress.reached(done, size),
  })
}

function foundOf({ tip, memoryBytes, ...found }: Audited, ms: number) {
  const { chain, epoch, size, time, head, root } = tip
  const took = { ms: Math.round(ms), entriesPerSecond: perSecond(size, ms), memoryBytes }
  return { chain, epoch, size, time, head, root, ...found, ...took }
}

function perSecond(size: number, ms: number): number {
  return Math.round((size / ms) * 1000)
}

function tableOf(
  { tip, state, checkpoints, cosignatures, memoryBytes }: Audited,
  ms: number,
  signatures: boolean,
  failing: Trouble | undefined,
): [string, string][] {
  const { chain, epoch, size, head, root, time } = tip
  const last = size === 0 ? '' : `, the last of ${instant(time)}`
  return [
    ['chain', chain],
    ['epoch', count(epoch)],
    ['entries', `${count(size)}${last}`],
    ['head', head],
    ['root', root],
    ['state root', state],
    ['signatures', signatures ? 'all verified' : 'verified before, and not again'],
    ['checkpoints', `${count(checkpoints)} checked`],
    ['cosignatures', `${count(cosignatures)} checked`],
    ['time', `${duration(ms)}, ${count(perSecond(size, ms))} entries/s`],
    ['peak memory', bytes(memoryBytes)],
    ['found', failing === undefined ? 'nothing wrong' : 'nothing wrong in the ledger'],
  ]
}

/** What is wrong with the files of a sound store: it is where no row counts any more. */
async function failingDisk(directory: string, shell: Shell): Promise<Trouble | undefined> {
  const looked = await badPlaceIn(directory)
  const where = looked.ok ? looked.value : undefined
  // The end of a log may be torn by a crash: what stood there was never acknowledged.
  if (where === undefined || where.file.endsWith('.log')) return undefined
  return {
    exit: exits.error,
    what: 'The disk holds other bytes than were written, where no row counts any more.',
    why: 'every entry is sound; but a disk that changes one byte changes the next',
    where,
    next: ['copy it to another disk:', typed(shell, 'backup', directory, 'TO')],
  }
}

/** What was found: damage, which can be mended, or an entry that was written against a rule. */
async function wrong(refusal: Refusal, directory: string, shell: Shell): Promise<Trouble> {
  const { code, at = '', detail } = refusal
  if (/^ledger\.(?!rule)/.test(code)) return await refusedBy(refusal, directory, shell)
  const [, seq] = /^entry (\d+)$/.exec(at) ?? []
  const { what, todo } = refusals[code]
  return {
    exit: exits.error,
    what,
    why: [at, detail].filter((part) => part !== undefined && part !== '').join(': '),
    where: await badPlace(refusal, directory),
    next: [...(seq === undefined ? [] : [typed(shell, 'show', directory, seq)]), todo],
    refusal,
  }
}
