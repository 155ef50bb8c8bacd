import { prepare } from '../../specs/wasm/prepare.ts'
import type { Chance } from '../fuzz/chance.ts'

/** What became of some mutants: how many of each kind, and those that must not be. */
export interface Mutated {
  readonly counts: Record<string, number>
  readonly wrong: string[]
}

const memoryBytesMax = 512 * 1024 * 1024

/**
 * Changes some bytes of modules and holds the pass to three things: what it takes is valid; what it
 * makes is valid; what it calls malformed is not valid. The engine is the judge of what is valid.
 */
export function mutate(modules: readonly Uint8Array[], count: number, chance: Chance): Mutated {
  const counts: Record<string, number> = {}
  const wrong: string[] = []
  for (let i = 0; i < count; i++) {
    const bytes = changed(chance.one(modules), chance)
    const answer = prepare(bytes, memoryBytesMax)
    const isValid = WebAssembly.validate(bytes as BufferSource)
    const what = answer.ok ? 'taken' : answer.refusal.code
    counts[what] = (counts[what] ?? 0) + 1
    const fault = faultOf(answer, isValid)
    if (fault !== undefined) wrong.push(`${fault}: ${Buffer.from(bytes).toString('base64')}`)
  }
  return { counts, wrong }
}

function faultOf(answer: ReturnType<typeof prepare>, isValid: boolean): string | undefined {
  if (!answer.ok) {
    const isMalformed = answer.refusal.code === 'wasm.malformed'
    return isMalformed && isValid ? `refused at ${answer.refusal.at} and valid` : undefined
  }
  if (!isValid) return 'taken and not valid'
  const { bytes } = answer.value
  return WebAssembly.validate(bytes as BufferSource) ? undefined : 'made what is not valid'
}

function changed(module: Uint8Array, chance: Chance): Uint8Array {
  const bytes = module.slice()
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const at = chance.below(bytes.length)
    const ways = [
      () => (bytes[at] as number) ^ (1 << chance.below(8)),
      () => chance.below(256),
      () => bytes[chance.below(bytes.length)] as number,
    ]
    bytes[at] = chance.one(ways)()
  }
  return bytes
}
