import { type Cid, inside, type Manifest, type Outcome } from '@nexapod/specs'
import type { Executed, Output, UnitSpec } from './executor.ts'

/** Gives the canonical CID of what an output holds: who has a store keeps it, too. */
export type AddOutput = (output: Output) => Promise<Cid>

/**
 * The manifest of what a unit gave. Of what its job says to ignore, the outcome knows nothing: it
 * stands in `whole`, beside the outcome.
 */
export async function manifestOf(
  { id, job, unit }: Omit<UnitSpec, 'key'>,
  ran: Extract<Executed, { type: 'ran' }>,
  add: AddOutput,
): Promise<Manifest> {
  const ignored = job.compare.flatMap((rule) => (rule.type === 'ignore' ? [rule.path] : []))
  const outputs: Outcome['outputs'][number][] = []
  const whole: Outcome['outputs'][number][] = []
  const entry = async (output: Output) => {
    const bytes = output.files.reduce((sum, file) => sum + file.bytes.length, 0)
    return { path: output.path, cid: await add(output), bytes }
  }
  for (const output of ran.outputs.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const rules = ignored.filter((path) => inside(output.path, path) || inside(path, output.path))
    if (rules.length > 0) whole.push(await entry(output))
    if (rules.some((path) => inside(output.path, path))) continue
    const kept = output.files.filter((file) => !rules.some((path) => inside(file.path, path)))
    outputs.push(await entry({ ...output, files: kept }))
  }
  const fuel = ran.fuel === undefined ? {} : { fuel: ran.fuel }
  return {
    outcome: { v: 1, job: id, unit, ended: ran.ended, ...fuel, outputs },
    whole,
    remarks: ran.remarks,
  }
}
