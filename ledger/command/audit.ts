import { type Refusal, refusals } from '@nexapod/specs'
import { type Audited, audit as auditStore } from '../store/index.ts'
import type { Given } from './command.ts'
import { noLedgerIn } from './directory.ts'
import { bytes, count, duration, instant, rows } from './figures.ts'
import { Progress } from './progress.ts'
import { badPlace, refusedBy } from './refused.ts'
import { print, printJson, type Shell, typed } from './shell.ts'
import { exits, type Trouble } from './trouble.ts'

/** Reads every entry of a ledger by all rules, and says what was found. */
export async function audit(given: Given, shell: Shell): Promise<Trouble | undefined> {
  const directory = given.word(0)
  const missing = await noLedgerIn(directory, shell)
  if (missing) return missing
  const started = performance.now()
  const answer = await watched(directory, shell)
  if (!answer.ok) return await wrong(answer.refusal, directory, shell)
  await say(answer.value, performance.now() - started, given, shell)
  return undefined
}

async function watched(directory: string, shell: Shell) {
  using progress = new Progress(shell, 'reading')
  return await auditStore(directory, {
    signal: shell.signal,
    onProgress: (done, size) => progress.reached(done, size),
  })
}

async function say(audited: Audited, ms: number, given: Given, shell: Shell): Promise<void> {
  const { tip, state, checkpoints, cosignatures, memoryBytes } = audited
  const { chain, epoch, size, head, root, time } = tip
  const perSecond = Math.round((size / ms) * 1000)
  if (given.has('json')) {
    const ended = { ms: Math.round(ms), entriesPerSecond: perSecond, memoryBytes }
    const found = { chain, epoch, size, time, head, root, state, checkpoints, cosignatures }
    await printJson(shell, { ...found, ...ended })
    return
  }
  const last = size === 0 ? '' : `, the last of ${instant(time)}`
  await print(
    shell,
    rows([
      ['chain', chain],
      ['epoch', count(epoch)],
      ['entries', `${count(size)}${last}`],
      ['head', head],
      ['root', root],
      ['state root', state],
      ['checkpoints', `${count(checkpoints)} checked`],
      ['cosignatures', `${count(cosignatures)} checked`],
      ['time', `${duration(ms)}, ${count(perSecond)} entries/s`],
      ['peak memory', bytes(memoryBytes)],
      ['found', 'nothing wrong'],
    ]),
  )
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
