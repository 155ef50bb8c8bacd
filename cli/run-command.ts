import { type Desk, type Form, painted, print } from './desk.ts'
import { endedBy, type Outcome, programOf } from './program.ts'
import { fileTrouble, type Trouble } from './trouble.ts'

const ok = 0
const usage = 2
const interrupted = 130

/** Does what was typed, and gives what the process is to end with. */
export async function runCommand(args: readonly string[], desk: Desk): Promise<number> {
  const outcome: Outcome = {}
  try {
    const program = programOf(desk, outcome)
    // Who types nothing wants to know what there is.
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' })
  } catch (error) {
    if (endedBy(error)) return error.exitCode === 0 ? ok : usage
    if (desk.signal.aborted) return interrupted
    outcome.trouble = fileTrouble(error)
    if (outcome.trouble === undefined) throw error
  }
  if (outcome.trouble === undefined) return ok
  await report(outcome.trouble, desk, outcome.form ?? 'table')
  return outcome.trouble.exit
}

/** Says what is wrong to a person, and to a program as well. */
async function report(trouble: Trouble, desk: Desk, form: Form): Promise<void> {
  const { exit, what, why, next, refusal } = trouble
  if (what === '') return
  const error = painted(desk, 'red', 'error')
  desk.stderr.write(`${error}: ${what}\n  why   ${why}\n  next  ${next}\n`)
  if (form === 'table') return
  const failed = { exit, what, why, next, code: refusal?.code, at: refusal?.at }
  await print(desk, form, { failed }, [])
}
