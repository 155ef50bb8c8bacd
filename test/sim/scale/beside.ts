import { setImmediate } from 'node:timers/promises'
import { ed25519, type Signer, sha256 } from '../../../specs/index.ts'
import { followed, type Recorded } from './recorded.ts'
import { Rush } from './rush.ts'

/** Units that are decided before the thread does something else: some milliseconds of them. */
const perTurn = 20
/** Units that are not decided: the last ones wait for each other. */
const spare = 0.1
/** How long it judges alone. */
const aloneMs = 3000

/** For real: a coordinator judges, while a thread beside it learns the chain of another. */
export async function together(record: Recorded, verifyMs: number): Promise<string> {
  const { size, units, signatures } = record
  const rush = new Rush({ ...size, units: units * 8, isSigned: false })
  rush.gather()
  const perUnit = signatures / units
  const alone = await judged(rush, perUnit, AbortSignal.timeout(aloneMs))
  const learnt = await followed(record)
  const ended = new AbortController()
  const [beside, follow] = await Promise.all([
    judged(rush, perUnit, ended.signal),
    followed(record).finally(() => ended.abort()),
  ])
  const [before, then] = [learnt, follow].map(({ wallMs }) => units / (wallMs / 1000)) as [
    number,
    number,
  ]
  const part = (one: number, of: number) => `${one.toFixed(0)} (${((one / of) * 100).toFixed(0)} %)`
  return [
    `for real, on this machine: who judges alone does ${alone.toFixed(0)} units/s, and`,
    `${part(beside, alone)} while a thread learns another chain; that learns`,
    `${before.toFixed(0)} units/s alone, and ${part(then, before)} beside who judges.`,
    `A signature takes ${(verifyMs * 1000).toFixed(0)} us to verify.`,
  ].join('\n')
}

/** What it takes to verify a receipt, in the time of this thread. */
export function msOfVerify(): number {
  const verify = verifying()
  const times = 2000
  for (let i = 0; i < times / 4; i++) verify()
  const from = process.threadCpuUsage()
  for (let i = 0; i < times; i++) verify()
  const { user, system } = process.threadCpuUsage(from)
  return (user + system) / 1000 / times
}

/**
 * Decides units and verifies what they are signed with, until the signal, or until few are left;
 * gives units a second.
 */
async function judged(rush: Rush, perUnit: number, signal: AbortSignal): Promise<number> {
  const verify = verifying()
  const [from, before] = [performance.now(), rush.decided]
  while (!signal.aborted && rush.decided < rush.units * (1 - spare)) {
    const at = rush.decided
    rush.until(at + perTurn)
    for (let i = 0; i < (rush.decided - at) * perUnit; i++) verify()
    await setImmediate()
  }
  return (rush.decided - before) / ((performance.now() - from) / 1000)
}

function verifying(): () => void {
  const signer: Signer = ed25519.signer(sha256(new Uint8Array(1)))
  const message = new Uint8Array(400)
  const signature = signer.sign(message)
  return () => {
    ed25519.verify(signer.id, message, signature)
  }
}
