import { runPrepared, type Told } from '../../specs/emit/wasm-run.ts'
import { prepare } from '../../specs/wasm/prepare.ts'
import { Chance } from '../fuzz/chance.ts'
import { type Generated, generate } from './generator.ts'
import { interpret } from './interpreter.ts'
import { runBare } from './run.ts'

/** What one generated module does with enough fuel and with less. */
export interface Observation {
  readonly seed: number
  readonly runs: readonly Told[]
}

const fuelMax = 100_000n

/** Who runs a module: with so much fuel. */
type Runner = (limit: bigint) => Told

/** Of those that run bare all that they declare, else less: then growing fails. */
function memoryOf({ isCanonical }: Generated): number {
  return (isCanonical ? 8 : 3) * 65_536
}

/** Runs the module of a seed as the engine of this process does. */
export function observe(seed: number): Observation {
  const generated = generate(seed)
  const answer = prepare(generated.bytes, memoryOf(generated))
  if (!answer.ok) throw new Error(`seed ${seed}: ${JSON.stringify(answer.refusal)}`)
  const compiled = new WebAssembly.Module(answer.value.bytes as BufferSource)
  return { seed, runs: runsOf(seed, (limit) => runPrepared(compiled, limit)) }
}

/** Runs it as the prose says. */
export function expected(seed: number): Observation {
  const generated = generate(seed)
  return {
    seed,
    runs: runsOf(seed, (limit) => interpret(generated.bytes, memoryOf(generated), limit)),
  }
}

/**
 * Runs the original, if it ends by itself and sees no NaN but canonical ones: whether that is the
 * case, and whether it does the same as the prepared one did.
 */
export function bare(seed: number, { runs: [whole] }: Observation): 'not run' | 'same' | 'other' {
  const { bytes, isCanonical } = generate(seed)
  if (whole === undefined || !isCanonical) return 'not run'
  if (whole.ended !== 'exit' && whole.ended !== 'trap') return 'not run'
  const told = runBare(bytes)
  return told.ended === whole.ended && told.memory === whole.memory ? 'same' : 'other'
}

/** With enough fuel for most, then with one less than it used, and with a drawn part of that. */
function runsOf(seed: number, run: Runner): Told[] {
  const whole = run(fuelMax)
  const used = BigInt(whole.fuel)
  const part = BigInt(new Chance(seed, 6).below(Number(used) + 1))
  return [whole, run(used > 0n ? used - 1n : 0n), run(part)]
}
